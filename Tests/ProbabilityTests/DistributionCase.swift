import Probability
import TestSupport
import Testing
import Torch

/// Where a distribution puts its mass, as a list of cells.
enum Support: Sendable {
  /// Finitely many values, each an event.
  case points([[Double]])
  /// Practically all mass lies in (low, high) on every axis of an event of one or two numbers.
  case box(Double, Double)
}

/// What a distribution can do beyond drawing; every capability includes those before it.
enum Draws: Sendable {
  /// A `Sampler` only.
  case plain
  /// A `PathwiseSampler`.
  case pathwise
  /// A `ScoredSampler`.
  case scored
}

/// One line in the table of distributions that all must pass the suite.
///
/// The parameters are those of one event; the suite makes batches by repeating them.
struct DistributionCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let event: [Int]
  let support: Support
  let parameters: [Tensor]
  /// What the distribution is declared to do; the suite fails where its type does less or more.
  let draws: Draws
  /// How far `mean` may be from the expectation; 0 where it is exact.
  let meanError: Double
  /// The error of central differences, which grows with the square of the step over the scale.
  let differenceError: Double
  let make: @Sendable ([Tensor], DType) -> any Distribution

  init(
    _ name: String, event: [Int], support: Support, parameters: [Tensor] = [],
    draws: Draws = .plain, meanError: Double = 0,
    differenceError: Double = 1e-7,
    make: @escaping @Sendable ([Tensor], DType) -> any Distribution
  ) {
    testDescription = name
    self.event = event
    self.support = support
    self.parameters = parameters
    self.draws = draws
    self.meanError = meanError
    self.differenceError = differenceError
    self.make = make
  }

  /// The distribution of one event.
  func one(_ dtype: DType = .float64) -> any Distribution {
    make(parameters.map { $0.to(dtype) }, dtype)
  }

  /// The distribution with its parameters repeated to a batch, and the batch's shape.
  func batch(_ dtype: DType = .float64) -> (distribution: any Distribution, shape: [Int]) {
    let batch = parameters.isEmpty ? [] : [2, 3]
    return (make(parameters.map { $0.to(dtype).expanded(batch + $0.shape) }, dtype), batch)
  }

  /// Coarse cells along an axis, and midpoints of the quadrature in each.
  private static let cells = 16
  private var subdivisions: Int { event.reduce(1, *) == 1 ? 256 : 32 }

  /// Events `[n] + event` at which the mass is summed, the volume each stands for, and each one's cell.
  var nodes: (values: Tensor, volume: Double, cells: [Int]) {
    switch support {
    case .points(let points):
      let values = Tensor(points.flatMap { $0 }, shape: [points.count] + event)
      return (values, 1, Array(points.indices))
    case .box(let low, let high):
      let count = Self.cells * subdivisions
      let step = (high - low) / Double(count)
      let axis = (0..<count).map { low + (Double($0) + 0.5) * step }
      if event.reduce(1, *) == 1 {
        return (Tensor(axis, shape: [count] + event), step, axis.map { cell([$0])! })
      }
      let grid = axis.flatMap { x in axis.map { [x, $0] } }
      return (
        Tensor(grid.flatMap { $0 }, shape: [grid.count] + event), step * step,
        grid.map { cell($0)! }
      )
    }
  }

  /// The cell an event lies in, or nil outside all of them.
  func cell(_ value: [Double]) -> Int? {
    switch support {
    case .points(let points):
      return points.firstIndex { zip($0, value).allSatisfy { abs($0 - $1) < 1e-6 } }
    case .box(let low, let high):
      let index = value.map { Int((($0 - low) / (high - low) * Double(Self.cells)).rounded(.down)) }
      guard index.allSatisfy({ (0..<Self.cells).contains($0) }) else { return nil }
      return index.reduce(0) { $0 * Self.cells + $1 }
    }
  }
}
