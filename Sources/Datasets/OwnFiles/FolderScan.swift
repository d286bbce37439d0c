import Foundation

/// A file or folder below a root, by the bytes of its name: a file system's names need not be text.
struct FilePath: Sendable, Equatable {
  /// What the file system knows it by.
  let bytes: [UInt8]

  /// The same for people: bytes that are no UTF-8 as `\xe9`.
  var shown: String {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.elementsEqual(bytes) { return text }
    return bytes.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "\\x" + hex($0) }.joined()
  }

  /// Something in the folder that this is.
  func appending(_ name: [UInt8]) -> FilePath {
    FilePath(bytes: bytes.isEmpty ? name : bytes + [UInt8(ascii: "/")] + name)
  }

  /// The whole path for the operating system.
  func path(in root: String) -> [CChar] {
    (Array(root.utf8) + (bytes.isEmpty ? [] : [UInt8(ascii: "/")] + bytes) + [0]).map(CChar.init(bitPattern:))
  }

  /// The letters behind the last point of the last name, lowercased; empty if there are none.
  var ending: String {
    let name = bytes.split(separator: UInt8(ascii: "/")).last ?? []
    guard let point = name.lastIndex(of: UInt8(ascii: ".")), point > name.startIndex else { return "" }
    return FilePath(bytes: Array(name[(point + 1)...])).shown.lowercased()
  }
}

/// Walks folders, each once.
struct FolderScan {
  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private let root: String
  private var visited: Set<Identity> = []
  /// How many files of which kind are no pictures.
  private(set) var ignored: [String: Int] = [:]

  init(_ root: String) { self.root = root }

  /// Counts something that is left out.
  mutating func ignore(_ kind: String) { ignored[kind, default: 0] += 1 }

  /// The pictures and the sub-folders of a folder in natural order.
  mutating func entries(of folder: FilePath) throws(DatasetError) -> (files: [FilePath], folders: [FilePath]) {
    let shown = folder.bytes.isEmpty ? root : root + "/" + folder.shown
    var status = stat()
    guard stat(folder.path(in: root), &status) == 0 else { throw .unreadable(file: shown, reason: systemError()) }
    let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard visited.insert(identity).inserted else { return ([], []) }
    var (files, folders): ([FilePath], [FilePath]) = ([], [])
    for name in try names(of: folder, shown) {
      let entry = folder.appending(name)
      if name.first == UInt8(ascii: ".") {
        ignore("hidden")
      } else if stat(entry.path(in: root), &status) != 0 {
        ignore("unreachable")
      } else if status.st_mode & S_IFMT == S_IFDIR {
        folders.append(entry)
      } else if ImageFolder.extensions.contains(entry.ending) {
        files.append(entry)
      } else {
        ignore(entry.ending.isEmpty ? "without an ending" : ".\(entry.ending)")
      }
    }
    return (files.naturallySorted(), folders.naturallySorted())
  }

  /// All pictures below a folder.
  mutating func files(below folder: FilePath) throws(DatasetError) -> [FilePath] {
    var found: [FilePath] = []
    var open = [folder]
    while let next = open.popLast() {
      let (files, folders) = try entries(of: next)
      found += files
      open += folders
    }
    return found.naturallySorted()
  }

  /// What a folder lists: `FileManager` would leave out names that are no UTF-8, and say nothing.
  private func names(of folder: FilePath, _ shown: String) throws(DatasetError) -> [[UInt8]] {
    guard let stream = opendir(folder.path(in: root)) else {
      throw .unreadable(file: shown, reason: "cannot list the folder: \(systemError())")
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let place = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
      let name = Array(UnsafeRawBufferPointer(start: place, count: strlen(place.assumingMemoryBound(to: CChar.self))))
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    guard errno == 0 else {
      throw .unreadable(file: shown, reason: "cannot list the folder: \(systemError())")
    }
    return names
  }
}

extension [FilePath] {
  /// The paths as people count.
  func naturallySorted() -> [FilePath] { sorted { precedesNaturally($0.bytes, $1.bytes) } }
}
