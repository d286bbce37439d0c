import Torch

/// Features brought to mean 0 and variance 1 over the rows it was made from; a constant feature becomes 0.
struct Standardization {
  let mean: Tensor
  let scale: Tensor

  /// From `x` `[n, d]`; the variance has the divisor n.
  init(_ x: Tensor) {
    mean = x.mean(0, keepAxes: true)
    let deviation = (x - mean).square().mean(0, keepAxes: true).sqrt()
    // A constant column has a deviation of rounding errors, relative to its size.
    let floor = x.abs().max(0, keepAxes: true) * (16 * Double.ulpOfOne)
    scale = (floor .< deviation).select(deviation, Tensor.full(deviation.shape, .infinity, dtype: .float64))
  }

  /// Rows standardized.
  func callAsFunction(_ x: Tensor) -> Tensor { (x - mean) / scale }
}
