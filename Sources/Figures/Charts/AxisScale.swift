import Foundation

/// An axis fitted to data: from numbers to fractions of a length.
struct AxisScale {
  /// What it measures.
  let axis: Axis
  /// The numbers at the two ends.
  let range: ClosedRange<Double>

  /// The axis' own range, or else one that covers the values with some air at both ends.
  ///
  /// - Parameters:
  ///   - axis: what is measured.
  ///   - values: the data; those that are not finite, or not positive on a logarithmic scale, are
  ///     passed over.
  ///   - air: the room left at each end, as a fraction of the whole.
  init(_ axis: Axis, covering values: some Sequence<Double>, air: Double = 0.05) {
    self.axis = axis
    let isLogarithmic = axis.scale == .logarithmic
    if let range = axis.range {
      self.range = range
      return
    }
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && (value > 0 || !isLogarithmic) {
      // Spans, and steps, of numbers near the largest and smallest overflow.
      let tame =
        isLogarithmic ? log10(min(max(value, 1e-290), 1e290)) : min(max(value, -1e290), 1e290)
      low = min(low, tame)
      high = max(high, tame)
    }
    if low > high { (low, high) = (0, 1) }
    // One value, or values equal up to rounding, get room around them.
    if high - low <= max(abs(low), abs(high)) * 1e-12 {
      let room = isLogarithmic ? 0.5 : low == 0 ? 1 : abs(low) * 0.1
      (low, high) = (low - room, high + room)
    } else {
      let room = (high - low) * air
      (low, high) = (low - room, high + room)
    }
    range = isLogarithmic ? pow(10, low)...pow(10, high) : low...high
  }

  /// Where a number lies: 0 at the lower end, 1 at the upper; nil if it has no place on this axis.
  func fraction(_ value: Double) -> Double? {
    let fraction: Double
    switch axis.scale {
    case .linear:
      guard value.isFinite else { return nil }
      fraction = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      guard value.isFinite, value > 0 else { return nil }
      fraction = log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
    // Far outside, a hundred lengths away is as good as any further.
    return min(max(fraction, -100), 100)
  }

  /// About `count` round numbers to mark.
  func ticks(count: Int) -> [Tick] {
    switch axis.scale {
    case .linear: Ticks.linear(range, count: count)
    case .logarithmic: Ticks.logarithmic(range, count: count)
    }
  }
}
