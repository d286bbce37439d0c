import Datasets
import Generative
import Probability
import Torch

/// What an encoder makes of a set of examples.
///
/// Codes of a model with classes come without the class, whose one-hot vector would count as dimensions of its own, unless
/// they are wanted whole.
public struct Codes {
  /// The posterior's means, or a draw where it has none, `[n, d]`, type `float64`.
  public let means: Tensor
  /// The logarithms of the posterior's variances, `[n, d]`, where it is a diagonal Gaussian.
  public let logVariances: Tensor?
  /// One draw of each posterior, `[n, d]`.
  public let draws: Tensor
  /// The examples' classes, `[n]`, where they have any.
  public let labels: Tensor?

  /// How many examples.
  public var count: Int { means.size(0) }
  /// The length of a code.
  public var dimension: Int { means.size(1) }

  private static let batchSize = 500

  /// Encodes all of `examples`, or those of some `rows` in their order.
  ///
  /// - Parameter keepsClass: whether codes of a model with classes have the class, as those of `encode` have.
  public init(
    _ model: any Encoder, _ examples: DeviceExamples, rows: [Int]? = nil, keepsClass: Bool = false,
    using rng: RandomSource
  ) throws(DatasetError) {
    var (means, logVariances, draws, labels): ([Tensor], [Tensor], [Tensor], [Tensor]) = ([], [], [], [])
    for range in pairBlocks(rows?.count ?? examples.count, size: Self.batchSize) {
      let batch =
        if let rows {
          try examples.batch(Tensor(rows[range].map(Int64.init)).to(examples.device), using: rng)
        } else {
          try examples.batch(range, using: rng)
        }
      withoutGradients {
        let q = (model as? any ExplicitPosterior)?.posterior(batch.x)
        if let gaussian = q as? DiagonalGaussian {
          means.append(gaussian.mean)
          logVariances.append((gaussian.logScale * 2).expanded(gaussian.mean.shape))
        } else {
          means.append(model.encode(batch.x, using: rng))
        }
        draws.append(
          q?.sample([], using: rng) ?? (model as? any CodeSampler)?.drawnCodes(batch.x, using: rng)
            ?? means[means.count - 1])
      }
      batch.labels.map { labels.append($0) }
    }
    func all(_ parts: [Tensor]) -> Tensor {
      let codes = Tensor.concatenated(parts)
      return (keepsClass ? codes : model.withoutClass(codes)).to(.cpu).to(.float64)
    }
    self.means = all(means)
    self.logVariances = logVariances.isEmpty ? nil : all(logVariances)
    self.draws = all(draws)
    self.labels = labels.isEmpty ? nil : Tensor.concatenated(labels).to(.cpu)
  }

  /// Codes whose mean varies less than this over the examples do nothing. Burda et al. 2016, section 5.2.
  public static let activityThreshold = 0.01

  /// The number of latent dimensions whose posterior mean varies over the examples: Var_x(E_q(z|x) z) > 0.01.
  public var activeUnits: Int { Self.activeUnits(means) }

  static func activeUnits(_ means: Tensor) -> Int {
    Int((means.variance(0) .> activityThreshold).to(.float64).sum().item())
  }
}

extension Encoder {
  /// What codes `[..., latent]` say beside the class, where the model has one.
  func withoutClass(_ codes: Tensor) -> Tensor { (self as? any ClassConditional)?.withoutClass(codes) ?? codes }
}
