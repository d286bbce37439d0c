import Foundation
import Networks
import Torch

/// A lower bound of the mutual information I(X; U), up to the entropy of X: how well a Gaussian with a mean g(u) and one
/// variance for each number of x tells x.
///
///     let found = try InformationBound("mi-bound", x: x, u: u, using: RandomSource(seed: 1))
///     found.value              // E log N(x; g(u), diag(a)), nats
///     entropy + found.value    // I(X; U) is at least this
///
/// g and a learn from one half of the rows and are asked about the other, so that the mean over rows is never above the
/// bound but by chance. It is tight where X given U is Gaussian with a constant diagonal covariance, whatever U is: with
/// correlated residuals of covariance S a gap of (sum_i log S_ii - log|S|) / 2 stays.
///
/// g is the least-squares line with a network of its residuals behind it.
///
/// - Source: Training Deep Generative Models via Auxiliary Supervised Learning (OpenReview Zwy3usE9RxT), Theorem 1.
public struct InformationBound {
  /// The network of g and how it is trained.
  public struct Design: Sendable, Equatable {
    /// Widths of its layers.
    public var hidden = [128, 128, 128]
    /// Steps of Adam; the rate falls to 0 along a cosine.
    public var steps = 2000
    /// Rows in a step.
    public var batchSize = 512
    /// Adam's first rate.
    public var learningRate = 1e-3
    /// Steps between looks at the rows that choose the best of them.
    public var lookEvery = 25
    /// The share of a half's rows that choose, and tell a.
    public var choosing = 0.2

    public init() {}
  }

  /// log N(x; g(u), diag(a)) of every held-out row, with mean and standard error; nats.
  public let estimate: Estimate
  /// The variances a of the residuals, one for each number of x, in its units squared.
  public let variances: [Double]
  /// The step whose weights were taken; 0 is the line alone.
  public let chosenStep: Int

  /// The bound up to H(X), nats.
  public var value: Double { estimate.mean }

  /// Fewest rows, and fewest for each number of u: the line has to be told from the rows.
  public static let fewestRows = (inAll: 100, perColumn: 10)
  /// The share of a column's variance below which its residuals count as none: then the information is infinite.
  private static let leastShare = 1e-12

  /// Fits g and a.
  ///
  /// - Parameters:
  ///   - metric: what asks, for messages.
  ///   - x: `[n, p]`.
  ///   - u: as many rows, `[n, r]`.
  ///   - rng: for halves, first weights and batches.
  ///   - progress: called with steps done and steps in all.
  public init(
    _ metric: String, x: Tensor, u: Tensor, _ design: Design = Design(), using rng: RandomSource,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(MetricError) {
    let spread = try Self.check(metric, x, u)
    let order = rng.permutation(x.size(0))
    let (half, count) = ((x.size(0) + 1) / 2, x.size(0))
    let choosing = max(1, Int(design.choosing * Double(half)))
    func rows(_ range: Range<Int>) -> Rows {
      let index = order.narrowed(0, range)
      return Rows(x: x.to(.float64).gathered(index), u: u.to(.float64).gathered(index))
    }
    let (chooses, learns, heldOut) = (rows(0..<choosing), rows(choosing..<half), rows(half..<count))
    let line = Line(learns)
    let residual = line.residual(learns)
    let scale = residual.square().mean(0).sqrt()  // [p]
    func refuseNone(_ variances: Tensor) throws(MetricError) {
      let shares = (variances / spread).array(Double.self)
      guard let column = shares.firstIndex(where: { !($0 >= Self.leastShare) }) else { return }
      throw MetricError(
        "\(metric): column \(column) of x is a function of u, as nothing is left of its variance: the information is "
          + "infinite; leave it out")
    }
    try refuseNone(scale.square())
    let network = ResidualFit(u.size(1), x.size(1), design, using: rng)
    try network.train(
      metric, line.standardized(learns.u), residual / scale, choosing: line.standardized(chooses.u),
      line.residual(chooses) / scale, using: rng, progress: { progress($0, design.steps) })
    func left(_ rows: Rows) -> Tensor {
      line.residual(rows) - withoutGradients { network(line.standardized(rows.u)).to(.float64) } * scale
    }
    let a = left(chooses).square().mean(0)  // [p]
    try refuseNone(a)
    let logProb = (left(heldOut).square() / a + a.log() + log(2 * Double.pi)).sum(1) * -0.5
    estimate = Estimate(logProb.array())
    variances = a.array()
    chosenStep = network.chosenStep
  }

  /// Refuses rows that tell nothing; the variance of each column of x, `[p]`.
  private static func check(_ metric: String, _ x: Tensor, _ u: Tensor) throws(MetricError) -> Tensor {
    guard x.rank == 2, u.rank == 2, x.size(1) >= 1, u.size(1) >= 1 else {
      throw MetricError(
        "\(metric): expected rows of at least 1 number, got x of shape \(x.shape) and u of shape \(u.shape)")
    }
    guard x.size(0) == u.size(0) else {
      throw MetricError("\(metric): expected a row of u for each row of x, got \(x.size(0)) of x and \(u.size(0)) of u")
    }
    let least = max(fewestRows.inAll, fewestRows.perColumn * u.size(1))
    guard x.size(0) >= least else {
      throw MetricError(
        "\(metric): expected at least \(least) rows, \(fewestRows.inAll) and \(fewestRows.perColumn) for each of the "
          + "\(u.size(1)) numbers of u, got \(x.size(0))")
    }
    guard x.isFinite().all().item() == 1, u.isFinite().all().item() == 1 else {
      throw MetricError("\(metric): expected finite numbers, got some that are not")
    }
    if let column = (x.max(0) - x.min(0)).array(Double.self).firstIndex(of: 0) {
      throw MetricError(
        "\(metric): expected columns that vary, got one number in all rows of column \(column) of x, whose log variance is "
          + "-infinity; leave it out")
    }
    return x.to(.float64).variance(0, correction: 0)
  }
}

/// Rows of both variables, type `float64`.
private struct Rows {
  let x: Tensor
  let u: Tensor
}

/// The least-squares line from u to x.
private struct Line {
  private let center: Tensor
  private let mean: Tensor
  private let scale: Tensor
  /// From standardized u to x without its mean, `[r, p]`.
  private let slopes: Tensor

