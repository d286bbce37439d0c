import Foundation
import Generative
import Networks
import Torch

/// How far a distribution q is from another, p, as a critic tells it that has seen draws of both: the discriminator of
/// adversarial variational Bayes.
///
/// The rows are cut into two halves. One critic learns from each half and is asked about the other, so that every row
/// is held out once.
///
///     let found = try CriticEstimate("kl-critic", x, y, by: .jensenShannon, using: RandomSource(seed: 1))
///     print(found.kl!.value, found.kl!.standardError)
///     let ratios = found.logRatio(points)!  // [n]
///
/// - Source: Mescheder, Nowozin & Geiger 2017, Eqs. 3.3 and 6.10; Nowozin, Cseke & Tomioka 2016.
public struct CriticEstimate {
  /// The network of a critic and how it is trained.
  public struct Design: Sendable, Equatable {
    /// The width of its layers.
    public var width = 96
    /// Its blocks with a shortcut.
    public var blocks = 2
    /// Rows of each set in a step.
    public var batchSize = 512
    /// Steps of a critic; the rate falls to 0 along a cosine.
    public var steps = 1200
    /// Adam's first rate.
    public var learningRate = 1e-3
    /// What an update leaves to the average of the weights, which is what is measured.
    public var averageDecay = 0.98
    /// Steps between looks at the rows that choose the best of them.
    public var lookEvery = 25
    /// The share of a half's rows that choose.
    public var choosing = 0.2
    /// The latest step is taken that is worse than the best one by at most this much: an earlier critic that is better by
    /// chance alone has not learned all that it could. In the unit of what is judged, nats for log ratios.
    public var tolerance = 0.002
    /// The weight of the penalty on slopes other than 1 of a Wasserstein critic. Gulrajani et al. 2017, Eq. 3.
    public var penaltyWeight = 10.0
    /// What log q/p cannot pass under objectives where one row's loss has no limit. Where q has 400 times the density of
    /// p, so few of p's rows tell of it that they would lead the critic everywhere else, too.
    public var largestLogRatio = 6.0

    public init() {}
  }

  /// A mean over held-out rows.
  public struct Value: Sendable, Equatable {
    /// The estimate.
    public let value: Double
    /// Its standard error over rows; what the critics have not learned is not in it.
    public let standardError: Double
  }

  /// The game that the critics played.
  public let objective: AdversarialObjective
  /// The objective's own divergence of q and p: with held-out rows a lower bound on average.
  public let divergence: Value
  /// KL(q, p) as the mean of log q/p over the rows of q, nats; nil for an objective that does not tell it.
  public let kl: Value?
  /// The steps that were chosen, one of each critic.
  public let steps: [Int]
  /// Whether the sets are told apart all but always, so that draws say no more about how large log q/p is: KL is a lower
  /// estimate then.
  public let isSaturated: Bool

  private let critics: [HalfCritic]
  private let standardization: CriticStandardization

  /// Fewest rows of a set.
  public static let fewestRows = 100
  /// The share of log 2 that the Jensen-Shannon divergence of saturated critics has at least.
  private static let saturation = 0.99
  /// A log ratio of which draws tell nothing, and the share of rows beyond it in saturated critics.
  private static let largestLogRatio = (size: 20.0, share: 0.99)
  /// How near ratios come to their limit, where they have one, and the share of rows there that counts as cut.
  private static let edge = (share: 0.9, rows: 0.1)

