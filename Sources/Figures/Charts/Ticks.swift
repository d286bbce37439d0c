import Foundation

/// A mark on an axis.
struct Tick: Equatable {
  /// Where it stands.
  let value: Double
  /// What is written beside it.
  let label: String
}

/// The choice of round numbers to mark on an axis.
enum Ticks {
  /// Multiples of 1, 2 or 5 times a power of ten inside the range, at least two, and about as many
  /// as asked for.
  static func linear(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let step = niceStep(range.upperBound - range.lowerBound, count: count)
    // Multiples are counted, never summed, so that a tick at 0.3 is 0.3.
    let slack = 1e-9
    let first = (range.lowerBound / step - slack).rounded(.up)
    let last = (range.upperBound / step + slack).rounded(.down)
    // One mark alone would leave the scale untold.
    guard last > first else { return linear(range, count: count + 1) }
    let multiples = stride(from: first, through: last, by: 1)
    let exponent = Int((log10(step) + slack).rounded(.down))
    let largest = max(abs(first), abs(last)) * step
    let values = multiples.map { multiple in
      // 3 / 10 is 0.3, 3 * 0.1 is not.
      step < 1 ? multiple / (1 / step).rounded() : multiple * step
    }
    if largest >= 1e6 || step < 1e-5 {
      let leading = Int(log10(largest).rounded(.down))
      return values.map { value in
        // As many decimals as tell neighbours apart at this value's own power of ten.
        let own = value == 0 ? leading : Int((log10(abs(value)) + slack).rounded(.down))
        return Tick(
          value: value, label: Numerals.scientific(value, decimals: max(0, own - exponent)))
      }
    }
    return values.map { Tick(value: $0, label: Numerals.fixed($0, decimals: max(0, -exponent))) }
  }

  /// Powers of ten inside the range; with few of them, their multiples by 2 and 5 also.
  static func logarithmic(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let slack = 1e-9
    let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
    let first = Int((low - slack).rounded(.up))
    let last = Int((high + slack).rounded(.down))
    let decades = last - first + 1
    var exact: [(mantissa: Double, exponent: Int)]
    if decades >= 3 {
      let every = max(1, (decades + count - 1) / count)
      exact = stride(from: first, through: last, by: every).map { (1, $0) }
    } else {
      exact = ((first - 1)...max(first, last + 1)).flatMap { exponent in
        [1, 2, 5].map { (Double($0), exponent) }
      }
      exact = exact.filter {
        let place = log10($0.mantissa) + Double($0.exponent)
        return place >= low - slack && place <= high + slack
      }
    }
    // Within less than a factor of two or so there are no round multiples: count evenly instead.
    guard exact.count >= 2 else { return linear(range, count: count) }
    let plain = range.lowerBound >= 0.9e-3 && range.upperBound <= 1.1e5
    return exact.map { mantissa, exponent in
      let value =
        exponent < 0 ? mantissa / Numerals.power(-exponent) : mantissa * Numerals.power(exponent)
      return Tick(
        value: value,
        label: plain
          ? Numerals.fixed(value, decimals: max(0, -exponent)) : Numerals.scientific(value))
    }
  }

  /// The step of 1, 2 or 5 times a power of ten that divides a span into about `count` parts: the nearest by ratio.
  private static func niceStep(_ span: Double, count: Int) -> Double {
    let rough = span / Double(max(1, count))
    let exponent = Int(log10(rough).rounded(.down))
    let ratio = rough / Numerals.power(exponent)
    let mantissa: Double =
      switch ratio {
      case ..<2.0.squareRoot(): 1
      case ..<10.0.squareRoot(): 2
      case ..<50.0.squareRoot(): 5
      default: 10
      }
    return exponent < 0
      ? mantissa / Numerals.power(-exponent) : mantissa * Numerals.power(exponent)
  }
}
