import Foundation

/// Numbers as people read them on an axis, the same in every locale.
enum Numerals {
  /// A number with `decimals` decimals, thousands grouped, and a true minus sign: `−12,500`.
  static func fixed(_ value: Double, decimals: Int) -> String {
    let plain = String(format: "%.\(max(0, decimals))f", abs(value))
    let parts = plain.split(separator: ".", maxSplits: 1)
    let digits = Array(parts[0])
    var whole = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { whole += "," }
      whole.append(digit)
    }
    let isZero = plain.allSatisfy { $0 == "0" || $0 == "." }
    let sign = value < 0 && !isZero ? "−" : ""
    return sign + whole + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A multiple of a power of ten: `2.5×10⁻⁶`, `10³`, `0`.
  static func scientific(_ value: Double, decimals: Int = 0) -> String {
    guard value != 0 else { return "0" }
    var exponent = Int(log10(abs(value)).rounded(.down))
    var mantissa = value / power(exponent)
    // Rounding may carry 9.99 to 10.
    if abs(mantissa) >= 10 - 0.5 * power(-decimals) {
      mantissa /= 10
      exponent += 1
    }
    let ten = "10" + superscript(exponent)
    if decimals == 0 && abs(mantissa).rounded() == 1 { return (value < 0 ? "−" : "") + ten }
    return fixed(mantissa, decimals: decimals) + "×" + ten
  }

  /// Ten to a whole power.
  static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let text = String(number.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } }
    return (number < 0 ? "⁻" : "") + String(text)
  }
}
