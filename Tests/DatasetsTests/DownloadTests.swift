import Foundation
import Testing

@testable import Datasets

/// What a progress bar was told, in order.
private final class Steps: @unchecked Sendable {
  private let lock = NSLock()
  private var steps: [(DownloadProgress, Date)] = []
  var all: [DownloadProgress] { lock.withLock { steps.map(\.0) } }
  var times: [Date] { lock.withLock { steps.map(\.1) } }
  func append(_ step: DownloadProgress) { lock.withLock { steps.append((step, Date())) } }
}

@Suite("Downloads", .serialized)
struct DownloadTests {
  let content: [UInt8]
  let directory: TemporaryDirectory
  let lines = Lines()
  private let steps = Steps()

  init() throws {
    var generator = SplitMix64(seed: 1)
    content = (0..<300_000).map { _ in UInt8(generator.below(256)) }
    directory = try TemporaryDirectory()
  }

  var partial: String { directory.path + "/cache/tales/words.partial" }

  func left() -> [UInt8]? { FileManager.default.contents(atPath: partial).map { Array($0) } }

  func fetch(_ servers: Server...) throws -> [UInt8] {
    let file = DatasetFile(
      name: "words", byteCount: content.count, checksum: .sha256(sha256(content)))
    let options = DatasetOptions(
      cacheDirectory: directory.path + "/cache", connectSeconds: 2,
      log: { [lines] in lines.append($0) }, progress: { [steps] in steps.append($0) })
    let group = FileGroup(set: "tales", remotes: servers.map { .mirror($0.address, suffix: "") })
    return try FileStore(options: options).content(of: file, in: group)
  }

  @Test("a lost connection is opened again for the bytes that are missing")
  func lost() throws {
    let server = Server(["words": content], drops: [100_000, 50_000])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["", "bytes=100000-", "bytes=150000-"])
    #expect(left() == nil)
    #expect(steps.all.last == DownloadProgress(name: "words", received: 300_000, total: 300_000))
    #expect(lines.all.count { $0.hasSuffix("; going on") } == 2)
  }

  @Test("what a killed process has left is gone on with")
  func killed() throws {
    try directory.write(Array(content.prefix(123_456)), to: "cache/tales/words.partial")
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["bytes=123456-"])
    #expect(left() == nil)
    #expect(lines.all.contains("tales: going on after 123456 bytes of 'words'"))
  }

  @Test("a whole file that was never checked is not sent again")
  func unchecked() throws {
    try directory.write(content, to: "cache/tales/words.partial")
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["bytes=300000-"])
  }

  @Test("a download that breaks off is no file, and stays for the next start")
  func interrupted() throws {
    let server = Server(["words": content], drops: [100_000, 0])
    #expect(message { _ = try fetch(server) }.hasPrefix("tales: no source has 'words'\n"))
    #expect(left() == Array(content.prefix(100_000)))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache/tales") == ["words.partial"])
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["", "bytes=100000-", "bytes=100000-"])
    server.stop()
  }

  @Test("a server that knows no ranges, or sends another one, sends the whole file again")
  func whole() throws {
    for isLying in [false, true] {
      try directory.write(Array(content.prefix(1000)), to: "cache/tales/words.partial")
      let server = Server(["words": content], knowsRanges: isLying, isLying: isLying)
      #expect(try fetch(server) == content)
      #expect(server.ranges == (isLying ? ["bytes=1000-", ""] : ["bytes=1000-"]))
      server.stop()
      try FileManager.default.removeItem(atPath: directory.path + "/cache/tales/words")
    }
  }

  @Test("a beginning of other content is thrown away, and the file asked for once more")
  func foreign() throws {
    try directory.write([1, 2, 3], to: "cache/tales/words.partial")
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["bytes=3-", ""])
    #expect(lines.all.contains { $0.hasSuffix("; starting again") })
  }

  @Test("a beginning that is longer than the file is thrown away")
  func longer() throws {
    try directory.write(content + content, to: "cache/tales/words.partial")
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(server.ranges == ["bytes=600000-", ""])
  }

  @Test("content that fails its checksum leaves nothing behind")
  func wrong() throws {
    var other = content
    other[299_999] ^= 1
    let server = Server(["words": other], drops: [150_000])
    defer { server.stop() }
    #expect(
      message { _ = try fetch(server) }.hasSuffix(
        "'\(server.address)words': expected sha256 \(sha256(content)) (of the decompressed file), got \(sha256(other))")
    )
    #expect(left() == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache/tales").isEmpty)
  }

  @Test("a second process does not write to the same partial file")
  func locked() throws {
    let other = try PartialFile(path: partial)
    try other.append(Data([7]))
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try fetch(server) == content)
    #expect(left() == [7])
    #expect(
      lines.all.contains(
        "tales: cannot keep a partial download: '\(partial)': in use by another process"))
    withExtendedLifetime(other) {}
  }

  @Test("progress rises, is told at most every tenth of a second, and ends with the end")
  func progress() throws {
    let server = Server(["words": content])
    defer { server.stop() }
    _ = try fetch(server)
    let received = steps.all.map(\.received)
    #expect(received == received.sorted())
    #expect(steps.all.allSatisfy { $0.name == "words" && $0.total == 300_000 })
    #expect(received.last == 300_000)
    let times = steps.times.dropLast()
    for (early, late) in zip(times, times.dropFirst()) {
      #expect(late.timeIntervalSince(early) >= 0.09)
    }
    let meter = ProgressMeter(name: "x") { [steps] in steps.append($0) }
    for count in 0..<1000 { meter.update(received: count, total: nil) }
    #expect((1...2).contains(steps.all.count { $0.name == "x" }))
  }

  @Test("the header Content-Range is read, or refused")
  func contentRange() {
    #expect(ContentRange("bytes 5-9/10")?.start == 5)
    #expect(ContentRange("bytes 5-9/10")?.total == 10)
    #expect(ContentRange("bytes */10")?.start == nil)
    #expect(ContentRange("bytes */10")?.total == 10)
    #expect(ContentRange("bytes 5-9/*")?.total == nil)
    #expect(ContentRange("items 5-9/10") == nil)
    #expect(ContentRange("bytes 5") == nil)
    #expect(ContentRange("") == nil)
  }
}

