extension DataCatalog.Entry {
  /// MNIST binarized once and for all by Larochelle, the set of the likelihood tables.
  ///
  /// - Source: Salakhutdinov & Murray 2008; Larochelle & Murray 2011.
  static let binarizedMNIST: DataCatalog.Entry = {
    let info = DatasetInfo(
      name: "binarized-mnist", summary: "handwritten digits, fixed binarization",
      shape: [1, 28, 28],
      classCount: nil, counts: [.train: 50_000, .validation: 10_000, .test: 10_000], isBinary: true,
      licence: "as MNIST; no licence stated",
      origin: "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/")
    let group = FileGroup(
      set: "binarized-mnist",
      remotes: [
        .mirror(
          "https://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/", suffix: ""),
        .mirror("http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/", suffix: ""),
      ])
    let files: [Split: DatasetFile] = [
      .train: DatasetFile(
        name: "binarized_mnist_train.amat", byteCount: 78_400_000,
        checksum: .sha256("ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d")),
      .validation: DatasetFile(
        name: "binarized_mnist_valid.amat", byteCount: 15_680_000,
        checksum: .sha256("1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2")),
      .test: DatasetFile(
        name: "binarized_mnist_test.amat", byteCount: 15_680_000,
        checksum: .sha256("e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c")),
    ]
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      guard let file = files[split] else {
        throw .missingSplit(set: info.name, expected: Array(files.keys), got: split)
      }
      let text = try FileStore(options: options).content(of: file, in: group)
      let pixels = try AMAT.decode(text, file: file.name, columns: 784)
      return try Examples(
        name: "\(info.name) \(split.rawValue)", storage: .bytes(pixels), shape: info.shape,
        isBinary: true)
    }
  }()
}
