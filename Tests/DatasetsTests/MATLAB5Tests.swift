import CZlib
import Foundation
import Testing

@testable import Datasets

/// A MAT-file written element by element, in either byte order.
struct MATWriter {
  var isBigEndian = false
  var version = 0x100

  func number(_ width: Int, _ value: Int) -> [UInt8] {
    let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  func element(_ type: Int, _ data: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    return number(4, type) + number(4, data.count) + data + padding
  }

  /// An element of at most four bytes with its size in the type's upper half.
  func small(_ type: Int, _ data: [UInt8]) -> [UInt8] {
    number(4, data.count << 16 | type) + data + [UInt8](repeating: 0, count: 4 - data.count)
  }

  /// A variable of class `type`, whose values are the given element.
  func variable(
    _ name: String, _ type: Int, flags: Int = 0, _ shape: [Int], _ values: [UInt8]
  ) -> [UInt8] {
    element(
      14,
      element(6, number(4, flags | type) + number(4, 0))
        + element(5, shape.flatMap { number(4, $0) }) + element(1, Array(name.utf8)) + values)
  }

  func file(_ variables: [[UInt8]]) -> [UInt8] {
    let text = [UInt8](repeating: 0x20, count: 124)
    return text + number(2, version) + Array((isBigEndian ? "MI" : "IM").utf8)
      + variables.flatMap(\.self)
  }

  /// A variable compressed as `save` does it, without padding.
  func compressed(_ variable: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(variable.count))
    var output = [UInt8](repeating: 0, count: Int(size))
    precondition(compress(&output, &size, variable, UInt(variable.count)) == Z_OK)
    return number(4, 15) + number(4, Int(size)) + output.prefix(Int(size))
  }
}

@Suite("MAT-files of level 5")
struct MATLAB5Tests {
  static func decode(_ bytes: [UInt8], key: String? = nil) throws -> DataArray {
    try MATLAB5.decode(bytes, key: key, file: "x")
  }

  @Test(
    "every type that SciPy writes is read, compressed and not", arguments: ["plain", "compressed"])
  func scipy(name: String) throws {
    for element in fixtureTypes where element != .float16 {
      expectRamp(try decodedFixture("\(name).mat", .mat, key: element.rawValue), element)
    }
    expectRamp(try decodedFixture("\(name).mat", .mat, key: "matrix"), .float64, [3, 4])
    let scalar = try decodedFixture("\(name).mat", .mat, key: "scalar")
    #expect(scalar.shape == [1, 1])
    #expect(scalar.doubles() == [7])
    expectRamp(try decodedFixture("one.mat", .mat), .uint8)
  }

