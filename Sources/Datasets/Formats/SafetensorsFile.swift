import Foundation

/// Hugging Face's format of named arrays: a length, a JSON header, then the raw little-endian bytes.
///
/// The whole header is checked, and the data must be covered once and without holes, even if only one array
/// is taken out.
///
/// - Source: the format section of the `safetensors` library's README, version 0.4.
enum SafetensorsFile {
  private static let elements: [String: DataArray.Element] = [
    "BOOL": .bool, "U8": .uint8, "I8": .int8, "U16": .uint16, "I16": .int16, "U32": .uint32,
    "I32": .int32, "U64": .uint64, "I64": .int64, "F16": .float16, "BF16": .bfloat16,
    "F32": .float32, "F64": .float64,
  ]

  /// The length of the number in front of the header.
  private static let prefixLength = 8

  /// The longest header the library itself reads.
  private static let longestHeader = 100_000_000

  /// The key of the free text between the arrays' names.
  private static let metadataKey = "__metadata__"

  private struct Entry {
    let element: DataArray.Element
    let shape: [Int]
    let range: Range<Int>
  }

  /// Decodes one array.
  ///
  /// - Parameters:
  ///   - key: the array's name; nil takes the only one there is.
  ///   - file: the name used in messages.
  static func decode(
    _ content: [UInt8], key: String?, file: String
  ) throws(DatasetError) -> DataArray {
    guard content.count >= prefixLength else {
      throw .malformed(
        file: file, place: "byte 0", expected: "a header length of 8 bytes",
        got: "\(content.count) bytes in all")
    }
    let length = content.number(prefixLength, at: 0)
    let most = min(content.count - prefixLength, longestHeader)
    guard length <= most else {
      throw .malformed(
        file: file, place: "byte 0", expected: "a header of at most \(most) bytes", got: "\(length)"
      )
    }
    let body = prefixLength + length
    let entries = try entries(content[prefixLength..<body], room: content.count - body, file)
    let key = try chosenArray(key, among: entries.keys.sorted(), file: file)
    let entry = entries[key]!
    let part = content[body + entry.range.lowerBound..<body + entry.range.upperBound]
    if entry.element == .bool, let index = part.firstIndex(where: { $0 > 1 }) {
      throw .malformed(
        file: file, place: "byte \(index)", expected: "a boolean 0 or 1", got: "\(part[index])")
    }
    return DataArray(
      source: arraySource(key, file: file), element: entry.element, shape: entry.shape,
      bytes: Array(part))
  }

  /// What the header says, all of it true of `room` bytes of data.
  private static func entries(
    _ text: ArraySlice<UInt8>, room: Int, _ file: String
  ) throws(DatasetError) -> [String: Entry] {
    let header = try parsed(text, file)
    var entries: [String: Entry] = [:]
    for (name, value) in header.sorted(by: { $0.key < $1.key }) {
      if name == metadataKey {
        guard value is [String: String] else {
          throw .malformed(
            file: file, place: "header, '\(name)'", expected: "an object of strings",
            got: "something else")
        }
      } else {
        entries[name] = try entry(value, room: room, place: "header, tensor '\(name)'", file)
      }
    }
    var end = 0
    let ranges = entries.values.map(\.range)
    for range in ranges.sorted(by: {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }) {
      guard range.lowerBound == end else {
        throw .malformed(
          file: file, place: "header", expected: "a tensor whose data begin at byte \(end)",
          got: "a hole or an overlap up to byte \(range.lowerBound)")
      }
      end = range.upperBound
    }
    guard end == room else {
      throw .malformed(
        file: file, place: "header", expected: "tensors of \(room) bytes, all there are",
        got: "\(end)")
    }
    return entries
  }

  private static func parsed(
    _ text: ArraySlice<UInt8>, _ file: String
  ) throws(DatasetError) -> [String: Any] {
    let pairs = try checkedPairs(text, file)
    let header: Any
    do {
      header = try JSONSerialization.jsonObject(with: Data(text))
    } catch {
      throw .malformed(file: file, place: "header", expected: "JSON", got: "something else")
    }
    guard let header = header as? [String: Any] else {
      throw .malformed(
        file: file, place: "header", expected: "a JSON object", got: "something else")
    }
    // The parser keeps one of two equal keys and says nothing.
    let kept = header.values.reduce(header.count) { $0 + (($1 as? [String: Any])?.count ?? 0) }
    guard kept == pairs else {
      throw .malformed(
        file: file, place: "header", expected: "every key once",
        got: "\(pairs - kept) keys again")
    }
    return header
  }

  /// The number of pairs of key and value in a header that is safe to parse.
  ///
  /// The parser recurses, so that deep nesting would end the process; the format needs three levels. It also
  /// guesses other encodings of text from zero bytes.
  private static func checkedPairs(
    _ text: ArraySlice<UInt8>, _ file: String
  ) throws(DatasetError) -> Int {
    guard text.first == UInt8(ascii: "{") else {
      throw .malformed(
        file: file, place: "byte \(prefixLength)", expected: "'{'",
        got: text.first.map(hex) ?? "an empty header")
    }
    var (pairs, depth, deepest) = (0, 0, 3)
    var (isString, isEscaped) = (false, false)
    for (position, byte) in zip(text.indices, text) {
      if byte == 0 {
        throw .malformed(
          file: file, place: "byte \(position)", expected: "text in UTF-8", got: "00")
      }
      if isString {
        isString = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isString = true
      case UInt8(ascii: ":"): pairs += 1
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      guard depth <= deepest else {
        throw .malformed(
          file: file, place: "byte \(position)", expected: "JSON of at most \(deepest) levels",
          got: "one more")
      }
    }
    return pairs
  }

  private static func entry(
    _ value: Any, room: Int, place: String, _ file: String
  ) throws(DatasetError) -> Entry {
    guard let entry = value as? [String: Any], entry.count == 3,
      let type = entry["dtype"] as? String, let shape = integers(entry["shape"]),
      let offsets = integers(entry["data_offsets"]), offsets.count == 2
    else {
      throw .malformed(
        file: file, place: place, expected: "dtype, shape and two data_offsets",
        got: "something else")
    }
    guard let element = elements[type] else {
      throw .malformed(
        file: file, place: place,
        expected: "a dtype out of \(elements.keys.sorted().joined(separator: ", "))",
        got: "'\(type)'")
    }
    guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= room else {
      throw .malformed(
        file: file, place: place, expected: "data_offsets within 0...\(room)", got: "\(offsets)")
    }
    guard let size = checkedProduct(shape + [element.size]) else {
      throw .malformed(
        file: file, place: place, expected: "sizes with a product below 2^63 bytes",
        got: "\(shape)")
    }
    guard size == offsets[1] - offsets[0] else {
      throw .malformed(
        file: file, place: place, expected: "\(size) bytes (shape \(shape) of \(type))",
        got: "\(offsets[1] - offsets[0])")
    }
    return Entry(element: element, shape: shape, range: offsets[0]..<offsets[1])
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
}
