import Torch

/// The adaptation of a Markov chain before its draws count.
///
/// A first phase finds the step size; then windows of doubling length each end with new scales from the draws in them;
/// a last phase settles the step size in the final metric. Short warm-ups share these out as 15, 75 and 10 percent.
///
/// - Source: Stan Reference Manual, section "Automatic parameter tuning"; its constants 75, 25 and 50.
struct Warmup {
  private(set) var stepSize: DualAveraging
  /// Standard deviations of the coordinates, `[d]`.
  private(set) var scale: Tensor
  private let windowEnds: Set<Int>
  private let slow: Range<Int>
  private var index = 0
  private var draws: [Tensor] = []

  /// A guess that dual averaging corrects within a few steps.
  private static let firstStepSize = 0.1

  init(steps: Int, dimension: Int, like position: Tensor, target: Double) {
    stepSize = DualAveraging(Self.firstStepSize, target: target)
    scale = .ones([dimension], dtype: position.dtype, device: position.device)
    (slow, windowEnds) = Self.windows(steps)
  }

  /// The steps whose draws make the scales, and the steps after which they do.
  static func windows(_ steps: Int) -> (slow: Range<Int>, ends: Set<Int>) {
    guard steps >= 20 else { return (0..<0, []) }
    let isShort = steps < 75 + 25 + 50
    let first = isShort ? Int(0.15 * Double(steps)) : 75
    let last = steps - (isShort ? Int(0.1 * Double(steps)) : 50)
    var ends: Set<Int> = []
    var (end, length) = (first, isShort ? last - first : 25)
    while end < last {
      // A window that would leave no room for the next, twice as long, takes what is left.
      end = end + length + 2 * length > last ? last : end + length
      length *= 2
      ends.insert(end)
    }
    return (first..<last, ends)
  }

  mutating func record(_ position: Tensor, acceptance: Double) {
    stepSize.record(acceptance: acceptance)
    if slow.contains(index) { draws.append(position) }
    index += 1
    guard windowEnds.contains(index), let dimension = position.shape.last else { return }
    let rows = Tensor.stacked(draws).reshaped([-1, dimension])
    draws = []
    guard rows.size(0) >= 2 else { return }
    scale = Self.regularized(rows).sqrt()
    stepSize.restart()
  }

  /// Variances drawn a little towards 1e-3, as Stan does, so that few draws cannot make a scale of zero.
  private static func regularized(_ rows: Tensor) -> Tensor {
    let count = Double(rows.size(0))
    return rows.variance(0) * (count / (count + 5)) + 1e-3 * 5 / (count + 5)
  }
}
