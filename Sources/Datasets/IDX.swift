/// An array of bytes in the format of the MNIST files.
///
/// - Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats".
struct IDX: Sendable, Equatable {
  /// The sizes of all axes, examples first.
  let shape: [Int]
  /// The values in row-major order.
  let values: [UInt8]

  /// Decodes `bytes`, whose memory becomes the values.
  ///
  /// - Parameters:
  ///   - file: the name used in messages.
  ///   - axes: the number of axes the caller needs: 3 for images, 1 for labels.
  init(_ bytes: consuming [UInt8], file: String, axes: Int) throws(DatasetError) {
    let header = 4 + 4 * axes
    guard bytes.count >= 4 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "an IDX header of \(header) bytes",
        got: "\(bytes.count) bytes in all")
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "IDX magic 00 00",
        got: "\(hex(bytes[0])) \(hex(bytes[1]))")
    }
    guard bytes[2] == 0x08 else {
      throw .malformed(
        file: file, place: "byte 2", expected: "element type 08 (unsigned byte)",
        got: hex(bytes[2]))
    }
    guard bytes[3] == axes else {
      throw .malformed(file: file, place: "byte 3", expected: "\(axes) axes", got: "\(bytes[3])")
    }
    guard bytes.count >= header else {
      throw .malformed(
        file: file, place: "byte 4", expected: "\(axes) sizes of 4 bytes",
        got: "\(bytes.count - 4) bytes")
    }
    var shape: [Int] = []
    for axis in 0..<axes {
      let start = 4 + 4 * axis
      shape.append((0..<4).reduce(0) { $0 << 8 | Int(bytes[start + $1]) })
    }
    let payload = bytes.count - header
    guard let size = checkedProduct(shape) else {
      throw .malformed(
        file: file, place: "byte 4", expected: "sizes with a product below 2^63", got: "\(shape)")
    }
    guard size == payload else {
      throw .malformed(
        file: file, place: "byte \(header)", expected: "\(size) bytes (sizes \(shape))",
        got: "\(payload)")
    }
    bytes.removeFirst(header)
    self.shape = shape
    values = bytes
  }
}
