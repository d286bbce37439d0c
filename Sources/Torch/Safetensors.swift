import Foundation

/// Named tensors in one file: a length, a JSON header, then the raw little-endian bytes.
///
/// The format is Hugging Face's, read and written by Python's `safetensors`. Reading checks every declared size
/// against the file before memory is taken.
public struct Safetensors {
  /// The tensors by name.
  public var tensors: [String: Tensor]
  /// Free text by key.
  public var metadata: [String: String]

  /// - Parameter metadata: free text by key, kept in the header.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  private static let names: [DType: String] = [
    .uint8: "U8", .int16: "I16", .int32: "I32", .int64: "I64", .float32: "F32", .float64: "F64",
    .bool: "BOOL", .float16: "F16", .bfloat16: "BF16",
  ]

  /// The length of the number in front of the header, and the alignment of the data behind it.
  private static let prefixLength = 8

  /// The key of the free text between the tensors' names.
  private static let metadataKey = "__metadata__"

  // MARK: Writing

  /// Writes the file whole or not at all; tensors in order of their names.
  public func write(to path: String) throws(FileError) {
    guard tensors[Self.metadataKey] == nil else {
      throw FileError(path, "no tensor can be named '\(Self.metadataKey)'")
    }
    let sorted = tensors.sorted { $0.key < $1.key }
    let contents = sorted.map { $0.value.bytes() }
    var header: [String: Any] = metadata.isEmpty ? [:] : [Self.metadataKey: metadata]
    var offset = 0
    for ((name, tensor), bytes) in zip(sorted, contents) {
      header[name] = [
        "dtype": Self.names[tensor.dtype] ?? "", "shape": tensor.shape,
        "data_offsets": [offset, offset + bytes.count],
      ]
      offset += bytes.count
    }
    let json: Data
    do {
      json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
    } catch {
      throw FileError(path, "cannot encode the header: \(error)")
    }
    let padding = (Self.prefixLength - json.count % Self.prefixLength) % Self.prefixLength
    var prefix = withUnsafeBytes(of: UInt64(json.count + padding).littleEndian) { [UInt8]($0) }
    prefix += json + [UInt8](repeating: 0x20, count: padding)
    // One pass over all buffers: the arrays stay alive and are not copied together.
    let result = Self.withBuffers([prefix] + contents) { buffers in
      Result { () throws(FileError) in try AtomicFile.write(buffers, to: path) }
    }
    try result.get()
  }

  private static func withBuffers<Result>(
    _ arrays: [[UInt8]], _ buffers: [UnsafeRawBufferPointer] = [],
    _ body: ([UnsafeRawBufferPointer]) -> Result
  ) -> Result {
    guard let first = arrays.first else { return body(buffers) }
    return first.withUnsafeBytes {
      withBuffers(Array(arrays.dropFirst()), buffers + [$0], body)
    }
  }

  // MARK: Reading

  /// Reads a file, refusing anything that is not exactly the format.
  public init(contentsOf path: String) throws(FileError) {
    try AtomicFile.checkReadable(path)
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw FileError(path, "cannot read the file: \((error as NSError).localizedDescription)")
    }
    try self.init(data, path)
  }

  private init(_ data: Data, _ path: String) throws(FileError) {
    guard data.count >= Self.prefixLength else {
      throw FileError(path, "expected a safetensors file of at least 8 bytes, got \(data.count)")
    }
    let length = data.prefix(Self.prefixLength).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << UInt64(8 * $1.offset)
    }
    guard length <= UInt64(data.count - Self.prefixLength) else {
      throw FileError(
        path,
        "expected a safetensors file, got one whose header claims \(length) bytes of \(data.count - Self.prefixLength)")
    }
    let body = Self.prefixLength + Int(length)
    let header: [String: Any]
    do {
      let parsed = try JSONSerialization.jsonObject(with: data[Self.prefixLength..<body])
      guard let object = parsed as? [String: Any] else {
        throw FileError(path, "expected a safetensors file, got one whose header is no JSON object")
      }
      header = object
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(path, "expected a safetensors file, got one whose header is no JSON")
    }
    tensors = [:]
    metadata = [:]
    var entries: [(name: String, shape: [Int], dtype: DType, range: Range<Int>)] = []
    for (name, value) in header.sorted(by: { $0.key < $1.key }) {
      if name == Self.metadataKey {
        guard let text = value as? [String: String] else {
          throw FileError(path, "'\(name)' is no object of strings")
        }
        metadata = text
        continue
      }
      let (shape, dtype, range) = try Self.entry(name, value, room: data.count - body, path)
      entries.append((name, shape, dtype, range))
    }
    try Self.checkCover(entries.map(\.range), room: data.count - body, path)
    // Only now is memory taken: the tensors together are as large as the file.
    for (name, shape, dtype, range) in entries {
      let part = data[body + range.lowerBound..<body + range.upperBound]
      guard dtype != .bool || part.allSatisfy({ $0 < 2 }) else {
        throw FileError(path, "tensor '\(name)': expected booleans of 0 and 1")
      }
      tensors[name] = part.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype) }
    }
  }

  /// The format wants the data covered once, without holes.
  private static func checkCover(
    _ ranges: [Range<Int>], room: Int, _ path: String
  ) throws(FileError) {
    var end = 0
    for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      guard range.lowerBound == end else {
        throw FileError(path, "tensor data overlap or leave a hole at byte \(end)")
      }
      end = range.upperBound
    }
    guard end == room else {
      throw FileError(path, "expected \(end) bytes of tensor data, got \(room)")
    }
  }

  /// Whole numbers written as such: JSON's reader would also take 1.0 and true for 1.
  private static func integers(_ value: Any?) -> [Int]? {
    guard let numbers = value as? [NSNumber] else { return nil }
    let integerTypes: Set = ["s", "i", "l", "q", "Q"]
    let integers = numbers.compactMap { number in
      integerTypes.contains(String(cString: number.objCType)) ? number as? Int : nil
    }
    return integers.count == numbers.count ? integers : nil
  }

  private static func entry(
    _ name: String, _ value: Any, room: Int, _ path: String
  ) throws(FileError) -> ([Int], DType, Range<Int>) {
    guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
      let shape = integers(entry["shape"]), let offsets = integers(entry["data_offsets"]),
      offsets.count == 2
    else { throw FileError(path, "tensor '\(name)': expected dtype, shape and two data_offsets") }
    guard let dtype = names.first(where: { $0.value == type })?.key else {
      throw FileError(path, "tensor '\(name)': the element type '\(type)' is not supported")
    }
    guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= room else {
      throw FileError(
        path, "tensor '\(name)': data_offsets \(offsets) lie outside the \(room) bytes of data")
    }
    // Lengths of 0 count as 1 here: an empty tensor has strides, which must not overflow either.
    var extent = dtype.byteCount
    for length in shape {
      let (product, overflow) = extent.multipliedReportingOverflow(by: max(1, length))
      guard length >= 0, !overflow else {
        throw FileError(path, "tensor '\(name)': impossible shape \(shape)")
      }
      extent = product
    }
    let size = shape.contains(0) ? 0 : extent
    guard size == offsets[1] - offsets[0] else {
      throw FileError(
        path, "tensor '\(name)': shape \(shape) of \(type) takes \(size) bytes, got \(offsets[1] - offsets[0])")
    }
    return (shape, dtype, offsets[0]..<offsets[1])
  }
}
