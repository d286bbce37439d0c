import Datasets
import Networks
import Probability
import Torch

/// A density of any examples: a mixture of Gaussians with full covariances, by expectation maximization in float64.
///
/// A round is one iteration over a whole pass: it reads as many examples as there are, which may be drawn anew each time, and moves by
/// itself. On fixed examples the likelihood never falls. Examples are flattened and standardized as those of a `FlowModel` are; in a
/// first pass of its own, which also yields rows for the start.
///
/// - Source: Dempster, Laird & Rubin 1977; start by k-means++, Arthur & Vassilvitskii 2007.
public final class MixtureModel: Game, DensityModel {
  public let exampleShape: [Int]
  private let mixture: GaussianMixture
  private let standardizer: Standardizer
  private let rows: Int
  private let player: Player

  /// Rows among which the start is chosen, unless there are more components.
  private static let candidates = 10_000

  /// - Parameters:
  ///   - components: how many, at least 1.
  ///   - rows: examples in a pass.
  public init(_ exampleShape: [Int], components: Int, rows: Int, device: Device = .cpu) {
    let dimension = exampleShape.reduce(1, *)
    self.exampleShape = exampleShape
    self.rows = rows
    mixture = GaussianMixture(components, dimension: dimension, device: device)
    standardizer = Standardizer(dimension, dtype: .float64, device: device)
    player = Player("mixture", movesItself: true, [mixture])
  }

  // MARK: Density

  /// - Parameter value: examples `batch + exampleShape`.
  /// - Returns: nats in float64, `batch`.
  public func logProb(_ value: Tensor) -> Tensor {
    let batch = Array(value.shape.dropLast(exampleShape.count))
    return mixture.logProb(standardizer(value.reshaped(batch + [mixture.dimension]))) + standardizer.logDeterminant
  }

  public let portrayal = "draws of p(x)"

  /// Draws in float32, also where means are asked for.
  public func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    standardizer.inverse(mixture.sample([count], using: rng)).to(.float32).reshaped([count] + exampleShape)
  }

  // MARK: Training

  public var players: [Player] { [player] }

  /// A pass has at most as many batches as rows: an epoch is a round.
  public var batchesPerRound: Int { rows }

  /// log p(x).
  public var score: Score? { Score("log_likelihood_nats", rises: true) { [self] batch, _ in logProb(batch.x) } }

  public func play(_ table: any Table) throws {
    if table.clock.step == 0 { try start(table) }
    var sums = MixtureSums(mixture)
    try pass(table) { sums.add(standardizer($0)) }
    do throws(MixtureSums.Degeneracy) { try sums.update() } catch {
      throw DensityError.degenerate(error, of: mixture.components, iteration: table.clock.step + 1)
    }
    try table.note(Loss(-(sums.meanLogLikelihood + standardizer.logDeterminant)), of: player)
  }

  /// Reads a pass, in rows `[n, d]`.
  private func pass(_ table: any Table, _ take: (Tensor) -> Void) throws {
    var left = rows
    while left > 0 {
      let x = try table.batch(.main).x.flattened(from: 1)
      take(x)
      left -= x.size(0)
    }
  }

  /// Standardizes, and spreads the components over rows that are chosen at random.
  private func start(_ table: any Table) throws {
    let count = min(rows, max(Self.candidates, mixture.components))
    let isChosen = Set(table.rng.permutation(rows).narrowed(0, 0..<count).array(Int.self))
    var (moments, chosen, read) = (Moments(), [Tensor](), 0)
    try pass(table) { x in
      moments.add(x)
      let indices = (0..<x.size(0)).filter { isChosen.contains(read + $0) }
      if !indices.isEmpty { chosen.append(x.gathered(Tensor(indices).to(x.device))) }
      read += x.size(0)
    }
    standardizer.take(try moments.varying())
    let found = mixture.spread(over: standardizer(.concatenated(chosen)), using: table.rng)
    if found < mixture.components { throw DensityError.tooFewRows(found, components: mixture.components) }
  }
}

extension MixtureModel: Described {
  public var card: ModelCard {
    let count = mixture.components
    return ModelCard(
      conditionals: [.init("p", ["x"], "\(count) \(count == 1 ? "Gaussian" : "Gaussians") with full covariances")],
      players: [.init("mixture", "-log p(x), by expectation maximization")],
      notes: ["x is standardized by its mean and deviation over the first pass"], parameterCount: mixture.freeCount)
  }
}
