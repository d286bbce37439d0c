extension DataCatalog.Entry {
  /// Pairs of grey photographs of toys, one for each eye (LeCun, Huang & Bottou 2004, the small set).
  ///
  /// The publisher gives no checksums: files must have their exact sizes, shapes and types.
  static let norb: DataCatalog.Entry = {
    let info = DatasetInfo(
      name: "norb", summary: "pairs of grey photographs of toys, small NORB",
      shape: [2, 96, 96], classCount: 5, counts: [.train: 24_300, .test: 24_300],
      licence: "for research purposes, not for sale or redistribution",
      origin: "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/")
    let group = FileGroup(
      set: "norb", directories: ["norb-v1.0-small", "smallnorb"],
      remotes: [.mirror("https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/", suffix: ".gz")])
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
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
      let images = try read("dat", .uint8, [count] + info.shape)
      return try Examples(
        name: "\(info.name) \(split.rawValue)", storage: .bytes(images.bytes), shape: info.shape,
        labels: labels, classCount: info.classCount)
    }
  }()
}
