import CZlib
import Foundation
import Testing

@testable import Datasets

/// A file that a decoder must refuse, and the message it must give.
struct Broken: Sendable, CustomTestStringConvertible {
  let bytes: [UInt8]
  let expected: String

  init(_ bytes: [UInt8], _ expected: String) {
    self.bytes = bytes
    self.expected = expected
  }

  var testDescription: String { expected }
}

/// Bytes of a number, most significant first.
func bigEndian(_ number: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

/// An IDX file of bytes.
func idxFile(_ shape: [Int], _ values: [UInt8], type: UInt8 = 8) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)] as [UInt8] + shape.flatMap(bigEndian) + values
}

/// A gzip member written by zlib itself.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  precondition(
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)) == Z_OK)
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
  let room = output.count
  input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
    }
  }
  return Array(output.prefix(room - Int(stream.avail_out)))
}

/// A `.npy` file with the given header text and values.
func npyFile(_ header: String, _ values: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array((header + "\n").utf8)
  let width = version == 1 ? 2 : 4
  var file: [UInt8] = [0x93] + Array("NUMPY".utf8)
  file += [version, 0]
  file += (0..<width).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
  return file + text + values
}

/// The header NumPy writes.
func npyHeader(_ descr: String, _ shape: String, fortran: Bool = false) -> String {
  "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
}

/// The values as little-endian bytes.
func littleEndian<T: FixedWidthInteger>(_ values: [T]) -> [UInt8] {
  values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

/// A directory that is removed when the test ends.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "datasets-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("cannot remove '\(path)': \(error)")
    }
  }
}

/// The message of the error that `body` throws; an empty text if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

extension Examples.Storage {
  var bytes: [UInt8] {
    if case .bytes(let bytes) = self { bytes } else { [] }
  }

  var floats: [Float] {
    if case .floats(let floats) = self { floats } else { [] }
  }
}