  /// The share of the largest eigenvalue below which a direction of u counts as none, as those of columns that say the
  /// same.
  private static let least = 1e-10

  init(_ rows: Rows) {
    (center, mean) = (rows.x.mean(0), rows.u.mean(0))
    let deviation = rows.u.variance(0, correction: 0).sqrt()
    // A column of u that does not vary says nothing and is divided by 1.
    scale = (deviation .> 0).select(deviation, Tensor.ones(deviation.shape, dtype: .float64))
    let u = (rows.u - mean) / scale
    let (values, vectors) = (u.transposed.matmul(u) / Double(u.size(0))).symmetricEigen()
    let largest = max(values.max().item(), Double.leastNonzeroMagnitude)
    let isKept = (values .> largest * Self.least).to(.float64)
    let inverses = isKept / (values * isKept + (1 - isKept))
    let covariance = u.transposed.matmul(rows.x - center) / Double(u.size(0))  // [r, p]
    slopes = (vectors * inverses).matmul(vectors.transposed.matmul(covariance))
  }

  /// u as the network takes it, `float32`.
  func standardized(_ u: Tensor) -> Tensor { ((u - mean) / scale).to(.float32) }

  /// x less the line, `[n, p]`.
  func residual(_ rows: Rows) -> Tensor { rows.x - center - ((rows.u - mean) / scale).matmul(slopes) }
}

/// What the line leaves of x, as a network of u; it begins with nothing.
private final class ResidualFit: Module {
  private let network: MLP
  private let head: Linear
  private let design: InformationBound.Design
  private(set) var chosenStep = 0

  init(_ inputs: Int, _ outputs: Int, _ design: InformationBound.Design, using rng: RandomSource) {
    self.design = design
    network = MLP([inputs], hidden: design.hidden, using: rng)
    head = Linear(network.outputShape[0], outputs, initialization: .normal(scale: 0), using: rng)
  }

  func callAsFunction(_ u: Tensor) -> Tensor { head(network(u)) }

  /// Keeps the logarithm finite where a batch has no residual left.
  private static let smallest = 1e-14

  /// -E log N up to a constant, at the best variances of these rows: sum_i log(mean residual_i^2) / 2.
  private func cost(_ u: Tensor, _ x: Tensor) -> Tensor {
    ((x - self(u)).square().mean(0) + Self.smallest).log().sum() * 0.5
  }

  /// Learns from `x` at `u`; other rows choose the step whose weights stay, the first of which is that of the line alone.
  func train(
    _ metric: String, _ u: Tensor, _ x: Tensor, choosing otherU: Tensor, _ otherX: Tensor, using rng: RandomSource,
    progress: (Int) -> Void
  ) throws(MetricError) {
    let (x, otherX) = (x.to(.float32), otherX.to(.float32))
    let parameters = parameters
    let adam = Adam(parameters)
    let rate = Schedule.cosine(start: design.learningRate, end: 0, over: .steps(design.steps))
    func look() -> (score: Double, weights: [Tensor]) {
      (withoutGradients { cost(otherU, otherX).item() }, parameters.map { $0.value.detached().clone() })
    }
    var best = look()
    for step in 1...design.steps {
      let (batchU, batchX) = batch(u, x, rng)
      adam.step(gradients(of: cost(batchU, batchX), in: parameters.map(\.value)), rate: rate(Clock(step: step - 1)))
      guard step.isMultiple(of: design.lookEvery) || step == design.steps else { continue }
      let found = look()
      guard found.score.isFinite else {
        throw MetricError("\(metric): the network of u was not finite at step \(step); scale x and u")
      }
      if found.score < best.score { (best, chosenStep) = (found, step) }
      progress(step)
    }
    withoutGradients {
      for (parameter, weight) in zip(parameters, best.weights) { parameter.value.copyInPlace(weight) }
    }
  }

  private func batch(_ u: Tensor, _ x: Tensor, _ rng: RandomSource) -> (Tensor, Tensor) {
    let count = u.size(0)
    guard count > design.batchSize else { return (u, x) }
    let places = (rng.uniform([design.batchSize], dtype: .float64) * Double(count)).to(.int64)
    return (u.gathered(places), x.gathered(places))
  }
}