  /// Trains both critics.
  ///
  /// - Parameters:
  ///   - metric: what asks, for messages.
  ///   - x: draws of q, `[n, d]`.
  ///   - y: draws of p, `[m, d]`.
  ///   - rng: for initial weights, halves and batches.
  ///   - progress: called with steps done and steps in all.
  public init(
    _ metric: String, _ x: Tensor, _ y: Tensor, by objective: AdversarialObjective, _ design: Design = Design(),
    using rng: RandomSource, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(MetricError) {
    try checkRows(metric, x, y, atLeast: Self.fewestRows)
    let standardization = try CriticStandardization(metric, x, y, isotropic: objective == .wasserstein)
    func halves(_ rows: Tensor) -> [Tensor] {
      let mixed = standardization(rows).gathered(rng.permutation(rows.size(0)))
      return RowBlocks.ranges(rows.size(0), size: (rows.size(0) + 1) / 2).map { mixed.narrowed(0, $0) }
    }
    let (q, p) = (halves(x), halves(y))
    var critics: [HalfCritic] = []
    var (onQ, onP): ([Tensor], [Tensor]) = ([], [])
    for half in 0..<2 {
      let critic = HalfCritic(x.size(1), design, objective, using: rng)
      try critic.train(metric, q: q[half], p: p[half], using: rng) {
        progress(half * design.steps + $0, 2 * design.steps)
      }
      withoutGradients {
        onQ.append(critic.output(q[1 - half]).to(.float64))
        onP.append(critic.output(p[1 - half]).to(.float64))
      }
      critics.append(critic)
    }
    let (outQ, outP) = (Tensor.concatenated(onQ), Tensor.concatenated(onP))
    let gains = withoutGradients {
      (objective.gain(q: critics[0].logits(outQ)), objective.gain(p: critics[0].logits(outP)))
    }
    let (ofQ, ofP) = (Estimate(gains.0.array()), Estimate(gains.1.array()))
    func error(_ estimate: Estimate) -> Double { estimate.standardError ?? 0 }
    divergence = Value(
      value: (ofQ.mean + ofP.mean + objective.offset) * standardization.unit,
      standardError: hypot(error(ofQ), error(ofP)) * standardization.unit)
    if objective.tellsLogRatio {
      let ratio = Estimate(outQ.array())
      kl = Value(value: ratio.mean, standardError: error(ratio))
      let js = AdversarialObjective.jensenShannon.divergence(q: Logits(outQ), p: Logits(outP)).item()
      let beyond = (Tensor.concatenated([outQ, outP]).abs() .> Self.largestLogRatio.size).to(.float64).mean().item()
      let cut = critics[0].largest.map { (outQ.abs() .> Self.edge.share * $0).to(.float64).mean().item() } ?? 0
      // No more than log n can be told of n rows; where ratios are limited, many at the limit are cut.
      isSaturated =
        js >= Self.saturation * log(2) || beyond >= Self.largestLogRatio.share
        || ratio.mean > log(Double(min(x.size(0), y.size(0))))
        || cut >= Self.edge.rows
    } else {
      (kl, isSaturated) = (nil, false)
    }
    (self.objective, self.critics, self.standardization) = (objective, critics, standardization)
    steps = critics.map(\.chosenStep)
  }

  /// The mean of the critics' V at points `[n, d]`: `[n]`.
  public func critic(_ points: Tensor) -> Tensor {
    withoutGradients { critics[0].logits(output(points)).values * standardization.unit }
  }

  /// The mean of the critics' log q/p at points `[n, d]`: nats, `[n]`; nil for an objective that does not tell it.
  public func logRatio(_ points: Tensor) -> Tensor? { objective.tellsLogRatio ? output(points) : nil }

  private func output(_ points: Tensor) -> Tensor {
    withoutGradients {
      let standardized = standardization(points)
      return Tensor.stacked(critics.map { $0.output(standardized).to(.float64) }).mean(0)
    }
  }
}

/// Rows shifted and scaled to what a network likes, by the moments of both sets together.
struct CriticStandardization {
  private let mean: Tensor
  private let scale: Tensor
  /// By what a distance between standardized rows is to be multiplied; 1 unless all columns have one scale.
  let unit: Double

  /// - Parameter isotropic: gives all columns one scale, so that distances keep their ratios.
  init(_ metric: String, _ x: Tensor, _ y: Tensor, isotropic: Bool) throws(MetricError) {
    let all = Tensor.concatenated([x, y]).to(.float64)
    mean = all.mean(0)
    let variance = all.variance(0)
    let spans = (all.max(0) - all.min(0)).array(Double.self)
    if let column = spans.firstIndex(of: 0) {
      throw MetricError(
        "\(metric): expected columns that vary, got one number in all rows of column \(column) of x and y; leave it out"
      )
    }
    scale = isotropic ? (variance * 0 + variance.mean()).sqrt() : variance.sqrt()
    unit = isotropic ? scale.at(0).item() : 1
  }

  /// `[n, d]` of type `float32`.
  func callAsFunction(_ rows: Tensor) -> Tensor { ((rows.to(.float64) - mean) / scale).to(.float32) }
}
