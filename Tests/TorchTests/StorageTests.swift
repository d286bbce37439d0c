import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite("Safetensors") struct SafetensorsTests {
  @Test("every element type comes back bit for bit", arguments: DType.allCases)
  func roundTrip(_ dtype: DType) throws {
    let x = (RandomSource(seed: 1).normal([3, 5]) * 100).abs().to(dtype)
    try withTemporaryDirectory { directory in
      let path = directory + "/x.safetensors"
      try Safetensors(tensors: ["x": x]).write(to: path)
      let read = try Safetensors(contentsOf: path)
      #expect(read.tensors.keys.sorted() == ["x"])
      #expect(try #require(read.tensors["x"]).isEqual(to: x))
    }
  }

  @Test("scalars, empty and strided tensors, parameters, odd names and metadata come back")
  func variety() throws {
    let parameter = Parameter(Tensor([1.5]))
    let strided = Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3]).transposed
    let tensors: [String: Tensor] = [
      "scalar": Tensor(2.5), "empty": .zeros([0, 3]), "strided": strided,
      "parameter": parameter.value, "a \"quoted\"/\n\u{1F600}": Tensor([UInt8(1)]),
    ]
    let metadata = ["seed": "7", "": "é"]
    try withTemporaryDirectory { directory in
      let path = directory + "/x.safetensors"
      try Safetensors(tensors: tensors, metadata: metadata).write(to: path)
      let read = try Safetensors(contentsOf: path)
      #expect(read.metadata == metadata)
      #expect(Set(read.tensors.keys) == Set(tensors.keys))
      for (name, tensor) in tensors {
        #expect(read.tensors[name]?.shape == tensor.shape)
        #expect(read.tensors[name]?.isEqual(to: tensor) == true, "\(name)")
      }
    }
  }

  @Test("no tensors make a file too")
  func none() throws {
    try withTemporaryDirectory { directory in
      try Safetensors(tensors: [:]).write(to: directory + "/x")
      #expect(try Safetensors(contentsOf: directory + "/x").tensors.isEmpty)
    }
  }

  @Test("the bytes are the format's: length, padded JSON, data in order of names")
  func bytes() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try Safetensors(tensors: ["b": Tensor([Int16(1), -2]), "a": Tensor([UInt8(9)])]).write(
        to: path)
      let json =
        #"{"a":{"data_offsets":[0,1],"dtype":"U8","shape":[1]},"#
        + #""b":{"data_offsets":[1,5],"dtype":"I16","shape":[2]}}"#
      let padded = json + String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
      let expected =
        [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [
          9, 1, 0, 0xFE, 0xFF,
        ]
      #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == expected)
    }
  }

  @Test("a tensor cannot be named like the metadata")
  func reserved() throws {
    try withTemporaryDirectory { directory in
      let error = #expect(throws: FileError.self) {
        try Safetensors(tensors: ["__metadata__": Tensor(1)]).write(to: directory + "/x")
      }
      #expect(error?.problem == "no tensor can be named '__metadata__'")
    }
  }

  /// A file that must be refused, and the words it is refused with.
  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let problem: String

    init(_ name: String, bytes: [UInt8], _ problem: String) {
      testDescription = name
      self.bytes = bytes
      self.problem = problem
    }

    init(_ name: String, _ json: String, data: [UInt8] = [], _ problem: String) {
      let length = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { [UInt8]($0) }
      self.init(name, bytes: length + Array(json.utf8) + data, problem)
    }

    static func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
      #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    static func one(_ type: String, _ shape: String, _ offsets: String) -> String {
      #"{"x":\#(entry(type, shape, offsets))}"#
    }

    static func two(_ first: String, _ second: String) -> String {
      #"{"x":\#(entry("U8", "[4]", first)),"y":\#(entry("U8", "[4]", second))}"#
    }

    static let fields = "tensor 'x': expected dtype, shape and two data_offsets"
    static let four = [UInt8](repeating: 0, count: 4)
    static let eight = [UInt8](repeating: 0, count: 8)
    static let huge = "1152921504606846976"  // 2^60

    static let all: [Hostile] = [
      Hostile("empty", bytes: [], "expected a safetensors file of at least 8 bytes, got 0"),
      Hostile(
        "shorter than its prefix", bytes: [1, 0, 0],
        "expected a safetensors file of at least 8 bytes, got 3"),
      Hostile(
        "a header larger than the file", bytes: [3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
        "expected a safetensors file, got one whose header claims 3 bytes of 2"),
      Hostile(
        "a header larger than memory", bytes: [UInt8](repeating: 0xFF, count: 8),
        "expected a safetensors file, got one whose header claims 18446744073709551615 bytes of 0"),
      Hostile(
        "no header", bytes: [UInt8](repeating: 0, count: 8),
        "expected a safetensors file, got one whose header is no JSON"),
      Hostile("not JSON", "{\"x\":", "expected a safetensors file, got one whose header is no JSON"),
      Hostile(
        "not UTF-8", bytes: [3, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xFF, 0x22],
        "expected a safetensors file, got one whose header is no JSON"),
      Hostile("an array", "[1]", "expected a safetensors file, got one whose header is no JSON object"),
      Hostile(
        "deeply nested arrays", String(repeating: "[", count: 500_000),
        "expected a safetensors file, got one whose header is no JSON"),
      Hostile(
        "deeply nested objects", String(repeating: "{\"a\":", count: 200_000),
        "expected a safetensors file, got one whose header is no JSON"),
      Hostile(
        "metadata that is no object of strings", #"{"__metadata__":{"a":1}}"#,
        "'__metadata__' is no object of strings"),
      Hostile("an entry that is no object", #"{"x":1}"#, fields),
      Hostile("no offsets", #"{"x":{"dtype":"U8","shape":[4]}}"#, data: four, fields),
      Hostile("three offsets", one("U8", "[4]", "[0,4,4]"), data: four, fields),
      Hostile("offsets as floats", one("U8", "[4]", "[0.0,4.0]"), data: four, fields),
      Hostile("offsets as booleans", one("U8", "[1]", "[false,true]"), data: [0], fields),
      Hostile("offsets as strings", one("U8", "[4]", #"["0","4"]"#), data: four, fields),
      Hostile(
        "offsets beyond 64 bits", one("U8", "[4]", "[0,18446744073709551620]"), data: four, fields),
      Hostile("a shape of floats", one("U8", "[4.0]", "[0,4]"), data: four, fields),
      Hostile("a shape of booleans", one("U8", "[true]", "[0,1]"), data: [0], fields),
      Hostile(
        "an unknown element type", one("F8_E4M3", "[4]", "[0,4]"), data: four,
        "tensor 'x': the element type 'F8_E4M3' is not supported"),
      Hostile(
        "truncated data", one("U8", "[4]", "[0,4]"), data: [0, 0],
        "tensor 'x': data_offsets [0, 4] lie outside the 2 bytes of data"),
      Hostile(
        "offsets out of range", one("U8", "[4]", "[8,12]"), data: eight,
        "tensor 'x': data_offsets [8, 12] lie outside the 8 bytes of data"),
      Hostile(
        "offsets in reverse", one("U8", "[4]", "[4,0]"), data: four,
        "tensor 'x': data_offsets [4, 0] lie outside the 4 bytes of data"),
      Hostile(
        "negative offsets", one("U8", "[4]", "[-4,0]"), data: four,
        "tensor 'x': data_offsets [-4, 0] lie outside the 4 bytes of data"),
      Hostile(
        "a negative shape", one("U8", "[-2,-2]", "[0,4]"), data: four,
        "tensor 'x': impossible shape [-2, -2]"),
      Hostile(
        "a shape that overflows", one("F32", "[\(huge),16]", "[0,4]"), data: four,
        "tensor 'x': impossible shape [\(huge), 16]"),
      Hostile(
        "an empty shape whose strides overflow", one("F32", "[0,\(huge),16]", "[0,0]"),
        "tensor 'x': impossible shape [0, \(huge), 16]"),
      Hostile(
        "a wrong size", one("F32", "[2]", "[0,4]"), data: four,
        "tensor 'x': shape [2] of F32 takes 8 bytes, got 4"),
      Hostile(
        "overlapping tensors", two("[0,4]", "[2,6]"), data: [0, 0, 0, 0, 0, 0],
        "tensor data overlap or leave a hole at byte 4"),
      Hostile(
        "one tensor twice", two("[0,4]", "[0,4]"), data: four,
        "tensor data overlap or leave a hole at byte 4"),
      Hostile(
        "a hole", two("[0,4]", "[8,12]"), data: four + eight,
        "tensor data overlap or leave a hole at byte 4"),
      Hostile(
        "a hole at the start", one("U8", "[4]", "[4,8]"), data: eight,
        "tensor data overlap or leave a hole at byte 0"),
      Hostile(
        "data behind the last tensor", one("U8", "[4]", "[0,4]"), data: eight,
        "expected 4 bytes of tensor data, got 8"),
      Hostile(
        "booleans that are neither", one("BOOL", "[2]", "[0,2]"), data: [1, 2],
        "tensor 'x': expected booleans of 0 and 1"),
    ]
  }

  @Test("a file that is not exactly the format is refused with its fault", arguments: Hostile.all)
  func hostile(_ file: Hostile) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x.safetensors"
      try Data(file.bytes).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: FileError.self) { try Safetensors(contentsOf: path) }
      #expect(error == FileError(path, file.problem))
    }
  }

  @Test("a damaged file is read or refused, and never ends the process")
  func fuzz() throws {
    let seed: UInt64 = 1
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try Safetensors(
        tensors: ["a": Tensor([Float(1), 2]), "b": Tensor([true])], metadata: ["k": "v"]
      ).write(to: path)
      let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
      let rng = RandomSource(seed: seed)
      for _ in 0..<300 {
        var bytes = whole
        for draw in rng.bits(3).viewed(as: .uint8).reshaped([3, 8]).split(3, axis: 0) {
          let draw = draw.array(UInt8.self)
          bytes[Int(draw[0]) % bytes.count] =
            draw[1] < 128 ? draw[2] : UInt8(ascii: "0") + draw[2] % 10
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        // Also a tensor that was read must be sound enough to look at.
        do throws(FileError) {
          for tensor in try Safetensors(contentsOf: path).tensors.values {
            _ = tensor.array(Double.self)
          }
        } catch { #expect(error.path == path, "seed \(seed)") }
      }
    }
  }

  @Test("a missing file and a directory are refused with the system's reason")
  func missing() throws {
    try withTemporaryDirectory { directory in
      let error = #expect(throws: FileError.self) {
        try Safetensors(contentsOf: directory + "/none")
      }
      #expect(
        error?.description == "\(directory)/none: cannot open the file: No such file or directory")
      let other = #expect(throws: FileError.self) { try Safetensors(contentsOf: directory) }
      #expect(other?.problem == "cannot read the file: Is a directory")
    }
  }
}

