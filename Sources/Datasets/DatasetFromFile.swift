import Foundation

extension Dataset {
  /// The user's own file or folder as a set that has a training split only.
  static func file(at path: String, _ options: DatasetOptions) throws(DatasetError) -> Dataset {
    let (examples, summary) = try read(path, options)
    let info = DatasetInfo(
      name: path, summary: summary, shape: examples.shape, classCount: examples.classCount,
      counts: [.train: examples.count], isBinary: examples.isBinary, licence: "the user's own",
      origin: path)
    return Dataset(info: info, options: options) { (_, _) throws(DatasetError) in examples }
  }

  private static func read(
    _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> (examples: Examples, summary: String) {
    let format = try ArrayFormat(path: path)
    if options.streams {
      let file = try format.stream(path)
      let labels = try options.labels ? labels(of: file.count, path, options) : nil
      return (try file.labelled(labels), "\(format.rawValue) examples on disk")
    }
    let content = try readFile(path)
    let array = try format.decode(content, options.part, file: path)
    let examples = try Examples(array)
    let labels = try options.labels ? labels(of: examples.count, path, options) : nil
    return (try examples.labelled(labels), "an array of \(array.element.rawValue)")
  }

  /// Labels from the file the user names, else from `x.labels.npy` beside `x.npy`.
  private static func labels(
    of count: Int, _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> [Int32]? {
    let beside = (path as NSString).deletingPathExtension + ".labels.npy"
    guard FileManager.default.fileExists(atPath: beside) else { return nil }
    options.log("\(path): labels from \(beside)")
    return try NPY.decode(try readFile(beside), file: beside).labels(count: count)
  }
}

extension ArrayFormat {
  /// The format of a file by the ending of its name, `.gz` aside.
  init(path: String) throws(DatasetError) {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    guard let format = Self.allCases.first(where: { $0.endings.contains(where: name.hasSuffix) }) else {
      throw .invalid(
        subject: "'\(path)'",
        expected: "a name that ends in \(Self.allCases.flatMap(\.endings).joined(separator: ", "))",
        got: "'\((path as NSString).lastPathComponent)'")
    }
    self = format
  }

  /// How names of such files end.
  var endings: [String] {
    switch self {
    case .idx: [".idx", "-ubyte"]
    case .npy: [".npy"]
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
  func labelled(_ labels: [Int32]?, classCount: Int? = nil) throws(DatasetError) -> Examples {
    guard let labels else { return self }
    return try Examples(
      name: name, storage: storage, shape: shape, labels: labels,
      classCount: classCount ?? Int(labels.max() ?? 0) + 1, factors: factors, isBinary: isBinary)
  }
}
