import Testing
import Torch

@testable import Datasets

@Suite("npy as examples")
struct NPYExamplesTests {
  func examples(_ descr: String, _ shape: String, _ values: [UInt8]) throws -> Examples {
    try Examples(try NPY.decode(npyFile(npyHeader(descr, shape), values), file: "x"))
  }

  @Test("points, grey images, and images with channels first and last take their shapes")
  func shapes() throws {
    let points = try examples(
      "<f4", "(2, 2)", littleEndian([1, 2, 3, 4.5].map { Float($0).bitPattern }))
    #expect(points.shape == [2])
    #expect(points.storage == .floats([1, 2, 3, 4.5]))
    let wide = try examples(
      "<f8", "(1, 3)", littleEndian([0.5, -1, 2].map { Double($0).bitPattern }))
    #expect(wide.storage == .floats([0.5, -1, 2]))
    #expect(try examples("|u1", "(2, 2, 3)", Array(0..<12)).shape == [1, 2, 3])
    #expect(try examples("|u1", "(2, 2, 3, 1)", Array(0..<12)).shape == [1, 2, 3])
    #expect(try examples("|u1", "(1, 3, 2, 2)", Array(0..<12)).shape == [3, 2, 2])
    let last = try examples("|u1", "(2, 1, 2, 3)", Array(0..<12))
    #expect(last.shape == [3, 1, 2])
    #expect(last.storage == .bytes([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]))
    let binary = try examples("|b1", "(2, 1, 2)", [0, 1, 1, 0])
    #expect(binary.isBinary)
    // Four channels last, unless the first axis may be one of channels, too.
    let four = try examples("|u1", "(1, 2, 1, 4)", Array(0..<8))
    #expect(four.shape == [4, 2, 1])
    #expect(four.storage == .bytes([0, 4, 1, 5, 2, 6, 3, 7]))
    let floats = try examples("<f4", "(1, 2, 1, 4)", littleEndian((0..<8).map { Float($0).bitPattern }))
    #expect(floats.shape == [4, 2, 1])
    #expect(floats.storage == .floats([0, 4, 1, 5, 2, 6, 3, 7]))
    for channels in [1, 3, 4] {
      let first = try examples("|u1", "(1, \(channels), 2, 4)", Array(0..<UInt8(8 * channels)))
      #expect(first.shape == [channels, 2, 4])
    }
  }

  @Test("bytes that are 0 and 1 alone are binary; those of one black image are not")
  func bits() throws {
    #expect(try examples("|u1", "(2, 1, 2)", [0, 1, 1, 0]).isBinary)
    #expect(try !examples("|u1", "(2, 1, 2)", [0, 1, 2, 0]).isBinary)
    #expect(try !examples("|u1", "(2, 1, 2)", [0, 0, 0, 0]).isBinary)
    #expect(try !examples("<i4", "(1, 1, 2)", littleEndian([Int32(0), 1])).isBinary)
    let directory = try TemporaryDirectory()
    try directory.write(npyFile(npyHeader("|u1", "(200, 1, 2)"), (0..<400).map { UInt8($0 % 2) }), to: "bits.npy")
    try directory.write(npyFile(npyHeader("|u1", "(200, 1, 2)"), (0..<400).map { $0 == 399 ? 9 : 1 }), to: "pixels.npy")
    try directory.write(npyFile(npyHeader("|u1", "(1, 1, 2)"), [0, 0]), to: "black.npy")
    var options = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    for streams in [false, true] {
      options.streams = streams
      let bits = try Dataset.named(directory.path + "/bits.npy", options)
      #expect(try bits.train.isBinary)
      #expect(bits.info.notes == ["all values are 0 or 1: read as binary, not as 0 and 1 of 255"])
      let batch = try DeviceExamples(bits.train, Preparation())
        .batch(0..<1, using: RandomSource(seed: 0))
      #expect(batch.x.array(Float.self) == [0, 1])
      #expect(try !Dataset.named(directory.path + "/pixels.npy", options).train.isBinary)
    }
    options.streams = false
    #expect(try Dataset.named(directory.path + "/black.npy", options).info.notes == ["all values are 0: black"])
  }

  @Test("a number that is none is found in its row, also when rows are read one by one")
  func places() throws {
    let directory = try TemporaryDirectory()
    var values = [Float](repeating: 0, count: 60)
    values[4 * 5 + 3] = .nan
    try directory.write(npyFile(npyHeader("<f4", "(12, 5)"), littleEndian(values.map(\.bitPattern))), to: "a.npy")
    try directory.write(
      npyFile(npyHeader("<f4", "(12, 1, 5, 1)"), littleEndian(values.map(\.bitPattern))), to: "b.npy")
    var options = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    for (name, place) in [("a", "row 4, column 3, counted from 0"), ("b", "value [4, 0, 3, 0]")] {
      let path = "\(directory.path)/\(name).npy"
      let expected = "'\(path)', \(place): expected a finite single-precision number, got nan"
      options.streams = false
      #expect(message { _ = try Dataset.named(path, options) } == expected)
      options.streams = true
      let rows = try Dataset.named(path, options).train.subset([7, 4])
      let streamed = DeviceExamples(rows, Preparation())
      #expect(message { _ = try streamed.batch(0..<2, using: RandomSource(seed: 0)) } == expected)
    }
  }

