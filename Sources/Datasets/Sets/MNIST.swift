extension DataCatalog.Entry {
  /// Handwritten digits (LeCun, Cortes & Burges 1998).
  static let mnist = idx(
    DatasetInfo(
      name: "mnist", summary: "handwritten digits, grey", shape: [1, 28, 28], classCount: 10,
      counts: [.train: 60_000, .test: 10_000],
      licence: "made available by LeCun and Cortes; no licence stated",
      origin: "http://yann.lecun.com/exdb/mnist/"),
    FileGroup(
      set: "mnist", directories: ["MNIST/raw"],
      remotes: [
        .mirror("https://ossci-datasets.s3.amazonaws.com/mnist/", suffix: ".gz"),
        .mirror("https://storage.googleapis.com/cvdf-datasets/mnist/", suffix: ".gz"),
      ]),
    checksums: [
      "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ])

  /// Articles of clothing in MNIST's format (Xiao, Rasul & Vollgraf 2017).
  static let fashionMNIST = idx(
    DatasetInfo(
      name: "fashion-mnist", summary: "articles of clothing, grey", shape: [1, 28, 28],
      classCount: 10,
      classNames: [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
      ],
      counts: [.train: 60_000, .test: 10_000], licence: "MIT, Zalando SE",
      origin: "https://github.com/zalandoresearch/fashion-mnist"),
    FileGroup(
      set: "fashion-mnist", directories: ["FashionMNIST/raw"],
      remotes: [
        .mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", suffix: ".gz"),
        .mirror(
          "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
          suffix: ".gz"),
        .debian("dataset-fashion-mnist"),
      ]),
    checksums: [
      "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ])

  /// A set in MNIST's four files of images and labels.
  private static func idx(
    _ info: DatasetInfo, _ group: FileGroup, checksums: [String: String]
  ) -> DataCatalog.Entry {
    DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      let prefix = split == .train ? "train" : "t10k"
      let count = info.counts[split] ?? 0
      let store = FileStore(options: options)
      func read(_ name: String, _ shape: [Int]) throws(DatasetError) -> [UInt8] {
        let header = 4 + 4 * shape.count
        let file = DatasetFile(
          name: name, byteCount: header + shape.reduce(1, *), checksum: .sha256(checksums[name] ?? ""))
        let array = try IDX.decode(try store.content(of: file, in: group), file: name)
        guard array.shape == shape, array.element == .uint8 else {
          throw .malformed(file: name, place: "byte 4", expected: "\(shape)", got: "\(array.shape)")
        }
        return array.bytes
      }
      let labels =
        options.labels ? try read("\(prefix)-labels-idx1-ubyte", [count]).map(Int32.init) : nil
      let images = try read("\(prefix)-images-idx3-ubyte", [count] + info.shape.dropFirst())
      return try Examples(
        name: "\(info.name) \(split.rawValue)", storage: .bytes(images), shape: info.shape,
        labels: labels, classCount: info.classCount, classNames: info.classNames)
    }
  }
}
