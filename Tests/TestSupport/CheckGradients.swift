import Testing
import Torch

/// Compares the gradients of a scalar function with central differences, in float64.
///
/// The function gets float64 copies of the floating-point `inputs` (others as they are) and must draw no
/// new randomness from call to call. With a step of 1e-5 both errors, of the third derivative and of
/// rounding, lie near 1e-10 for functions and derivatives of order one.
///
/// - Parameters:
///   - inputs: where the gradients are taken.
///   - tolerance: the largest allowed difference, relative to 1 + |gradient|.
///   - limit: elements checked per input, chosen by a fixed seed where there are more.
public func checkGradients(
  of inputs: [Tensor], tolerance: Double = 1e-7, limit: Int = 64,
  sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Tensor]) -> Tensor
) {
  let leaves = inputs.map { input in
    input.dtype.isFloatingPoint
      ? input.detached().to(.float64).clone().contiguous().requiringGradient() : input
  }
  compareWithDifferences(
    leaves.enumerated().filter { $1.dtype.isFloatingPoint }.map { ("input \($0)", $1) },
    tolerance: tolerance, limit: limit, sourceLocation
  ) { function(leaves) }
}

/// Compares the gradients of `loss` in named float64 leaves with central differences, as `checkGradients` does.
public func compareWithDifferences(
  _ leaves: [(name: String, tensor: Tensor)], tolerance: Double = 1e-7, limit: Int = 64,
  _ sourceLocation: SourceLocation = #_sourceLocation, _ loss: () throws -> Tensor
) rethrows {
  let value = try loss()
  guard value.count == 1, value.dtype == .float64 else {
    return fail("expected a float64 scalar, got \(value.dtype) of shape \(value.shape)", sourceLocation)
  }
  check(!leaves.isEmpty, "expected something to differentiate by, got nothing", sourceLocation)
  let analytic = gradients(of: value, in: leaves.map(\.tensor))
  for ((name, leaf), gradient) in zip(leaves, analytic) {
    let gradient = gradient.array(Double.self)
    let start = leaf.array(Double.self)
    let order = RandomSource(seed: 0).permutation(start.count).array(Int.self)
    for index in order.prefix(limit) {
      let step = 1e-5 * max(1, abs(start[index]))
      func evaluate(_ offset: Double) throws -> Double {
        var moved = start
        moved[index] += offset
        withoutGradients { leaf.copyInPlace(Tensor(moved, shape: leaf.shape)) }
        return try loss().item()
      }
      let numeric = try (evaluate(step) - evaluate(-step)) / (2 * step)
      guard abs(gradient[index] - numeric) <= tolerance * (1 + abs(numeric)) else {
        let (own, expected) = (digits(10, gradient[index]), digits(10, numeric))
        fail("\(name), element \(index): the gradient is \(own), differences give \(expected)", sourceLocation)
        break
      }
    }
    withoutGradients { leaf.copyInPlace(Tensor(start, shape: leaf.shape)) }
  }
}
