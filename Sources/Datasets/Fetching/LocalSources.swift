import Foundation

/// The directory the user names: `<root>/<set>/<file>` or `<root>/<file>`, compressed or not.
///
/// A file that is there but has the wrong content is an error, not a reason to look elsewhere:
/// the user meant that file.
struct DataRoot: FileSource {
  let root: String

  var place: String { "data root '\(root)'" }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    guard let path = path(file.name, group) else {
      return .absent("no '\(group.set)/\(file.name)' or '\(file.name)' in it, with .gz or without")
    }
    return .found(try file.verified(readFile(path, limit: file.limit), from: path), at: path)
  }

  /// Where a file of this name lies; nil if it is not here.
  func path(_ name: String, _ group: FileGroup) -> String? {
    for directory in [group.set] + group.directories + [""] {
      for suffix in ["", ".gz"] {
        let path = [root, directory, name + suffix].filter { !$0.isEmpty }.joined(separator: "/")
        if FileManager.default.fileExists(atPath: path) { return path }
      }
    }
    return nil
  }
}

/// The files kept from earlier downloads, decompressed and verified when they were stored.
struct FileCache: FileSource {
  let directory: String

  var place: String { "cache '\(directory)'" }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    let path = path(file.name, group)
    guard FileManager.default.fileExists(atPath: path) else { return .absent("not there yet") }
    do throws(DatasetError) {
      let bytes = try readFile(path, limit: file.byteCount)
      guard bytes.count == file.byteCount else {
        return .absent("'\(path)' has \(bytes.count) bytes instead of \(file.byteCount)")
      }
      return .found(bytes, at: path)
    } catch {
      return .absent("\(error)")  // a source further on can replace a spoilt copy
    }
  }

  func store(_ bytes: [UInt8], _ file: DatasetFile, of group: FileGroup) throws(DatasetError) {
    try store(bytes, named: file.name, of: group)
  }

  func store(_ bytes: [UInt8], named name: String, of group: FileGroup) throws(DatasetError) {
    try writeFileAtomically(bytes, to: path(name, group))
  }

  /// Where a file of this name lies, or would.
  func path(_ name: String, _ group: FileGroup) -> String { "\(directory)/\(group.set)/\(name)" }
}
