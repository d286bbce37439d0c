import Foundation

extension DataCatalog.Entry {
  /// Small colour photographs of ten kinds of things (Krizhevsky 2009).
  ///
  /// Where the data root has the training files and not the test file, the fifth training file is held out as the test
  /// set, which a note says.
  static let cifar10: DataCatalog.Entry = {
    var entry = CIFAR10Files.entry(
      train: CIFAR10Files.batches, test: [CIFAR10Files.test], counts: [.train: 50_000, .test: 10_000], notes: [])
    let last = CIFAR10Files.batches.count - 1
    entry.standIn = { options in
      guard CIFAR10Files.lackTest(options) else { return nil }
      return CIFAR10Files.entry(
        train: Array(CIFAR10Files.batches[..<last]), test: [CIFAR10Files.batches[last]],
        counts: [.train: 40_000, .test: 10_000],
        notes: [
          "cifar-10: '\(CIFAR10Files.test.name)' is not in the data root, so that the last training file is held out as "
            + "the test set and 40,000 images are trained on"
        ])
    }
    return entry
  }()
}

/// The published files of CIFAR-10.
private enum CIFAR10Files {
  static let test = batch("test_batch.bin", .md5("803d5f7f4d78ea53de84dbe85f74fb6d"))

  // Their SHA-256 were taken from files that have the published MD5.
  static let batches = [
    batch("data_batch_1.bin", .sha256("cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5")),
    batch("data_batch_2.bin", .sha256("a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed")),
    batch("data_batch_3.bin", .sha256("bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67")),
    batch("data_batch_4.bin", .sha256("014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48")),
    batch("data_batch_5.bin", .sha256("755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add")),
  ]

  private static let batchSize = 10_000
  private static let shape = [CIFAR10.channels, CIFAR10.size, CIFAR10.size]

  private static func batch(_ name: String, _ checksum: Checksum) -> DatasetFile {
    DatasetFile(name: name, byteCount: batchSize * (1 + shape.reduce(1, *)), checksum: checksum)
  }

  private static let group = FileGroup(
    set: "cifar-10", directories: ["cifar-10-batches-bin"],
    remotes: [
      .archive(
        "https://www.cs.toronto.edu/~kriz/",
        DatasetFile(
          name: "cifar-10-binary.tar.gz", byteCount: 170_052_171, checksum: .md5("c32a1d4ab5d03f1284b67883e8d87530")))
    ])

  /// Whether the data root has the training files and neither it nor the cache has the test file.
  static func lackTest(_ options: DatasetOptions) -> Bool {
    guard let root = options.dataRoot.map(DataRoot.init) else { return false }
    let cached = FileCache(directory: options.cacheDirectory).path(test.name, group)
    return batches.allSatisfy { root.path($0.name, group) != nil } && root.path(test.name, group) == nil
      && !FileManager.default.fileExists(atPath: cached)
  }

  static func entry(
    train: [DatasetFile], test: [DatasetFile], counts: [Split: Int], notes: [String]
  ) -> DataCatalog.Entry {
    let info = DatasetInfo(
      name: "cifar-10", summary: "small colour photographs of ten kinds of things", shape: shape,
      classCount: CIFAR10.classCount, classNames: CIFAR10.classNames, counts: counts, licence: "no licence stated",
      origin: "https://www.cs.toronto.edu/~kriz/cifar.html", notes: notes)
    let files: [Split: [DatasetFile]] = [.train: train, .test: test]
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      guard let files = files[split] else {
        throw .missingSplit(set: info.name, expected: Array(files.keys), got: split)
      }
      let store = FileStore(options: options)
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      pixels.reserveCapacity(files.count * batchSize * shape.reduce(1, *))
      for file in files {
        let bytes = try store.content(of: file, in: group)
        let records = try CIFAR10.records(bytes, file: file.name)
        pixels += records.planes
        labels += records.labels
      }
      return try Examples(
        name: "\(info.name) \(split.rawValue)", storage: .bytes(pixels), shape: info.shape,
        labels: options.labels ? labels.map(Int32.init) : nil, classCount: info.classCount,
        classNames: info.classNames)
    }
  }
}
