import Foundation
import Testing

@testable import Datasets

/// A safetensors file of the given header and data.
func safetensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
  littleEndian([UInt64(header.utf8.count)]) + Array(header.utf8) + data
}

@Suite("safetensors")
struct SafetensorsFileTests {
  static func decode(_ bytes: [UInt8], key: String? = nil) throws -> DataArray {
    try SafetensorsFile.decode(bytes, key: key, file: "x")
  }

  static func entry(_ type: String, _ shape: [Int], _ offsets: [Int]) -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  @Test("every type that the Python library writes is read")
  func python() throws {
    for element in fixtureTypes {
      expectRamp(
        try decodedFixture("types.safetensors", .safetensors, key: element.rawValue), element)
    }
    expectRamp(try decodedFixture("one.safetensors", .safetensors), .float32)
  }

  @Test("a bfloat16 is the upper half of a single-precision number")
  func bfloat16() throws {
    let file = safetensors(
      #"{"w":\#(Self.entry("BF16", [2], [0, 4])),"__metadata__":{"a":"b"}}"#,
      [0x80, 0x3F, 0x49, 0xC0])
    let array = try Self.decode(file)
    #expect(array.element == .bfloat16)
    #expect(array.source == "x[w]")
    #expect(array.doubles() == [1, -3.140625])
  }

  @Test("numbers, and arrays without values, are read")
  func small() throws {
    let file = safetensors(
      #"{"a":\#(Self.entry("I16", [], [0, 2])),"b":\#(Self.entry("F64", [0, 5], [2, 2]))}"#, [7, 0])
    #expect(try Self.decode(file, key: "a").doubles() == [7])
    #expect(try Self.decode(file, key: "b").shape == [0, 5])
    #expect(
      message { _ = try Self.decode(file, key: "c") }
        == "'x': expected the name of an array out of a, b, got 'c'")
  }

  static let types = "BF16, BOOL, F16, F32, F64, I16, I32, I64, I8, U16, U32, U64, U8"

  /// A header of one tensor `w`.
  static func one(_ type: String, _ shape: [Int], _ offsets: [Int], _ data: [UInt8] = []) -> [UInt8] {
    safetensors(#"{"w":\#(entry(type, shape, offsets))}"#, data)
  }

  static func two(_ first: [Int], _ second: [Int], _ data: [UInt8]) -> [UInt8] {
    let entries = [first, second].map { entry("U8", [$0[1] - $0[0]], $0) }
    return safetensors(#"{"a":\#(entries[0]),"b":\#(entries[1])}"#, data)
  }

  static let brokenFiles: [Broken] = [
    Broken([1, 2], "byte 0: expected a header length of 8 bytes, got 2 bytes in all"),
    Broken(
      littleEndian([UInt64(9)]) + [1], "byte 0: expected a header of at most 1 bytes, got 9"),
    Broken(
      littleEndian([UInt64.max]),
      "byte 0: expected a header of at most 0 bytes, got 9223372036854775807"),
    Broken(safetensors(""), "byte 8: expected '{', got an empty header"),
    Broken(safetensors("[]"), "byte 8: expected '{', got 5b"),
    Broken(safetensors("{\u{0}}"), "byte 9: expected text in UTF-8, got 00"),
    Broken(safetensors("{"), "header: expected JSON, got something else"),
    Broken(
      safetensors(String(repeating: #"{"a":"#, count: 50_000)),
      "byte 23: expected JSON of at most 3 levels, got one more"),
    Broken(
      safetensors(#"{"a":{"b":"# + String(repeating: "[", count: 50_000)),
      "byte 19: expected JSON of at most 3 levels, got one more"),
    Broken(
      safetensors(#"{"w":1}"#),
      "header, tensor 'w': expected dtype, shape and two data_offsets, got something else"),
    Broken(
      safetensors(#"{"w":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, [1]),
      "header, tensor 'w': expected dtype, shape and two data_offsets, got something else"),
    Broken(
      safetensors(#"{"w":{"dtype":"U8","shape":[true],"data_offsets":[0,1]}}"#, [1]),
      "header, tensor 'w': expected dtype, shape and two data_offsets, got something else"),
    Broken(
      safetensors(#"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":0}}"#, [1]),
      "header, tensor 'w': expected dtype, shape and two data_offsets, got something else"),
    Broken(
      safetensors(#"{"__metadata__":{"a":1}}"#),
      "header, '__metadata__': expected an object of strings, got something else"),
    Broken(
      one("F8_E4M3", [1], [0, 1], [1]),
      "header, tensor 'w': expected a dtype out of \(types), got 'F8_E4M3'"),
    Broken(
      one("U8", [2], [0, 2], [1]),
      "header, tensor 'w': expected data_offsets within 0...1, got [0, 2]"),
    Broken(
      one("U8", [2], [-1, 1], [1]),
      "header, tensor 'w': expected data_offsets within 0...1, got [-1, 1]"),
    Broken(
      one("U8", [0], [1, 0], [1]),
      "header, tensor 'w': expected data_offsets within 0...1, got [1, 0]"),
    Broken(
      one("F32", [2], [0, 7], [UInt8](repeating: 0, count: 7)),
      "header, tensor 'w': expected 8 bytes (shape [2] of F32), got 7"),
    Broken(
      one("F64", [1 << 62, 0], [0, 0]),
      "header, tensor 'w': expected sizes with a product below 2^63 bytes, got [4611686018427387904, 0]"
    ),
    Broken(
      one("F64", [-1], [0, 0]),
      "header, tensor 'w': expected sizes with a product below 2^63 bytes, got [-1]"),
    Broken(
      two([0, 2], [1, 3], [1, 2, 3]),
      "header: expected a tensor whose data begin at byte 2, got a hole or an overlap up to byte 1"),
    Broken(
      two([0, 1], [2, 3], [1, 2, 3]),
      "header: expected a tensor whose data begin at byte 1, got a hole or an overlap up to byte 2"),
    Broken(
      one("U8", [1], [0, 1], [1, 2]), "header: expected tensors of 2 bytes, all there are, got 1"),
    Broken(
      safetensors(#"{"w":\#(entry("U8", [1], [0, 1])),"w":\#(entry("U8", [1], [0, 1]))}"#, [1]),
      "header: expected every key once, got 4 keys again"),
    Broken(
      safetensors(#"{"w":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, [1]),
      "header: expected every key once, got 1 keys again"),
    Broken(one("BOOL", [2], [0, 2], [1, 2]), "byte 65: expected a boolean 0 or 1, got 2"),
  ]

  @Test("a broken file says where and what", arguments: SafetensorsFileTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try Self.decode(file.bytes) } == "'x', \(file.expected)")
  }
}
