import Datasets
import Networks
import Probability
import Torch

/// What a regression descends for each example.
public struct RegressionLoss: Sendable {
  /// The loss in the notation of the papers, such as `|x - g(u)|^2 / 2`.
  public let formula: String
  /// The loss of predictions for examples, both `[batch] + shape`: `[batch]`.
  public let value: @Sendable (_ x: Tensor, _ prediction: Tensor) -> Tensor

  /// A loss of your own.
  public init(_ formula: String, value: @escaping @Sendable (_ x: Tensor, _ prediction: Tensor) -> Tensor) {
    self.formula = formula
    self.value = value
  }

  /// |x - g(u)|^2 / 2: its minimum is the conditional mean.
  public static let squared = RegressionLoss("|x - g(u)|^2 / 2") { x, prediction in
    (x - prediction).square().flattened(from: 1).sum(1) * 0.5
  }

  /// |x - g(u)|_1: its minimum is the conditional median.
  public static let absolute = RegressionLoss("|x - g(u)|_1") { x, prediction in
    (x - prediction).abs().flattened(from: 1).sum(1)
  }
}

/// Predicts examples from the codes that come with them: the supervised learning step of auxiliary supervised learning.
///
/// g(u) is the mean of a likelihood's network, so that it can start from that of an encoder's. Anonymous 2021 (Auxiliary
/// Supervised Learning), Algorithm 1, lines 7 to 12. Every batch of the main feed has codes beside its examples.
public final class CodeRegression: Game {
  /// The network g, as the mean of a likelihood of codes.
  public let px: any Likelihood
  private let loss: RegressionLoss
  private let player: Player

  /// - Parameter px: a likelihood whose mean is g(u).
  public init(_ px: any Likelihood, loss: RegressionLoss = .squared) {
    self.px = px
    self.loss = loss
    player = Player("regression", [px])
  }

  /// g(u) at codes `[n, r]`: `[n] + shape`.
  public func predict(_ u: Tensor) -> Tensor { px(u).mean }

  public var players: [Player] { [player] }

  /// The loss of validation examples at their codes; lower is better.
  public var score: Score? { Score("regression_loss", rises: false) { [self] batch, _ in losses(batch) } }

  public func play(_ table: any Table) throws {
    try table.move(player, Loss(losses(table.batch(.main)), in: .none))
  }

  private func losses(_ batch: Batch) -> Tensor {
    guard let u = batch.codes else {
      preconditionFailure("CodeRegression: expected batches with codes, got \(batch.count) examples without")
    }
    return loss.value(batch.x, predict(u))
  }
}

extension CodeRegression: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [.init("p", ["x"], given: ["u"], "x = g(u) + e, g the mean of a \(px.summary)")],
      players: [.init("regression", "E \(loss.formula),  u ~ q(u|x)")], parameterCount: parameterCount,
      divergence: "no KL: E \(loss.formula), a regression")
  }
}
