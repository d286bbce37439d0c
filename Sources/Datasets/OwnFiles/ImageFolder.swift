import Foundation

/// A folder of PNG and JPEG pictures; its sub-folders, if it has any, are classes.
///
///     let folder = try ImageFolder("cats-and-dogs")       // cats/1.png ... dogs/9.jpg
///     let examples = try folder.examples(ImageOptions(size: 64))
///
/// Making one reads names only. Everything below a class's folder belongs to the class. Hidden files, other types of
/// files and folders without pictures are ignored and counted by kind; a folder reached twice, by a symbolic link, is
/// read once. Names are bytes: two that look alike are two, and those that are no UTF-8 are shown as `\xe9`.
public struct ImageFolder: Sendable {
  /// The folder, as the caller named it.
  public let path: String
  /// The pictures' names relative to the folder, classes and names in natural order: "img2" before "img10".
  public let names: [String]
  /// The number of classes; 0 if the pictures lie in the folder itself.
  public let classCount: Int
  /// The names of the sub-folders with pictures, or those of a table of classes; empty if there are none.
  public let classNames: [String]
  /// The class of each picture, in `0..<classCount` or ``Examples/unlabelled``; nil without classes.
  public let labels: [Int32]?
  /// How many files of which kind are no pictures: ".txt", "hidden", "folder without pictures".
  public let ignored: [String: Int]

  let files: [FilePath]

  /// The extensions that are looked at, in any case; what a file holds is decided by its first bytes.
  static let extensions: Set = ["png", "jpg", "jpeg"]

  /// Reads the names of a folder's pictures.
  ///
  /// - Parameter log: receives a line with the numbers of pictures, sub-folders and ignored files.
  public init(_ path: String, log: (String) -> Void = { _ in }) throws(DatasetError) {
    let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    var scan = FolderScan(root)
    let (own, folders) = try scan.entries(of: FilePath(bytes: []))
    var files = own
    var classNames: [String] = []
    var labels: [Int32] = []
    for folder in folders {
      let found = try scan.files(below: folder)
      guard let example = found.first else {
        scan.ignore("folder without pictures")
        continue
      }
      if let first = own.first {
        throw .invalid(
          subject: "'\(root)'", expected: "pictures in it or in its sub-folders, not both",
          got: "'\(first.shown)' and '\(example.shown)'")
      }
      labels += Array(repeating: Int32(classNames.count), count: found.count)
      classNames.append(folder.shown)
      files += found
    }
    let others = Self.described(scan.ignored)
    guard !files.isEmpty else {
      throw .invalid(
        subject: "'\(root)'", expected: "files ending in .png, .jpg or .jpeg",
        got: others.isEmpty ? "an empty folder" : "only \(others)")
    }
    let places =
      classNames.isEmpty ? "" : classNames.count == 1 ? " in 1 sub-folder" : " in \(classNames.count) sub-folders"
    log(
      "\(root): \(files.count == 1 ? "1 picture" : "\(files.count) pictures")\(places)"
        + (others.isEmpty ? "" : ", ignored: \(others)"))
    self.init(
      path: root, files: files, classCount: classNames.count, classNames: classNames,
      labels: classNames.isEmpty ? nil : labels, ignored: scan.ignored)
  }

  /// A folder with one picture in it that is looked at, whatever it holds beside.
  init(file path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    self.init(
      path: folder.isEmpty ? "." : folder, files: [FilePath(bytes: Array((path as NSString).lastPathComponent.utf8))],
      classCount: 0, classNames: [], labels: nil, ignored: [:])
  }

  private init(
    path: String, files: [FilePath], classCount: Int, classNames: [String], labels: [Int32]?, ignored: [String: Int]
  ) {
    self.path = path
    self.files = files
    names = files.map(\.shown)
    self.classCount = classCount
    self.classNames = classNames
    self.labels = labels
    self.ignored = ignored
  }

  /// What was ignored in words, the most frequent first; empty if nothing was.
  static func described(_ ignored: [String: Int]) -> String {
    listed(
      ignored.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" })
  }

  /// The folder with other classes than those of its sub-folders.
  func labelled(_ classes: LabelTable.Classes) -> ImageFolder {
    ImageFolder(
      path: path, files: files, classCount: classes.count, classNames: classes.names ?? [], labels: classes.labels,
      ignored: ignored)
  }

  /// The folder with a class for each of its pictures, by the bytes of the class's name.
  func labelled(byName names: [[UInt8]]) -> ImageFolder {
    let classes = Set(names).sorted(by: precedesNaturally)
    let numbers = Dictionary(uniqueKeysWithValues: zip(classes, Int32(0)...))
    return ImageFolder(
      path: path, files: files, classCount: classes.count, classNames: classes.map { FilePath(bytes: $0).shown },
      labels: names.map { numbers[$0] ?? Examples.unlabelled }, ignored: ignored)
  }

  /// The folder without classes.
  func withoutClasses() -> ImageFolder {
    ImageFolder(path: path, files: files, classCount: 0, classNames: [], labels: nil, ignored: ignored)
  }

  /// The folder with some of its pictures only, and all of its classes.
  func selecting(_ indices: some Collection<Int>) -> ImageFolder {
    ImageFolder(
      path: path, files: indices.map { files[$0] }, classCount: classCount, classNames: classNames,
      labels: labels.map { labels in indices.map { labels[$0] } }, ignored: ignored)
  }

  /// One picture as an example, a function of its file and the options alone.
  ///
  /// - Returns: uint8 of shape `[channels, height, width]`.
  public func image(_ index: Int, _ options: ImageOptions) throws(DatasetError) -> DataArray {
    try read(index, options).image
  }

  /// A picture as an example, and what was done to it that its owner may not expect.
  func read(_ index: Int, _ options: ImageOptions) throws(DatasetError) -> (image: DataArray, changes: [PictureChange])
  {
    let file = path + "/" + names[index]
    let content = try readFile(file, at: files[index].path(in: path), limit: Self.largestFile)
    let array = try ImageFile.decode(content, file: file)
    let stored = Picture(array)
    let picture = try stored.prepared(options, file: file)
    let image = DataArray(
      source: file, element: .uint8, shape: [picture.channels, picture.height, picture.width],
      bytes: picture.planes())
    var changes: [PictureChange] = []
    if Orientation(of: content) != .upright { changes.append(.turned) }
    if array.element == .uint16 { changes.append(.narrowed) }
    if [2, 4].contains(stored.channels), picture.channels < 4 { changes.append(.opaque) }
    return (image, changes)
  }

  /// The bytes of ``image(_:_:)``.
  public func decode(_ index: Int, _ options: ImageOptions) throws(DatasetError) -> [UInt8] {
    try image(index, options).bytes
  }

  /// The largest file that is read, in bytes: no picture that may be decoded needs more.
  private static let largestFile = 1 << 30
}

/// What reading does to a picture that its owner may not expect.
enum PictureChange: CaseIterable {
  /// Turned upright, as EXIF's orientation says.
  case turned
  /// Read without its alpha channel.
  case opaque
  /// Of 16 bits, and read as bytes.
  case narrowed

  /// A line about some pictures.
  func note(_ count: Int, of all: Int) -> String {
    switch self {
    case .turned: "\(count) of \(all) pictures turned upright, as their EXIF orientation says"
    case .opaque: "\(count) of \(all) pictures read without their alpha channel (--channels 4 keeps it)"
    case .narrowed: "\(count) of \(all) pictures of 16 bits read as bytes: 65535 is 255"
    }
  }
}
