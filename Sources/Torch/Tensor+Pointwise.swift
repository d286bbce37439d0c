import CTorch

extension Tensor {
  func unary(
    _ op: (torch_tensor?) -> torch_tensor?, _ name: StaticString = #function
  ) -> Tensor { Tensor(op(handle), name) }

  func binary(
    _ op: (torch_tensor?, torch_tensor?) -> torch_tensor?, _ other: Tensor,
    _ name: StaticString = #function
  ) -> Tensor { Tensor(op(handle, other.handle), name) }

  func scalar(
    _ op: (torch_tensor?, Double) -> torch_tensor?, _ value: Double, _ name: StaticString = #function
  ) -> Tensor { Tensor(op(handle, value), name) }

  func scalar(
    _ op: (torch_tensor?, Int64) -> torch_tensor?, _ value: Int, _ name: StaticString = #function
  ) -> Tensor { Tensor(op(handle, Int64(value)), name) }

  /// |x|, elementwise.
  public func abs() -> Tensor { unary(torch_abs) }
  /// e^x, elementwise.
  public func exp() -> Tensor { unary(torch_exp) }
  /// e^x - 1, exact near zero where `exp() - 1` loses all digits.
  public func expm1() -> Tensor { unary(torch_expm1) }
  /// The natural logarithm, elementwise.
  public func log() -> Tensor { unary(torch_log) }
  /// log(1 + x), exact near zero where `(1 + x).log()` loses all digits.
  public func log1p() -> Tensor { unary(torch_log1p) }
  /// The square root, elementwise.
  public func sqrt() -> Tensor { unary(torch_sqrt) }
  /// x^2, elementwise.
  public func square() -> Tensor { unary(torch_square) }
  /// 1 / (1 + e^-x), elementwise.
  public func sigmoid() -> Tensor { unary(torch_sigmoid) }
  /// log(sigmoid(x)) without the underflow of taking the two in turn.
  public func logSigmoid() -> Tensor { unary(torch_log_sigmoid) }
  /// The hyperbolic tangent, elementwise.
  public func tanh() -> Tensor { unary(torch_tanh) }
  /// max(x, 0), elementwise.
  public func relu() -> Tensor { unary(torch_relu) }
  /// min(max(x, 0), 6), elementwise.
  public func relu6() -> Tensor { unary(torch_relu6) }
  /// log(1 + e^x), elementwise; the identity above 20, where they agree in float32.
  public func softplus() -> Tensor { unary(torch_softplus) }
  /// x for x > 0, `slope` x below.
  public func leakyReLU(slope: Double) -> Tensor { scalar(torch_leaky_relu, slope) }
  /// x for x > 0, e^x - 1 below.
  public func elu() -> Tensor { unary(torch_elu) }
  /// The largest integer not above x.
  public func floor() -> Tensor { unary(torch_floor) }
  /// The nearest integer, ties to even.
  public func round() -> Tensor { unary(torch_round) }
  /// The sine of x in radians.
  public func sin() -> Tensor { unary(torch_sin) }
  /// The cosine of x in radians.
  public func cos() -> Tensor { unary(torch_cos) }
  /// Whether x is neither infinite nor NaN; type `bool`.
  public func isFinite() -> Tensor { unary(torch_isfinite) }

