import Datasets
import Networks
import Probability
import Torch

/// A density of any examples: N(0, I) seen through a bijection that is learned by maximum likelihood.
///
///     log p(x) = log N(f(x); 0, I) + log|det df/dx|
///
/// Examples are flattened, and standardized by the mean and the deviation of each dimension over the first pass, so that data of any
/// unit are learned alike; the density is that of the examples as they came.
///
/// - Source: Rezende & Mohamed 2015, Eq. 5; Dinh et al. 2017, Eq. 2.
public final class FlowModel: Game, DensityModel {
  public let exampleShape: [Int]
  private let standardizer: Standardizer
  /// From standardized examples to N(0, I).
  private let flow: any LearnedBijection
  private let player: Player

  /// - Parameters:
  ///   - exampleShape: the shape of one example.
  ///   - flow: a bijection of as many numbers as an example has.
  public init(_ exampleShape: [Int], _ flow: any LearnedBijection) {
    let dimension = exampleShape.reduce(1, *)
    precondition(
      flow.dimension == dimension, "FlowModel: expected a flow of \(dimension) dimensions, got \(flow.dimension)")
    self.exampleShape = exampleShape
    self.flow = flow
    standardizer = Standardizer(dimension, device: flow.device)
    player = Player("flow", [flow])
  }

  private var base: StandardNormal { StandardNormal(flow.dimension, dtype: standardizer.dtype) }

  // MARK: Density

  /// - Parameter value: examples `batch + exampleShape`.
  /// - Returns: nats, `batch`.
  public func logProb(_ value: Tensor) -> Tensor {
    let batch = Array(value.shape.dropLast(exampleShape.count))
    let (z, logDeterminant) = flow(standardizer(value.reshaped(batch + [flow.dimension])))
    return base.logProb(z) + logDeterminant + standardizer.logDeterminant
  }

  public let portrayal = "draws of p(x)"

  /// Draws, also where means are asked for.
  public func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    standardizer.inverse(flow.inverse(base.rsample([count], using: rng))).reshaped([count] + exampleShape)
  }

  // MARK: Training

  public var players: [Player] { [player] }

  /// log p(x).
  public var score: Score? { Score("log_likelihood_nats", rises: true) { [self] batch, _ in logProb(batch.x) } }

  public func play(_ table: any Table) throws {
    if table.clock.step == 0 {
      var moments = Moments()
      for _ in 0..<table.clock.stepsPerEpoch { moments.add(try table.batch(.main).x.flattened(from: 1)) }
      standardizer.take(try moments.varying())
    }
    try table.move(player, Loss(-logProb(table.batch(.main).x)))
  }
}

extension FlowModel: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [.init("p", ["x"], "N(0, I) through \(flow.summary)")], players: [.init("flow", "-log p(x)")],
      notes: ["x is standardized by its mean and deviation over the first pass"], parameterCount: parameterCount)
  }
}
