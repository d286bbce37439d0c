import Testing

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
  }

  @Test("what cannot be examples says why")
  func refused() {
    #expect(
      message { _ = try examples("|u1", "(3,)", [1, 2, 3]) }
        == "'x', shape: expected [n, d], [n, h, w], [n, h, w, c] or [n, c, h, w] with positive sizes, got [3]"
    )
    #expect(
      message {
        _ = try examples(
          "<f4", "(1, 2)", littleEndian([Float(1).bitPattern, Float.nan.bitPattern]))
      }
        == "'x', value 1: expected a finite single-precision number, got nan")
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
