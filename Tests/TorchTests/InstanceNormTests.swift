import TestSupport
import Testing

@testable import Torch

@Suite("Instance norm") struct InstanceNormTests {
  @Test("every map of every example has mean 0 and variance 1, worked out by hand")
  func moments() {
    let x = Tensor([1.0, 2, 3, 6, 0, 0, 4, 4], shape: [2, 1, 2, 2])
    let norm = InstanceNorm(1, epsilon: 0)
    // Means 3 and 2, variances 3.5 and 4.
    let root = 3.5.squareRoot()
    expectClose(norm(x), [-2 / root, -1 / root, 0, 3 / root, -1, -1, 1, 1], absolute: 1e-12)
    expectClose(InstanceNorm(1, epsilon: 5)(x).array(Double.self).suffix(2).map { $0 }, [2.0 / 3, 2.0 / 3])
  }

  @Test("an example has one result, beside others, alone, in training and in use")
  func alone() {
    let x = RandomSource(seed: 1).normal([3, 2, 4, 5])
    let norm = InstanceNorm(2, isAffine: true)
    let all = norm(x)
    for row in 0..<3 { expectClose(norm(x.narrowed(0, row..<row + 1)), all.narrowed(0, row..<row + 1)) }
    expectClose(TrainingMode.run { norm(x) }, all)
    #expect(norm.namedTensors.map(\.name) == ["weight", "bias"])
    #expect(InstanceNorm(2).namedTensors.isEmpty)
  }

  static let modules: [ModuleCase] = [
    ModuleCase("InstanceNorm with scale and shift", parameters: 6) { _ in
      InstanceNorm(3, isAffine: true)
    } inputs: {
      [$0.normal([2, 3, 3, 4])]
    } apply: {
      $0($1[0])
    }
  ]

  @Test("it is differentiated rightly", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("maps of one pixel are refused in words")
  func pixel() {
    let error = #expect(throws: TensorError.self) {
      try withTensorErrors { _ = InstanceNorm(2)(.zeros([4, 2, 1, 1])) }
    }
    #expect("\(error!)".contains("expected maps of more than one pixel, got shape [4, 2, 1, 1]"))
  }

  @Test("a mirrored frame repeats no edge")
  func mirrored() {
    let x = Tensor([1.0, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3])
    #expect(
      x.mirrored(1).array(Double.self) == [
        5, 4, 5, 6, 5, 2, 1, 2, 3, 2, 5, 4, 5, 6, 5, 8, 7, 8, 9, 8, 5, 4, 5, 6, 5,
      ])
    checkGradients(of: [x]) { ($0[0].mirrored(2).square() * 0.5).sum() }
  }
}
