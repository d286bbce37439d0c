import Testing

@testable import Datasets

/// A member of a tar file: a header of the given fields and its content.
func tarMember(
  _ path: String, _ content: [UInt8], kind: Character = "0", prefix: String = "", size: String? = nil
) -> [UInt8] {
  var header = [UInt8](repeating: 0, count: 512)
  func put(_ text: String, at start: Int) {
    for (offset, byte) in text.utf8.enumerated() { header[start + offset] = byte }
  }
  put(path, at: 0)
  put("0000644", at: 100)
  let octal = String(content.count, radix: 8)
  put(size ?? String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
  put("        ", at: 148)
  put(String(kind), at: 156)
  put("ustar", at: 257)
  put("00", at: 263)
  put(prefix, at: 345)
  let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
  put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
  return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
}

@Suite("tar")
struct TarTests {
  let end = [UInt8](repeating: 0, count: 1024)

  @Test("regular files come out; directories, links and other records are passed over")
  func members() throws {
    let long = [UInt8](repeating: 7, count: 700)
    let archive =
      tarMember("set/", [], kind: "5") + tarMember("set/a", [1, 2, 3])
      + tarMember("pax", Array("12 size=9\n".utf8), kind: "x") + tarMember("link", [], kind: "2")
      + tarMember("./b", long, prefix: "deep/set") + tarMember("empty", []) + end
    let members = try Tar.members(archive, file: "x.tar")
    #expect(members.map(\.path) == ["set/a", "deep/set/b", "empty"])
    #expect(members.map { Array(archive[$0.range]) } == [[1, 2, 3], long, []])
    #expect(try Tar.members(end, file: "x.tar") == [])
  }

  @Test("a path that leads out of the archive is refused", arguments: ["../a", "a/../../b", "/a", "..", "a/.."])
  func traversal(path: String) {
    #expect(
      message { _ = try Tar.members(tarMember(path, [1]) + end, file: "x.tar") }
        == "'x.tar', header at byte 0: expected a path inside the archive, got '\(path)'")
  }

  @Test("a broken archive says where and what")
  func broken() {
    func read(_ bytes: [UInt8]) -> String { message { _ = try Tar.members(bytes, file: "x.tar") } }
    let one = tarMember("a", [1, 2, 3])
    #expect(read([]) == "'x.tar', byte 0: expected a header or an empty block, got 0 bytes")
    #expect(read(one) == "'x.tar', byte 1024: expected a header or an empty block, got 0 bytes")
    #expect(
      read(tarMember("a", [1], size: "00000777777") + end)
        == "'x.tar', header at byte 0: expected a size within the 1536 bytes left, got 262143")
    #expect(
      read(tarMember("a", [1], size: "-0000000001") + end)
        == "'x.tar', header at byte 0: expected a size in octal digits, got '-0000000001\\u{0}'")
    #expect(
      read(tarMember("a", [1], size: "77777777777") + end)
        == "'x.tar', header at byte 0: expected a size within the 1536 bytes left, got 8589934591")
    #expect(read(one + one + end) == "'x.tar', header at byte 1024: expected a new path, got 'a'")
    var changed = one + end
    changed[0] = 0x62
    #expect(
      read(changed) == "'x.tar', header at byte 0: expected bytes whose sum is 1937, got 1938")
  }

  @Test("no changed byte of an archive traps")
  func fuzz() {
    let whole = tarMember("set/a", [1, 2, 3]) + tarMember("b", [4], prefix: "set") + end
    var generator = SplitMix64(seed: 9)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = whole
      let index = generator.below(2) == 0 ? 124 + generator.below(32) : generator.below(bytes.count)
      bytes[index] = UInt8(generator.below(256))
      if generator.below(4) == 0 { bytes.removeLast(generator.below(bytes.count)) }
      do {
        let members = try Tar.members(bytes, file: "x")
        #expect(members.allSatisfy { $0.range.upperBound <= bytes.count })
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 2000)
  }
}
