import Foundation
import Torch

/// Integrals over a line by Gauss-Legendre panels that are dense where densities are.
///
/// Equidistant nodes would need millions beside a component that is a thousandth as wide as another. Each component brings
/// breakpoints in units of its own deviation, each turning point of a logit in units of its own width; between two of
/// them an integrand is smooth, and 16 nodes are exact to rounding.
struct LineQuadrature {
  /// The nodes, `[n]` of type `float64`, in order.
  let nodes: Tensor
  /// What each node counts, `[n]`.
  let weights: Tensor

  /// Deviations from a centre at which panels meet. Beyond 14 a Gaussian is below 1e-43.
  private static let breaks = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14.0]

  /// - Parameters:
  ///   - components: what is integrated; the ends of the line are theirs.
  ///   - turns: places where the integrand turns within a width, such as where a logit is 0.
  init(_ components: [LineGaussian], turns: [(place: Double, width: Double)] = []) {
    func around(_ place: Double, _ width: Double) -> [Double] {
      Self.breaks.flatMap { [place - $0 * width, place + $0 * width] }
    }
    let ends = components.flatMap { around($0.mean, $0.scale) }
    let (low, high) = (ends.min()!, ends.max()!)
    let inner = turns.flatMap { around($0.place, $0.width) }.filter { $0 > low && $0 < high }
    let points = (ends + inner).sorted()
    var (x, w): ([Double], [Double]) = ([], [])
    for (start, end) in zip(points, points.dropFirst()) where end > start {
      for (node, weight) in Self.rule {
        x.append(0.5 * (start + end) + 0.5 * (end - start) * node)
        w.append(0.5 * (end - start) * weight)
      }
    }
    nodes = Tensor(x)
    weights = Tensor(w)
  }

  /// The integral of a function from its values at the nodes, `[n]`: a scalar.
  func integral(_ values: Tensor) -> Tensor { (values * weights).sum() }

  /// log of the integral of exp(f), from the values of f at the nodes, `[n]`: a scalar.
  func logIntegral(_ values: Tensor) -> Tensor { (values + weights.log()).logSumExp() }

  /// Nodes and weights of Gauss and Legendre on [-1, 1]: zeros of the Legendre polynomial by Newton's method.
  private static let rule: [(node: Double, weight: Double)] = {
    let count = 16
    return (1...count).map { index in
      var x = cos(Double.pi * (Double(index) - 0.25) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<100 {
        var (p, before) = (1.0, 0.0)
        for k in 1...count {
          (p, before) = ((Double(2 * k - 1) * x * p - Double(k - 1) * before) / Double(k), p)
        }
        slope = Double(count) * (x * p - before) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }()
}
