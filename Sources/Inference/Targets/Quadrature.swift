import Foundation
import Torch

/// Integrals over a line by equidistant nodes: exact to rounding for smooth functions that vanish at both ends.
struct Quadrature {
  /// The nodes, `[count]` of type `float64`.
  let nodes: Tensor
  /// The distance between two of them.
  let spacing: Double

  /// - Parameter count: at least 2 nodes, both ends included.
  init(_ range: ClosedRange<Double>, count: Int) {
    spacing = (range.upperBound - range.lowerBound) / Double(count - 1)
    nodes = Tensor.range(count, dtype: .float64) * spacing + range.lowerBound
  }

  /// log of the integral of exp(f), from the values of f at the nodes, `[count]`.
  func logIntegral(_ values: Tensor) -> Double { values.logSumExp().item() + log(spacing) }

  /// Draws of the density that is proportional to exp(f), `[n]`: even within a cell of one node.
  func draws(_ count: Int, _ values: Tensor, using rng: RandomSource) -> Tensor {
    let p = (values - values.logSumExp()).exp().unsqueezed(0)  // [1, nodes]
    let cells = rng.categorical(p, count: count).squeezed(0)  // [count]
    return nodes.gathered(cells) + (rng.uniform([count], dtype: .float64) - 0.5) * spacing
  }
}
