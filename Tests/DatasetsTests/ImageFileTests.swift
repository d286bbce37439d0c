import Foundation
import Testing

@testable import Datasets

/// The pictures beside the tests.
enum Pictures {
  static let folder = Bundle.module.resourcePath! + "/Fixtures/images"

  static func bytes(_ name: String) throws -> [UInt8] { try readFile(folder + "/" + name) }

  /// What Pillow made of a picture.
  static func array(_ name: String) throws -> DataArray {
    try NPY.decode(try bytes(name + ".npy"), file: name)
  }
}

@Suite("Image files")
struct ImageFileTests {
  static let kinds = PNGFile.Color.allCases.flatMap { color in
    color.depths.flatMap { depth in [false, true].map { (color, depth, $0) } }
  }

  /// A picture of 11 x 9 whose samples take all values of their depth.
  static func png(_ color: PNGFile.Color, _ depth: Int, isInterlaced: Bool = false) -> PNGFile {
    var generator = SplitMix64(seed: UInt64(depth))
    let samples = (0..<11 * 9 * color.samples).map { _ in generator.below(1 << depth) }
    return PNGFile(
      width: 11, height: 9, color: color, depth: depth, isInterlaced: isInterlaced, samples: samples)
  }

  static func bytes(_ values: [Int], _ depth: Int) -> [UInt8] {
    depth == 16 ? littleEndian(values.map(UInt16.init)) : values.map { UInt8($0 * 255 / (1 << depth - 1)) }
  }

  @Test("every colour type, depth and order of rows is read exactly", arguments: kinds)
  func pngKinds(color: PNGFile.Color, depth: Int, isInterlaced: Bool) throws {
    var file = Self.png(color, depth, isInterlaced: isInterlaced)
    // Gamma is a hint for screens: values stay as they are stored.
    file.extra = [PNGFile.chunk("gAMA", bigEndian(100_000))]
    var expected = Self.bytes(file.samples, depth)
    if color == .palette {
      let palette = (0..<(3 << depth)).map { UInt8(truncatingIfNeeded: 37 * $0 + 5) }
      file.extra.append(PNGFile.chunk("PLTE", palette))
      expected = file.samples.flatMap { palette[3 * $0..<3 * $0 + 3] }
    }
    let array = try ImageFile.decode(file.bytes, file: "x")
    #expect(array.element == (depth == 16 ? .uint16 : .uint8))
    #expect(array.shape == [9, 11, color == .palette ? 3 : color.samples])
    #expect(array.bytes == expected)
    #expect(try ArrayFormat.image.decode(file.bytes, file: "x") == array)
  }

  @Test("a transparent colour becomes an alpha channel", arguments: [1, 2, 4, 8, 16])
  func transparentGrey(depth: Int) throws {
    var file = Self.png(.grey, depth)
    let chosen = file.samples[5]
    file.extra = [PNGFile.chunk("tRNS", [UInt8(chosen >> 8), UInt8(chosen & 0xFF)])]
    let most = 1 << depth - 1
    let array = try ImageFile.decode(file.bytes, file: "x")
    #expect(array.shape == [9, 11, 2])
    #expect(array.bytes == Self.bytes(file.samples.flatMap { [$0, $0 == chosen ? 0 : most] }, depth))
  }

  @Test("a transparent colour of RGB and transparent colours of a palette become alpha")
  func transparentColors() throws {
    var file = Self.png(.rgb, 16)
    let chosen = Array(file.samples[6..<9])
    file.extra = [PNGFile.chunk("tRNS", chosen.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })]
    let expected = (0..<99).flatMap { pixel in
      let color = Array(file.samples[3 * pixel..<3 * pixel + 3])
      return color + [color == chosen ? 0 : 65535]
    }
    #expect(try ImageFile.decode(file.bytes, file: "x").bytes == Self.bytes(expected, 16))

    var indexed = Self.png(.palette, 2)
    indexed.extra = [
      PNGFile.chunk("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), PNGFile.chunk("tRNS", [100, 0]),
    ]
    let colors: [[UInt8]] = [[1, 2, 3, 100], [4, 5, 6, 0], [7, 8, 9, 255], [10, 11, 12, 255]]
    let array = try ImageFile.decode(indexed.bytes, file: "x")
    #expect(array.shape == [9, 11, 4])
    #expect(array.bytes == indexed.samples.flatMap { colors[$0] })
  }

