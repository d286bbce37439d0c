import Foundation
import Testing

@testable import Datasets

/// What the log received, in order.
final class Lines: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  var all: [String] { lock.withLock { lines } }
  func append(_ line: String) { lock.withLock { lines.append(line) } }
}

@Suite("File store", .serialized)
struct FileStoreTests {
  let content = Array("three little words".utf8)
  let directory: TemporaryDirectory
  let lines = Lines()

  init() throws { directory = try TemporaryDirectory() }

  var file: DatasetFile {
    DatasetFile(name: "words", byteCount: content.count, checksum: .sha256(sha256(content)))
  }

  func options(network: Bool = false) -> DatasetOptions {
    DatasetOptions(
      dataRoot: directory.path + "/root", cacheDirectory: directory.path + "/cache",
      allowsNetwork: network, connectSeconds: 1, log: { [lines] in lines.append($0) })
  }

  func find(_ remotes: [FileGroup.Remote] = [], network: Bool = false) throws -> [UInt8] {
    let group = FileGroup(set: "tales", directories: ["Tales/raw"], remotes: remotes)
    return try FileStore(options: options(network: network)).content(of: file, in: group)
  }

  @Test("SHA-256 gives the published digest of 'abc' (FIPS 180-4)")
  func digest() {
    #expect(
      sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(
    "the data root is searched in the set's directory and at the top, compressed or not",
    arguments: ["tales/words", "tales/words.gz", "Tales/raw/words.gz", "words", "words.gz"])
  func dataRoot(path: String) throws {
    try directory.write(path.hasSuffix(".gz") ? gzip(content) : content, to: "root/" + path)
    #expect(try find() == content)
    #expect(lines.all == ["tales: 'words' from \(directory.path)/root/\(path)"])
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/cache"))
  }

  @Test("a file with another content is refused with both hashes, not passed over")
  func checksum() throws {
    var other = content
    other[0] ^= 1
    try directory.write(gzip(other), to: "root/tales/words.gz")
    let path = "\(directory.path)/root/tales/words.gz"
    #expect(
      message { _ = try find() }
        == "'\(path)': expected sha256 \(sha256(content)) (of the decompressed file), got \(sha256(other))"
    )
    try directory.write(gzip(content + content), to: "root/tales/words.gz")
    #expect(
      message { _ = try find() }
        == "'\(path)', compressed data: expected at most 18 bytes when decompressed, got more")
    try directory.write(Array(repeating: 7, count: 5000), to: "root/tales/words")
    #expect(
      message { _ = try find() }
        == "'\(directory.path)/root/tales/words', size: expected at most 1042 bytes, got 5000")
  }

  @Test("a download is verified, kept decompressed, and not asked for again")
  func download() throws {
    let server = Server(["words.gz": gzip(content)])
    let remotes = [
      FileGroup.Remote.mirror(server.address + "moved/", suffix: ".gz"),
      .mirror(server.address, suffix: ".gz"),
    ]
    #expect(try find(remotes, network: true) == content)
    #expect(server.requests == ["moved/words.gz", "words.gz"])
    #expect(lines.all.contains("tales: \(server.address)moved/: HTTP status 404"))
    #expect(lines.all.last == "tales: 'words' from \(server.address)words.gz")
    server.stop()
    #expect(try find(remotes, network: true) == content)
    #expect(lines.all.last == "tales: 'words' from \(directory.path)/cache/tales/words")
    let kept = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/cache/tales")
    #expect(kept == ["words"])
  }

  @Test("when nothing answers, one error lists every source and why it failed")
  func nothing() throws {
    var other = content
    other[1] ^= 1
    let server = Server(["words": other, "long/words": Array(repeating: 1, count: 9000)])
    let silent = Server([:], silent: true)
    defer { silent.stop() }
    try directory.write([1, 2, 3], to: "cache/tales/words")
    let remotes = [
      FileGroup.Remote.mirror(server.address, suffix: ""),
      .mirror(server.address + "long/", suffix: ""),
      .mirror(silent.address, suffix: ""),
    ]
    let text = message { _ = try find(remotes, network: true) }.split(separator: "\n").map(
      String.init)
    server.stop()
    #expect(text[0] == "tales: no source has 'words'")
    #expect(
      text[1]
        == "  data root '\(directory.path)/root': no 'tales/words' or 'words' in it, with .gz or without"
    )
    #expect(
      text[2]
        == "  cache '\(directory.path)/cache': '\(directory.path)/cache/tales/words' has 3 bytes instead of 18"
    )
    #expect(
      text[3]
        == "  \(server.address): '\(server.address)words': expected sha256 \(sha256(content)) (of the decompressed file), got \(sha256(other))"
    )
    #expect(text[4] == "  \(server.address)long/: expected at most 1042 bytes, got 9000")
    #expect(text[5].hasPrefix("  \(silent.address): "))  // the system's own words for a timeout
    #expect(text.count == 6)
  }

  @Test("a file of an unpacked Debian package is found at any depth, verified, and kept")
  func debian() throws {
    let package = "cache/packages/dataset-tales/usr/share/tales/"
    try directory.write(gzip(content), to: package + "words.gz")
    #expect(try find([.debian("dataset-tales")], network: true) == content)
    #expect(
      lines.all.last == "tales: 'words' from \(directory.path)/\(package)words.gz")
    #expect(FileManager.default.fileExists(atPath: directory.path + "/cache/tales/words"))
    try FileManager.default.removeItem(atPath: directory.path + "/cache/tales")
    try FileManager.default.removeItem(atPath: directory.path + "/" + package + "words.gz")
    #expect(
      message { _ = try find([.debian("dataset-tales")], network: true) }
        .hasSuffix("\n  Debian package dataset-tales: no 'words' in it"))
  }

  @Test("a mirror that could not be reached is not asked for the next file")
  func unreachable() throws {
    let server = Server([:])
    server.stop()
    let group = FileGroup(set: "tales", remotes: [.mirror(server.address, suffix: "")])
    let store = FileStore(options: options(network: true))
    let asking = "tales: asking \(server.address) for 'words'"
    let first = message { _ = try store.content(of: file, in: group) }
    #expect(lines.all.count { $0 == asking } == 1)
    #expect(message { _ = try store.content(of: file, in: group) } == first)
    #expect(lines.all.count { $0 == asking } == 1)
  }

  @Test("without a data root and a network the error says how to give them")
  func offline() {
    let options = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    #expect(
      message { _ = try Dataset.named("mnist", options).test } == """
        mnist: no source has 't10k-labels-idx1-ubyte'
          data root: none given (--data-root or HELMHOLTZ_DATA)
          network: switched off
          cache '\(directory.path)/cache': not there yet
        """)
  }

  @Test("a cache that cannot be written is reported and does not stop the run")
  func readOnlyCache() throws {
    try directory.write([], to: "cache")  // a file where the directory should be
    let server = Server(["words": content])
    defer { server.stop() }
    #expect(try find([.mirror(server.address, suffix: "")], network: true) == content)
    #expect(
      lines.all.last!.hasPrefix("tales: cache '\(directory.path)/cache': cannot keep 'words': "))
  }

  @Test("what is not a regular file is refused")
  func irregular() throws {
    #expect(
      message { _ = try readFile(directory.path) } == "'\(directory.path)': expected a regular file"
    )
  }

  @Test("the environment names the data root and the cache")
  func environment() {
    func cache(_ environment: [String: String]) -> String {
      DatasetOptions.fromEnvironment(environment).cacheDirectory
    }
    #expect(DatasetOptions.fromEnvironment(["HELMHOLTZ_DATA": "/d"]).dataRoot == "/d")
    #expect(DatasetOptions.fromEnvironment(["HELMHOLTZ_DATA": ""]).dataRoot == nil)
    #expect(cache(["HELMHOLTZ_CACHE": "/c", "XDG_CACHE_HOME": "/x"]) == "/c")
    #expect(cache(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/helmholtz")
    #if !os(macOS)
      #expect(cache(["HOME": "/h"]) == "/h/.cache/helmholtz")
    #endif
  }
}
