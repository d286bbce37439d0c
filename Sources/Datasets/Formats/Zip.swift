import CZlib

/// A zip file of stored and deflated members, checked before anything is unpacked.
///
/// Places and sizes come from the central directory, and local headers must agree with it. Members lie
/// one after another in front of the directory; names stay inside the directory one would unpack into.
///
/// - Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 (layout) and 4.5.3 (zip64).
struct Zip {
  /// A file in the archive.
  struct Member: Equatable {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// The number of bytes of the content.
    let size: Int
    /// Where the local header begins.
    fileprivate let start: Int
    /// Where the compressed bytes lie.
    fileprivate var data: Range<Int>
  }

  /// The members in the order of the directory.
  let members: [Member]

  private let content: [UInt8]
  private let file: String

  /// Reads the directory.
  ///
  /// - Parameter file: the name used in messages.
  init(_ content: [UInt8], file: String) throws(DatasetError) {
    self.content = content
    self.file = file
    members = try ZipDirectory(content, file: file).members()
    var end = 0
    var total = 0
    var names: Set<String> = []
    for member in members.sorted(by: { $0.start < $1.start }) {
      let place = "member '\(member.name)'"
      guard end <= member.start else {
        throw .malformed(
          file: file, place: place,
          expected: "a start at byte \(end) or later, behind the member before",
          got: "byte \(member.start)")
      }
      end = member.data.upperBound
      guard names.insert(member.name).inserted else {
        throw .malformed(file: file, place: place, expected: "a name used once", got: "it again")
      }
      // Every size is below 1032 times the file's, so that the sum cannot overflow.
      total += member.size
    }
    let limit = Gzip.limit(compressed: content.count)
    guard total <= limit else {
      throw .malformed(
        file: file, place: "directory", expected: "at most \(limit) bytes when decompressed",
        got: "\(total)")
    }
  }

  /// The content of a member, which has the size and the checksum that the directory states.
  func content(of member: Member) throws(DatasetError) -> [UInt8] {
    let bytes = try content.withUnsafeBufferPointer { (source) throws(DatasetError) -> [UInt8] in
      let data = UnsafeBufferPointer(rebasing: source[member.data])
      if !member.isDeflated { return Array(data) }
      return try Deflate.decompress(
        data, .none, file: arraySource(member.name, file: file), limit: member.size,
        expecting: member.size)
    }
    let place = "member '\(member.name)'"
    guard bytes.count == member.size else {
      throw .malformed(
        file: file, place: place, expected: "\(member.size) bytes when decompressed",
        got: "\(bytes.count)")
    }
    let found = Self.checksum(bytes)
    guard found == member.checksum else {
      throw .malformed(
        file: file, place: place, expected: "CRC-32 \(String(member.checksum, radix: 16))",
        got: String(found, radix: 16))
    }
    return bytes
  }

  /// CRC-32 as in IEEE 802.3.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { bytes in
      var value: UInt = 0
      var start = 0
      // zlib counts in 32 bits, and takes a missing address for a request of the first value.
      while start < bytes.count {
        let count = min(bytes.count - start, 1 << 30)
        value = crc32(value, bytes.baseAddress! + start, UInt32(count))
        start += count
      }
      return UInt32(value)
    }
  }
}

/// Reads the records of a zip file's directory, which stands at its end.
private struct ZipDirectory {
  private static let marker32 = 0xFFFF_FFFF  // "see the zip64 field"
  private static let marker16 = 0xFFFF

  let content: [UInt8]
  let file: String
  /// The entries' number and where they lie.
  let count: Int
  let range: Range<Int>

  init(_ content: [UInt8], file: String) throws(DatasetError) {
    self.content = content
    self.file = file
    // The record may be followed by a comment of 65,535 bytes; it is the last one that reaches the file's end.
    let (size, most) = (22, 65_535)
    let candidates = stride(
      from: content.count - size, through: max(0, content.count - size - most), by: -1)
    let found = candidates.first {
      content.number(4, at: $0) == 0x0605_4B50
        && content.number(2, at: $0 + 20) == content.count - size - $0
    }
    guard let found else {
      throw .malformed(
        file: file, place: "end", expected: "a zip file's end record", got: "none")
    }
    var disks = [content.number(2, at: found + 4), content.number(2, at: found + 6)]
    var counts = [content.number(2, at: found + 8), content.number(2, at: found + 10)]
    var (length, offset) = (content.number(4, at: found + 12), content.number(4, at: found + 16))
    var end = found
    if counts[1] == Self.marker16 || length == Self.marker32 || offset == Self.marker32,
      found >= 20, content.number(4, at: found - 20) == 0x0706_4B50
    {
      end = content.number(8, at: found - 12)
      guard end <= found - 20 - 56, content.number(4, at: end) == 0x0606_4B50 else {
        throw .malformed(
          file: file, place: "byte \(found - 20)", expected: "the place of a zip64 end record",
          got: "\(end)")
      }
      disks = [content.number(4, at: end + 16), content.number(4, at: end + 20)]
      counts = [content.number(8, at: end + 24), content.number(8, at: end + 32)]
      (length, offset) = (content.number(8, at: end + 40), content.number(8, at: end + 48))
    }
    guard disks == [0, 0], counts[0] == counts[1] else {
      throw .malformed(
        file: file, place: "byte \(end)", expected: "an archive in one file",
        got: "disks \(disks) with \(counts) members")
    }
    guard offset <= end, length == end - offset else {
      throw .malformed(
        file: file, place: "byte \(end)", expected: "a directory that ends here",
        got: "\(length) bytes from byte \(offset)")
    }
    count = counts[0]
    range = offset..<end
  }

