import Foundation
import Testing

@testable import Datasets

/// The published files on this machine: `HELMHOLTZ_DATA`, else `shared/data` beside the package.
enum Published {
  static let root: String = {
    if let root = ProcessInfo.processInfo.environment["HELMHOLTZ_DATA"], !root.isEmpty {
      return root
    }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path + "/shared/data"
  }()

  static func has(_ set: String) -> Bool {
    let found = FileManager.default.fileExists(atPath: "\(root)/\(set)")
    if !found { print("skipped: no '\(set)' in '\(root)' (set HELMHOLTZ_DATA)") }
    return found
  }

  static var options: DatasetOptions {
    DatasetOptions(
      dataRoot: root, cacheDirectory: NSTemporaryDirectory() + "datasets-tests-none",
      allowsNetwork: false)
  }
}

@Suite("Published sets")
struct PublishedSetTests {
  @Test("MNIST has its known label counts and mean", .enabled(if: Published.has("mnist")))
  func mnist() throws {
    let set = try Dataset.named("mnist", Published.options)
    #expect(
      try set.train.labelCounts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    #expect(try set.test.labelCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(try set.train.shape == [1, 28, 28])
    #expect(try set.train.labels!.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    let sum = try set.test.storage.bytes.withUnsafeBufferPointer { $0.reduce(0) { $0 + Int($1) } }
    #expect(abs(Double(sum) / (255 * 7_840_000) - 0.13251) < 1e-4)
  }

  @Test(
    "Fashion-MNIST has 6000 and 1000 of each class", .enabled(if: Published.has("fashion-mnist")))
  func fashion() throws {
    let set = try Dataset.named("fashion-mnist", Published.options)
    #expect(try set.train.labelCounts == Array(repeating: 6000, count: 10))
    #expect(try set.test.labelCounts == Array(repeating: 1000, count: 10))
  }

  @Test(
    "binarized MNIST decodes to the published pixels of all three splits",
    .enabled(if: Published.has("binarized-mnist")))
  func binarized() throws {
    let set = try Dataset.named("binarized-mnist", Published.options)
    let pixels: [(Split, Int, String)] = [
      (.train, 50_000, "43490d4d6ac9002727af4426d8748609fdb7e4094fa65ad8d681ea60082a7a5a"),
      (.validation, 10_000, "069b4f0beb389b776478c3e872b4df71c95ac4be64d7cbe6d32e24ebac8e6d5e"),
      (.test, 10_000, "ca0294c3b8d984c7a1dc891015a8eea6f37bae59a34e35ea0fc8c47110a8dd86"),
    ]
    for (split, count, digest) in pixels {
      let examples = try set.examples(split)
      #expect(examples.count == count)
      #expect(examples.isBinary)
      #expect(sha256(examples.storage.bytes) == digest)
    }
  }

