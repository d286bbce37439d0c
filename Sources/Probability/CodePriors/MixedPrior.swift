import Torch

/// Independent codes side by side: the numbers of the first part, then those of the second, and so on.
///
/// A standard normal of 62 dimensions and one of 10 classes make codes of 72 numbers.
public struct MixedPrior: CodePrior {
  /// The distributions of the slices, in their order; all draw one type.
  public let parts: [any CodePrior]

  /// The parts side by side.
  ///
  /// - Parameter parts: at least one, of one type of draws and of one batch shape.
  public init(_ parts: [any CodePrior]) {
    precondition(!parts.isEmpty, "MixedPrior: expected at least 1 part, got none")
    precondition(
      parts.allSatisfy { $0.dtype == parts[0].dtype },
      "MixedPrior: expected parts of one type, got \(parts.map { "\($0.dtype)" }.joined(separator: ", "))")
    self.parts = parts
  }

  /// The length of a code: the sum over the parts.
  public var dimension: Int { parts.reduce(0) { $0 + $1.dimension } }
  /// The summaries of the parts, joined with ` + `.
  public var summary: String { parts.map(\.summary).joined(separator: " + ") }
  /// The type of its draws.
  public var dtype: DType { parts[0].dtype }

  /// The expectations of the parts side by side, `batch + [dimension]`.
  public var mean: Tensor { .concatenated(parts.map(\.mean), axis: -1) }

  /// Whether all parts are of zeros and ones.
  public var isBinary: Bool { parts.allSatisfy(\.isBinary) }

  /// Whether a part is shown by a draw.
  public var isShownByDraw: Bool { parts.contains(where: \.isShownByDraw) }

  /// Codes of shape `count + batch + [dimension]`; the parts are drawn in their order.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    .concatenated(parts.map { $0.sample(count, using: rng) }, axis: -1)
  }

  /// The sum over the parts of the log density of each one's slice: nats, `count + batch`.
  ///
  /// - Parameter value: shape `count + batch + [dimension]`.
  public func logProb(_ value: Tensor) -> Tensor {
    precondition(
      value.rank > 0 && value.size(-1) == dimension,
      "MixedPrior: expected codes of \(parts.map { "\($0.dimension)" }.joined(separator: " + ")) numbers, "
        + "got shape \(value.shape)")
    var start = 0
    let terms = parts.map { part in
      defer { start += part.dimension }
      return part.logProb(value.narrowed(-1, start..<start + part.dimension))
    }
    return terms.dropFirst().reduce(terms[0], +)
  }
}
