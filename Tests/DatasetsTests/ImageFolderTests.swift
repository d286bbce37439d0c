import Foundation
import Testing
import Torch

@testable import Datasets

@Suite("Image folders")
struct ImageFolderTests {
  let directory: TemporaryDirectory
  var path: String { directory.path }
  var options: DatasetOptions {
    DatasetOptions(dataRoot: path, cacheDirectory: path + "/cache", allowsNetwork: false)
  }

  init() throws { directory = try TemporaryDirectory() }

  /// A picture of one value.
  func png(_ value: Int, _ color: PNGFile.Color = .grey, side: Int = 2) -> [UInt8] {
    PNGFile(
      width: side, height: side, color: color, depth: 8,
      samples: Array(repeating: value, count: side * side * color.samples)
    ).bytes
  }

  @Test("sub-folders are classes, names count, and all else is ignored and counted by kind")
  func classes() throws {
    for name in ["class10/a.png", "class2/img10.PNG", "class2/img2.jpeg", "class2/deep/er/x.png"] {
      try directory.write(png(name.count), to: name)
    }
    for name in ["class2/.hidden.png", "class2/notes.TXT", "README.md", "empty/x.txt", "class2/Makefile"] {
      try directory.write([1], to: name)
    }
    try FileManager.default.createSymbolicLink(atPath: path + "/class2/loop", withDestinationPath: path)
    try FileManager.default.createSymbolicLink(atPath: path + "/class2/gone.png", withDestinationPath: "/none")
    let lines = Lines()
    let folder = try ImageFolder(path + "/", log: lines.append)
    #expect(folder.path == path)
    #expect(folder.classNames == ["class2", "class10"])
    #expect(
      folder.names == ["class2/deep/er/x.png", "class2/img2.jpeg", "class2/img10.PNG", "class10/a.png"])
    #expect(folder.labels == [0, 0, 0, 1])
    let others =
      "2 .txt, 1 .md, 1 folder without pictures, 1 hidden, 1 unreachable, 1 without an ending"
    #expect(lines.all == ["\(path): 4 pictures in 2 sub-folders, ignored: \(others)"])
    #expect(try Dataset.named(path, options).info.notes == ["ignored: \(others)"])
    let examples = try folder.examples()
    #expect(examples.shape == [1, 2, 2])
    #expect(examples.labels == [0, 0, 0, 1])
    #expect(examples.classCount == 2)
    #expect(examples.storage.bytes == [20, 16, 16, 13].flatMap { Array(repeating: UInt8($0), count: 4) })
    #expect(try folder.decode(3, ImageOptions()) == [13, 13, 13, 13])
  }

  @Test("a folder of many pictures is read in order, whatever thread reads them")
  func many() throws {
    for index in 0..<150 { try directory.write(png(index, .rgb), to: "flat/\(index).png") }
    let set = try Dataset.named(path + "/flat", options)
    #expect(set.info.counts == [.train: 150])
    #expect(set.info.shape == [3, 2, 2])
    #expect(try set.train.labels == nil)
    #expect(
      try set.train.storage.bytes == (0..<150).flatMap { Array(repeating: UInt8($0), count: 12) })
  }

  @Test("a folder that is no set says why")
  func refused() throws {
    #expect(
      message { _ = try ImageFolder(path + "/none") } == "'\(path)/none': No such file or directory")
    try directory.write([1], to: "a.txt")
    #expect(
      message { _ = try ImageFolder(path) }
        == "'\(path)': expected files ending in .png, .jpg or .jpeg, got only 1 .txt")
    try directory.write(png(1), to: "cat/a.png")
    try directory.write(png(1), to: "b.png")
    #expect(
      message { _ = try ImageFolder(path) }
        == "'\(path)': expected pictures in it or in its sub-folders, not both, got 'b.png' and 'cat/a.png'"
    )
  }

  @Test("pictures of different shapes are named, with the option that helps")
  func shapes() throws {
    for index in 1...70 { try directory.write(png(index), to: "\(index).png") }
    try directory.write(png(1, side: 3), to: "40.png")
    try directory.write(png(1, side: 5), to: "69.png")
    let folder = try ImageFolder(path)
    #expect(
      message { _ = try folder.examples() }
        == "'\(path)': expected pictures of one shape, [1, 2, 2] as '1.png' (--image-size makes them so), got [1, 3, 3] in '40.png'"
    )
    // Read from disk, the shapes come to light in the batch.
    let streamed = DeviceExamples(
      try folder.stream(ImageOptions()).examples, Preparation())
    #expect(
      message { _ = try streamed.batch(0..<70, using: RandomSource(seed: 0)) }
        == "'\(path)': expected pictures of one shape, [1, 2, 2] as '1.png' (--image-size makes them so), got [1, 3, 3] in '40.png'"
    )
    #expect(try folder.examples(ImageOptions(size: 2)).count == 70)
    try directory.write(png(1, .rgb), to: "2.png")
    #expect(
      message { _ = try folder.examples() }
        == "'\(path)': expected pictures of one shape, [1, 2, 2] as '1.png' (--channels makes them so), got [3, 2, 2] in '2.png'"
    )
    #expect(try folder.examples(ImageOptions(size: 4, channels: 4)).shape == [4, 4, 4])
    for (wrong, text) in [
      (ImageOptions(crop: 0), "image crop: expected 1...65535, got 0"),
      (ImageOptions(size: 70_000), "image size: expected 1...65535, got 70000"),
      (ImageOptions(channels: 2), "image channels: expected 1, 3 or 4, got 2"),
    ] { #expect(message { _ = try folder.examples(wrong) } == text) }
  }

  @Test("a bad picture ends the loading, or is skipped and told if asked")
  func bad() throws {
    for index in 0..<5 { try directory.write(png(index), to: "\(index % 2)/\(index).png") }
    for name in ["0/0.png", "1/3.png"] { try directory.write([], to: name) }
    let folder = try ImageFolder(path)
    let reason = "byte 0: expected a PNG (89 50 4e 47 0d 0a 1a 0a) or a JPEG (ff d8 ff), got an empty file"
    #expect(message { _ = try folder.examples() } == "'\(path)/0/0.png', \(reason)")
    let lines = Lines()
    let examples = try folder.examples(ImageOptions(skipBad: true), log: lines.append)
    #expect(examples.storage.bytes == [2, 4, 1].flatMap { Array(repeating: UInt8($0), count: 4) })
    #expect(examples.labels == [0, 0, 1])
    #expect(
      lines.all == [
        "skipped '\(path)/0/0.png', \(reason)", "skipped '\(path)/1/3.png', \(reason)",
        "\(path): skipped 2 of 5 pictures",
      ])
    for name in folder.names { try directory.write([], to: name) }
    #expect(
      message { _ = try folder.examples(ImageOptions(skipBad: true)) } == "'\(path)/0/0.png', \(reason)")
  }

  @Test("options for pictures are refused by a set that is not made of files")
  func wishes() throws {
    var options = options
    options.images.size = 32
    #expect(
      message { _ = try Dataset.named("mnist", options) }
        == "mnist, images: expected no options, because the set is not made of picture files, got crop, size, channels or skipping"
    )
    #expect(try Dataset.named("celeba", options).info.shape == [3, 32, 32])
    options.images.channels = 7
    #expect(
      message { _ = try Dataset.named("celeba", options) } == "image channels: expected 1, 3 or 4, got 7")
  }

  @Test("CelebA is cut to 128, resized to 64, and split by number")
  func celebA() throws {
    let entry = DataCatalog.Entry.celebA(counts: [.train: 2, .validation: 1, .test: 1])
    for index in 1...4 {
      // 178 x 218, white outside of the cut, which begins at column 25 and row 45.
      let samples = (0..<218).flatMap { row in
        (0..<178).flatMap { column in
          let isInside = (25..<153).contains(column) && (45..<173).contains(row)
          return Array(repeating: isInside ? 10 * index : 255, count: 3)
        }
      }
      let file = PNGFile(width: 178, height: 218, color: .rgb, depth: 8, samples: samples)
      try directory.write(file.bytes, to: "celeba/img_align_celeba/00000\(index).jpg")
    }
    for (split, values) in [(Split.train, [10, 20]), (.validation, [30]), (.test, [40])] as [(Split, [UInt8])] {
      let examples = try entry.load(split, options)
      #expect(examples.shape == [3, 64, 64])
      #expect(examples.storage.bytes == values.flatMap { Array(repeating: $0, count: 3 * 64 * 64) })
    }
    #expect(
      message { _ = try Dataset.named("celeba", options).test }
        == "'\(path)/celeba/img_align_celeba': expected 202599 pictures, got 4")
    try FileManager.default.moveItem(
      atPath: path + "/celeba/img_align_celeba/000002.jpg",
      toPath: path + "/celeba/img_align_celeba/000009.jpg")
    #expect(
      message { _ = try entry.load(.train, options) }
        == "'\(path)/celeba/img_align_celeba', picture 2: expected a name with the number 2, got '000003.jpg'"
    )
  }

  @Test("CelebA without its folder says where to put it")
  func celebAMissing() throws {
    #expect(
      message { _ = try Dataset.named("celeba", options).train } == """
        celeba: no source has 'img_align_celeba'
          data root '\(path)': no folder 'celeba' in it
          network: the set's terms forbid passing it on; get img_align_celeba.zip from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html and unpack it into <data root>/celeba
        """)
  }
}