  @Test("CIFAR-10 decodes to the published pixels", .enabled(if: Published.has("cifar-10")))
  func cifar10() throws {
    let set = try Dataset.named("cifar-10", Published.options)
    let train = try set.train
    // Without the published test file the last training file takes its place.
    let isWhole = set.info.notes.isEmpty
    #expect(train.count == (isWhole ? 50_000 : 40_000))
    #expect(train.shape == [3, 32, 32])
    let published = try isWhole ? [train] : [train, set.test]
    #expect((0..<10).allSatisfy { index in published.map { $0.labelCounts![index] }.reduce(0, +) == 5000 })
    #expect(
      sha256(published.flatMap(\.storage.bytes))
        == "9d5c2eddadb0deff02c14c350c0385aab7b1d5ff1edfeb4997c8dc8644960111")
  }

  @Test("without its test file CIFAR-10 holds out the last training file, and says so")
  func standIn() throws {
    let directory = try TemporaryDirectory()
    let options = DatasetOptions(
      dataRoot: directory.path, cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    for batch in 1...5 { try directory.write([0], to: "cifar-10/data_batch_\(batch).bin") }
    let held = try Dataset.named("cifar-10", options)
    #expect(held.info.counts == [.train: 40_000, .test: 10_000])
    #expect(held.info.notes.count == 1 && held.info.notes[0].contains("'test_batch.bin' is not in the data root"))
    #expect(message { _ = try held.test }.contains("data_batch_5.bin"))
    try directory.write([0], to: "cifar-10/test_batch.bin")
    let whole = try Dataset.named("cifar-10", options)
    #expect(whole.info.counts == [.train: 50_000, .test: 10_000] && whole.info.notes.isEmpty)
    #expect(message { _ = try whole.test }.contains("test_batch.bin"))
  }

  @Test("half a split of CIFAR-10 is refused, not loaded")
  func short() throws {
    let directory = try TemporaryDirectory()
    let options = DatasetOptions(
      dataRoot: directory.path, cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    let path = directory.path + "/cifar-10-batches-bin/test_batch.bin"
    for suffix in ["", ".gz"] {
      let records = CIFAR10Tests.file([3, 5])
      try directory.write(
        suffix.isEmpty ? records : gzip(records), to: "cifar-10-batches-bin/test_batch.bin" + suffix)
      #expect(
        message { _ = try Dataset.named("cifar-10", options).test }
          == "'\(path)\(suffix)', size: expected 30730000 bytes (of the decompressed file), got 6146")
      try FileManager.default.removeItem(atPath: path + suffix)
    }
    #expect(
      message { _ = try Dataset.named("cifar-10", options).test }
        .hasPrefix("cifar-10: no source has 'test_batch.bin'\n"))
  }

  @Test("small NORB must have its sizes, type and shape")
  func norb() throws {
    let directory = try TemporaryDirectory()
    var options = DatasetOptions(
      dataRoot: directory.path, cacheDirectory: directory.path + "/cache", allowsNetwork: false)
    let name = "norb/smallnorb-5x01235x9x18x6x2x96x96-testing-"
    let labels = (0..<24_300).map { Int32($0 % 5) }
    try directory.write(NORBTests.file(0x54, [24_300], littleEndian(labels)), to: name + "cat.mat")
    try directory.write(NORBTests.file(0x55, [24_300, 2, 96, 96], []), to: name + "dat.mat")
    // The pixels are a hole in the file, which reads as zeros and takes no place on the disk.
    let size = 24 + 24_300 * 2 * 96 * 96
    try #require(truncate("\(directory.path)/\(name)dat.mat", off_t(size)) == 0)
    // Pixel (94, 94) of the second image of the first pair; 3 x 31 + 1 = 94 is the last centre.
    let file = try #require(FileHandle(forUpdatingAtPath: "\(directory.path)/\(name)dat.mat"))
    let place = 96 * 96 + 94 * 96 + 94
    try file.seek(toOffset: UInt64(24 + place))
    try file.write(contentsOf: [7, 9])
    let test = try Dataset.named("norb", options).test
    #expect(test.shape == [2, 32, 32])
    #expect(test.storage.bytes[2 * 32 * 32 - 1] == 7)
    #expect(test.storage.bytes.reduce(0) { $0 + Int($1) } == 7)
    options.images.size = 96
    let whole = try Dataset.named("norb", options)
    #expect(whole.info.shape == [2, 96, 96])
    #expect(try whole.test.storage.bytes[place...place + 1] == [7, 9])
    options.images.size = nil
    #expect(test.labels == labels)
    #expect(test.labelCounts == Array(repeating: 4860, count: 5))
    try directory.write(
      NORBTests.file(0x54, [12_150, 2], littleEndian(labels)), to: name + "cat.mat")
    #expect(
      message { _ = try Dataset.named("norb", options).test }
        == "'smallnorb-5x01235x9x18x6x2x96x96-testing-cat.mat', byte 0: expected [24300] of int32, got [12150, 2] of int32"
    )
    try directory.write(
      NORBTests.file(0x54, [3], littleEndian([1, 2, 3] as [Int32])), to: name + "cat.mat")
    #expect(
      message { _ = try Dataset.named("norb", options).test }
        == "'\(directory.path)/\(name)cat.mat', size: expected 97220 bytes (of the decompressed file), got 32")
  }
}
