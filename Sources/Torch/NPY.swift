import Foundation

extension Tensor {
  private static let npyTypes: [DType: String] = [
    .uint8: "|u1", .int16: "<i2", .int32: "<i4", .int64: "<i8", .float32: "<f4", .float64: "<f8",
    .bool: "|b1", .float16: "<f2",
  ]

  /// Headers are padded so that the data start at a multiple of this.
  private static let npyAlignment = 64

  /// Writes a file as `numpy.save` does: C order, version 1.0 of the format; bfloat16 becomes float32.
  public func writeNPY(to path: String) throws(FileError) {
    let tensor = inFloat()
    guard let type = Self.npyTypes[tensor.dtype] else {
      throw FileError(path, "NumPy has no type for \(tensor.dtype)")
    }
    let lengths = tensor.shape.map(String.init).joined(separator: ", ")
    let shape = tensor.rank == 1 ? "(\(lengths),)" : "(\(lengths))"
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    let unpadded = magic.count + 2 + header.utf8.count + 1
    header +=
      String(repeating: " ", count: (Self.npyAlignment - unpadded % Self.npyAlignment) % Self.npyAlignment) + "\n"
    let length = UInt16(header.utf8.count)
    let prefix = magic + [UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
    try AtomicFile.write(prefix + tensor.bytes(), to: path)
  }
}
