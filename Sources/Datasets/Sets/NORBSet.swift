extension DataCatalog.Entry {
  /// Pairs of grey photographs of toys, one for each eye (LeCun, Huang & Bottou 2004, the small set).
  ///
  /// Scaled from 96 to 32 pixels by nearest neighbours as in Maaløe et al. 2016, unless ``DatasetOptions/images`` names
  /// another size. The publisher gives no checksums: files must have their exact sizes, shapes and types.
  static let norb: DataCatalog.Entry = {
    let info = DatasetInfo(
      name: "norb", summary: "pairs of grey photographs of toys, small NORB",
      shape: [2, usualSide, usualSide], classCount: 5,
      classNames: ["animal", "human", "airplane", "truck", "car"], counts: [.train: 24_300, .test: 24_300],
      licence: "for research purposes, not for sale or redistribution",
      origin: "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/")
    let group = FileGroup(
      set: "norb", directories: ["norb-v1.0-small", "smallnorb"],
      remotes: [.mirror("https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/", suffix: ".gz")])
    return DataCatalog.Entry(info: info, imageOptions: sized) {
      (split, options) throws(DatasetError) in
      let prefix =
        split == .train
        ? "smallnorb-5x46789x9x18x6x2x96x96-training" : "smallnorb-5x01235x9x18x6x2x96x96-testing"
      let count = info.counts[split] ?? 0
      let store = FileStore(options: options)
      func read(
        _ part: String, _ element: DataArray.Element, _ shape: [Int]
      ) throws(DatasetError) -> DataArray {
        let header = 8 + 4 * max(3, shape.count)
        let file = DatasetFile(
          name: "\(prefix)-\(part).mat", byteCount: header + shape.reduce(element.size, *),
          checksum: .none)
        let array = try NORB.decode(try store.content(of: file, in: group), file: file.name)
        guard array.shape == shape, array.element == element else {
          throw .malformed(
            file: file.name, place: "byte 0", expected: "\(shape) of \(element.rawValue)",
            got: "\(array.shape) of \(array.element.rawValue)")
        }
        return array
      }
      let labels = options.labels ? try read("cat", .int32, [count]).labels(count: count) : nil
      let images = try read("dat", .uint8, [count, 2, storedSide, storedSide])
      let side = sized(options.images).size ?? usualSide
      try checkMemory(count * 2 * side * side, for: "norb of \(side) x \(side) pixels")
      return try Examples(
        name: "\(info.name) \(split.rawValue)", storage: .bytes(nearest(images.bytes, side)),
        shape: [2, side, side],
        labels: labels, classCount: info.classCount, classNames: info.classNames)
    }
  }()

  private static let storedSide = 96
  private static let usualSide = 32

  private static func sized(_ wishes: ImageOptions) -> ImageOptions {
    var options = wishes
    options.size = wishes.size ?? usualSide
    options.channels = 2
    options.crop = nil
    return options
  }

  /// The pixels nearest to the centres of a coarser or finer grid.
  private static func nearest(_ images: [UInt8], _ side: Int) -> [UInt8] {
    if side == storedSide { return images }
    let places = (0..<side).map { (2 * $0 + 1) * storedSide / (2 * side) }
    let area = storedSide * storedSide
    return images.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count / area * side * side) { target, written in
        for image in stride(from: 0, to: source.count, by: area) {
          for row in places {
            for column in places {
              target[written] = source[image + row * storedSide + column]
              written += 1
            }
          }
        }
      }
    }
  }
}
