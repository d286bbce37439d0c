import Foundation
import Generative
import Probability
import Torch

/// log p(x) of a model with codes of zeros and ones, as a sum over all of them.
///
/// It is exact up to rounding: log p(x|z) of a row is worked out in the model's type and summed in `float64`.
public struct EvidenceEnumeration: Sendable, Equatable {
  /// Numbers of a code at most: 2^20 states.
  public static let mostBits = 20
  /// Numbers of codes, or of examples times codes, that are worked out at once: 16 MiB in float32.
  private static let numbersAtOnce = 1 << 22

  /// A sum over all codes.
  public init() {}

  /// log p(x) of examples `[n] + shape`: nats, one per example. Equal rows are summed once.
  ///
  /// - Parameter progress: called with the codes that are done and all of them.
  public func callAsFunction(
    _ model: any LatentVariableModel, _ x: Tensor, progress: (Int, Int) -> Void = { _, _ in }
  ) -> [Double] {
    let bits = model.prior.dimension
    precondition(
      model.prior.isBinary && bits <= Self.mostBits,
      "EvidenceEnumeration: expected codes of at most \(Self.mostBits) zeros and ones, got \(model.prior.summary)")
    return withoutGradients {
      let (rows, index) = EvidenceQuadrature.distinct(x)
      let x = x.gathered(Tensor(rows.map(Int64.init)).to(x.device))
      let states = 1 << bits
      let size = max(1, model.exampleShape.reduce(1, *))
      let codesAtOnce = RowBlocks.rows(upTo: max(1, min(4096, Self.numbersAtOnce / size))) {
        _ = model.likelihood(codes(0..<1, of: model, on: x.device)).logProb(x.narrowed(0, 0..<1))
      }
      var total = Tensor.full([x.size(0)], -.infinity, dtype: .float64)
      for start in stride(from: 0, to: states, by: codesAtOnce) {
        let z = codes(start..<min(states, start + codesAtOnce), of: model, on: x.device)  // [codes, bits]
        let logPrior = model.prior.logProb(z).unsqueezed(1).to(.float64)
        let sums = logLikelihoods(model, z, x).map { ($0.to(.float64) + logPrior).logSumExp(0).to(.cpu) }
        total = Tensor.stacked([total, .concatenated(sums)]).logSumExp(0)
        progress(start + z.size(0), states)
      }
      let found = total.array(Double.self)
      return index.map { found[$0] }
    }
  }

  /// The codes of these numbers, the first bit the lowest: `[codes, bits]`.
  private func codes(_ range: Range<Int>, of model: any LatentVariableModel, on device: Device) -> Tensor {
    let number = (Tensor.range(range.count, dtype: .float64) + Double(range.lowerBound)).unsqueezed(1)
    let weights = Tensor((0..<model.prior.dimension).map { exp2(Double($0)) })
    return ((number / weights).floor() - (number / (weights * 2)).floor() * 2).to(model.prior.dtype).to(device)
  }

  /// log p(x|z) of all codes and rows, in blocks of rows: each `[codes, rows]`.
  private func logLikelihoods(_ model: any LatentVariableModel, _ z: Tensor, _ x: Tensor) -> [Tensor] {
    let size = max(1, model.exampleShape.reduce(1, *))
    // Of a Bernoulli the part that depends on both is one matrix product.
    if let px = model.likelihood(z) as? Bernoulli {
      let logits = px.logits.flattened(from: 1)  // [codes, numbers]
      let rest = logits.softplus().sum(-1, keepAxes: true)  // [codes, 1]
      let rows = max(1, Self.numbersAtOnce / z.size(0))
      return RowBlocks.ranges(x.size(0), size: rows).map {
        logits.matmul(x.narrowed(0, $0).flattened(from: 1).transposed) - rest
      }
    }
    let px = model.likelihood(z.unsqueezed(1))  // [codes, 1]
    let rows = max(1, Self.numbersAtOnce / (size * z.size(0)))
    return RowBlocks.ranges(x.size(0), size: rows).map { px.logProb(x.narrowed(0, $0)) }
  }
}
