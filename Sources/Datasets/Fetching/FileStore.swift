/// A place that may have a file.
///
/// To add one: say where it is in `place`, and answer `.absent` with the reason when it has nothing,
/// so that the next source is tried; throw only when no other source should be. See ``DataRoot``.
protocol FileSource {
  /// The source as people know it, for the log and for messages.
  var place: String { get }
  /// The verified, decompressed content of a file, or why it is not here.
  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer
}

/// What a source says when asked for a file.
enum SourceAnswer: Equatable {
  case found([UInt8], at: String)
  case absent(String)
  /// The source could not be reached at all; it is not asked for the next file.
  case unreachable(String)
}

/// Finds a published file in the first source that answers.
///
/// The order is the user's data root, the cache, then the set's remote places. What came from afar
/// is kept in the cache, decompressed and verified, so that the next start reads it without a check.
final class FileStore {
  private let options: DatasetOptions
  private var unreachable: [String: String] = [:]

  init(options: DatasetOptions) { self.options = options }

  func content(of file: DatasetFile, in group: FileGroup) throws(DatasetError) -> [UInt8] {
    var attempts: [String] = []
    let cache = FileCache(directory: options.cacheDirectory)
    var sources: [(source: any FileSource, isRemote: Bool)] = []
    if let root = options.dataRoot {
      sources.append((DataRoot(root: root), false))
    } else {
      attempts.append("data root: none given (--data-root or HELMHOLTZ_DATA)")
    }
    sources.append((cache, false))
    if options.allowsNetwork {
      sources += group.remotes.map { (remoteSource($0), true) }
    } else {
      attempts.append("network: switched off")
    }
    for (source, isRemote) in sources {
      if let reason = unreachable[source.place] {
        attempts.append("\(source.place): \(reason)")
        continue
      }
      if isRemote { options.log("\(group.set): asking \(source.place) for '\(file.name)'") }
      switch try source.answer(file, of: group) {
      case .found(let bytes, let path):
        options.log("\(group.set): '\(file.name)' from \(path)")
        if isRemote { keep(bytes, file, group, cache) }
        return bytes
      case .absent(let reason):
        attempts.append("\(source.place): \(reason)")
        options.log("\(group.set): \(source.place): \(reason)")
      case .unreachable(let reason):
        unreachable[source.place] = reason
        attempts.append("\(source.place): \(reason)")
        options.log("\(group.set): \(source.place): \(reason)")
      }
    }
    throw .unavailable(set: group.set, file: file.name, attempts: attempts)
  }

  private func remoteSource(_ remote: FileGroup.Remote) -> any FileSource {
    switch remote {
    case .mirror(let base, let suffix):
      Mirror(base: base, suffix: suffix, options: options)
    case .archive(let base, let archive):
      ArchiveMirror(base: base, archive: archive, options: options)
    case .debian(let package):
      DebianPackage(name: package, cacheDirectory: options.cacheDirectory)
    }
  }

  /// A full disk or a read-only home must not stop a run that has its data already.
  private func keep(_ bytes: [UInt8], _ file: DatasetFile, _ group: FileGroup, _ cache: FileCache) {
    do {
      try cache.store(bytes, file, of: group)
    } catch {
      options.log("\(group.set): \(cache.place): cannot keep '\(file.name)': \(error)")
    }
  }
}
