import Foundation
import Torch

/// The uniform distribution over a cube: independent numbers, each from `low` to `high`, ends included.
public struct UniformPrior: CodePrior, PathwiseSampler, Sendable {
  /// The length of a code.
  public let dimension: Int
  /// The least value of a number.
  public let low: Double
  /// The largest value of a number.
  public let high: Double
  /// The type of its draws.
  public let dtype: DType

  /// The cube of `dimension` axes from `low` to `high`.
  public init(_ dimension: Int, low: Double = -1, high: Double = 1, dtype: DType = .float32) {
    precondition(
      low < high && (high - low).isFinite, "UniformPrior: expected finite low < high, got \(low) and \(high)")
    self.dimension = dimension
    self.low = low
    self.high = high
    self.dtype = dtype.inScope
  }

  /// `U(-1, 1), 10 dimensions`.
  public var summary: String { "U(\(low.plain), \(high.plain)), \(dimension) dimensions" }

  /// The centre of the cube, `[dimension]`.
  public var mean: Tensor { .full([dimension], low + (high - low) / 2, dtype: dtype) }

  /// Draws of shape `count + [dimension]`; they have no parameters to be differentiated in.
  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
    // Rounding can carry the sum past an end, where it would have no density.
    (rng.uniform(count + [dimension], dtype: dtype, rows: -2) * (high - low) + low).clamped(low, high)
  }

  /// -`dimension` log(`high` - `low`) in the cube, its faces included, and -infinity outside: nats, `count`.
  ///
  /// Its gradient is 0 in and outside the cube.
  ///
  /// - Parameter value: shape `count + [dimension]`.
  public func logProb(_ value: Tensor) -> Tensor {
    let zeroMass = Tensor(-.infinity, dtype: value.dtype, device: value.device)
    // Adding 0 times the value keeps the constant in its graph, and a number that is NaN visible.
    let inside = value * 0 - Foundation.log(high - low)
    let excess = (value - value.clamped(low, high)).abs()
    return (excess .> 0).select(zeroMass, inside).sum(-1)
  }
}
