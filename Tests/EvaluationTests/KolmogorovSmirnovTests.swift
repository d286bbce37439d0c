import Evaluation
import Testing

@Suite("Kolmogorov-Smirnov distances") struct KolmogorovSmirnovTests {
  @Test(
    "the distance is the largest gap between the distribution functions, with ties and unequal numbers",
    arguments: [
      ([1, 2, 3], [1, 2, 3], 0), ([1, 2], [3, 4], 1), ([1, 2, 3, 4], [2.5], 0.5), ([1, 1, 1, 2], [1, 2, 2, 2], 0.5),
      ([3, 1, 2], [2, 5, 1, 4, 3], 0.4),
    ] as [([Double], [Double], Double)])
  func byHand(_ x: [Double], _ y: [Double], _ distance: Double) {
    #expect(abs(kolmogorovSmirnov(x, y) - distance) < 1e-12)
    #expect(abs(kolmogorovSmirnov(y, x) - distance) < 1e-12)
  }
}
