import Foundation
import TestSupport
import Testing
import Torch

/// An operation, what Swift's own mathematics says it is, and whether it has a useful derivative.
struct UnaryCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let points: [Double]
  let operation: @Sendable (Tensor) -> Tensor
  let oracle: @Sendable (Double) -> Double

  init(
    _ name: String, at points: [Double] = [-2.5, -0.7, 0.3, 1.9],
    _ operation: @escaping @Sendable (Tensor) -> Tensor,
    _ oracle: @escaping @Sendable (Double) -> Double
  ) {
    testDescription = name
    self.points = points
    self.operation = operation
    self.oracle = oracle
  }

  static let positive = [0.1, 0.9, 1.0, 7.5]

  static let all: [UnaryCase] = [
    UnaryCase("negation", { -$0 }, { -$0 }),
    UnaryCase("abs", { $0.abs() }, { abs($0) }),
    UnaryCase("exp", { $0.exp() }, { Foundation.exp($0) }),
    UnaryCase("expm1", at: [-1, 1e-12, 2], { $0.expm1() }, { Foundation.expm1($0) }),
    UnaryCase("log", at: positive, { $0.log() }, { Foundation.log($0) }),
    UnaryCase("log1p", at: [-0.5, 1e-12, 2], { $0.log1p() }, { Foundation.log1p($0) }),
    UnaryCase("sqrt", at: positive, { $0.sqrt() }, { $0.squareRoot() }),
    UnaryCase("square", { $0.square() }, { $0 * $0 }),
    UnaryCase("sigmoid", { $0.sigmoid() }, { 1 / (1 + Foundation.exp(-$0)) }),
    UnaryCase(
      "logSigmoid", at: [-200, -1, 0.5, 30], { $0.logSigmoid() },
      { min($0, 0) - Foundation.log1p(Foundation.exp(-abs($0))) }),
    UnaryCase("tanh", { $0.tanh() }, { Foundation.tanh($0) }),
    UnaryCase("relu", { $0.relu() }, { max($0, 0) }),
    UnaryCase("relu6", at: [-2.5, 0.3, 5.9, 7.5], { $0.relu6() }, { min(max($0, 0), 6) }),
    UnaryCase("softplus", { $0.softplus() }, { Foundation.log1p(Foundation.exp($0)) }),
    UnaryCase("leakyReLU", { $0.leakyReLU(slope: 0.2) }, { $0 > 0 ? $0 : 0.2 * $0 }),
    UnaryCase("elu", { $0.elu() }, { $0 > 0 ? $0 : Foundation.expm1($0) }),
    UnaryCase("sin", { $0.sin() }, { Foundation.sin($0) }),
    UnaryCase("cos", { $0.cos() }, { Foundation.cos($0) }),
    UnaryCase("clamped", { $0.clamped(-1, 0.5) }, { min(max($0, -1), 0.5) }),
    UnaryCase("pow", at: positive, { $0.pow(2.5) }, { Foundation.pow($0, 2.5) }),
    UnaryCase("floor", { $0.floor() }, { Foundation.floor($0) }),
    UnaryCase(
      "round, ties to even", at: [-2.4, 0.4], { $0.round() }, { $0.rounded(.toNearestOrEven) }),
    UnaryCase("tensor + number", { $0 + 3 }, { $0 + 3 }),
    UnaryCase("tensor - number", { $0 - 3 }, { $0 - 3 }),
    UnaryCase("tensor * number", { $0 * 3 }, { $0 * 3 }),
    UnaryCase("tensor / number", { $0 / 3 }, { $0 / 3 }),
    UnaryCase("number + tensor", { 3 + $0 }, { 3 + $0 }),
    UnaryCase("number - tensor", { 3 - $0 }, { 3 - $0 }),
    UnaryCase("number * tensor", { 3 * $0 }, { 3 * $0 }),
  ]
}

/// The same for two tensors.
struct BinaryCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let operation: @Sendable (Tensor, Tensor) -> Tensor
  let oracle: @Sendable (Double, Double) -> Double

  static let all: [BinaryCase] = [
    BinaryCase(testDescription: "+", operation: { $0 + $1 }, oracle: { $0 + $1 }),
    BinaryCase(testDescription: "-", operation: { $0 - $1 }, oracle: { $0 - $1 }),
    BinaryCase(testDescription: "*", operation: { $0 * $1 }, oracle: { $0 * $1 }),
    BinaryCase(testDescription: "/", operation: { $0 / $1 }, oracle: { $0 / $1 }),
    BinaryCase(testDescription: "maximum", operation: { $0.maximum($1) }, oracle: { max($0, $1) }),
    BinaryCase(testDescription: "minimum", operation: { $0.minimum($1) }, oracle: { min($0, $1) }),
  ]
}

@Suite("Pointwise operations") struct PointwiseTests {
  @Test("an operation equals Swift's own mathematics in float64", arguments: UnaryCase.all)
  func values(_ op: UnaryCase) {
    expectClose(
      op.operation(Tensor(op.points)), op.points.map(op.oracle), absolute: 1e-300, relative: 1e-13)
  }

  @Test("the gradient of an operation equals central differences", arguments: UnaryCase.all)
  func gradient(_ op: UnaryCase) {
    let weights = Tensor((0..<op.points.count).map { Double($0 + 1) })
    checkGradients(of: [Tensor(op.points)]) { (op.operation($0[0]) * weights).sum() }
  }

