/// Archives of files one after the other, each behind a header of 512 bytes.
///
/// - Source: POSIX.1-1988, "ustar"; the older format differs in fields that are not read here.
enum Tar {
  /// A regular file of an archive.
  struct Member: Sendable, Equatable {
    /// The path inside the archive, which never leads out of a directory it is joined to.
    let path: String
    /// Where its content stands in the archive.
    let range: Range<Int>
  }

  private static let block = 512

  /// The regular files of an archive; links, devices and directories are passed over.
  ///
  /// - Parameter file: the name used in messages.
  static func members(_ archive: [UInt8], file: String) throws(DatasetError) -> [Member] {
    var members: [Member] = []
    var paths: Set<String> = []
    var position = 0
    while true {
      guard position + block <= archive.count else {
        throw .malformed(
          file: file, place: "byte \(position)", expected: "a header or an empty block",
          got: "\(archive.count - position) bytes")
      }
      let header = Array(archive[position..<position + block])
      if header.allSatisfy({ $0 == 0 }) { return members }
      let place = "header at byte \(position)"
      try check(header, file, place)
      let size = try number(header[124..<136], "a size", file, place)
      let start = position + block
      guard size <= archive.count - start else {
        throw .malformed(
          file: file, place: place, expected: "a size within the \(archive.count - start) bytes left",
          got: "\(size)")
      }
      let kind = header[156]
      if kind == 0x30 || kind == 0 {
        let path = try path(header, file, place)
        guard paths.insert(path).inserted else {
          throw .malformed(
            file: file, place: place, expected: "a new path", got: quoted(path.utf8))
        }
        members.append(Member(path: path, range: start..<start + size))
      }
      position = start + (size + block - 1) / block * block
    }
  }

  /// A header holds the sum of its bytes, taken with blanks in the sum's own place.
  private static func check(
    _ header: [UInt8], _ file: String, _ place: String
  ) throws(DatasetError) {
    let own = 148..<156
    let sum = header.indices.reduce(0) { $0 + (own.contains($1) ? 0x20 : Int(header[$1])) }
    let stated = try number(header[own], "a header's sum", file, place)
    guard sum == stated else {
      throw .malformed(
        file: file, place: place, expected: "bytes whose sum is \(stated)", got: "\(sum)")
    }
  }

  /// An octal number that blanks and zero bytes surround.
  private static func number(
    _ field: ArraySlice<UInt8>, _ what: String, _ file: String, _ place: String
  ) throws(DatasetError) -> Int {
    let text = String(decoding: field.filter { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
    guard let number = Int(text, radix: 8), number >= 0, !text.hasPrefix("+") else {
      throw .malformed(
        file: file, place: place, expected: "\(what) in octal digits", got: quoted(field))
    }
    return number
  }

  private static func path(
    _ header: [UInt8], _ file: String, _ place: String
  ) throws(DatasetError) -> String {
    func text(_ field: Range<Int>) -> String {
      String(decoding: header[field].prefix { $0 != 0 }, as: UTF8.self)
    }
    // Only the POSIX edition has a prefix there; GNU's keeps times in its place.
    let prefix = header[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0]) ? text(345..<500) : ""
    let whole = prefix.isEmpty ? text(0..<100) : prefix + "/" + text(0..<100)
    let parts = whole.split(separator: "/").filter { $0 != "." }
    guard !parts.isEmpty, !whole.hasPrefix("/"), !whole.hasSuffix("/"), !parts.contains("..") else {
      throw .malformed(
        file: file, place: place, expected: "a path inside the archive", got: quoted(whole.utf8))
    }
    return parts.joined(separator: "/")
  }
}