@Suite("NumPy files") struct NPYTests {
  private func written(_ tensor: Tensor) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
      try tensor.writeNPY(to: directory + "/x.npy")
      return try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory + "/x.npy")))
    }
  }

  private func expected(_ dictionary: String, _ data: [UInt8]) -> [UInt8] {
    // 10 bytes of magic, version and length; with the padding and the newline 128 in all.
    let header =
      dictionary + String(repeating: " ", count: 128 - 10 - 1 - dictionary.utf8.count) + "\n"
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0] + Array(header.utf8) + data
  }

  @Test("the bytes are NumPy's for two, one and no axes")
  func bytes() throws {
    #expect(
      try written(Tensor([Int16(1), 2, 3, 4, 5, -6], shape: [3, 2]).transposed)
        == expected(
          "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }",
          [1, 0, 3, 0, 5, 0, 2, 0, 4, 0, 0xFA, 0xFF]))
    #expect(
      try written(Tensor([Float(1)]))
        == expected(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", [0, 0, 0x80, 0x3F]))
    #expect(
      try written(Tensor(-2, dtype: .float64))
        == expected(
          "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", [0, 0, 0, 0, 0, 0, 0, 0xC0]))
  }

  @Test(
    "every element type has NumPy's name",
    arguments: zip(DType.allCases, ["|u1", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8", "|b1", "<f4"]))
  func types(_ dtype: DType, _ name: String) throws {
    let bytes = try written(Tensor.ones([2], dtype: dtype))
    #expect(String(decoding: bytes, as: UTF8.self).contains("{'descr': '\(name)', "))
    #expect(bytes.count == 128 + 2 * (dtype == .bfloat16 ? 4 : dtype.byteCount))
  }
}

@Suite("Atomic files") struct AtomicFileTests {
  private func contents(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test("a write replaces the old file and leaves nothing beside it")
  func replacing() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      for text in ["a longer old text", "new", ""] {
        try AtomicFile.write(Array(text.utf8), to: path)
        #expect(try contents(path) == text)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["x"])
    }
  }

  @Test(
    "the old file stays when the disk is full",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func full() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try AtomicFile.write(Array("old".utf8), to: path)
      // The temporary file beside it is a device on which every write fails for want of room.
      try FileManager.default.createSymbolicLink(
        atPath: AtomicFile.temporary(of: path), withDestinationPath: "/dev/full")
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write(Array("new".utf8), to: path)
      }
      #expect(error?.description == "\(path): cannot write the file: No space left on device")
      #expect(try contents(path) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["x"])
    }
  }

  @Test("a directory in the place of the file is kept and named")
  func directory() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/x"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
      #expect(error?.problem == "cannot rename the file: Is a directory")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["x"])
    }
  }

  @Test("a missing directory is named")
  func missing() throws {
    try withTemporaryDirectory { directory in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([1], to: directory + "/none/x")
      }
      #expect(error?.problem == "cannot open the file: No such file or directory")
    }
  }
}