@Suite("Archives of sets", .serialized)
struct ArchiveTests {
  let directory: TemporaryDirectory
  let lines = Lines()
  let words = Array("words".utf8)
  let pictures = [UInt8](repeating: 9, count: 2000)

  init() throws { directory = try TemporaryDirectory() }

  func store(_ server: Server, _ archive: [UInt8]) -> (FileStore, FileGroup) {
    let file = DatasetFile(
      name: "tales.tar.gz", byteCount: archive.count, checksum: .md5(md5(archive)))
    let options = DatasetOptions(
      cacheDirectory: directory.path + "/cache", connectSeconds: 1,
      log: { [lines] in lines.append($0) })
    return (
      FileStore(options: options),
      FileGroup(set: "tales", remotes: [.archive(server.address, file)])
    )
  }

  func file(_ name: String, _ content: [UInt8]) -> DatasetFile {
    DatasetFile(name: name, byteCount: content.count, checksum: .none)
  }

  @Test("an archive is downloaded once for all files in it")
  func once() throws {
    let archive = gzip(
      tarMember("tales/words", words) + tarMember("tales/pictures", pictures)
        + [UInt8](repeating: 0, count: 1024))
    let server = Server(["tales.tar.gz": archive], drops: [50])
    defer { server.stop() }
    let (store, group) = store(server, archive)
    #expect(try store.content(of: file("words", words), in: group) == words)
    #expect(try store.content(of: file("pictures", pictures), in: group) == pictures)
    #expect(server.ranges == ["", "bytes=50-"])
    let kept = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache/tales")
    #expect(kept.sorted() == ["pictures", "words"])
  }

  @Test("an archive with another checksum, or without the file, or with a short one, is refused")
  func refused() throws {
    let archive = gzip(tarMember("tales/words", words) + [UInt8](repeating: 0, count: 1024))
    var other = archive
    other[4] ^= 1  // the time in gzip's header
    let server = Server(["tales.tar.gz": other])
    defer { server.stop() }
    let (store, group) = store(server, archive)
    let address = server.address + "tales.tar.gz"
    #expect(
      message { _ = try store.content(of: file("words", words), in: group) }
        .hasSuffix("\n  \(address): '\(address)': expected md5 \(md5(archive)), got \(md5(other))"))
    let sound = Server(["tales.tar.gz": archive])
    defer { sound.stop() }
    let (good, here) = self.store(sound, archive)
    let place = sound.address + "tales.tar.gz"
    #expect(
      message { _ = try good.content(of: file("songs", words), in: here) }
        .hasSuffix("\n  \(place): '\(place)': no 'songs' in it"))
    #expect(
      message { _ = try good.content(of: file("words", words + words), in: here) }
        .hasSuffix(
          "\n  \(place): '\(place): tales/words', size: expected 10 bytes (of the decompressed file), got 5"))
  }
}

@Suite("Checksums")
struct ChecksumTests {
  @Test(
    "MD5 gives the digests of RFC 1321, and of every length around a block",
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f"
      ),
      (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
      ),
      (String(repeating: "x", count: 55), "04364420e25c512fd958a70738aa8f72"),
      (String(repeating: "x", count: 56), "668a72d5ba17f08e62dabcafad6db14b"),
      (String(repeating: "x", count: 64), "c1bb4f81d892b2d57947682aeb252456"),
    ])
  func digests(text: String, digest: String) {
    #expect(md5(Array(text.utf8)) == digest)
  }

  @Test("without a checksum the size still has to be right")
  func size() {
    let file = DatasetFile(name: "x", byteCount: 3, checksum: .none)
    #expect(message { _ = try file.verified([1, 2, 3], from: "x") } == "")
    #expect(
      message { _ = try file.verified([1, 2], from: "x") }
        == "'x', size: expected 3 bytes (of the decompressed file), got 2")
  }
}
