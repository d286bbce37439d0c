extension DataCatalog.Entry {
  /// House numbers in street photographs, cropped to one digit (Netzer et al. 2011); without the extra digits.
  static let svhn = DataCatalog.Entry(
    info: DatasetInfo(
      name: "svhn", summary: "digits of house numbers, in colour", shape: [3, 32, 32],
      classCount: 10, counts: [.train: 73_257, .test: 26_032],
      licence: "for non-commercial use only", origin: "http://ufldl.stanford.edu/housenumbers/")
  ) { (split, options) throws(DatasetError) in
    let file = split == .train ? SVHN.train : SVHN.test
    let content = try FileStore(options: options).content(of: file, in: SVHN.group)
    return try SVHN.examples(
      content, file: file.name, name: "svhn \(split.rawValue)", labels: options.labels)
  }
}

/// The MAT-files of Street View House Numbers.
enum SVHN {
  static let train = DatasetFile(
    name: "train_32x32.mat", byteCount: 182_040_794,
    checksum: .sha256("435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"))
  static let test = DatasetFile(
    name: "test_32x32.mat", byteCount: 64_275_384,
    checksum: .sha256("cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"))
  static let group = FileGroup(
    set: "svhn", directories: ["SVHN"],
    remotes: [.mirror("http://ufldl.stanford.edu/housenumbers/", suffix: "")])

  private static let side = 32

  /// The images `X` `[32, 32, 3, n]` and the labels `y` `[n, 1]` of a file, where label 10 is the digit 0.
  static func examples(
    _ content: [UInt8], file: String, name: String, labels wantsLabels: Bool
  ) throws(DatasetError) -> Examples {
    let images = try MATLAB5.decodeReversed(content, key: "X", file: file)  // [n, 3, columns, rows]
    guard images.element == .uint8, images.shape.count == 4, images.shape[0] > 0,
      images.shape.dropFirst() == [3, side, side]
    else {
      throw .malformed(
        file: images.source, place: "shape", expected: "uint8 [32, 32, 3, n]",
        got: "\(images.element.rawValue) \(Array(images.shape.reversed()))")
    }
    let labels =
      wantsLabels ? try digits(content, count: images.shape[0], file: file) : nil
    return try Examples(
      name: name, storage: .bytes(upright(images.bytes)), shape: [3, side, side], labels: labels,
      classCount: 10)
  }

  /// Turns each square of pixels around its diagonal.
  private static func upright(_ images: [UInt8]) -> [UInt8] {
    images.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count) { target, written in
        while written < source.count {
          for row in 0..<side {
            for column in 0..<side {
              target[written + row * side + column] = source[written + column * side + row]
            }
          }
          written += side * side
        }
      }
    }
  }

  private static func digits(
    _ content: [UInt8], count: Int, file: String
  ) throws(DatasetError) -> [Int32] {
    let labels = try MATLAB5.decodeReversed(content, key: "y", file: file)
    guard labels.shape == [1, count] else {
      throw .malformed(
        file: labels.source, place: "shape", expected: "[\(count), 1], one label per image",
        got: "\(Array(labels.shape.reversed()))")
    }
    let values = labels.doubles()
    if let index = values.firstIndex(where: { Int(exactly: $0).map((1...10).contains) != true }) {
      throw .malformed(
        file: labels.source, place: "label \(index)", expected: "a digit 1...10",
        got: "\(values[index])")
    }
    return values.map { Int32($0) % 10 }
  }
}
