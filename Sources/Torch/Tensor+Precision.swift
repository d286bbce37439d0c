extension Tensor {
  /// Itself, or in float32 if it came out of a product in bfloat16: densities and losses are never taken in bfloat16.
  public func inFloat() -> Tensor { dtype == .bfloat16 ? to(.float32) : self }
}
