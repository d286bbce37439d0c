import TestSupport
import Testing

@testable import Torch

@Suite("Layer norm") struct LayerNormTests {
  @Test("every row has mean 0 and variance 1, worked out by hand")
  func moments() {
    let x = Tensor([1.0, 2, 3, 6, 0, 0, 4, 4], shape: [2, 1, 4])
    let norm = LayerNorm(4, epsilon: 0)
    norm.convert(to: .float64)
    // Means 3 and 2, variances 3.5 and 4.
    let root = 3.5.squareRoot()
    expectClose(norm(x), [-2 / root, -1 / root, 0, 3 / root, -1, -1, 1, 1], absolute: 1e-12)
    let wide = LayerNorm(4, epsilon: 5)
    wide.convert(to: .float64)
    expectClose(wide(x).array(Double.self).suffix(2).map { $0 }, [2.0 / 3, 2.0 / 3])
  }

  @Test("a row has one result, beside others, alone, in training and in use")
  func alone() {
    let x = RandomSource(seed: 1).normal([3, 2, 5])
    let norm = LayerNorm(5)
    let all = norm(x)
    for row in 0..<3 { expectClose(norm(x.narrowed(0, row..<row + 1)), all.narrowed(0, row..<row + 1)) }
    expectClose(TrainingMode.run { norm(x) }, all)
  }

  static let modules: [ModuleCase] = [
    ModuleCase("LayerNorm", parameters: 8) { _ in
      LayerNorm(4)
    } inputs: {
      [$0.normal([3, 2, 4])]
    } apply: {
      $0($1[0])
    }
  ]

  @Test("it is differentiated rightly", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }
}
