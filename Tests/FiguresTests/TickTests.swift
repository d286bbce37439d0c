import Testing

@testable import Figures

@Suite("Ticks and scales")
struct TickTests {
  @Test("ticks of a linear axis are round numbers inside the range, exact to the last bit")
  func linear() {
    #expect(Ticks.linear(0...1, count: 5).map(\.value) == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(
      Ticks.linear(0...1, count: 10).map(\.value)
        == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    #expect(Ticks.linear(-97.3 ... -88.2, count: 5).map(\.label) == ["−96", "−94", "−92", "−90"])
    #expect(
      Ticks.linear(0...50_000, count: 5).map(\.label)
        == ["0", "10,000", "20,000", "30,000", "40,000", "50,000"])
    #expect(Ticks.linear(4.5...5.5, count: 4).map(\.label) == ["4.6", "4.8", "5.0", "5.2", "5.4"])
  }

  @Test("very large and very small ticks are written with powers of ten")
  func scientific() {
    #expect(Ticks.linear(0...3e9, count: 3).map(\.label) == ["0", "10⁹", "2×10⁹", "3×10⁹"])
    #expect(Ticks.linear(-2e-7...1e-7, count: 3).map(\.label) == ["−2×10⁻⁷", "−10⁻⁷", "0", "10⁻⁷"])
  }

  @Test("numbers are grouped by thousands and have a true minus sign, but zero has none")
  func numerals() {
    #expect(Numerals.fixed(-1_234_567.891, decimals: 2) == "−1,234,567.89")
    #expect(Numerals.fixed(999, decimals: 0) == "999")
    #expect(Numerals.fixed(-0.001, decimals: 1) == "0.0")
    #expect(Numerals.scientific(-9.996e6, decimals: 2) == "−1.00×10⁷")
  }

  @Test("neighbouring ticks never have the same label")
  func distinct() {
    for exponent in -12...12 {
      for offset in [0.0, 1, -3, 1234.5] {
        let unit = Numerals.power(exponent)
        for count in 2...9 {
          let range = (offset - 0.7) * unit...(offset + 1.9) * unit
          let labels = Ticks.linear(range, count: count).map(\.label)
          #expect(labels.count >= 2 && Set(labels).count == labels.count, "\(range): \(labels)")
        }
      }
    }
  }

  @Test("ticks of a logarithmic axis are powers of ten, and their multiples where those are few")
  func logarithmic() {
    #expect(
      Ticks.logarithmic(0.01...100, count: 6).map(\.label) == ["0.01", "0.1", "1", "10", "100"])
    #expect(Ticks.logarithmic(1e-9...1, count: 4).map(\.label) == ["10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"])
    #expect(
      Ticks.logarithmic(0.5...20, count: 5).map(\.label) == ["0.5", "1", "2", "5", "10", "20"])
    #expect(Ticks.logarithmic(3.1...3.9, count: 4).map(\.label) == ["3.2", "3.4", "3.6", "3.8"])
  }

  @Test("labels along an axis leave room between them", arguments: [1e-7, 0.1, 1, 1e5, 1e9])
  func room(size: Double) throws {
    for scale in [Axis.Scale.linear, .logarithmic] {
      let x = AxisScale(Axis("x", scale: scale), covering: [size, 1.0001 * size, 7 * size])
      let ticks = Frame.ticks(x, along: 200)
      #expect(ticks.count >= 2)
      for (left, right) in zip(ticks, ticks.dropFirst()) where ticks.count > 2 {
        let gap = try 200 * (#require(x.fraction(right.value)) - #require(x.fraction(left.value)))
        #expect(gap > TextWidth.estimate(left.label + right.label, size: 12) / 2)
      }
    }
  }

  @Test("a scale sends its ends to 0 and 1, and has no place for what it cannot show")
  func fractions() throws {
    let linear = AxisScale(Axis("x"), covering: [2, 4, .nan, .infinity], air: 0)
    #expect(linear.range == 2...4)
    #expect(linear.fraction(3) == 0.5)
    #expect(linear.fraction(.nan) == nil)
    let logarithmic = AxisScale(
      Axis("x", scale: .logarithmic), covering: [0.01, 100, 0, -5], air: 0)
    #expect(try abs(#require(logarithmic.fraction(1)) - 0.5) < 1e-12)
    #expect(logarithmic.fraction(0) == nil)
  }

  @Test(
    "data of no extent, no data, and the largest numbers still make an axis with ticks",
    arguments: [[], [5], [0, 0], [-1e-300], [1e308, -1e308], [.nan], [1e20, 1e20 + 1e4]])
  func degenerate(values: [Double]) {
    for scale in [Axis.Scale.linear, .logarithmic] {
      let fitted = AxisScale(Axis("x", scale: scale), covering: values)
      #expect(fitted.range.lowerBound < fitted.range.upperBound)
      #expect(fitted.range.upperBound.isFinite)
      #expect(fitted.ticks(count: 5).count >= 2, "\(fitted.range)")
    }
  }
}