  @Test(
    "a picture is what Pillow makes of it",
    arguments: [
      "grey.png", "bits.png", "deep.png", "color.png", "alpha.png", "grey-alpha.png", "palette.png",
      "palette-alpha.png", "grey.jpg", "color-420.jpg", "color-422.jpg", "color-444.jpg",
      "progressive.jpg", "rgb.jpg",
    ])
  func pillow(name: String) throws {
    let array = try ImageFile.decode(try Pictures.bytes(name), file: name)
    let expected = try Pictures.array(name.replacingOccurrences(of: ".", with: "-"))
    #expect(array.element == expected.element)
    #expect(array.shape == expected.shape)
    #expect(array.bytes == expected.bytes)
  }

  static func tiny(_ width: Int, _ height: Int, _ color: PNGFile.Color = .grey, _ depth: Int = 8) -> [UInt8] {
    PNGFile.signature
      + PNGFile(width: width, height: height, color: color, depth: depth, samples: []).header
      + PNGFile.chunk("IDAT", deflated([0])) + PNGFile.chunk("IEND", [])
  }

  /// A PNG that declares 2.5 GB and has as many zeros, in 2.5 MB.
  static let bomb: [UInt8] = {
    let zeros = deflated([UInt8](repeating: 0, count: 1 << 20))
    let data = (0..<2400).flatMap { _ in zeros }
    return PNGFile.signature
      + PNGFile(width: 50_000, height: 50_000, color: .grey, depth: 8, samples: []).header
      + PNGFile.chunk("IDAT", data) + PNGFile.chunk("IEND", [])
  }()

  static let brokenFiles: [Broken] = [
    Broken(
      [], "byte 0: expected a PNG (89 50 4e 47 0d 0a 1a 0a) or a JPEG (ff d8 ff), got an empty file"),
    Broken(
      Array("not a picture".utf8),
      "byte 0: expected a PNG (89 50 4e 47 0d 0a 1a 0a) or a JPEG (ff d8 ff), got 6e 6f 74 20 61 20 70 69"),
    Broken(tiny(100_000, 5), "header, size: expected 1...65535 pixels a side, got 100000 x 5"),
    Broken(
      tiny(0, 5),
      "byte 33: expected a whole PNG, got one libpng cannot read (Invalid IHDR data)"),
    Broken(
      tiny(65535, 65535, .rgba, 16),
      "header, size: expected a picture of at most 268435456 bytes in a file of 66, got 65535 x 65535 pixels, 34358689800 bytes"
    ),
    Broken(
      tiny(10_000, 10_000),
      "header, size: expected at most 68112 bytes, all that 66 can deflate, got 10000 x 10000 pixels, 100000000 bytes"),
    Broken(
      tiny(100, 100), "byte 50: expected a whole PNG, got one libpng cannot read (Not enough image data)"),
    Broken(
      bomb,
      "header, size: expected a picture of at most 268435456 bytes in a file of \(bomb.count), got 50000 x 50000 pixels, 2500000000 bytes"
    ),
    Broken(
      Array(png(.grey, 8).bytes.dropLast(3)),
      "byte \(png(.grey, 8).bytes.count - 4): expected a whole PNG, got one libpng cannot read (the file ends too early)"
    ),
    Broken(
      [0xFF, 0xD8, 0xFF, 0xD9],
      "JPEG data: expected a whole JPEG, got one libjpeg cannot read (no picture in it)"),
  ]

