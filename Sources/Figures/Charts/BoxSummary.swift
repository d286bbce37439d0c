/// The five numbers of a box plot, and what lies beyond them.
struct BoxSummary: Equatable {
  /// A quarter of the values lie below.
  let lowerQuartile: Double
  /// Half of the values lie below.
  let median: Double
  /// Three quarters of the values lie below.
  let upperQuartile: Double
  /// The lowest value within one and a half boxes of the box.
  let lowerWhisker: Double
  /// The highest value within one and a half boxes of the box.
  let upperWhisker: Double
  /// All values beyond the whiskers, in order.
  let outliers: [Double]

  /// The summary of the finite values; nil if there is none.
  ///
  /// - Source: Tukey 1977; quantiles by linear interpolation, Hyndman & Fan 1996, type 7.
  init?(_ values: [Double]) {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    func quantile(_ fraction: Double) -> Double {
      let place = fraction * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    let (lower, upper) = (quantile(0.25), quantile(0.75))
    let reach = 1.5 * (upper - lower)
    lowerQuartile = lower
    median = quantile(0.5)
    upperQuartile = upper
    lowerWhisker = sorted.first { $0 >= lower - reach } ?? first
    upperWhisker = sorted.last { $0 <= upper + reach } ?? last
    outliers = sorted.filter { $0 < lower - reach || $0 > upper + reach }
  }
}
