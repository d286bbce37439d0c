import Foundation
import Torch

/// Densities of draws by a Gaussian kernel, at the nodes of a grid.
///
/// The width is half of Scott's rule for the dimension: the whole suits one bump, and half of it keeps modes apart that
/// lie within a deviation or two of each other. All kernels are one product of matrices.
public enum KernelDensity {
  /// The part of Scott's width that is taken.
  private static let share = 0.5

  /// The density of numbers at `nodes` places evenly over a range.
  public static func line(_ values: [Double], over range: ClosedRange<Double>, nodes: Int) -> [Double] {
    guard !values.isEmpty else { return Array(repeating: 0, count: nodes) }
    return withoutGradients {
      kernels(values, width(values, dimensions: 1), range, nodes).mean(0).array(Double.self)
    }
  }

  /// The density of points of the plane over a rectangle.
  public static func plane(
    x: [Double], y: [Double], over rangeX: ClosedRange<Double>, _ rangeY: ClosedRange<Double>, nodes: Int
  ) -> ScalarField {
    precondition(x.count == y.count, "KernelDensity: expected as many x as y, got \(x.count) and \(y.count)")
    let values = withoutGradients {
      let across = kernels(x, width(x, dimensions: 2), rangeX, nodes)  // [n, nodes]
      let up = kernels(y, width(y, dimensions: 2), rangeY, nodes)
      return (up.transposed.matmul(across) / Double(max(1, x.count))).array(Double.self)
    }
    return ScalarField(values: values, columns: nodes, rows: nodes, x: rangeX, y: rangeY)
  }

  /// A range that shows the draws but for the farthest of them, with some air.
  public static func range(of values: [Double]) -> ClosedRange<Double> {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return 0...1 }
    let cut = sorted.count / 200
    let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
    guard high > low else {
      let room = last > first ? (last - first) / 2 : max(1, abs(first)) / 10
      return low - room...high + room
    }
    let room = 0.2 * (high - low)
    return low - room...high + room
  }

  /// The values of the kernels around every draw at the nodes, `[n, nodes]`.
  private static func kernels(
    _ values: [Double], _ width: Double, _ range: ClosedRange<Double>, _ nodes: Int
  ) -> Tensor {
    precondition(nodes >= 2, "KernelDensity: expected at least 2 nodes, got \(nodes)")
    let step = (range.upperBound - range.lowerBound) / Double(nodes - 1)
    let grid = Tensor.range(nodes, dtype: .float64) * step + range.lowerBound
    // No kernel may fall between two nodes.
    let width = max(width, step / 2)
    let distance = (Tensor(values).unsqueezed(1) - grid) * (1 / width)  // [n, nodes]
    return (distance.square() * -0.5).exp() * (1 / (width * (2 * Double.pi).squareRoot()))
  }

  private static func width(_ values: [Double], dimensions: Int) -> Double {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    return share * deviation * pow(count, -1 / Double(dimensions + 4))
  }
}

extension ScalarField {
  /// The level above which lies a share of the sum over all nodes: of a density, of its mass.
  func level(enclosing share: Double) -> Double {
    let sorted = values.filter(\.isFinite).sorted(by: >)
    let total = sorted.reduce(0, +)
    var sum = 0.0
    for value in sorted {
      sum += value
      if sum >= share * total { return value }
    }
    return sorted.last ?? 0
  }
}
