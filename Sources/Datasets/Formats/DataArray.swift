/// An array as a file holds it: an element type, a shape and values, before anyone says what they mean.
///
/// Every decoder returns one. It owns plain bytes and knows nothing of tensors, so that decoding can be tested, and
/// attacked, by itself.
public struct DataArray: Sendable, Equatable {
  /// The types a value can have.
  public enum Element: String, Sendable, CaseIterable {
    /// True or false, a byte 1 or 0.
    case bool
    case uint8, uint16, uint32, uint64
    case int8, int16, int32, int64
    /// IEEE 754 half precision.
    case float16
    /// The upper half of a single-precision number.
    case bfloat16
    case float32, float64

    /// Bytes of one value.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }

    /// Whether values are whole numbers, truth values among them.
    public var isInteger: Bool {
      switch self {
      case .float16, .bfloat16, .float32, .float64: false
      default: true
      }
    }
  }

  /// The file, and the array's name in it, for messages.
  public let source: String
  /// The type of every value.
  public let element: Element
  /// The sizes of all axes; empty for a single number.
  public let shape: [Int]
  /// The values in row-major order, little endian, whatever the file had.
  public let bytes: [UInt8]

  /// The number of values.
  public var count: Int { shape.reduce(1, *) }

  /// An array of bytes that fit its shape.
  public init(source: String, element: Element, shape: [Int], bytes: consuming [UInt8]) {
    let expected = shape.reduce(element.size, *)
    precondition(
      bytes.count == expected, "DataArray: expected \(expected) bytes for \(shape), got \(bytes.count)")
    self.source = source
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  /// The same values under another shape of as many.
  public func reshaped(_ shape: [Int]) -> DataArray {
    DataArray(source: source, element: element, shape: shape, bytes: bytes)
  }

  /// The values as doubles; whole numbers beyond 2^53 are rounded.
  public func doubles() -> [Double] {
    switch element {
    case .bool, .uint8: bytes.map(Double.init)
    case .int8: bytes.map { Double(Int8(bitPattern: $0)) }
    case .uint16: integers(UInt16.self).map(Double.init)
    case .int16: integers(Int16.self).map(Double.init)
    case .uint32: integers(UInt32.self).map(Double.init)
    case .int32: integers(Int32.self).map(Double.init)
    // Without its argument, `Double.init` of a `UInt64` would be the one of a bit pattern.
    case .uint64: integers(UInt64.self).map { Double($0) }
    case .int64: integers(Int64.self).map(Double.init)
    case .float16: integers(UInt16.self).map { Double(single(half: $0)) }
    case .bfloat16: integers(UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: integers(UInt32.self).map { Double(Float(bitPattern: $0)) }
    case .float64: integers(UInt64.self).map(Double.init(bitPattern:))
    }
  }

  /// The bytes as whole numbers of the same width.
  func integers<T: FixedWidthInteger>(_ type: T.Type) -> [T] {
    let size = MemoryLayout<T>.size
    return bytes.withUnsafeBytes { source in
      [T](unsafeUninitializedCapacity: source.count / size) { target, written in
        for index in 0..<source.count / size {
          target.initializeElement(
            at: index, to: T(littleEndian: source.loadUnaligned(fromByteOffset: index * size, as: T.self)))
        }
        written = source.count / size
      }
    }
  }
}

/// A half-precision number; `Float16` does not exist on every platform.
///
/// - Source: IEEE 754-2008, binary16.
private func single(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1F)
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:  // zero and numbers below 2^-14: multiples of 2^-24
    return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}

// MARK: - Orders of bytes and axes

/// Turns values of `size` bytes around, from big to little endian.
func swapBytes(_ bytes: consuming [UInt8], size: Int) -> [UInt8] {
  if size == 1 { return bytes }
  for start in stride(from: 0, to: bytes.count / size * size, by: size) {
    for offset in 0..<size / 2 { bytes.swapAt(start + offset, start + size - 1 - offset) }
  }
  return bytes
}

/// The values of a column-major array, first axis fastest, in row-major order.
///
/// - Parameter source: as many bytes as `shape` takes at `size` bytes a value.
func rowMajor(_ source: [UInt8], shape: [Int], size: Int) -> [UInt8] {
  if source.isEmpty || shape.filter({ $0 != 1 }).count < 2 { return source }
  var strides: [Int] = []
  var step = size
  for axis in shape {
    strides.append(step)
    step *= axis
  }
  let (last, rows) = (shape[shape.count - 1], source.count / size / shape[shape.count - 1])
  let lastStep = strides[shape.count - 1]
  // A long last axis is gone through in blocks, so that what a block touches stays in the cache from row to row.
  let block = 64
  var index = Array(repeating: 0, count: shape.count)
  return source.withUnsafeBufferPointer { source in
    [UInt8](unsafeUninitializedCapacity: source.count) { target, written in
      for start in stride(from: 0, to: last, by: block) {
        var from = start * lastStep
        for row in 0..<rows {
          var to = (row * last + start) * size
          for offset in 0..<min(block, last - start) {
            for byte in 0..<size { target[to + byte] = source[from + offset * lastStep + byte] }
            to += size
          }
          // The last axis but one runs fastest; an axis at its end steps back and lets the one before it move.
          for axis in shape.indices.dropLast().reversed() {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < shape[axis] { break }
            from -= strides[axis] * shape[axis]
            index[axis] = 0
          }
        }
      }
      written = source.count
    }
  }
}
