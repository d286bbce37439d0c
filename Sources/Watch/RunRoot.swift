import Foundation
import Training

/// A directory of runs, and the one door to what is in it: nothing outside it can be named.
///
/// A run is addressed by its path from here; the empty path is the directory itself, if it is a run.
public struct RunRoot: Sendable {
  /// The directory, as the user named it.
  public let path: String
  /// The same without links.
  private let real: String

  /// Runs that are listed at most, and levels of directories that are looked through.
  static let (mostRuns, mostLevels) = (2000, 12)

  /// A directory that exists.
  public init(_ path: String) throws(WatchError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue,
      let real = Self.real(path)
    else { throw .noDirectory(path) }
    self.path = path
    self.real = real
  }

  /// The name of the directory, for people.
  public var title: String { (real as NSString).lastPathComponent }

  /// The run at a path from here; nil if there is none, or the path leads out of the directory.
  public func run(_ name: String) -> RunDirectory? {
    let parts = name.isEmpty ? [] : name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !["", ".", ".."].contains($0) }), !name.utf8.contains(0) else { return nil }
    let run = RunDirectory(parts.isEmpty ? real : real + "/" + name)
    return file(run.configuration) == nil ? nil : run
  }

  /// Itself, if a file is there and no link leads out of the directory.
  public func file(_ path: String) -> String? {
    var info = stat()
    guard let place = Self.real(path), place.hasPrefix(real == "/" ? real : real + "/"), stat(place, &info) == 0,
      info.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return path
  }

  /// The paths of all runs from here, in order, and whether there are more than are listed.
  public func runs() -> (names: [String], isCut: Bool) {
    var names: [String] = []
    gather("", level: 0, into: &names)
    names.sort { $0.compare($1, options: [.numeric, .caseInsensitive]) == .orderedAscending }
    return (Array(names.prefix(Self.mostRuns)), names.count > Self.mostRuns)
  }

  /// Directories of a run that hold no others.
  private static let ownDirectories: Set<String> = ["checkpoints", "events", "figures"]

  private func gather(_ name: String, level: Int, into names: inout [String]) {
    guard level <= Self.mostLevels, names.count <= Self.mostRuns else { return }
    let isRun = run(name) != nil
    if isRun { names.append(name) }
    for child in Self.directories(in: name.isEmpty ? real : real + "/" + name)
    where !child.hasPrefix(".") && !child.hasSuffix(".partial") && !(isRun && Self.ownDirectories.contains(child)) {
      gather(name.isEmpty ? child : name + "/" + child, level: level + 1, into: &names)
    }
  }

  /// The directories in a directory, without links to such; none of one that cannot be read.
  private static func directories(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      var info = stat()
      guard name != ".", name != "..", lstat(path + "/" + name, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
        continue
      }
      names.append(name)
    }
    return names.sorted()
  }

  private static func real(_ path: String) -> String? {
    guard let buffer = realpath(path, nil) else { return nil }
    defer { free(buffer) }
    return String(cString: buffer)
  }
}