  func members() throws(DatasetError) -> [Zip.Member] {
    var members: [Zip.Member] = []
    var position = range.lowerBound
    while members.count < count {
      members.append(try member(at: &position))
    }
    guard position == range.upperBound else {
      throw .malformed(
        file: file, place: "byte \(position)",
        expected: "the end of the directory's \(count) entries",
        got: "\(range.upperBound - position) other bytes")
    }
    return members
  }

  private func member(at position: inout Int) throws(DatasetError) -> Zip.Member {
    let size = 46
    let place = "byte \(position)"
    guard range.upperBound - position >= size, content.number(4, at: position) == 0x0201_4B50
    else {
      throw .malformed(file: file, place: place, expected: "a directory entry", got: "none")
    }
    let lengths = [28, 30, 32].map { content.number(2, at: position + $0) }
    guard lengths.reduce(size, +) <= range.upperBound - position else {
      throw .malformed(
        file: file, place: place, expected: "an entry within the directory",
        got: "one of \(lengths.reduce(size, +)) bytes")
    }
    let name = try name(position + size, lengths[0])
    let extra = position + size + lengths[0]
    let numbers = try wideNumbers(
      [24, 20, 42].map { content.number(4, at: position + $0) }, extra..<extra + lengths[1], name)
    let flags = content.number(2, at: position + 8)
    let method = content.number(2, at: position + 10)
    guard flags & 0x2041 == 0 else { throw bad(name, "no encryption", "flags \(flags)") }
    guard method == 0 || method == 8 else {
      throw bad(name, "method 0 (stored) or 8 (deflated)", "\(method)")
    }
    guard content.number(2, at: position + 34) == 0 else {
      throw bad(name, "an archive in one file", "disk \(content.number(2, at: position + 34))")
    }
    let member = Zip.Member(
      name: name, isDeflated: method == 8, checksum: UInt32(content.number(4, at: position + 16)),
      size: numbers[0], start: numbers[2],
      data: try data(of: name, position, size: numbers[0], compressed: numbers[1], at: numbers[2]))
    position += lengths.reduce(size, +)
    return member
  }

  /// Where a member's bytes lie, once its local header agrees with the directory's entry.
  private func data(
    of name: String, _ entry: Int, size: Int, compressed: Int, at start: Int
  ) throws(DatasetError) -> Range<Int> {
    let header = 30
    let room = range.lowerBound - header
    guard start <= room, content.number(4, at: start) == 0x0403_4B50 else {
      throw bad(name, "a local header at byte \(start)", "none")
    }
    let lengths = [26, 28].map { content.number(2, at: start + $0) }
    let begin = start + lengths.reduce(header, +)
    guard begin <= range.lowerBound, compressed <= range.lowerBound - begin else {
      throw bad(
        name, "data in front of byte \(range.lowerBound)", "\(compressed) bytes from byte \(begin)")
    }
    // Deflate makes at most 1032 bytes out of one.
    let isDeflated = content.number(2, at: entry + 10) == 8
    guard isDeflated ? size <= 1032 * compressed : size == compressed else {
      throw bad(name, "a size that \(compressed) compressed bytes can have", "\(size)")
    }
    let names = content[entry + 46..<entry + 46 + content.number(2, at: entry + 28)]
    guard content[start + header..<start + header + lengths[0]].elementsEqual(names),
      content.number(2, at: start + 8) == content.number(2, at: entry + 10)
    else { throw bad(name, "the same name and method in its local header", "others") }
    // With bit 3 the sizes follow the data, and the header has zeros.
    if content.number(2, at: start + 6) & 8 == 0 {
      let extra = start + header + lengths[0]
      let local = try wideNumbers(
        [22, 18].map { content.number(4, at: start + $0) }, extra..<extra + lengths[1], name)
      let checksums = [content.number(4, at: start + 14), content.number(4, at: entry + 16)]
      guard local == [size, compressed], checksums[0] == checksums[1] else {
        throw bad(
          name, "sizes \([size, compressed]) and the directory's CRC-32 in its local header",
          "\(local) and \(String(checksums[0], radix: 16))")
      }
    }
    return begin..<begin + compressed
  }

  /// Numbers of 32 bits, those that say so replaced by the ones of 64 bits in the extra fields.
  private func wideNumbers(
    _ numbers: [Int], _ extra: Range<Int>, _ name: String
  ) throws(DatasetError) -> [Int] {
    guard numbers.contains(Self.marker32) else { return numbers }
    var position = extra.lowerBound
    while extra.upperBound - position >= 4 {
      let (id, length) = (content.number(2, at: position), content.number(2, at: position + 2))
      position += 4
      guard length <= extra.upperBound - position else { break }
      if id == 1, length >= 8 * numbers.count(where: { $0 == Self.marker32 }) {
        return numbers.map { number in
          if number != Self.marker32 { return number }
          position += 8
          return content.number(8, at: position - 8)
        }
      }
      position += length
    }
    throw bad(name, "its zip64 sizes", "none")
  }

  private func name(_ start: Int, _ length: Int) throws(DatasetError) -> String {
    let bytes = content[start..<start + length]
    let name = String(decoding: bytes, as: UTF8.self)
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !bytes.isEmpty, name.utf8.elementsEqual(bytes), !bytes.contains(0),
      !name.contains("\\"), !name.hasPrefix("/"), !parts.contains("..")
    else {
      throw .malformed(
        file: file, place: "byte \(start)",
        expected: "a relative name in UTF-8, without '..' and backslashes", got: "'\(name)'")
    }
    return name
  }

  private func bad(_ name: String, _ expected: String, _ got: String) -> DatasetError {
    .malformed(file: file, place: "member '\(name)'", expected: expected, got: got)
  }
}
