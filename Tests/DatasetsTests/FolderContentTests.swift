import Foundation
import Testing
import Torch

@testable import Datasets

@Suite("What folders hold")
struct FolderContentTests {
  let directory: TemporaryDirectory
  var path: String { directory.path }
  var options: DatasetOptions { DatasetOptions(cacheDirectory: path + "/cache", allowsNetwork: false) }

  init() throws { directory = try TemporaryDirectory() }

  func png(_ samples: [Int], _ extra: [[UInt8]] = [], color: PNGFile.Color = .grey) -> [UInt8] {
    PNGFile(width: 2, height: samples.count / 2 / color.samples, color: color, depth: 8, extra: extra, samples: samples)
      .bytes
  }

  /// Writes a file whose name is any bytes.
  func write(_ content: [UInt8], at name: [UInt8]) throws {
    let place = (Array((path + "/").utf8) + name + [0]).map(CChar.init(bitPattern:))
    let folder = Array(place[..<(place.lastIndex(of: CChar(bitPattern: 0x2F)) ?? 0)]) + [0]
    mkdir(folder, 0o755)
    let descriptor = open(place, O_WRONLY | O_CREAT, 0o644)
    #expect(descriptor >= 0)
    content.withUnsafeBytes { _ = Foundation.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  #if os(Linux)
    @Test("files and class folders whose names are no UTF-8 are read, and shown with their bytes")
    func bytes() throws {
      try directory.write(png([1, 2, 3, 4]), to: "p/ant/1.png")
      try write(png([5, 6, 7, 8]), at: Array("p/ant/caf".utf8) + [0xE9] + Array(".PNG".utf8))
      try write(png([9, 9, 9, 9]), at: Array("p/b".utf8) + [0xFF] + Array("e/2.png".utf8))
      let examples = try Dataset.named(path + "/p", options).train
      #expect(examples.exampleNames == ["ant/1.png", "ant/caf\\xe9.PNG", "b\\xffe/2.png"])
      #expect(examples.classNames == ["ant", "b\\xffe"])
      #expect(examples.labels == [0, 0, 1])
      #expect(examples.storage.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9])
      try write([], at: Array("p/ant/caf".utf8) + [0xE8] + Array(".png".utf8))
      #expect(
        message { _ = try Dataset.named(path + "/p", options) }.hasPrefix("'\(path)/p/ant/caf\\xe8.png', byte 0: "))
    }
  #endif

  @Test("folders named for splits are splits; classes are those of the training pictures", arguments: [false, true])
  func splits(streams: Bool) throws {
    for (name, value) in [
      ("train/ant/1", 10), ("train/ant/2", 11), ("train/cow/1", 12), ("train/bee/1", 13), ("Test/bee/1", 20),
      ("Test/cow/10", 22), ("Test/cow/2", 21), ("val/cow/1", 30),
    ] { try directory.write(png([value, value, value, value]), to: "p/\(name).png") }
    var options = options
    options.streams = streams
    options.validation = .fraction(0.5)
    let set = try Dataset.named(path + "/p", options)
    #expect(set.info.counts == [.train: 4, .test: 3, .validation: 1])
    #expect(set.info.classNames == ["ant", "bee", "cow"])
    #expect(try set.train.labels == [0, 0, 1, 2])
    #expect(try set.validation?.labels == [2])
    let test = try set.test
    #expect(test.labels == [1, 2, 2])
    #expect(test.classCount == 3)
    #expect(test.exampleNames == ["Test/bee/1.png", "Test/cow/2.png", "Test/cow/10.png"])
    #expect(try test.loaded().storage.bytes == [20, 20, 20, 20, 21, 21, 21, 21, 22, 22, 22, 22])
  }

  @Test("splits may be flat, and a table gives classes to all of them")
  func flatSplits() throws {
    for name in ["train/1", "train/2", "test/1"] { try directory.write(png([3, 4, 5, 6]), to: "p/\(name).png") }
    let plain = try Dataset.named(path + "/p", options)
    #expect(try plain.train.labels == nil)
    #expect(plain.info.classCount == nil)
    #expect(try plain.test.count == 1)
    try directory.write(Array("train/1.png;b\ntrain/2.png;a\ntest/1.png;b\n".utf8), to: "labels.csv")
    var options = options
    options.labelFile = path + "/labels.csv"
    let labelled = try Dataset.named(path + "/p", options)
    #expect(try labelled.train.labels == [1, 0])
    #expect(try labelled.test.labels == [1])
    #expect(try labelled.test.classNames == ["a", "b"])
  }

  @Test("what is half of splits and half of classes is refused, and one such name among classes is a class")
  func halfSplits() throws {
    for name in ["bus/1", "train/1"] { try directory.write(png([3, 4, 5, 6]), to: "vehicles/\(name).png") }
    #expect(try Dataset.named(path + "/vehicles", options).info.classNames == ["bus", "train"])
    for name in ["train/1", "test/1", "more/1"] { try directory.write(png([3, 4, 5, 6]), to: "p/\(name).png") }
    #expect(
      message { _ = try Dataset.named(path + "/p", options) }
        == "'\(path)/p': expected sub-folders of classes, or of splits: one named 'train', others 'validation' or 'test', got 'more', 'test', 'train'"
    )
    for name in ["train/a/1", "train/1", "test/1"] { try directory.write(png([3, 4, 5, 6]), to: "q/\(name).png") }
    #expect(
      message { _ = try Dataset.named(path + "/q", options) }
        == "'\(path)/q/train': expected pictures in it or in its sub-folders, not both, got 'train/1.png' and 'train/a/1.png'"
    )
    for name in ["train/a/1", "test/b/1"] { try directory.write(png([3, 4, 5, 6]), to: "r/\(name).png") }
    // A class that training lacks gets the number behind; a model that predicts classes refuses it.
    let other = try Dataset.named(path + "/r", options).test
    #expect(other.classNames == ["a", "b"] && other.labels == [1])
    for name in ["train/1", "test/1"] { try directory.write(png([3, 4, 5, 6]), to: "s/\(name).png") }
    try directory.write(png([3, 4, 5, 6, 7, 8]), to: "s/test/1.png")
    #expect(
      message { _ = try Dataset.named(path + "/s", options).test }
        == "'\(path)/s': expected pictures of one shape in all splits, [1, 2, 2] (--image-size makes them so), got [1, 3, 2] in the test split"
    )
  }

  @Test("pictures of 0 and 1 are binary, and people are told; so they are of turned and opaque ones")
  func notes() throws {
    for index in 0..<70 { try directory.write(png([0, 1, index % 2, 0]), to: "bits/\(index).png") }
    let note = "all values are 0 or 1: read as binary, not as 0 and 1 of 255"
    for streams in [false, true] {
      var options = options
      options.streams = streams
      let lines = Lines()
      options.log = lines.append
      let bits = try Dataset.named(path + "/bits", options)
      #expect(try bits.train.isBinary)
      #expect(bits.info.notes == [note])
      #expect(lines.all == ["\(path)/bits: 70 pictures", "\(path)/bits: \(note)"])
      let batch = try DeviceExamples(bits.train, Preparation(scaling: .symmetric))
        .batch(1..<2, using: RandomSource(seed: 0))
      #expect(batch.x.array(Float.self) == [-1, 1, 1, -1])
    }
    try directory.write(png([7, 7, 7, 7]), to: "bits/69.png")
    #expect(try !Dataset.named(path + "/bits", options).train.isBinary)
    let turn = PNGFile.chunk("eXIf", ImageFileTests.exif(3, isBigEndian: true))
    try directory.write(png([1, 2, 3, 4], [turn]), to: "photos/a.png")
    try directory.write(png([1, 2, 3, 4, 5, 6, 7, 8], color: .greyAlpha), to: "photos/b.png")
    let photos = try Dataset.named(path + "/photos", options)
    #expect(try photos.train.storage.bytes == [4, 3, 2, 1, 1, 3, 5, 7])
    #expect(
      photos.info.notes == [
        "1 of 2 pictures turned upright, as their EXIF orientation says",
        "1 of 2 pictures read without their alpha channel (--channels 4 keeps it)",
      ])
  }

  @Test("pictures of 16 bits are said to become bytes, and are not binary by that")
  func deep() throws {
    let file = PNGFile(width: 2, height: 2, color: .grey, depth: 16, samples: [0, 257, 200, 100]).bytes
    for index in 0..<3 { try directory.write(file, to: "deep/\(index).png") }
    for streams in [false, true] {
      var options = options
      options.streams = streams
      let deep = try Dataset.named(path + "/deep", options)
      #expect(try deep.train.loaded().storage.bytes.prefix(4) == [0, 1, 1, 0])
      #expect(try !deep.train.isBinary)
      if !streams { #expect(deep.info.notes == ["3 of 3 pictures of 16 bits read as bytes: 65535 is 255"]) }
    }
  }

  @Test("one picture is a set of one, with its alpha left out and options of its own", arguments: [false, true])
  func onePicture(streams: Bool) throws {
    try directory.write(png([1, 2, 3, 4, 5, 6, 7, 8], color: .greyAlpha), to: "one.PNG")
    var options = options
    options.streams = streams
    let set = try Dataset.named(path + "/one.PNG", options)
    #expect(set.info.shape == [1, 2, 2])
    #expect(try set.train.loaded().storage.bytes == [1, 3, 5, 7])
    #expect(try set.train.exampleNames == ["one.PNG"])
    options.images = ImageOptions(size: 4, channels: 4)
    #expect(try Dataset.named(path + "/one.PNG", options).info.shape == [4, 4, 4])
  }

  @Test("named sets refuse what they have no use for")
  func namedSets() throws {
    func refusal(_ name: String, _ change: (inout DatasetOptions) -> Void) -> String {
      var options = options
      change(&options)
      return message { _ = try Dataset.named(name, options) }
    }
    #expect(
      refusal("strokes") { $0.labelFile = "y.csv" }
        == "'strokes', --labels: expected none, because the set brings its own, got 'y.csv'")
    #expect(
      refusal("celeba") { $0.labelFile = "y.csv" }
        == "'celeba', --labels: expected none, because the set has no classes, got 'y.csv'")
    #expect(
      refusal("mnist") { $0.part.key = "x" }
        == "'mnist', --key: expected none, because only .npz, .mat, .safetensors and .csv files name what they hold, got 'x'"
    )
    #expect(
      refusal("mnist") { $0.part.hasHeader = true }
        == "'mnist', --header: expected none, because only a .csv file can name its columns, got one")
    #expect(
      refusal("mnist") { $0.streams = true }
        == "'mnist', --stream: expected none, because only a folder of images, a .npy or an IDX file is read batch by batch, got one"
    )
    for change: (inout DatasetOptions) -> Void in [
      { $0.images.channels = 3 }, { $0.images.crop = 8 }, { $0.images.skipBad = true },
    ] {
      #expect(
        refusal("norb", change) == "norb, images: expected no options but a size, got crop, channels or skipping")
    }
    #expect(refusal("norb") { $0.images.size = 48 } == "")
    #expect(refusal("celeba") { $0.images = ImageOptions(size: 48, channels: 1, skipBad: true) } == "")
    try directory.write(png([1, 2, 3, 4]), to: "p/a.png")
    #expect(refusal(path + "/p") { $0.part.hasHeader = true }.hasPrefix("'\(path)/p', --header: expected none, "))
  }
}
