import Foundation

/// A folder of PNG and JPEG pictures; its sub-folders, if it has any, are classes.
///
///     let folder = try ImageFolder("cats-and-dogs")       // cats/1.png ... dogs/9.jpg
///     let examples = try folder.examples(ImageOptions(size: 64))
///
/// Making one reads names only. Everything below a class's folder belongs to the class. Hidden files, other types of
/// files and folders without pictures are ignored; a folder reached twice, by a symbolic link, is read once.
public struct ImageFolder: Sendable {
  /// The folder, as the caller named it.
  public let path: String
  /// The pictures' names relative to the folder, classes and names in natural order: "img2" before "img10".
  public let names: [String]
  /// The names of the sub-folders with pictures; empty if the pictures lie in the folder itself.
  public let classNames: [String]
  /// The class of each picture, an index into ``classNames``; nil without sub-folders.
  public let labels: [Int32]?
  /// Whether classes are numbers that a table gave, and ``classNames`` only these numbers.
  let areClassesNumbers: Bool

  /// The extensions that are looked at; what a file holds is decided by its first bytes.
  static let extensions: Set = ["png", "jpg", "jpeg"]

  /// Reads the names of a folder's pictures.
  ///
  /// - Parameter log: receives a line with the numbers of pictures, classes and ignored files.
  public init(_ path: String, log: (String) -> Void = { _ in }) throws(DatasetError) {
    var scan = FolderScan()
    let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let (own, folders) = try scan.entries(of: root, below: "")
    var names = own
    var classNames: [String] = []
    var labels: [Int32] = []
    for folder in folders {
      let found = try scan.files(of: root, below: folder)
      guard let example = found.first else { continue }
      if let first = own.first {
        throw .invalid(
          subject: "'\(root)'", expected: "pictures in it or in its sub-folders, not both",
          got: "'\(first)' and '\(example)'")
      }
      labels += Array(repeating: Int32(classNames.count), count: found.count)
      classNames.append(folder)
      names += found
    }
    guard !names.isEmpty else {
      throw .invalid(
        subject: "'\(root)'", expected: "files ending in .png, .jpg or .jpeg",
        got: "none (\(scan.ignoredCount) other files)")
    }
    let classes = classNames.isEmpty ? "" : " in \(classNames.count) classes"
    log("\(root): \(names.count) pictures\(classes), \(scan.ignoredCount) other files ignored")
    self.init(
      path: root, names: names, classNames: classNames, labels: classNames.isEmpty ? nil : labels)
  }

  private init(
    path: String, names: [String], classNames: [String], labels: [Int32]?, areClassesNumbers: Bool = false
  ) {
    self.path = path
    self.names = names
    self.classNames = classNames
    self.labels = labels
    self.areClassesNumbers = areClassesNumbers
  }

  /// The folder with other classes than those of its sub-folders.
  func labelled(_ labels: [Int32], _ classNames: [String], areNumbers: Bool) -> ImageFolder {
    ImageFolder(path: path, names: names, classNames: classNames, labels: labels, areClassesNumbers: areNumbers)
  }

  /// The folder with some of its pictures only, and all of its classes.
  func selecting(_ range: Range<Int>) -> ImageFolder {
    ImageFolder(
      path: path, names: Array(names[range]), classNames: classNames,
      labels: labels.map { Array($0[range]) }, areClassesNumbers: areClassesNumbers)
  }

  /// One picture as an example, a function of its file and the options alone.
  ///
  /// - Returns: uint8 of shape `[channels, height, width]`.
  public func image(_ index: Int, _ options: ImageOptions) throws(DatasetError) -> DataArray {
    let file = path + "/" + names[index]
    let array = try ImageFile.decode(try readFile(file, limit: Self.largestFile), file: file)
    let picture = try Picture(array).prepared(options, file: file)
    return DataArray(
      source: file, element: .uint8, shape: [picture.channels, picture.height, picture.width],
      bytes: picture.planes())
  }

  /// The bytes of ``image(_:_:)``.
  public func decode(_ index: Int, _ options: ImageOptions) throws(DatasetError) -> [UInt8] {
    try image(index, options).bytes
  }

  /// The largest file that is read, in bytes: no picture that may be decoded needs more.
  private static let largestFile = 1 << 30
}

/// Walks folders, each once.
private struct FolderScan {
  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private var visited: Set<Identity> = []
  /// Files that are not pictures by their name, and hidden ones.
  private(set) var ignoredCount = 0

  /// The pictures and the sub-folders of a folder in natural order, as paths relative to the root.
  mutating func entries(
    of root: String, below relative: String
  ) throws(DatasetError) -> (files: [String], folders: [String]) {
    let path = relative.isEmpty ? root : root + "/" + relative
    var status = stat()
    guard stat(path, &status) == 0 else { throw .unreadable(file: path, reason: systemError()) }
    let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard visited.insert(identity).inserted else { return ([], []) }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .unreadable(file: path, reason: "cannot list the folder: \(error.localizedDescription)")
    }
    var (files, folders): ([String], [String]) = ([], [])
    for entry in entries {
      let name = relative.isEmpty ? entry : relative + "/" + entry
      guard !entry.hasPrefix("."), stat(root + "/" + name, &status) == 0 else {
        ignoredCount += 1
        continue
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        folders.append(name)
      } else if ImageFolder.extensions.contains((entry as NSString).pathExtension.lowercased()) {
        files.append(name)
      } else {
        ignoredCount += 1
      }
    }
    return (files.naturallySorted(), folders.naturallySorted())
  }

  /// All pictures below a folder.
  mutating func files(of root: String, below relative: String) throws(DatasetError) -> [String] {
    var found: [String] = []
    var open = [relative]
    while let next = open.popLast() {
      let (files, folders) = try entries(of: root, below: next)
      found += files
      open += folders
    }
    return found.naturallySorted()
  }
}
