import Datasets
import Evaluation
import Foundation
import Generative
import Probability
import Torch

/// Likelihoods of rows under a decoder that was trained elsewhere.
public struct ImportedLikelihood {
  private let model: any LatentVariableModel
  private let examples: Tensor
  private let identity: String
  private let seed: UInt64
  private let cache: String
  private let progress: (Int, Int) -> Void

  /// One number per row and how it was found.
  public typealias Result = (values: [Double], conventions: [(key: String, value: Convention)])

  private static let rowsAtOnce = 200

  /// - Parameters:
  ///   - identity: the hash of the files that the model comes from.
  ///   - x: examples `[n, d]`.
  ///   - source: where they came from, for messages.
  ///   - cache: the user's cache folder, where finished batches are kept until all are.
  public init(
    _ model: any LatentVariableModel, identity: String, _ x: Tensor, source: String, seed: UInt64, cache: String,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(MetricError) {
    guard x.size(1) == model.exampleShape[0] else {
      throw MetricError(
        "'\(source)': expected rows of the \(model.exampleShape[0]) outputs of the decoder, got \(x.size(1))")
    }
    if model.likelihood(model.prior.mean) is Bernoulli, x.min().item() < 0 || x.max().item() > 1 {
      throw MetricError("'\(source)': expected numbers in [0, 1] for a bernoulli likelihood, got others")
    }
    self.model = model
    examples = x.to(model.prior.dtype)
    self.identity = identity
    self.seed = seed
    self.cache = cache
    self.progress = progress
  }

  /// A bound by draws of the encoder.
  public func bound(_ bound: Bound) throws(MetricError) -> Result {
    guard let model = model as? any ExplicitPosterior else {
      throw MetricError("\(bound.name): expected an encoder, got none; ais does without")
    }
    let bounds = Bounds(model, using: RandomSource(seed: seed))
    var (values, worth): ([Double], [Double]) = ([], [])
    for start in stride(from: 0, to: examples.size(0), by: Self.rowsAtOnce) {
      let rows = start..<min(examples.size(0), start + Self.rowsAtOnce)
      let found = bounds.values(bound, examples.narrowed(0, rows))
      values += found.bound.array(Double.self)
      worth += found.effectiveSamples?.array(Double.self) ?? []
      progress(rows.upperBound, examples.size(0))
    }
    return (
      values,
      (bound.samples.map { [("samples", .count($0))] } ?? [])
        + (worth.isEmpty ? [] : [("effective_samples", .number(Estimate(worth).mean))])
    )
  }

  /// By an integral over codes of at most two dimensions.
  public func quadrature() throws(MetricError) -> Result {
    do throws(Lack) { _ = try Capability.fewCodeDimensions.of(model) } catch {
      throw MetricError("quadrature: the decoder \(error.words); ais takes any")
    }
    let found = try EvidenceQuadrature()(model, examples, progress: progress)
    return (found.logEvidence, found.conventions)
  }

  /// By a sum over all codes of zeros and ones.
  public func enumeration() throws(MetricError) -> Result {
    do throws(Lack) { _ = try Capability.countableCodes.of(model) } catch {
      throw MetricError("enumeration: the decoder \(error.words)")
    }
    let found = EvidenceEnumeration()(model, examples, progress: progress)
    return (found, [("codes", .count(1 << model.prior.dimension))])
  }

  /// By annealed importance sampling. One that was killed goes on behind its last finished batch.
  public func annealed(_ options: AnnealingOptions) throws -> Result {
    do throws(Lack) { _ = try Capability.continuousCodes.of(model) } catch {
      throw MetricError("ais: the decoder \(error.words); enumeration sums over them")
    }
    let key = sha256(Array("\(identity) \(options) \(seed) \(examples.shape)".utf8) + examples.bytes())
    let directory = cache + "/loglik"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let finished = try PartialValues("\(directory)/\(key.prefix(16)).json", key: key)
    let values = try annealedLogLikelihood(
      of: model, on: examples, options, seed: seed, finished: finished, progress: progress)
    try finished.remove()
    return (values, options.conventions(model))
  }
}
