import Torch

/// Batches whose x are codes of other batches' examples, made anew at each reading.
///
///     let codes = CodeBatches(examples) { x, rng in encoder.posterior(x).sample([], using: rng) }
///
/// The encoder is another model, trained before: its codes are made as in use, without a graph and in its own type,
/// also where a training game reads them. Labels are passed on.
public final class CodeBatches: Batches {
  private let examples: any Batches
  private let keepsExamples: Bool
  private let encode: (Tensor, RandomSource) -> Tensor

  /// - Parameters:
  ///   - examples: what is encoded; their order is that of the codes.
  ///   - keepsExamples: whether codes stand beside their examples, not in their place.
  ///   - encode: codes `[batch] + event` of examples `[batch] + shape`: draws of q(z|x), or its mean.
  public init(
    _ examples: any Batches, keepsExamples: Bool = false, encode: @escaping (_ x: Tensor, _ rng: RandomSource) -> Tensor
  ) {
    self.examples = examples
    self.keepsExamples = keepsExamples
    self.encode = encode
  }

  public var batchesPerEpoch: Int { examples.batchesPerEpoch }

  public func count(at index: Int) -> Int { examples.count(at: index) }

  public func batch(at index: Int, using rng: RandomSource) throws -> Batch {
    let batch = try examples.batch(at: index, using: rng)
    let x = batch.x
    let codes = withoutGradients {
      // The precision is of the game that reads, not of the encoder.
      TrainingMode.off { outsidePrecision(.bf16, on: x.device) { encode(x, rng).detached() } }
    }
    precondition(
      codes.rank >= 1 && codes.size(0) == batch.count,
      "CodeBatches: expected \(batch.count) codes, got shape \(codes.shape) for examples \(x.shape)")
    return keepsExamples
      ? Batch(x: x, labels: batch.labels, codes: codes) : Batch(x: codes, labels: batch.labels)
  }
}