  @Test("numbers outside of the model's interval are named by their row in the file")
  func interval() throws {
    let directory = try TemporaryDirectory()
    let values = (0..<12).map { Float($0 == 9 ? 2 : 0).bitPattern }
    try directory.write(npyFile(npyHeader("<f4", "(12, 1)"), littleEndian(values)), to: "a.npy")
    var options = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    options.streams = true
    let rows = try Dataset.named(directory.path + "/a.npy", options).train.subset([3, 9])
    let streamed = DeviceExamples(rows, Preparation(needsUnitInterval: true))
    #expect(
      message { _ = try streamed.batch(0..<2, using: RandomSource(seed: 0)) }
        == "row 9, counted from 0: expected values from 0 to 1, got 2.0")
  }

  @Test("what has no effect on a file is refused, and endings of names ignore case")
  func options() throws {
    let directory = try TemporaryDirectory()
    let file = npyFile(npyHeader("|u1", "(3, 1, 2)"), [1, 2, 3, 4, 5, 6])
    try directory.write(file, to: "A.NPY")
    try directory.write(gzip(file), to: "A.NPY.GZ")
    try directory.write(Array("a,b\n1,2\n".utf8), to: "t.CSV")
    let plain = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    func refusal(_ name: String, _ change: (inout DatasetOptions) -> Void) -> String {
      var options = plain
      change(&options)
      return message { _ = try Dataset.named(directory.path + "/" + name, options) }
        .replacing(directory.path + "/", with: "")
    }
    #expect(refusal("A.NPY") { _ in } == "")
    #expect(refusal("A.NPY.GZ") { _ in } == "")
    #expect(refusal("t.CSV") { $0.part.hasHeader = true } == "")
    #expect(
      refusal("A.NPY") { $0.part.key = "x" }
        == "'A.NPY', --key: expected none, because only .npz, .mat, .safetensors and .csv files name what they hold, got 'x'"
    )
    #expect(
      refusal("A.NPY") { $0.part.hasHeader = true }
        == "'A.NPY', --header: expected none, because only a .csv file can name its columns, got one")
    #expect(
      refusal("A.NPY.GZ") { $0.streams = true }
        == "'A.NPY.GZ': expected a file that is not compressed, to read examples one by one, got gzip")
    #expect(
      refusal("A.NPY") { $0.images.skipBad = true }
        == "'A.NPY': expected a folder of images, to scale, crop or skip them, got a file")
    #expect(
      message {
        _ = try DataArray(contentsOf: directory.path + "/A.NPY", .npy, ArrayFormat.Part(field: .labels))
      }.replacing(directory.path + "/", with: "")
        == "'A.NPY', --field: expected data, because only CIFAR-10's files hold labels beside them, got labels")
  }

  @Test("what cannot be examples says why")
  func refused() {
    #expect(
      message { _ = try examples("|u1", "()", [1]) }
        == "'x', shape: expected [n], [n, d], [n, h, w], [n, h, w, c] or [n, c, h, w] with positive sizes, got []"
    )
    #expect(
      message {
        _ = try examples(
          "<f4", "(1, 2)", littleEndian([Float(1).bitPattern, Float.nan.bitPattern]))
      }
        == "'x', row 0, column 1, counted from 0: expected a finite single-precision number, got nan")
    #expect(
      message { _ = try examples("|b1", "(1, 2)", [0, 7]) }
        == "x, value 1: expected 0 or 1 in a binary set, got 7")
  }

  @Test("a path to an array is a set; its labels lie beside it")
  func path() throws {
    let directory = try TemporaryDirectory()
    try directory.write(npyFile(npyHeader("|u1", "(3, 1, 2)"), [1, 2, 3, 4, 5, 6]), to: "a.npy")
    try directory.write(
      npyFile(npyHeader("<i8", "(3,)"), littleEndian([2, 0, 1])), to: "a.labels.npy")
    let path = directory.path + "/a.npy"
    var options = DatasetOptions(cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    let set = try Dataset.named(path, options)
    #expect(set.info.counts == [.train: 3])
    #expect(try set.train.labels == [2, 0, 1])
    #expect(try set.train.classCount == 3)
    #expect(try set.validation == nil)
    #expect(message { _ = try set.test } == "\(path): expected a split out of train, got test")
    options.validation = .count(1)
    let held = try Dataset.named(path, options)
    #expect(try held.train.count == 2)
    #expect(try held.validation?.count == 1)
    try directory.write(
      npyFile(npyHeader("<i8", "(3,)"), littleEndian([2, 0, -2])), to: "a.labels.npy")
    #expect(
      message { _ = try Dataset.named(path, options) }
        == "'\(directory.path)/a.labels.npy', label 2: expected a class in 0..<1000000, or -1 for none, got -2")
    try directory.write(npyFile(npyHeader("|u1", "(2,)"), [0, 1]), to: "a.labels.npy")
    #expect(
      message { _ = try Dataset.named(path, options) }
        == "'\(directory.path)/a.labels.npy', shape: expected [3], one label per example, got [2]"
    )
    try directory.write(npyFile(npyHeader("|b1", "(3,)"), [0, 1, 1]), to: "a.labels.npy")
    #expect(
      message { _ = try Dataset.named(path, options) }
        == "'\(directory.path)/a.labels.npy', type: expected labels that are whole numbers, got bool"
    )
    #expect(
      message { _ = try Dataset.named(directory.path + "/none.npy", options) }
        == "'\(directory.path)/none.npy': No such file or directory")
  }
}
