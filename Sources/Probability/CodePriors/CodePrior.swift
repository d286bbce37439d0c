import Torch

/// A distribution of codes: where a decoder's inputs come from.
///
/// To conform, implement `Distribution` over vectors of `dimension` numbers, `[..., dimension]`: draws land on the
/// device of the random source and are of type `dtype`, and `logProb` works where its value lies. The simplest
/// conformer is `StandardNormal`.
public protocol CodePrior: Distribution {
  /// The length of a code.
  var dimension: Int { get }
  /// In one line, as `describe` prints it, such as `N(0, I), 10 dimensions`.
  var summary: String { get }
  /// The type of its draws.
  var dtype: DType { get }
  /// Whether codes are zeros and ones, so that they can be counted; false unless a conformer says so.
  var isBinary: Bool { get }
  /// Whether `logProb` may be asked; true unless a conformer is known by its draws alone.
  var hasDensity: Bool { get }
}

extension CodePrior {
  public var isBinary: Bool { false }
  public var hasDensity: Bool { true }
}
