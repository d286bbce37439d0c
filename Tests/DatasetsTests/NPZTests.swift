import Foundation
import Testing

@testable import Datasets

/// A zip file written record by record, so that a test can lie in any of them.
struct ZipWriter {
  struct Member {
    var name: String
    var content: [UInt8]
    /// The bytes stored; the content itself unless deflated.
    var data: [UInt8]
    var method = 0
    var flags = 0
    var checksum: UInt32
    var size: Int
    var localName: String
    var localSize: Int
    /// Where the directory says the local header is, if elsewhere.
    var start: Int?

    init(_ name: String, _ content: [UInt8], deflated: Bool = false) {
      self.name = name
      self.content = content
      // A gzip member is a header of 10 bytes, the deflate stream and 8 bytes of checksum and size.
      data = deflated ? Array(gzip(content).dropFirst(10).dropLast(8)) : content
      method = deflated ? 8 : 0
      checksum = Zip.checksum(content)
      size = content.count
      localName = name
      localSize = content.count
    }
  }

  var members: [Member]
  var comment: [UInt8] = []
  var disk = 0
  var count: Int?
  /// Writes sizes as NumPy does: 64 bits in the local header's extra field.
  var isWide = false
  /// Writes 64 bits in the directory and its end record, too.
  var isDirectoryWide = false

