import Foundation

/// A data set that a Debian package carries: downloaded and unpacked, never installed.
///
/// The package's files stay in the cache, because the next file of the set comes from the same package.
struct DebianPackage: FileSource {
  let name: String
  let cacheDirectory: String

  var place: String { "Debian package \(name)" }

  private var unpacked: String { "\(cacheDirectory)/packages/\(name)" }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    do throws(DatasetError) {
      if !FileManager.default.fileExists(atPath: unpacked) { try download() }
      guard let path = find(file) else { return .absent("no '\(file.name)' in it") }
      return .found(try file.verified(try readFile(path, limit: file.limit), from: path), at: path)
    } catch {
      return .absent("\(error)")
    }
  }

  private func download() throws(DatasetError) {
    let work = "\(cacheDirectory)/packages/.\(name).\(getpid())"
    try makeDirectory(work + "/content")
    let outcome = Result { () throws(DatasetError) in try download(in: work) }
    do {
      try FileManager.default.removeItem(atPath: work)
    } catch {
      try outcome.get()  // the first failure is the one to report
      throw .unreadable(file: work, reason: "cannot remove: \(error.localizedDescription)")
    }
    try outcome.get()
  }

  private func download(in work: String) throws(DatasetError) {
    let patience = [
      "-o", "Acquire::http::Timeout=5", "-o", "Acquire::https::Timeout=5",
      "-o", "Acquire::Retries=0",
    ]
    try run("/usr/bin/apt-get", ["-q"] + patience + ["download", name], in: work)
    guard let package = list(work).first(where: { $0.hasSuffix(".deb") }) else {
      throw .unreadable(file: name, reason: "apt-get left no .deb file")
    }
    try run("/usr/bin/dpkg-deb", ["-x", package, "content"], in: work)
    if rename(work + "/content", unpacked) != 0 {
      let reason = systemError()
      // Another process may have been faster; then its files serve.
      guard FileManager.default.fileExists(atPath: unpacked) else {
        throw .unreadable(file: unpacked, reason: reason)
      }
    }
  }

  private func find(_ file: DatasetFile) -> String? {
    list(unpacked).first {
      let last = ($0 as NSString).lastPathComponent
      return last == file.name || last == file.name + ".gz"
    }.map { "\(unpacked)/\($0)" }
  }

  /// All files below a directory, in a stable order.
  private func list(_ directory: String) -> [String] {
    (FileManager.default.subpaths(atPath: directory) ?? []).sorted()
  }

  private func run(
    _ executable: String, _ arguments: [String], in directory: String
  ) throws(DatasetError) {
    guard FileManager.default.isExecutableFile(atPath: executable) else {
      throw .unreadable(file: executable, reason: "not on this machine")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    let text: String
    do {
      try process.run()
      text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    } catch {
      throw .unreadable(file: executable, reason: error.localizedDescription)
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let last = text.split(separator: "\n").last.map(String.init) ?? "no output"
      throw .unreadable(
        file: executable, reason: "exit code \(process.terminationStatus): \(last)")
    }
  }
}
