import Torch

/// The adaptation of a Markov chain before its draws count.
///
/// A first phase finds the step size; then windows of doubling length each end with new scales from the draws in them;
/// a last phase settles the step size in the final metric. Short warm-ups share these out as 15, 75 and 10 percent.
///
/// - Source: Stan Reference Manual, section "Automatic parameter tuning"; its constants 75, 25 and 50.
public struct Warmup: Sendable {
  /// Steps that adapt, and whose draws do not count.
  public let steps: Int
  /// The acceptance that the step size is led to; 0.8 suits NUTS, 0.65 is best for HMC (Beskos et al. 2013).
  public let targetAcceptance: Double
  private let windowEnds: Set<Int>
  private let slow: Range<Int>

  /// A guess that dual averaging corrects within a few steps.
  private static let firstStepSize = 0.1

  /// - Parameter targetAcceptance: 0.8 suits NUTS, 0.65 is best for HMC.
  public init(steps: Int, targetAcceptance: Double = 0.8) {
    precondition(steps >= 0, "Warmup: expected at least 0 steps, got \(steps)")
    self.steps = steps
    self.targetAcceptance = targetAcceptance
    (slow, windowEnds) = Self.windows(steps)
  }

  /// What the adaptation has come to.
  public struct State {
    /// The step size, in units of the scales.
    public internal(set) var stepSize: DualAveraging
    /// Standard deviations of the coordinates, `[d]`.
    public internal(set) var scale: Tensor
    /// The draws of the window that is open.
    var window: [Tensor] = []
  }

  /// Unit scales and a first step size, for chains at `position` `[..., d]`.
  func start(like position: Tensor) -> State {
    State(
      stepSize: DualAveraging(Self.firstStepSize, target: targetAcceptance),
      scale: .ones([position.size(-1)], dtype: position.dtype, device: position.device))
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

  /// Takes note of a step, of which there were `index` before: the draw it led to and its acceptance.
  func record(_ position: Tensor, acceptance: Double, at index: Int, in state: inout State) {
    state.stepSize.record(acceptance: acceptance)
    if slow.contains(index) { state.window.append(position) }
    guard windowEnds.contains(index + 1) else { return }
    let rows = Tensor.stacked(state.window).reshaped([-1, position.size(-1)])
    state.window = []
    guard rows.size(0) >= 2 else { return }
    state.scale = Self.regularized(rows).sqrt()
    state.stepSize.restart()
  }

  /// Variances drawn a little towards 1e-3, as Stan does, so that few draws cannot make a scale of zero.
  private static func regularized(_ rows: Tensor) -> Tensor {
    let count = Double(rows.size(0))
    return rows.variance(0) * (count / (count + 5)) + 1e-3 * 5 / (count + 5)
  }
}