  @Test("an operation on two tensors equals Swift's and broadcasts", arguments: BinaryCase.all)
  func binary(_ op: BinaryCase) {
    let x = [1.5, -2, 0.25]
    let y = [3.0, -0.5]
    let result = op.operation(Tensor(x, shape: [3, 1]), Tensor(y))
    #expect(result.shape == [3, 2])
    expectClose(result, x.flatMap { x in y.map { op.oracle(x, $0) } }, relative: 1e-15)
    checkGradients(of: [Tensor(x, shape: [3, 1]), Tensor(y)]) {
      (op.operation($0[0], $0[1]) * Tensor([1.0, -2])).sum()
    }
  }

  @Test("rounding takes ties to the even neighbour")
  func ties() { #expect(Tensor([0.5, 1.5, 2.5, -0.5]).round().array() == [0.0, 2, 2, 0]) }

  @Test("comparisons say so elementwise")
  func comparisons() {
    let x = Tensor([1.0, 2, 3])
    let y = Tensor([3.0, 2, 1])
    #expect((x .== y).array() == [false, true, false])
    #expect((x .< y).array() == [true, false, false])
    #expect((x .> y).array() == [false, false, true])
    #expect((x .== 2).array() == [false, true, false])
    #expect((x .< 2).array() == [true, false, false])
    #expect((x .<= 2).array() == [true, true, false])
    #expect((x .> 2).array() == [false, false, true])
    #expect((x .>= 2).array() == [false, true, true])
    #expect((x .== y).dtype == .bool)
  }

  @Test("only finite numbers are finite")
  func finite() {
    #expect(
      Tensor([1.0, .infinity, -.infinity, .nan]).isFinite().array() == [true, false, false, false])
  }

  @Test("select takes from the first where true, else from the second, also in gradients")
  func select() {
    let condition = Tensor([true, false])
    #expect(condition.select(Tensor([1.0, 2]), Tensor([3.0, 4])).array() == [1.0, 4])
    checkGradients(of: [Tensor([1.0, 2]), Tensor([3.0, 4])]) {
      condition.select($0[0].square(), $0[1].exp()).sum()
    }
  }

  @Test("expm1 and log1p keep the digits that the naive forms lose")
  func smallArguments() {
    let x = Tensor([Float(1e-6)])
    expectClose(x.expm1(), [1.0000005e-6], absolute: 0, relative: 1e-6)
    expectClose(x.log1p(), [0.9999995e-6], absolute: 0, relative: 1e-6)
  }

  @Test("the binary cross entropy is -t log s(x) - (1-t) log(1-s(x)), also far out")
  func crossEntropy() {
    let x = Tensor([-800.0, -1, 0, 2, 800])
    let t = Tensor([1.0, 0.25, 0.5, 1, 1])
    let atMinusOne = 0.25 * log1p(exp(1.0)) + 0.75 * log1p(exp(-1.0))
    let expected = [800, atMinusOne, log(2.0), log1p(exp(-2.0)), 0]
    expectClose(x.binaryCrossEntropy(targets: t), expected, relative: 1e-14)
    expectClose(
      x.binaryCrossEntropySum(targets: t).item(), expected.reduce(0, +), relative: 1e-14)
    checkGradients(of: [Tensor([-3.0, 0.2, 2]), Tensor([0.1, 0.5, 1])]) {
      ($0[0].binaryCrossEntropy(targets: $0[1]) * Tensor([1.0, 2, 3])).sum()
    }
    checkGradients(of: [Tensor([-3.0, 0.2, 2]), Tensor([0.1, 0.5, 1])]) {
      $0[0].binaryCrossEntropySum(targets: $0[1])
    }
  }

  @Test("operations in place change the tensor itself")
  func inPlace() {
    let x = Tensor([1.0, 2])
    x.addInPlace(Tensor([10.0, 20]))
    #expect(x.array() == [11.0, 22])
    x.addInPlace(1)
    #expect(x.array() == [12.0, 23])
    x.multiplyInPlace(Tensor([2.0, 0]))
    #expect(x.array() == [24.0, 0])
    x.multiplyInPlace(0.5)
    #expect(x.array() == [12.0, 0])
    let y = Tensor([0.5, 2, 3])
    y.powInPlace(2)
    expectClose(y, [0.25, 4, 9])
    y.clampInPlace(1, 5)
    expectClose(y, [1, 4, 5])
    y.exponentiateInPlace()
    expectClose(y, [exp(1.0), exp(4.0), exp(5.0)])
    x.fillInPlace(7)
    #expect(x.array() == [7.0, 7])
    x.copyInPlace(Tensor([Float(3)]))
    #expect(x.array() == [3.0, 3])
  }

  @Test("integer arithmetic in place wraps around")
  func wrapping() {
    let x = Tensor([Int64.max, 3])
    x.addInPlace(integer: 1)
    #expect(x.array() == [Int64.min, 4])
    let y = Tensor([Int64(0x9E37_79B9), 3])
    y.multiplyInPlace(integer: 0x7F4A_7C15_9E37_79B9)
    #expect(y.array() == [Int64(0x9E37_79B9) &* 0x7F4A_7C15_9E37_79B9, 3 &* 0x7F4A_7C15_9E37_79B9])
  }
}