  /// x limited to [`low`, `high`]; the gradient outside is zero.
  public func clamped(_ low: Double, _ high: Double) -> Tensor {
    Tensor(torch_clamp(handle, low, high), #function)
  }

  /// x^`exponent`, elementwise.
  public func pow(_ exponent: Double) -> Tensor { scalar(torch_pow_real, exponent) }

  /// The larger of the two, elementwise.
  public func maximum(_ other: Tensor) -> Tensor { binary(torch_maximum, other) }
  /// The smaller of the two, elementwise.
  public func minimum(_ other: Tensor) -> Tensor { binary(torch_minimum, other) }

  /// Whether x < y, as 0 or 1 of type `dtype`; equal shapes. Faster than a comparison and a conversion.
  public func isLess(than other: Tensor, as dtype: DType) -> Tensor {
    Tensor(torch_lt_as(handle, other.handle, dtype.rawValue), #function)
  }

  /// `x` where this boolean tensor is true, else `y`; all three broadcast.
  public func select(_ x: Tensor, _ y: Tensor) -> Tensor {
    Tensor(torch_where(handle, x.handle, y.handle), #function)
  }

  /// `self + factor * y * z` in one pass; all three broadcast.
  public func addingProduct(_ y: Tensor, _ z: Tensor, factor: Double = 1) -> Tensor {
    Tensor(torch_addcmul(handle, y.handle, z.handle, factor), #function)
  }

  /// Binary cross entropy of logits with `targets` in [0, 1], elementwise, in nats.
  ///
  /// One pass, and finite for every finite logit: `log(sigmoid(x))` underflows below -100.
  public func binaryCrossEntropy(targets: Tensor) -> Tensor {
    binary(torch_bce_with_logits, targets)
  }

  /// The sum over all elements of `binaryCrossEntropy(targets:)`, a scalar, in one pass each way.
  public func binaryCrossEntropySum(targets: Tensor) -> Tensor {
    binary(torch_bce_with_logits_sum, targets)
  }

  // MARK: In place, for tensors the caller has just made

  /// Adds `other` to the elements.
  public func addInPlace(_ other: Tensor) { _ = binary(torch_add_, other) }
  /// Adds `value` to the elements.
  public func addInPlace(_ value: Double) { _ = scalar(torch_add__real, value) }
  /// Multiplies the elements by `other`.
  public func multiplyInPlace(_ other: Tensor) { _ = binary(torch_mul_, other) }
  /// Multiplies the elements by `value`.
  public func multiplyInPlace(_ value: Double) { _ = scalar(torch_mul__real, value) }
  /// Multiplies the elements by an integer, which wraps around in integer types.
  public func multiplyInPlace(integer value: Int) { _ = scalar(torch_mul__int, value) }
  /// Adds an integer to the elements, which wraps around in integer types.
  public func addInPlace(integer value: Int) { _ = scalar(torch_add__int, value) }
  /// Raises e to the power of the elements.
  public func exponentiateInPlace() { _ = unary(torch_exp_) }
  /// Raises the elements to the power `exponent`.
  public func powInPlace(_ exponent: Double) { _ = scalar(torch_pow__real, exponent) }
  /// Limits the elements to [`low`, `high`].
  public func clampInPlace(_ low: Double, _ high: Double) {
    _ = Tensor(torch_clamp_(handle, low, high), #function)
  }
  /// Sets every element to `value`.
  public func fillInPlace(_ value: Double) { _ = scalar(torch_fill__real, value) }

  // MARK: Operators

  /// -x, elementwise.
  public static prefix func - (x: Tensor) -> Tensor { x.unary(torch_neg) }
  /// x + y, elementwise; shapes broadcast.
  public static func + (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_add, y) }
  /// x - y, elementwise; shapes broadcast.
  public static func - (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_sub, y) }
  /// x y, elementwise; shapes broadcast.
  public static func * (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_mul, y) }
  /// x / y, elementwise; shapes broadcast.
  public static func / (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_div, y) }
  /// x + y, elementwise.
  public static func + (x: Tensor, y: Double) -> Tensor { x.scalar(torch_add_real, y) }
  /// x - y, elementwise.
  public static func - (x: Tensor, y: Double) -> Tensor { x.scalar(torch_add_real, -y) }
  /// x y, elementwise.
  public static func * (x: Tensor, y: Double) -> Tensor { x.scalar(torch_mul_real, y) }
  /// x / y, elementwise.
  public static func / (x: Tensor, y: Double) -> Tensor { x.scalar(torch_div_real, y) }
  /// x + y, elementwise.
  public static func + (x: Double, y: Tensor) -> Tensor { y.scalar(torch_add_real, x) }
  /// x - y, elementwise.
  public static func - (x: Double, y: Tensor) -> Tensor { y.scalar(torch_rsub_real, x) }
  /// x y, elementwise.
  public static func * (x: Double, y: Tensor) -> Tensor { y.scalar(torch_mul_real, x) }

  /// x == y, elementwise; type `bool`. (`==` would suggest one answer for the whole.)
  public static func .== (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_eq, y) }
  public static func .== (x: Tensor, y: Double) -> Tensor { x.scalar(torch_eq_real, y) }
  /// x < y, elementwise; type `bool`; shapes broadcast.
  public static func .< (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_lt, y) }
  /// x < y, elementwise; type `bool`.
  public static func .< (x: Tensor, y: Double) -> Tensor { x.scalar(torch_lt_real, y) }
  /// x <= y, elementwise; type `bool`.
  public static func .<= (x: Tensor, y: Double) -> Tensor { x.scalar(torch_le_real, y) }
  /// x > y, elementwise; type `bool`; shapes broadcast.
  public static func .> (x: Tensor, y: Tensor) -> Tensor { x.binary(torch_gt, y) }
  /// x > y, elementwise; type `bool`.
  public static func .> (x: Tensor, y: Double) -> Tensor { x.scalar(torch_gt_real, y) }
  /// x >= y, elementwise; type `bool`.
  public static func .>= (x: Tensor, y: Double) -> Tensor { x.scalar(torch_ge_real, y) }
}