  @Test("a broken file says where and what", arguments: brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try ImageFile.decode(file.bytes, file: "x") } == "'x', \(file.expected)")
  }

  @Test("a JPEG of CMYK, a huge one and a half one are refused with a word")
  func brokenJPEG() throws {
    #expect(
      message { _ = try ImageFile.decode(try Pictures.bytes("cmyk.jpg"), file: "x") }
        == "'x', header, colours: expected grey, YCbCr or RGB, got CMYK or YCCK")
    var huge = try Pictures.bytes("color-420.jpg")
    let frame = huge.indices.first { huge[$0] == 0xFF && huge[$0 + 1] == 0xC0 }!
    huge.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])  // 65500
    #expect(
      message { _ = try ImageFile.decode(huge, file: "x") }
        == "'x', header, size: expected a picture of at most 268435456 bytes in a file of \(huge.count), got 65500 x 65500 pixels, 12870750000 bytes"
    )
    let half = Array(try Pictures.bytes("color-420.jpg").dropLast(100))
    #expect(
      message { _ = try ImageFile.decode(half, file: "x") }
        == "'x', JPEG data: expected a whole JPEG, got one libjpeg cannot read (Premature end of JPEG file)"
    )
  }

  /// An EXIF block with an orientation behind another entry.
  static func exif(_ orientation: Int, isBigEndian: Bool, isLong: Bool = false) -> [UInt8] {
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isBigEndian ? bytes.reversed() : bytes
    }
    let width = isLong ? 4 : 2
    return Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
      + number(271, 2) + number(2, 2) + number(1, 4) + [0, 0, 0, 0]
      + number(274, 2) + number(isLong ? 4 : 3, 2) + number(1, 4) + number(orientation, width)
      + [UInt8](repeating: 0, count: 4 - width) + number(0, 4)
  }

  static let turned: [(Int, [Int], [UInt8])] = [
    (1, [2, 3, 1], [1, 2, 3, 4, 5, 6]), (2, [2, 3, 1], [3, 2, 1, 6, 5, 4]), (3, [2, 3, 1], [6, 5, 4, 3, 2, 1]),
    (4, [2, 3, 1], [4, 5, 6, 1, 2, 3]), (5, [3, 2, 1], [1, 4, 2, 5, 3, 6]), (6, [3, 2, 1], [4, 1, 5, 2, 6, 3]),
    (7, [3, 2, 1], [6, 3, 5, 2, 4, 1]), (8, [3, 2, 1], [3, 6, 2, 5, 1, 4]), (0, [2, 3, 1], [1, 2, 3, 4, 5, 6]),
    (9, [2, 3, 1], [1, 2, 3, 4, 5, 6]),
  ]

  @Test("a picture is turned upright as its EXIF orientation says", arguments: turned)
  func orientation(number: Int, shape: [Int], pixels: [UInt8]) throws {
    for (isBigEndian, isLong) in [(true, false), (false, false), (true, true)] {
      var file = PNGFile(width: 3, height: 2, color: .grey, depth: 8, samples: [1, 2, 3, 4, 5, 6])
      let chunk = PNGFile.chunk("eXIf", Self.exif(number, isBigEndian: isBigEndian, isLong: isLong))
      let behind = file.bytes.dropLast(12) + chunk + file.bytes.suffix(12)
      file.extra = [chunk]
      for bytes in [file.bytes, Array(behind)] {
        let array = try ImageFile.decode(bytes, file: "x")
        #expect(array.shape == shape)
        #expect(array.bytes == pixels)
      }
    }
  }

  @Test("a JPEG is turned with all its channels, and what is no orientation is passed over")
  func orientedJPEG() throws {
    let stored = try Pictures.bytes("color-444.jpg")
    let upright = try ImageFile.decode(stored, file: "x")
    func segment(_ block: [UInt8]) -> [UInt8] {
      let data = Array("Exif\0\0".utf8) + block
      return [0xFF, 0xE1] + bigEndian(data.count + 2).suffix(2) + data
    }
    func decoded(_ block: [UInt8]) throws -> DataArray {
      try ImageFile.decode(Array(stored.prefix(2)) + segment(block) + stored.dropFirst(2), file: "x")
    }
    let (height, width) = (upright.shape[0], upright.shape[1])
    let turned = try decoded(Self.exif(6, isBigEndian: true))
    #expect(turned.shape == [width, height, 3])
    let expected = (0..<width).flatMap { row in
      (0..<height).flatMap { column in
        let from = ((height - 1 - column) * width + row) * 3
        return Array(upright.bytes[from..<from + 3])
      }
    }
    #expect(turned.bytes == expected)
    let block = Self.exif(6, isBigEndian: false)
    for count in 0..<block.count - 8 { #expect(try decoded(Array(block.prefix(count))).bytes == upright.bytes) }
    let far: [UInt8] = Array("MM".utf8) + [0, 42, 0xFF, 0xFF, 0xFF, 0xFF]
    for bytes in [far, Array("XX".utf8) + block.dropFirst(2)] {
      #expect(try decoded(bytes).bytes == upright.bytes)
    }
  }

  @Test("stray bytes in front of a marker and behind the picture do not matter; a cut one is still refused")
  func strayBytes() throws {
    for name in ["color-420.jpg", "progressive.jpg"] {
      let whole = try Pictures.bytes(name)
      let expected = try ImageFile.decode(whole, file: name)
      let stray: [UInt8] = [0, 17, 34, 51]
      let scan = whole.indices.first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA }!
      let atEnd = whole.dropLast(2) + stray + whole.suffix(2)
      for bytes in [whole + stray, Array(atEnd), Array(whole[..<scan] + stray + whole[scan...])] {
        #expect(try ImageFile.decode(bytes, file: name) == expected)
      }
      let cut = Array(whole[..<scan] + stray + whole[scan...].dropLast(40))
      #expect(
        message { _ = try ImageFile.decode(cut, file: "x") }
          == "'x', JPEG data: expected a whole JPEG, got one libjpeg cannot read (Premature end of JPEG file)")
    }
  }

  @Test(
    "a file cut anywhere is refused", arguments: ["palette-alpha.png", "alpha.png", "color-420.jpg", "progressive.jpg"])
  func cut(name: String) throws {
    let whole = try Pictures.bytes(name)
    for count in whole.indices {
      #expect(throws: DatasetError.self, "\(count) bytes of \(name)") {
        _ = try ImageFile.decode(Array(whole.prefix(count)), file: "x")
      }
    }
  }

  @Test("a wrong checksum of any chunk is refused")
  func checksum() throws {
    var file = Self.png(.rgb, 8)
    file.extra = [PNGFile.chunk("tEXt", Array("Title\0x".utf8))]
    let whole = file.bytes
    var start = PNGFile.signature.count
    while start < whole.count {
      let length = whole[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      var bytes = whole
      bytes[start + 8 + length] ^= 1
      let text = message { _ = try ImageFile.decode(bytes, file: "x") }
      #expect(text.hasSuffix("CRC error)"), "chunk at \(start): \(text)")
      start += 12 + length
    }
  }

  @Test("text and profiles that inflate without end do not keep a picture from being read")
  func chunkBombs() throws {
    var file = Self.png(.grey, 8)
    let zeros = deflated([UInt8](repeating: 0, count: 100 << 20))
    file.extra = [
      PNGFile.chunk("zTXt", Array("Comment".utf8) + [0, 0] + zeros),
      PNGFile.chunk("iCCP", Array("profile".utf8) + [0, 0] + zeros),
    ]
    #expect(try ImageFile.decode(file.bytes, file: "x").bytes == Self.bytes(file.samples, 8))
  }

  @Test(
    "no changed byte of a file traps",
    arguments: ["palette-alpha.png", "alpha.png", "color-420.jpg", "progressive.jpg", "rgb.jpg"])
  func fuzz(name: String) throws {
    let whole = try Pictures.bytes(name)
    let isPNG = name.hasSuffix("png")
    var generator = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<1000 {
      var bytes = whole
      for _ in 0...generator.below(3) {
        bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
      }
      // Half of the changed PNGs get right checksums, so that the change is seen by more than the checksum.
      if isPNG, generator.below(2) == 0 { bytes = repaired(bytes) }
      if generator.below(4) == 0 { bytes.removeLast(generator.below(bytes.count)) }
      do {
        _ = try ImageFile.decode(bytes, file: "x")
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 1000, "\(refused) of 1000 refused")
  }

  /// The chunks with the checksums they should have.
  private func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var result = Array(bytes.prefix(8))
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard start + 12 + length <= bytes.count else { break }
      let type = String(decoding: bytes[start + 4..<start + 8], as: UTF8.self)
      guard type.utf8.count == 4 else { break }
      result += PNGFile.chunk(type, Array(bytes[start + 8..<start + 8 + length]))
      start += 12 + length
    }
    return result + bytes[start...]
  }
}
