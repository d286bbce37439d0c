import Foundation
import Torch

/// The least log scale that a network predicts or a parameter learns: a deviation of e^-7, a quarter of the distance of
/// two of 256 grey levels.
///
/// Where an objective does not charge for certainty, as that of an autoencoder without a KL, or where pixels are
/// constant, a scale falls without end: its inverse square is infinite in float32 from e^-44 on, and gradients are of
/// no use long before. Salimans et al. 2017 have the same floor.
public let leastLogScale = -7.0

extension Tensor {
  /// Log scales, none below `leastLogScale`; those above it as they are, to the bit.
  public func flooredLogScale() -> Tensor { clamped(leastLogScale, .infinity) }

  /// The logs of deviations whose variance is e^2s + `floor`, for each number s.
  ///
  /// A cut has no gradient below it, and a scale that a few steps have brought there stays; this one leads back where
  /// the data call for a larger variance.
  public func logScale(aboveVariance floor: Double) -> Tensor {
    let least = Foundation.log(floor)
    return ((self * 2 - least).softplus() + least) * 0.5
  }
}
