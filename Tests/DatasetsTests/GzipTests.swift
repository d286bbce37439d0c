import Testing

@testable import Datasets

@Suite("Gzip")
struct GzipTests {
  let text: [UInt8] = (0..<5000).map { (i: Int) -> UInt8 in UInt8(truncatingIfNeeded: i * i / 7) }

  @Test("decompressing what zlib compressed is the identity, for one member, two, and nothing")
  func identity() throws {
    #expect(try Gzip.decompress(gzip(text), file: "a.gz", limit: 5000) == text)
    #expect(
      try Gzip.decompress(gzip(text) + gzip([1, 2]), file: "a.gz", limit: 5002) == text + [1, 2])
    #expect(try Gzip.decompress(gzip([]), file: "a.gz", limit: 0) == [])
  }

  @Test("content beyond the limit is refused, however small the file")
  func bomb() {
    let bomb = gzip(Array(repeating: 0, count: 10_000_000))
    #expect(bomb.count < 20_000)
    #expect(
      message { _ = try Gzip.decompress(bomb, file: "bomb.gz", limit: 1000) }
        == "'bomb.gz', compressed data: expected at most 1000 bytes when decompressed, got more")
  }

  @Test("a false size in the trailer is an error of zlib, not memory taken")
  func falseSize() {
    var bytes = gzip(text)
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [255, 255, 255, 127])
    #expect(
      message { _ = try Gzip.decompress(bytes, file: "a.gz", limit: 1 << 40) }
        == "'a.gz', byte \(bytes.count): expected a sound deflate stream, got incorrect length check")
  }

  @Test("a file that ends early, or goes on, or is no gzip, says so")
  func broken() {
    let whole = gzip(text)
    #expect(
      message { _ = try Gzip.decompress(Array(whole.prefix(100)), file: "a.gz", limit: 5000) }
        == "'a.gz', byte 100: expected more compressed bytes, got the end of the file")
    #expect(
      message { _ = try Gzip.decompress(whole + [9], file: "a.gz", limit: 5000) }
        == "'a.gz', byte \(whole.count): expected the end or another gzip member, got 1 other bytes"
    )
    #expect(
      message { _ = try Gzip.decompress([80, 75, 3], file: "a.gz", limit: 10) }
        == "'a.gz', byte 0: expected gzip magic 1f 8b, got 50 4b")
    #expect(
      message { _ = try Gzip.decompress([], file: "a.gz", limit: 10) }
        == "'a.gz', byte 0: expected gzip magic 1f 8b, got an empty file")
  }

  @Test("no prefix and no changed byte of a file traps")
  func fuzz() {
    let whole = gzip(text)
    for length in stride(from: 0, to: whole.count, by: 7) {
      #expect(
        throws: DatasetError.self, "length \(length)"
      ) {
        try Gzip.decompress(Array(whole.prefix(length)), file: "a.gz", limit: 5000)
      }
    }
    var generator = SplitMix64(seed: 3)
    var refused = 0
    for _ in 0..<300 {
      var bytes = whole
      bytes[generator.below(bytes.count)] ^= UInt8(1 + generator.below(255))
      do {
        let got = try Gzip.decompress(bytes, file: "a.gz", limit: 5000)
        #expect(got == text)  // a change of the header's time or system is no error
      } catch {
        refused += 1
      }
    }
    #expect(refused > 250)
  }
}
