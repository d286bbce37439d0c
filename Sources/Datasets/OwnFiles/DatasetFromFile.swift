import Foundation

extension Dataset {
  /// The user's own file or folder as a set: a training split only, or those that a folder's sub-folders are named for.
  static func file(at path: String, _ options: DatasetOptions) throws(DatasetError) -> Dataset {
    if isFolder(path) { return try pictures(ImageFolder(path, log: options.log), path, options) }
    let format = try ArrayFormat(path: path)
    return format == .image ? try pictures(ImageFolder(file: path), path, options) : try array(path, format, options)
  }

  private static func pictures(
    _ folder: ImageFolder, _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> Dataset {
    try options.part.check(isFolder(path) ? nil : .image, of: path)
    var parts = try folder.parts() ?? [.train: folder]
    if options.labels, let table = try labelTable(options) { parts = try labelled(parts, table) }
    let train = try read(parts[.train] ?? folder, path, options)
    let counts = parts.mapValues(\.names.count).merging([.train: train.examples.count]) { $1 }
    var notes = train.notes
    if !folder.ignored.isEmpty { notes.append("ignored: \(ImageFolder.described(folder.ignored))") }
    for note in train.notes { options.log("\(path): \(note)") }
    let info = DatasetInfo(
      userFile: path, train.examples,
      summary: isFolder(path) ? "a folder of images" : "a picture", counts: counts, notes: notes,
      isStream: options.streams)
    let others = parts
    return Dataset(info: info, options: options) { (split, options) throws(DatasetError) in
      guard split != .train, let part = others[split] else { return train.examples }
      let (examples, notes) = try read(part, "\(path) \(split.rawValue)", options)
      for note in notes { options.log("\(path), \(split.rawValue): \(note)") }
      guard examples.shape == train.examples.shape else {
        throw .invalid(
          subject: "'\(path)'",
          expected: "pictures of one shape in all splits, \(train.examples.shape) (--image-size makes them so)",
          got: "\(examples.shape) in the \(split.rawValue) split")
      }
      // The names of the training pictures' folders say which class is which.
      return try train.examples.classNames.map { (names) throws(DatasetError) in
        try examples.matching(classNames: names, addsOthers: true)
      } ?? examples
    }
  }

  /// The parts with the classes that one table gives to all of them.
  private static func labelled(
    _ parts: [Split: ImageFolder], _ table: LabelTable
  ) throws(DatasetError) -> [Split: ImageFolder] {
    let names = Split.allCases.flatMap { parts[$0]?.names ?? [] }
    let classes = try table.classes(for: names, count: names.count)
    var result: [Split: ImageFolder] = [:]
    var start = 0
    for split in Split.allCases {
      guard let part = parts[split] else { continue }
      let end = start + part.names.count
      result[split] = part.labelled(
        LabelTable.Classes(labels: Array(classes.labels[start..<end]), count: classes.count, names: classes.names))
      start = end
    }
    return result
  }

  private static func read(
    _ folder: ImageFolder, _ name: String, _ options: DatasetOptions
  ) throws(DatasetError) -> (examples: Examples, notes: [String]) {
    options.streams
      ? try folder.stream(options.images, labels: options.labels, name: name, log: options.log)
      : try folder.read(options.images, labels: options.labels, name: name, log: options.log)
  }

  private static func array(
    _ path: String, _ format: ArrayFormat, _ options: DatasetOptions
  ) throws(DatasetError) -> Dataset {
    guard options.images == ImageOptions() else {
      throw .invalid(
        subject: "'\(path)'", expected: "a folder of images, to scale, crop or skip them",
        got: "a file")
    }
    try options.part.check(format, of: path)
    let loaded = try options.streams ? format.stream(path) : read(path, format, options)
    for note in loaded.notes { options.log("\(path): \(note)") }
    let examples = try labelled(loaded.examples, path, options)
    let info = DatasetInfo(
      userFile: path, examples, summary: loaded.summary, counts: [.train: examples.count], notes: loaded.notes)
    return Dataset(info: info, options: options) { (_, _) throws(DatasetError) in examples }
  }

  private static func read(
    _ path: String, _ format: ArrayFormat, _ options: DatasetOptions
  ) throws(DatasetError) -> LoadedArray {
    let content = try readFile(path)
    let array = try format.decode(content, options.part, file: path)
    var examples = try Examples(array)
    if format == .cifar10, options.labels, options.labelFile == nil {
      var part = options.part
      part.field = .labels
      let labels = try format.decode(content, part, file: path).labels(count: examples.count)
      examples = try examples.labelled(labels, classCount: CIFAR10.classCount, classNames: CIFAR10.classNames)
    }
    return LoadedArray(
      examples: examples, summary: "an array of \(array.element.rawValue)",
      notes: notes(examples, array.element, array.shape))
  }

  /// Labels from the table the user names, else from `x.labels.npy` beside `x.npy`.
  private static func labelled(
    _ examples: Examples, _ path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> Examples {
    guard options.labels else { return examples }
    if let table = try labelTable(options) {
      let classes = try table.classes(for: nil, count: examples.count)
      return try examples.labelled(classes.labels, classCount: classes.count, classNames: classes.names)
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

  /// What the owner of an array may not expect.
  fileprivate static func notes(_ examples: Examples, _ element: DataArray.Element, _ stored: [Int]) -> [String] {
    var notes: [String] = []
    if stored.count == 4, examples.shape != Array(stored.dropFirst()) {
      notes.append("shape \(stored): the \(stored[3]) channels are last, and moved to the front")
    }
    if element == .uint8 {
      if examples.isBinary {
        notes.append(binaryNote)
      } else if case .bytes(let bytes) = examples.storage, !bytes.contains(where: { $0 != 0 }) {
        notes.append(blackNote)
      }
    }
    return notes
  }
}

/// Examples of an array with words about them.
struct LoadedArray {
  let examples: Examples
  let summary: String
  let notes: [String]
}

extension DatasetInfo {
  /// What a user's own file or folder is.
  fileprivate init(
    userFile path: String, _ examples: Examples, summary: String, counts: [Split: Int], notes: [String],
    isStream: Bool = false
  ) {
    self.init(
      name: path, summary: summary + (isStream ? ", on disk" : ""), shape: examples.shape,
      classCount: examples.classCount, classNames: examples.classNames, counts: counts, isBinary: examples.isBinary,
      licence: "the user's own", origin: path, notes: notes)
  }
}

extension ArrayFormat {
  /// The format of a file by the ending of its name, `.gz` aside; a `.mat` may be NORB's too, so it is looked into.
  public init(path: String) throws(DatasetError) {
    let lower = path.lowercased()
    let name = lower.hasSuffix(".gz") ? String(lower.dropLast(3)) : lower
    let format = Self.allCases.first { $0.endings.contains(where: name.hasSuffix) }
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
  func stream(_ path: String) throws(DatasetError) -> LoadedArray {
    let (head, total) = try readHead(path, count: 1 << 16)
    guard !Gzip.isGzip(head) else {
      throw .invalid(
        subject: "'\(path)'", expected: "a file that is not compressed, to read examples one by one", got: "gzip")
    }
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
    let file = try RecordFile(path, start: start, size: size) { (record, row) throws(DatasetError) in
      let bytes = swaps ? swapBytes(record, size: element.size) : record
      let array = DataArray(source: path, element: element, shape: one, bytes: bytes)
      switch try Examples.storage(of: array, firstRow: row) {
      case .bytes(let bytes): return bytes
      case .floats(let values): return values.withUnsafeBytes { Array($0) }
      case .rows: return []
      }
    }
    let isBytes = element == .uint8 || element == .bool
    let rows = RowSource(
      reader: file, value: isBytes ? .byte : .float, rows: Array(0..<stored[0]),
      elementCount: shape.reduce(1, *))
    let isBinary = element == .uint8 ? try areBits(rows) : element == .bool
    let examples = try Examples(name: path, storage: .rows(rows), shape: shape, isBinary: isBinary)
    return LoadedArray(
      examples: examples, summary: "\(rawValue) examples on disk", notes: Dataset.notes(examples, element, stored))
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
