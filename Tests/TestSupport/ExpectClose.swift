import Testing
import Torch

/// Expects every element to lie within `absolute + relative * |expected|` of its counterpart; shapes must agree.
///
/// Equal infinities agree; NaN agrees with nothing. Types may differ: the numbers are compared as doubles.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, absolute: Double = 1e-6, relative: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == expected.shape else {
    return fail("expected shape \(expected.shape), got \(actual.shape)", sourceLocation)
  }
  expectClose(
    actual.array(Double.self), expected.array(Double.self), absolute: absolute, relative: relative,
    sourceLocation: sourceLocation)
}

/// Expects a tensor's elements, in row-major order, to be close to `expected`.
public func expectClose(
  _ actual: Tensor, _ expected: [Double], absolute: Double = 1e-6, relative: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual.array(Double.self), expected, absolute: absolute, relative: relative,
    sourceLocation: sourceLocation)
}

/// Expects two arrays to be close, and shows the element that is farthest off.
public func expectClose(
  _ actual: [Double], _ expected: [Double], absolute: Double = 1e-6, relative: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    return fail("expected \(expected.count) numbers, got \(actual.count)", sourceLocation)
  }
  let excess = zip(actual, expected).map { actual, expected -> Double in
    if actual == expected { return 0 }
    let ratio = abs(actual - expected) / (absolute + relative * abs(expected))
    return ratio.isNaN ? .infinity : ratio
  }
  guard let worst = excess.indices.max(by: { excess[$0] < excess[$1] }), !(excess[worst] <= 1)
  else { return }
  fail(
    "element \(worst): expected \(expected[worst]), got \(actual[worst]), \(digits(3, excess[worst])) tolerances off",
    sourceLocation)
}

/// Expects two numbers to be close.
public func expectClose(
  _ actual: Double, _ expected: Double, absolute: Double = 1e-6, relative: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    [actual], [expected], absolute: absolute, relative: relative, sourceLocation: sourceLocation)
}
