import Foundation

extension Dataset {
  /// The user's own file or folder as a set that has a training split only.
  static func file(at path: String, _ options: DatasetOptions) throws(DatasetError) -> Dataset {
    let (examples, summary) = try isFolder(path) ? folder(path, options) : array(path, options)
    let info = DatasetInfo(
      name: path, summary: summary, shape: examples.shape, classCount: examples.classCount,
      classNames: examples.classNames, counts: [.train: examples.count], isBinary: examples.isBinary,
      licence: "the user's own", origin: path)
    return Dataset(info: info, options: options) { (_, _) throws(DatasetError) in examples }
  }

  private static func folder(
    _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> (Examples, summary: String) {
    let folder = try ImageFolder(path, log: options.log)
    var labelled = folder
    if options.labels, let table = try labelTable(options) {
      let (labels, names) = try table.classes(for: folder.names, count: folder.names.count)
      labelled = folder.labelled(labels, names, areNumbers: !table.isNamed)
    }
    let images = options.images
    return options.streams
      ? (try labelled.stream(images, labels: options.labels, log: options.log), "a folder of images, on disk")
      : (try labelled.examples(images, labels: options.labels, log: options.log), "a folder of images")
  }

  private static func array(
    _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> (Examples, summary: String) {
    guard options.images == ImageOptions() else {
      throw .invalid(
        subject: "'\(path)'", expected: "a folder of images, to scale, crop or skip them",
        got: "a file")
    }
    let format = try ArrayFormat(path: path)
    if options.streams {
      let examples = try format.stream(path)
      return (try labelled(examples, path, options), "\(format.rawValue) examples on disk")
    }
    let content = try readFile(path)
    var array = try format.decode(content, options.part, file: path)
    if format == .image { array = array.reshaped([1] + array.shape) }
    let examples = try labelled(Examples(array), path, options)
    let summary = "an array of \(array.element.rawValue)"
    if examples.labels == nil, format == .cifar10, options.labels {
      var part = options.part
      part.field = .labels
      let labels = try format.decode(content, part, file: path).labels(count: examples.count)
      return (
        try examples.labelled(labels, classCount: CIFAR10.classCount, classNames: CIFAR10.classNames), summary
      )
    }
    return (examples, summary)
  }

  /// Labels from the table the user names, else from `x.labels.npy` beside `x.npy`.
  private static func labelled(
    _ examples: Examples, _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> Examples {
    guard options.labels else { return examples }
    if let table = try labelTable(options) {
      let (labels, names) = try table.classes(for: nil, count: examples.count)
      return try examples.labelled(labels, classCount: names.count, classNames: table.isNamed ? names : nil)
    }
    let beside = (path as NSString).deletingPathExtension + ".labels.npy"
    guard FileManager.default.fileExists(atPath: beside) else { return examples }
    options.log("\(path): labels from \(beside)")
    return try examples.labelled(
      NPY.decode(try readFile(beside), file: beside).labels(count: examples.count))
  }

  private static func labelTable(_ options: DatasetOptions) throws(DatasetError) -> LabelTable? {
    guard let file = options.labelFile else { return nil }
    return try LabelTable.decode(try readFile(file), file: file)
  }
}

extension ArrayFormat {
  /// The format of a file by the ending of its name, `.gz` aside; a `.mat` may be NORB's too, so it is looked into.
  public init(path: String) throws(DatasetError) {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    let format = Self.allCases.first { $0.endings.contains(where: name.lowercased().hasSuffix) }
    guard let format else {
      throw .invalid(
        subject: "'\(path)'",
        expected: "a folder, or a name that ends in \(Self.allCases.flatMap(\.endings).joined(separator: ", "))",
        got: FileManager.default.fileExists(atPath: path) ? "another file" : "nothing of this name")
    }
    let isNORB = try format == .mat ? NORB.isNORB(readHead(path, count: 4).head) : false
    self = isNORB ? .norb : format
  }

  /// How names of such files end.
  var endings: [String] {
    switch self {
    case .idx: [".idx", "-ubyte"]
    case .npy: [".npy"]
    case .npz: [".npz"]
    case .csv: [".csv"]
    case .mat: [".mat"]
    case .norb: []
    case .cifar10: [".bin"]
    case .amat: [".amat"]
    case .safetensors: [".safetensors"]
    case .image: [".png", ".jpg", ".jpeg"]
    }
  }

  /// The examples of a file, to be read when they are wanted.
  ///
  /// A record is decoded as the whole file would be, so that both ways come to the same values.
  func stream(_ path: String) throws(DatasetError) -> Examples {
    let (head, total) = try readHead(path, count: 1 << 16)
    let start: Int
    let element: DataArray.Element
    let stored: [Int]
    var isBigEndian = false
    switch self {
    case .npy:
      let layout = try NPY.layout(head, total: total, file: path)
      guard !layout.isFortranOrder else {
        throw .malformed(
          file: path, place: "header, fortran_order", expected: "False, to read examples one by one",
          got: "True")
      }
      (start, element, stored) = (layout.start, layout.element, layout.shape)
      isBigEndian = layout.isBigEndian
    case .idx:
      (start, element, stored) = try IDX.layout(head, total: total, file: path)
      isBigEndian = true
    default:
      throw .invalid(
        subject: "'\(path)'",
        expected: "a folder of images, a .npy or an IDX file, to read examples one by one "
          + "('helmholtz data convert' makes .npy)", got: "the format \(rawValue)")
    }
    let (shape, _) = try exampleShape(stored, path)
    let one = [1] + stored.dropFirst()
    let size = one.reduce(element.size, *)
    let swaps = isBigEndian
    let file = try RecordFile(path, start: start, size: size) { (record) throws(DatasetError) in
      let bytes = swaps ? swapBytes(record, size: element.size) : record
      let array = DataArray(source: path, element: element, shape: one, bytes: bytes)
      switch try Examples(array).storage {
      case .bytes(let bytes): return bytes
      case .floats(let values): return values.withUnsafeBytes { Array($0) }
      case .rows: return []
      }
    }
    let isBytes = element == .uint8 || element == .bool
    let rows = RowSource(
      reader: file, value: isBytes ? .byte : .float, rows: Array(0..<stored[0]),
      elementCount: shape.reduce(1, *))
    return try Examples(name: path, storage: .rows(rows), shape: shape, isBinary: element == .bool)
  }
}

extension Examples {
  /// The same examples with classes.
  func labelled(
    _ labels: [Int32]?, classCount: Int? = nil, classNames: [String]? = nil
  ) throws(DatasetError) -> Examples {
    guard let labels else { return self }
    return try Examples(
      name: name, storage: storage, shape: shape, labels: labels,
      classCount: classCount ?? Int(labels.max() ?? 0) + 1, classNames: classNames, exampleNames: exampleNames,
      factors: factors, isBinary: isBinary)
  }
}
