import CTorch

/// Gradients of a scalar loss in `inputs`; zeros for inputs it does not depend on.
///
/// - Parameters:
///   - loss: a scalar; a larger tensor is summed.
///   - slope: where `loss` is only on the way to the loss: the loss's gradient in it, of its shape.
///   - createGraph: keeps the gradients differentiable, for gradient penalties.
///   - retainGraph: keeps the loss's graph for a further call; the default frees it.
public func gradients(
  of loss: Tensor, slope: Tensor? = nil, in inputs: [Tensor], createGraph: Bool = false, retainGraph: Bool = false
) -> [Tensor] {
  var handles = [torch_tensor?](repeating: nil, count: inputs.count)
  let succeeded = withHandles(inputs) { pointer, count in
    loss.gradients(slope, pointer, count, createGraph, createGraph || retainGraph, &handles)
  }
  check(succeeded)
  return handles.map { Tensor($0, "gradients(of:in:)") }
}

extension Tensor {
  fileprivate func gradients(
    _ slope: Tensor?, _ inputs: UnsafePointer<torch_tensor?>, _ count: Int32, _ create: Bool, _ retain: Bool,
    _ results: UnsafeMutablePointer<torch_tensor?>
  ) -> Bool {
    withExtendedLifetime(slope) { torch_grad(handle, slope?.handle, inputs, count, create, retain, results) }
  }

  /// Marks a leaf that gradients are wanted for; returns itself.
  @discardableResult
  public func requiringGradient(_ on: Bool = true) -> Tensor {
    Tensor(torch_requires_grad_(handle, on), #function)
  }

  /// Whether gradients flow to or through this tensor.
  public var requiresGradient: Bool { torch_requires_grad(handle) }

  /// The same values outside the graph: the stop-gradient of the papers.
  public func detached() -> Tensor { Tensor(torch_detach(handle), #function) }
}

/// Runs `body` without recording a graph.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try withGradients(false, body)
}

/// Runs `body` with recording switched on again, inside a `withoutGradients`.
public func withGradients<Result>(_ on: Bool = true, _ body: () throws -> Result) rethrows -> Result {
  let before = torch_grad_mode()
  torch_set_grad_mode(on)
  defer { torch_set_grad_mode(before) }
  return try body()
}

/// The number format of a training.
public enum Precision: String, Sendable, CaseIterable {
  case float32
  /// Products in bfloat16; parameters, losses and optimizer stay in float32.
  case bf16
  /// Everything in double precision, for comparisons to the last digits; slow.
  case float64
}

extension Precision {
  /// That of networks and of what does not pass through products: float64 where everything is.
  public var ofNetworks: Precision { self == .float64 ? .float64 : .float32 }
}

extension DType {
  /// The type that a tensor gets here which is asked for in this one: float64 for float32 in a scope of float64.
  public var inScope: DType { self == .float32 && torch_wide() ? .float64 : self }
}

/// Runs `body` with its matrix products in `precision`. Scopes of bf16 do not nest.
///
/// In a scope of float64 whatever would be made in float32 is made in float64, in this thread: networks that were built in
/// one train and run in one.
public func withPrecision<Result>(
  _ precision: Precision, on device: Device, _ body: () throws -> Result
) rethrows -> Result {
  if precision == .float64 {
    let before = torch_wide()
    torch_set_wide(true)
    defer { torch_set_wide(before) }
    return try body()
  }
  guard precision == .bf16 else { return try body() }
  check(torch_set_autocast(true, device.rawValue))
  defer { check(torch_set_autocast(false, device.rawValue)) }
  return try body()
}

/// Runs `body` as outside the scope of `withPrecision(precision, on: device)` that surrounds it.
///
/// A scope of bf16 keeps its casts of weights, which an optimizer step makes stale. This drops them, so that an
/// optimizer can move weights inside the scope:
///
///     outsidePrecision(.bf16, on: .cpu) { optimizer.step(gradients, rate: rate) }
public func outsidePrecision<Result>(
  _ precision: Precision, on device: Device, _ body: () throws -> Result
) rethrows -> Result {
  guard precision == .bf16 else { return try body() }
  let before = torch_autocast(device.rawValue)
  check(torch_set_autocast(false, device.rawValue))
  defer { check(torch_set_autocast(before, device.rawValue)) }
  return try body()
}
