import Foundation
import Testing
import Torch

@testable import Figures

@Suite("Images")
struct PixelImageTests {
  @Test("intensities are clamped, rounded and turned from channels first to channels last")
  func intensities() throws {
    let grey = try PixelImage(intensities: [-0.5, 0, 0.5, 1, 1.5, 0.25], width: 3, height: 2)
    #expect(grey.pixels == [0, 0, 128, 255, 255, 64])
    let color = try PixelImage(
      intensities: [1, 0, 0.2, 0.4, 0.6, 0.8], width: 2, height: 1, channels: 3)
    #expect(color.pixels == [255, 51, 153, 0, 102, 204])
    #expect(color[0, 1, 2] == 204)
  }

  @Test("an intensity that is not finite is told by its place", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    var intensities = [Float](repeating: 0, count: 24)
    intensities[8 + 4 + 2] = value
    let error = try #require(throws: PixelImageError.self) {
      try PixelImage(intensities: intensities, width: 4, height: 2, channels: 3)
    }
    #expect(
      "\(error)"
        == "image: expected finite intensities, got \(value) (channel 1, row 1, column 2)")
  }

  @Test("a PNG decodes to the image it was made of", arguments: [1, 3], [1, 2, 7, 64])
  func roundTrip(channels: Int, side: Int) throws {
    let count = (side + 3) * side * channels
    let image = PixelImage(
      width: side + 3, height: side, channels: channels,
      pixels: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) })
    let png = try image.png()
    #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(try PixelImage(png: png) == image)
  }

  @Test("a PNG file decodes to the image it was made of, and no other file is left")
  func file() throws {
    try withDirectory { directory in
      let file = directory.appendingPathComponent("digit.png")
      try Examples.digit(3).write(to: file)
      try Examples.digit(5).write(to: file)
      #expect(try PixelImage(png: Array(Data(contentsOf: file))) == Examples.digit(5))
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["digit.png"])
    }
  }

  @Test("a file in a directory that is not there is told by its path")
  func missingDirectory() throws {
    try withDirectory { directory in
      let file = directory.appendingPathComponent("none/digit.png")
      let error = try #require(throws: FileError.self) {
        try Examples.digit(3).write(to: file)
      }
      #expect(
        "\(error)"
          == "\(file.path): cannot open the file: No such file or directory")
    }
  }

  @Test("bytes that are no PNG give one clear error")
  func noPNG() throws {
    let text = try #require(throws: PNGError.self) {
      try PixelImage(png: Array("GIF89a, not a PNG at all".utf8), name: "a.png")
    }
    #expect(
      "\(text)"
        == "PNG 'a.png': expected a whole PNG file, got one that libpng cannot read "
        + "(Not a PNG file)")
    let empty = try #require(throws: PNGError.self) { try PixelImage(png: [], name: "a.png") }
    #expect(
      "\(empty)"
        == "PNG 'a.png': expected a whole PNG file, got one that libpng cannot read (no bytes)")
  }

  @Test("a PNG cut short anywhere before its last rows throws and never traps")
  func truncated() throws {
    let png = try Examples.digit(2, channels: 3).png()
    for length in 0..<png.count - 16 {
      #expect(throws: PNGError.self) { try PixelImage(png: Array(png.prefix(length))) }
    }
  }

  @Test("a PNG with any bit flipped decodes to an image or throws, and never traps")
  func damaged() throws {
    let png = try Examples.digit(2).png()
    for bit in 0..<png.count * 8 {
      var damaged = png
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        _ = try PixelImage(png: damaged, pixelLimit: 1 << 16)
      } catch {
        #expect("\(error)".hasPrefix("PNG 'image': expected "))
      }
    }
  }

  @Test("a declared size beyond the limit is refused before memory is taken")
  func tooLarge() throws {
    // A header of 100,000 x 100,000 pixels, 30 GB in RGB, with its right checksum, and no data.
    let bytes: [UInt8] = [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
      0x00, 0x01, 0x86, 0xA0, 0x00, 0x01, 0x86, 0xA0, 8, 2, 0, 0, 0, 0x27, 0x30, 0x9C, 0x9F,
      0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xAF, 0x06, 0x1E,
    ]
    let error = try #require(throws: PNGError.self) {
      try PixelImage(png: bytes, name: "bomb.png")
    }
    #expect(
      "\(error)" == "PNG 'bomb.png': expected at most 67108864 pixels, got 100000 x 100000")
  }
}

/// A directory of the test's own, gone afterwards.
func withDirectory(_ body: (URL) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("figures-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer {
    do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
  }
  try body(directory)
}