  @Test(
    "what is no array of real numbers is refused by its name",
    arguments: [
      ("text", "a full array of numbers, got text"),
      ("cell", "a full array of numbers, got a cell array"),
      ("record", "a full array of numbers, got a struct"),
      ("sparse", "a full array of numbers, got a sparse matrix"),
      ("complex", "real numbers, got complex ones"),
    ])
  func others(key: String, expected: String) {
    #expect(
      message { _ = try decodedFixture("compressed.mat", .mat, key: key) }
        == "'compressed.mat[\(key)]', class: expected \(expected)")
  }

  @Test("the names of all variables are listed, those of arrays first")
  func choice() {
    #expect(
      message { _ = try decodedFixture("one.mat", .mat, key: "onyl") }
        == "'one.mat': expected the name of an array out of only, note, got 'onyl' (did you mean 'only'?)"
    )
    let text = MATWriter().file([MATWriter().variable("t", 4, [1, 1], MATWriter().small(16, [65]))])
    #expect(
      message { _ = try Self.decode(text) } == "'x': expected an array of numbers, got only t")
    #expect(
      message { _ = try Self.decode(MATWriter().file([])) }
        == "'x': expected an array of numbers, got a file without any")
  }

  @Test("level 4 and HDF5 are refused with the remedy")
  func otherLevels() throws {
    #expect(
      message { _ = try decodedFixture("level4.mat", .mat) }
        == "'level4.mat', header: expected a MAT-file of level 5, got 118 bytes in all")
    let level4 = try fixture("arrays/level4.mat") + [UInt8](repeating: 0, count: 128)
    #expect(
      message { _ = try Self.decode(level4) }
        == "'x', header: expected a MAT-file of level 5, got level 4 (save it with -v7)")
    let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    for before in [0, 512] {
      var bytes = [UInt8](repeating: 0x20, count: 1024)
      bytes.replaceSubrange(before..<before + 8, with: hdf5)
      #expect(
        message { _ = try Self.decode(bytes) }
          == "'x', header: expected a MAT-file of level 5, got an HDF5 file (version 7.3; save it with -v7)"
      )
    }
  }

  @Test("both byte orders, both forms of elements, compressed and not", arguments: [false, true])
  func layouts(isBigEndian: Bool) throws {
    let writer = MATWriter(isBigEndian: isBigEndian)
    // Columns first: the matrix is [[1, 2], [-3, 4]].
    let values = writer.element(3, [1, -3, 2, 4].flatMap { writer.number(2, $0) })
    let small = writer.small(2, [1, 0])
    for isCompressed in [false, true] {
      let variables = [
        writer.variable("", 9, [1, 1], writer.small(2, [9])),  // MATLAB's own
        writer.variable("a", 10, [2, 2], values), writer.variable("b", 6, [1, 2], small),
        writer.variable("c", 9, flags: 0x200, [2, 1], small),
      ]
      let file = writer.file(isCompressed ? variables.map(writer.compressed) : variables)
      let a = try Self.decode(file, key: "a")
      #expect(a.element == .int16)
      #expect(a.shape == [2, 2])
      #expect(a.doubles() == [1, 2, -3, 4])
      let b = try Self.decode(file, key: "b")
      #expect(b.element == .float64)
      #expect(b.doubles() == [1, 0])
      let c = try Self.decode(file, key: "c")
      #expect(c.element == .bool)
      #expect(c.shape == [2, 1])
      #expect(c.bytes == [1, 0])
    }
  }

  @Test(
    "values stored in another type come out in the array's, exactly",
    arguments: [
      (6, .float64, 4, [0xFF, 0xFF], 65535), (7, .float32, 3, [0xFE, 0xFF], -2),
      (8, .int8, 1, [0x80], -128), (9, .uint8, 3, [0xFF, 0], 255), (10, .int16, 2, [200], 200),
      (11, .uint16, 2, [200], 200), (12, .int32, 1, [0xFF], -1), (13, .uint32, 4, [1, 1], 257),
      (14, .int64, 5, [0xFF, 0xFF, 0xFF, 0xFF], -1),
      (15, .uint64, 6, [0, 0, 0, 0x80], 2_147_483_648),
      (9, .uint8, 7, [0, 0, 0x40, 0x40], 3),
    ] as [(Int, DataArray.Element, Int, [UInt8], Double)])
  func stored(
    type: Int, element: DataArray.Element, storage: Int, bytes: [UInt8], expected: Double
  ) throws {
    let writer = MATWriter()
    let array = try Self.decode(
      writer.file([writer.variable("a", type, [1, 1], writer.element(storage, bytes))]))
    #expect(array.element == element)
    #expect(array.doubles() == [expected])
  }

  static func one(
    _ type: Int = 9, flags: Int = 0, _ shape: [Int] = [1, 2],
    _ values: [UInt8] = MATWriter().small(2, [1, 2])
  ) -> [UInt8] {
    MATWriter().file([MATWriter().variable("a", type, flags: flags, shape, values)])
  }

  static func changed(_ bytes: [UInt8], at position: Int, to value: UInt8) -> [UInt8] {
    var bytes = bytes
    bytes[position] = value
    return bytes
  }

  static let inflated = MATWriter().variable("a", 9, [1, 2], MATWriter().small(2, [1, 2]))

  static let brokenFiles: [Broken] = [
    Broken([], "'x', header: expected a MAT-file of level 5, got 0 bytes in all"),
    Broken(
      changed(one(), at: 126, to: 0x4A),
      "'x', header: expected a MAT-file of level 5, got the byte order 4a 4d"),
    Broken(
      MATWriter(version: 0x300).file([]),
      "'x', header: expected a MAT-file of level 5, got version 768"),
    Broken(one() + [1, 2], "'x', byte 192: expected a tag of 8 bytes, got 2"),
    Broken(
      changed(one(), at: 128, to: 9),
      "'x', byte 128: expected a variable (type 14 or 15), got type 9"),
    Broken(changed(one(), at: 132, to: 65), "'x', byte 128: expected at most 56 bytes, got 65"),
    Broken(
      MATWriter().file([MATWriter().element(14, [])]),
      "'x, byte 128', byte 8 of the variable: expected flags, got an element that does not fit"),
    Broken(
      changed(one(), at: 136, to: 5),
      "'x, byte 128', byte 8 of the variable: expected flags, got type 5"),
    Broken(
      changed(one(), at: 144, to: 18),
      "'x, byte 128', byte 16 of the variable: expected a class of 1...17, got 18"),
    Broken(
      one(9, [2]),
      "'x, byte 128', byte 32 of the variable: expected two sizes of 4 bytes or more, got 4 bytes"),
    Broken(
      changed(one(), at: 168, to: 9),
      "'x, byte 128', byte 40 of the variable: expected a name, got type 9"),
    Broken(
      changed(one(), at: 172, to: 100),
      "'x, byte 128', byte 40 of the variable: expected a name, got an element that does not fit"),
    Broken(
      MATWriter().file([inflated, inflated]), "'x', byte 192: expected a new name, got 'a' again"),
    Broken(one(9, [1, 2], []), "'x[a]', byte 56: expected the values, got no element of numbers"),
    Broken(
      one(9, [1, 2], MATWriter().small(16, [1, 2])),
      "'x[a]', byte 56: expected the values, got no element of numbers"),
    Broken(
      one(9, [1, 3]), "'x[a]', byte 56: expected 3 bytes ([1, 3] of uint8) and the end, got 2 of 4"),
    Broken(
      one(9, [1, 2], MATWriter().small(2, [1, 2]) + MATWriter().small(2, [])),
      "'x[a]', byte 56: expected 2 bytes ([1, 2] of uint8) and the end, got 2 of 12"),
    Broken(
      one(9, [-1, 2]),
      "'x[a]', sizes: expected sizes with a product below 2^63 bytes, got [-1, 2]"),
    Broken(
      one(6, [0, 0x7FFF_FFFF, 0x7FFF_FFFF, 4]),
      "'x[a]', sizes: expected sizes with a product below 2^63 bytes, got [0, 2147483647, 2147483647, 4]"
    ),
    Broken(
      one(8, [1, 2], MATWriter().small(2, [1, 200])),
      "'x[a]', value 1: expected a number that int8 holds, got 200.0"),
    Broken(
      one(9, flags: 0x200, [1, 2]), "'x[a]', value 1: expected a number that bool holds, got 2.0"),
    Broken(
      one(6, [1, 1], MATWriter().element(12, littleEndian([Int64(1) << 53 + 2]))),
      "'x[a]', value 0: expected a number that float64 holds, got 9.007199254740994e+15"),
    Broken(
      one(7, [1, 1], MATWriter().small(5, littleEndian([Int32(16_777_217)]))),
      "'x[a]', value 0: expected a number that float32 holds, got 16777217.0"),
    Broken(
      MATWriter().file([MATWriter().number(4, 15) + MATWriter().number(4, 3) + [1, 2, 3]]),
      "'x, byte 128', byte 0 of the variable: expected the tag of a variable, got 0 bytes"),
    Broken(
      MATWriter().file([MATWriter().compressed(MATWriter().element(9, [1]))]),
      "'x, byte 128', byte 0 of the variable: expected the tag of a variable, got type 9"),
    Broken(
      MATWriter().file([MATWriter().compressed(inflated + [0])]),
      "'x[a]', compressed data: expected at most 64 bytes when decompressed, got more"),
    Broken(
      MATWriter().file([MATWriter().compressed(changed(inflated, at: 4, to: 72))]),
      "'x[a]', byte 4: expected 80 bytes when decompressed, got 64"),
    Broken(
      MATWriter().file([MATWriter().compressed(changed(inflated, at: 7, to: 0x7F))]),
      "'x[a]', byte 4: expected at most \(1032 * (MATWriter().compressed(changed(inflated, at: 7, to: 0x7F)).count - 8)) bytes when decompressed, got \(0x7F00_0040)"
    ),
  ]

  @Test("a broken file says where and what", arguments: MATLAB5Tests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try Self.decode(file.bytes) } == file.expected)
  }

  @Test("no changed byte of a file traps")
  func fuzz() throws {
    var generator = SplitMix64(seed: 9)
    let whole = try fixture("arrays/plain.mat")
    var refused = 0
    for _ in 0..<1000 {
      var bytes = whole
      for _ in 0...generator.below(3) {
        bytes[128 + generator.below(bytes.count - 128)] = UInt8(generator.below(256))
      }
      do {
        _ = try Self.decode(bytes, key: "float64")
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 1000)
  }
}
