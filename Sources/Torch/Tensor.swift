import CTorch

/// An n-dimensional array of libtorch, with its place in the autograd graph.
///
/// Tensors are references and are treated as values: every operation whose name does not end in `InPlace` makes a new
/// one, which may share its elements' memory where only the shape changes. Arithmetic broadcasts as in NumPy. What is
/// computed from a tensor that requires a gradient is recorded, and `gradients(of:in:)` goes back through the record:
///
///     let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
///     let w = Tensor([0.5, -1] as [Float]).requiringGradient()
///     let y = x.matmul(w).square().mean()  // a scalar
///     let slope = gradients(of: y, in: [w])[0]  // [2]
///     print(y.item(), slope.array(Float.self))  // 4.25 [-9.0, -13.0]
///
/// An operation that libtorch refuses, such as a product of shapes that do not fit, traps with libtorch's message;
/// `withTensorErrors` throws it instead. The handle is owned by this class and freed in `deinit`.
public final class Tensor: @unchecked Sendable {
  /// Never hand this to a C call outside a method that holds `self`: the wrapper may be freed first.
  let handle: torch_tensor

  init(owning handle: torch_tensor) { self.handle = handle }

  /// Wraps the result of a C call, or reports its failure.
  convenience init(_ handle: torch_tensor?, _ operation: StaticString) {
    if let handle {
      self.init(owning: handle)
    } else {
      tensorFailure(operation)
      self.init(owning: torch_failed_result())
    }
  }

  deinit { torch_free(handle) }

  // MARK: Making

  /// A scalar, shape `[]`.
  public convenience init(_ value: Double, dtype: DType = .float32, device: Device = .cpu) {
    self.init(torch_full(nil, 0, value, dtype.rawValue, device.rawValue), #function)
  }

  /// A copy of `values` in the given shape, on the CPU; one axis if no shape is given.
  public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil) {
    let shape = shape ?? [values.count]
    precondition(
      shape.reduce(1, *) == values.count,
      "Tensor: expected \(shape.reduce(1, *)) values for shape \(shape), got \(values.count)")
    self.init(
      values.withUnsafeBytes { bytes in
        torch_from_bytes(bytes.baseAddress, shape.asInt64, Int32(shape.count), Element.dtype.rawValue)
      }, #function)
  }

  /// A copy of raw little-endian bytes in the given shape and type, on the CPU.
  public convenience init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) {
    precondition(
      shape.reduce(1, *) * dtype.byteCount == bytes.count,
      "Tensor: expected \(shape.reduce(1, *) * dtype.byteCount) bytes for \(shape), got \(bytes.count)")
    self.init(
      torch_from_bytes(bytes.baseAddress, shape.asInt64, Int32(shape.count), dtype.rawValue), #function)
  }

  /// A tensor filled with `value`.
  public static func full(
    _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    Tensor(
      torch_full(shape.asInt64, Int32(shape.count), value, dtype.rawValue, device.rawValue), #function)
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 0, dtype: dtype, device: device)
  }

  /// A tensor of ones.
  public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
    full(shape, 1, dtype: dtype, device: device)
  }

  /// The numbers 0, 1, ..., `count` - 1.
  public static func range(_ count: Int, dtype: DType = .int64, device: Device = .cpu) -> Tensor {
    Tensor(torch_arange(Int64(count), dtype.rawValue, device.rawValue), #function)
  }

  // MARK: Looking

  /// The number of axes.
  public var rank: Int { Int(torch_rank(handle)) }

  /// The length of every axis.
  public var shape: [Int] { (0..<torch_rank(handle)).map { Int(torch_size(handle, $0)) } }

  /// The length of one axis; negative axes count from the end.
  public func size(_ axis: Int) -> Int {
    let size = Int(torch_size(handle, Int32(axis)))
    check(size >= 0)
    return Swift.max(size, 0)
  }

  /// The number of elements.
  public var count: Int { Int(torch_count(handle)) }

  /// The element type.
  public var dtype: DType {
    guard let dtype = DType(rawValue: torch_dtype(handle)) else {
      preconditionFailure("Tensor: libtorch's element type \(torch_dtype(handle)) is not bound")
    }
    return dtype
  }

  /// The device it lives on.
  public var device: Device { Device(rawValue: torch_device(handle)) ?? .cpu }

  /// The value of a tensor of one element. Waits for the device.
  public func item() -> Double {
    var value = Double.nan
    check(torch_item(handle, &value))
    return value
  }

  /// All elements in row-major order, converted to `Element`'s type if needed. Waits for the device.
  public func array<Element: TensorElement>(_ type: Element.Type = Element.self) -> [Element] {
    let count = self.count
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      check(
        torch_copy_bytes(
          handle, Element.dtype.rawValue, buffer.baseAddress, Int64(count * MemoryLayout<Element>.stride)),
        "array(_:)")
      initialized = count
    }
  }

  /// Lends the elements in row-major order, without a copy if they lie so on the CPU. Waits for the device.
  public func withElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    guard dtype == Element.dtype, count > 0, let data = torch_data(handle) else {
      return try array(type).withUnsafeBufferPointer(body)
    }
    return try withExtendedLifetime(self) {
      try body(UnsafeBufferPointer(start: data.assumingMemoryBound(to: type), count: count))
    }
  }

  /// The elements' bytes in row-major order. Waits for the device.
  public func bytes() -> [UInt8] {
    let count = self.count * dtype.byteCount
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      check(torch_copy_bytes(handle, dtype.rawValue, buffer.baseAddress, Int64(count)), "bytes()")
      initialized = count
    }
  }

  /// Whether shape, type and every element are equal; NaN equals nothing.
  public func isEqual(to other: Tensor) -> Bool {
    guard shape == other.shape, dtype == other.dtype else { return false }
    var equal = false
    check(torch_equal(handle, other.handle, &equal))
    return equal
  }

  // MARK: Converting

  /// The same values in another element type; itself if it has that type.
  public func to(_ dtype: DType) -> Tensor { Tensor(torch_to_dtype(handle, dtype.rawValue), #function) }

  /// The same values on another device; itself if it is there.
  public func to(_ device: Device) -> Tensor {
    Tensor(torch_to_device(handle, device.rawValue), #function)
  }

  /// The same bytes read as another element type; the last axis changes its length accordingly.
  public func viewed(as dtype: DType) -> Tensor {
    Tensor(torch_view_dtype(handle, dtype.rawValue), #function)
  }

  /// A copy with storage of its own.
  public func clone() -> Tensor { Tensor(torch_clone(handle), #function) }

  /// Itself if its elements lie in row-major order, else a copy in which they do.
  public func contiguous() -> Tensor { Tensor(torch_contiguous(handle), #function) }

  /// Overwrites the elements with those of `source`, which broadcasts and converts.
  public func copyInPlace(_ source: Tensor) { check(torch_copy_(handle, source.handle)) }
}

extension Tensor: CustomStringConvertible {
  public var description: String {
    let values = array(Double.self)
    let shown = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor(\(shape), \(dtype): \(shown)\(values.count > 8 ? ", ..." : ""))"
  }
}

extension Array where Element == Int {
  var asInt64: [Int64] { map(Int64.init) }
}
