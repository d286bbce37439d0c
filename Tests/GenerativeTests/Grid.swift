import Probability
import Torch

/// Quadrature over a latent plane by midpoints, which for densities that vanish at the border converges faster than
/// any power of the step.
enum Grid {
  /// Codes `[count^2, 1, 2]` over (-half, half)^2, the log prior `[count^2, 1]` and the area of a cell, in float64.
  static func latents(half: Double, count: Int) -> (z: Tensor, logPrior: Tensor, area: Double) {
    let step = 2 * half / Double(count)
    let axis = (0..<count).map { -half + (Double($0) + 0.5) * step }
    let z = Tensor(axis.flatMap { x in axis.flatMap { [x, $0] } }, shape: [count * count, 1, 2])
    return (z, StandardNormal(2).logProb(z), step * step)
  }
}
