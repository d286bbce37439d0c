import Foundation

/// An array read from a `.npy` file: element type, shape and the values as little-endian bytes.
///
/// - Source: NumPy enhancement proposal 1 and `numpy.lib.format`, versions 1 to 3.
public struct NPY: Sendable, Equatable {
  /// The element types that are read.
  public enum Element: String, Sendable, CaseIterable {
    /// True or false, a byte each.
    case bool
    /// Whole numbers 0...255.
    case uint8
    /// Signed whole numbers of 32 bits.
    case int32
    /// Signed whole numbers of 64 bits.
    case int64
    /// Single precision.
    case float32
    /// Double precision.
    case float64

    /// Bytes per value.
    public var size: Int {
      switch self {
      case .bool, .uint8: 1
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }

    /// NumPy's code of the type, little endian.
    var code: String {
      switch self {
      case .bool: "|b1"
      case .uint8: "|u1"
      case .int32: "<i4"
      case .int64: "<i8"
      case .float32: "<f4"
      case .float64: "<f8"
      }
    }
  }

  /// The file the array was read from, for messages.
  public let file: String
  /// The type of the values.
  public let element: Element
  /// The sizes of all axes; empty for a single number.
  public let shape: [Int]
  /// The values in row-major order, little endian, whatever order the file had.
  public let bytes: [UInt8]

  /// Decodes the content of a file.
  ///
  /// - Parameter file: the name used in messages.
  public init(_ content: consuming [UInt8], file: String) throws(DatasetError) {
    let (start, text) = try Self.headerText(content, file)
    let header = try NPYHeader(text, file: file)
    guard let element = Element.allCases.first(where: { $0.code == header.descr }) else {
      throw .malformed(
        file: file, place: "header, descr",
        expected: "one of \(Element.allCases.map(\.code).joined(separator: ", "))",
        got: "'\(header.descr)'")
    }
    let payload = content.count - start
    guard let size = checkedProduct(header.shape + [element.size]) else {
      throw .malformed(
        file: file, place: "header, shape", expected: "sizes with a product below 2^63 bytes",
        got: "\(header.shape)")
    }
    guard size == payload else {
      throw .malformed(
        file: file, place: "byte \(start)",
        expected: "\(size) bytes (shape \(header.shape) of \(element.rawValue))",
        got: "\(payload)")
    }
    content.removeFirst(start)
    self.file = file
    self.element = element
    shape = header.shape
    let isVector = header.shape.filter { $0 != 1 }.count < 2
    bytes =
      header.isFortranOrder && !isVector && size > 0
      ? Self.rowMajor(content, shape: header.shape, size: element.size) : content
  }

  /// Where the values begin, and the header's text.
  private static func headerText(
    _ content: [UInt8], _ file: String
  ) throws(DatasetError) -> (start: Int, text: String) {
    guard content.count >= 10, content[0] == 0x93, content[1..<6].elementsEqual("NUMPY".utf8) else {
      throw .malformed(
        file: file, place: "byte 0", expected: "npy magic \\x93NUMPY, a version and a header",
        got: content.isEmpty ? "an empty file" : content.prefix(6).map(hex).joined(separator: " "))
    }
    let major = content[6]
    guard (1...3).contains(major) else {
      throw .malformed(file: file, place: "byte 6", expected: "version 1, 2 or 3", got: "\(major)")
    }
    let width = major == 1 ? 2 : 4
    guard content.count >= 8 + width else {
      throw .malformed(
        file: file, place: "byte 8", expected: "a header length of \(width) bytes",
        got: "\(content.count - 8)")
    }
    let length = (0..<width).reduce(0) { $0 | Int(content[8 + $1]) << (8 * $1) }
    let start = 8 + width
    guard length <= content.count - start else {
      throw .malformed(
        file: file, place: "byte 8",
        expected: "a header within the \(content.count - start) bytes left",
        got: "\(length) bytes")
    }
    // NumPy itself refuses longer headers, because parsing a literal of any size is an attack.
    guard length <= 10_000 else {
      throw .malformed(
        file: file, place: "byte 8", expected: "a header of at most 10000 bytes", got: "\(length)")
    }
    return (start + length, String(decoding: content[start..<start + length], as: UTF8.self))
  }

  /// The values of a column-major array in row-major order.
  private static func rowMajor(_ source: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    var strides: [Int] = []
    var stride = size
    for axis in shape {
      strides.append(stride)
      stride *= axis
    }
    var index = Array(repeating: 0, count: shape.count)
    var from = 0
    return Array(unsafeUninitializedCapacity: source.count) { target, written in
      while written < source.count {
        for byte in 0..<size { target[written + byte] = source[from + byte] }
        written += size
        // The last axis runs fastest; an axis at its end steps back and lets the one before it move.
        for axis in shape.indices.reversed() {
          index[axis] += 1
          from += strides[axis]
          if index[axis] < shape[axis] { break }
          from -= strides[axis] * shape[axis]
          index[axis] = 0
        }
      }
    }
  }
}