  init(_ members: [Member]) { self.members = members }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let start = member.start ?? file.count
      let local = wide(isWide, [member.localSize, member.data.count])
      file +=
        number(4, 0x0403_4B50) + number(2, 45) + number(2, member.flags) + number(2, member.method)
      file +=
        number(4, 0) + number(4, Int(member.checksum))
        + local.sizes.reversed().flatMap { number(4, $0) }
      file += number(2, member.localName.utf8.count) + number(2, local.extra.count)
      file += Array(member.localName.utf8) + local.extra + member.data
      let entry = wide(isDirectoryWide, [member.size, member.data.count, start])
      directory += number(4, 0x0201_4B50) + number(2, 45) + number(2, 45) + number(2, member.flags)
      directory += number(2, member.method) + number(4, 0) + number(4, Int(member.checksum))
      directory += number(4, entry.sizes[1]) + number(4, entry.sizes[0])
      directory += number(2, member.name.utf8.count) + number(2, entry.extra.count) + number(2, 0)
      directory += number(2, 0) + number(2, 0) + number(4, 0) + number(4, entry.sizes[2])
      directory += Array(member.name.utf8) + entry.extra
    }
    let (start, count) = (file.count, count ?? members.count)
    file += directory
    if isDirectoryWide {
      let end = file.count
      file +=
        number(4, 0x0606_4B50) + number(8, 44) + number(2, 45) + number(2, 45) + number(4, disk)
      file += number(4, disk) + number(8, count) + number(8, count) + number(8, directory.count)
      file +=
        number(8, start) + number(4, 0x0706_4B50) + number(4, 0) + number(8, end) + number(4, 1)
    }
    let short = isDirectoryWide ? 0xFFFF : count
    file +=
      number(4, 0x0605_4B50) + number(2, disk) + number(2, disk) + number(2, short)
      + number(2, short)
    file += number(4, isDirectoryWide ? 0xFFFF_FFFF : directory.count)
    file += number(4, isDirectoryWide ? 0xFFFF_FFFF : start) + number(2, comment.count) + comment
    return file
  }

  private func wide(_ isWide: Bool, _ sizes: [Int]) -> (sizes: [Int], extra: [UInt8]) {
    if !isWide { return (sizes, []) }
    return (
      sizes.map { _ in 0xFFFF_FFFF },
      number(2, 1) + number(2, 8 * sizes.count) + sizes.flatMap { number(8, $0) }
    )
  }

  private func number(_ width: Int, _ value: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

@Suite("npz")
struct NPZTests {
  static let array = npyFile(npyHeader("|u1", "(3,)"), [1, 2, 3])
  static let member = ZipWriter.Member("a.npy", array)

  static func decode(_ bytes: [UInt8], key: String? = nil) throws -> DataArray {
    try NPZ.decode(bytes, key: key, file: "x.npz")
  }

  @Test(
    "every type that NumPy writes is read, stored and deflated", arguments: ["stored", "deflated"])
  func numpy(name: String) throws {
    for element in fixtureTypes {
      expectRamp(try decodedFixture("\(name).npz", .npz, key: element.rawValue), element)
    }
    expectRamp(try decodedFixture("\(name).npz", .npz, key: "fortran"), .int16)
    expectRamp(try decodedFixture("\(name).npz", .npz, key: "big_endian"), .float64)
  }

  @Test("NumPy's single files in either order of bytes and axes are read")
  func single() throws {
    expectRamp(try decodedFixture("big-endian.npy", .npy), .int32)
    expectRamp(try decodedFixture("fortran.npy", .npy), .float64)
    expectRamp(try decodedFixture("one.npz", .npz), .uint8)
  }

  @Test("32-bit and 64-bit records, comments and members of other kinds are read")
  func layouts() throws {
    for (isWide, isDirectoryWide) in [(false, false), (true, false), (true, true)] {
      for isDeflated in [false, true] {
        var zip = ZipWriter([
          ZipWriter.Member("notes.txt", Array("no array".utf8)),
          ZipWriter.Member("a.npy", Self.array, deflated: isDeflated),
        ])
        (zip.isWide, zip.isDirectoryWide) = (isWide, isDirectoryWide)
        zip.comment = Array("a comment".utf8)
        let array = try Self.decode(zip.bytes)
        #expect(array.source == "x.npz[a]")
        #expect(array.shape == [3])
        #expect(array.bytes == [1, 2, 3])
      }
    }
  }

  @Test("a member that is not asked for is not decompressed")
  func untouched() throws {
    var broken = ZipWriter.Member("b.npy", Self.array, deflated: true)
    broken.data[0] = 0xFF
    let zip = ZipWriter([Self.member, broken]).bytes
    #expect(try Self.decode(zip, key: "a").bytes == [1, 2, 3])
    #expect(
      message { _ = try Self.decode(zip, key: "b") }
        == "'x.npz[b.npy]', byte 1: expected a sound deflate stream, got invalid block type")
  }

  @Test("the name must be one that is there, and may be left out where there is one only")
  func choice() {
    let two = ZipWriter([Self.member, ZipWriter.Member("images.npy", Self.array)]).bytes
    #expect(
      message { _ = try Self.decode(two) }
        == "'x.npz': expected the name of one array out of a, images, got none")
    #expect(
      message { _ = try Self.decode(two, key: "image") }
        == "'x.npz': expected the name of an array out of a, images, got 'image' (did you mean 'images'?)"
    )
    #expect(
      message { _ = try Self.decode(two, key: "xyz") }
        == "'x.npz': expected the name of an array out of a, images, got 'xyz'")
    #expect(
      message { _ = try Self.decode(ZipWriter([]).bytes) }
        == "'x.npz': expected an array of numbers, got a file without any")
    #expect(
      message { _ = try Self.decode(ZipWriter([]).bytes, key: "a") }
        == "'x.npz': expected a file with arrays, got 'a'")
    let many = ZipWriter((0..<25).map { ZipWriter.Member("n\($0).npy", Self.array) }).bytes
    #expect(
      message { _ = try Self.decode(many) }
        == "'x.npz': expected the name of one array out of \((0..<20).map { "n\($0)" }.joined(separator: ", ")) and 5 more, got none"
    )
  }

  /// A file of one member that `change` spoils.
  static func spoilt(
    deflated: Bool = false, _ change: (inout ZipWriter, inout ZipWriter.Member) -> Void
  ) -> [UInt8] {
    var member = ZipWriter.Member("a.npy", array, deflated: deflated)
    var zip = ZipWriter([])
    change(&zip, &member)
    zip.members.append(member)
    return zip.bytes
  }

  static let badName = "expected a relative name in UTF-8, without '..' and backslashes, got"

  static let brokenFiles: [Broken] = [
    Broken([], "'x.npz', end: expected a zip file's end record, got none"),
    Broken(
      Array(ZipWriter([member]).bytes.dropLast()),
      "'x.npz', end: expected a zip file's end record, got none"),
    Broken(
      spoilt { zip, _ in zip.disk = 1 },
      "'x.npz', byte 157: expected an archive in one file, got disks [1, 1] with [1, 1] members"),
    Broken(
      spoilt { zip, _ in zip.count = 2 }, "'x.npz', byte 157: expected a directory entry, got none"),
    Broken(
      spoilt { zip, _ in zip.count = 0 },
      "'x.npz', byte 106: expected the end of the directory's 0 entries, got 51 other bytes"),
    Broken(
      [1] + ZipWriter([member]).bytes,
      "'x.npz', byte 158: expected a directory that ends here, got 51 bytes from byte 106"),
    Broken(
      spoilt { $1.flags = 1 }, "'x.npz', member 'a.npy': expected no encryption, got flags 1"),
    Broken(
      spoilt { $1.method = 12 },
      "'x.npz', member 'a.npy': expected method 0 (stored) or 8 (deflated), got 12"),
    Broken(
      spoilt { $1.start = 7 },
      "'x.npz', member 'a.npy': expected a local header at byte 7, got none"),
    Broken(
      spoilt { $1.start = 1 << 31 },
      "'x.npz', member 'a.npy': expected a local header at byte 2147483648, got none"),
    Broken(
      spoilt { $1.localName = "b.npy" },
      "'x.npz', member 'a.npy': expected the same name and method in its local header, got others"),
    Broken(
      spoilt { $1.localSize = 5 },
      "'x.npz', member 'a.npy': expected sizes [71, 71] and the directory's CRC-32 in its local header, got [5, 71] and \(String(Zip.checksum(array), radix: 16))"
    ),
    Broken(
      spoilt { $1.checksum = 0xABC },
      "'x.npz', member 'a.npy': expected CRC-32 abc, got \(String(Zip.checksum(array), radix: 16))"),
    Broken(
      spoilt {
        $1.size = 75
        $1.localSize = 75
      }, "'x.npz', member 'a.npy': expected a size that 71 compressed bytes can have, got 75"),
    Broken(
      spoilt(deflated: true) {
        $1.size = 75
        $1.localSize = 75
      }, "'x.npz', member 'a.npy': expected 75 bytes when decompressed, got 71"),
    Broken(
      spoilt(deflated: true) {
        $1.size = 70
        $1.localSize = 70
      },
      "'x.npz[a.npy]', compressed data: expected at most 70 bytes when decompressed, got more"),
    Broken(
      spoilt(deflated: true) {
        $1.size = 1 << 30
        $1.localSize = 1 << 30
      },
      "'x.npz', member 'a.npy': expected a size that \(ZipWriter.Member("", array, deflated: true).data.count) compressed bytes can have, got 1073741824"
    ),
    Broken(
      ZipWriter([member, member]).bytes,
      "'x.npz', member 'a.npy': expected a name used once, got it again"),
    Broken(
      spoilt { zip, member in
        zip.members = [NPZTests.member]
        member.start = 0
      },
      "'x.npz', member 'a.npy': expected a start at byte 106 or later, behind the member before, got byte 0"
    ),
    Broken(
      spoilt { $1.name = "../a.npy" }, "'x.npz', byte 152: \(badName) '../a.npy'"),
    Broken(
      spoilt { $1.name = "b/../../a.npy" }, "'x.npz', byte 152: \(badName) 'b/../../a.npy'"),
    Broken(spoilt { $1.name = "/a.npy" }, "'x.npz', byte 152: \(badName) '/a.npy'"),
    Broken(spoilt { $1.name = "b\\a.npy" }, "'x.npz', byte 152: \(badName) 'b\\a.npy'"),
    Broken(spoilt { $1.name = "" }, "'x.npz', byte 152: \(badName) ''"),
    Broken(
      spoilt { $1 = ZipWriter.Member("a.npy", [1, 2, 3]) },
      "'x.npz[a]', byte 0: expected npy magic \\x93NUMPY, a version and a header, got 01 02 03"),
  ]

  @Test("a broken file says where and what", arguments: NPZTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try Self.decode(file.bytes) } == file.expected)
  }

  @Test("the members together may not exceed what a file of its size may become")
  func bomb() {
    // Four members of 80 million zeros in 320 kB.
    let content = [UInt8](repeating: 0, count: 80_000_000)
    let member = ZipWriter.Member("0", content, deflated: true)
    let bytes = ZipWriter(
      (0..<4).map { number in
        var copy = member
        (copy.name, copy.localName) = ("\(number).npy", "\(number).npy")
        return copy
      }
    ).bytes
    #expect(
      message { _ = try Self.decode(bytes) }
        == "'x.npz', directory: expected at most 268435456 bytes when decompressed, got 320000000")
  }

  @Test("a name whose letters join the suffix's is an array's name like any other")
  func joiningName() throws {
    // U+0600 takes the letter behind it into one character.
    let zip = ZipWriter([ZipWriter.Member("\u{600}.npy", Self.array)]).bytes
    #expect(try Self.decode(zip).source == "x.npz[\u{600}]")
  }

  @Test("no changed byte of a file traps")
  func fuzz() {
    let whole = ZipWriter([Self.member, ZipWriter.Member("b.npy", Self.array, deflated: true)])
      .bytes
    var generator = SplitMix64(seed: 7)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0...generator.below(2) {
        bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
      }
      do {
        #expect(try Self.decode(bytes, key: "b").bytes.count <= 3)
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 2000)
  }
}
