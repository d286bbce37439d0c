import Foundation

/// A public web server that has a set's files.
struct Mirror: FileSource {
  /// The address of the directory, with its last slash.
  let base: String
  /// What the server appends to a file's name.
  let suffix: String
  let options: DatasetOptions

  var place: String { base }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    let address = base + file.name + suffix
    let total = suffix.isEmpty ? file.byteCount : nil
    return fetch(address, named: file.name + suffix, limit: file.limit, total: total, group, options) {
      (bytes) throws(DatasetError) in try file.verified(bytes, from: address)
    }
  }
}

/// A web server that has all files of a set in one archive.
///
/// They are kept in the cache together, because the next file of the set comes from the same archive.
struct ArchiveMirror: FileSource {
  /// The address of the directory, with its last slash.
  let base: String
  let archive: DatasetFile
  let options: DatasetOptions

  var place: String { base + archive.name }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    fetch(
      place, named: archive.name, limit: archive.byteCount, total: archive.byteCount, group, options
    ) { (bytes) throws(DatasetError) in
      try archive.check(bytes, from: place)
      let limit = Gzip.limit(compressed: archive.byteCount)
      let content = Gzip.isGzip(bytes) ? try Gzip.decompress(bytes, file: place, limit: limit) : bytes
      let members = try Tar.members(content, file: place)
      func name(_ member: Tar.Member) -> String { (member.path as NSString).lastPathComponent }
      guard let member = members.first(where: { name($0) == file.name }) else {
        throw .unreadable(file: place, reason: "no '\(file.name)' in it")
      }
      let wanted = try file.verified(Array(content[member.range]), from: "\(place): \(member.path)")
      keep(members.map { (name($0), $0.range) }, of: content, group)
      return wanted
    }
  }

  /// The archive's checksum speaks for its files; those that are not files of the set do no harm.
  private func keep(
    _ files: [(name: String, range: Range<Int>)], of content: [UInt8], _ group: FileGroup
  ) {
    let cache = FileCache(directory: options.cacheDirectory)
    for (name, range) in files {
      do throws(DatasetError) {
        try cache.store(Array(content[range]), named: name, of: group)
      } catch {
        options.log("\(group.set): \(cache.place): cannot keep '\(name)': \(error)")
      }
    }
  }
}

/// Downloads a file and reads it; what an interrupted download has left in the cache is gone on with.
///
/// Bytes that go on from an earlier attempt and turn out wrong are asked for once more, from the beginning:
/// they may have been another mirror's.
private func fetch(
  _ address: String, named name: String, limit: Int, total: Int?, _ group: FileGroup,
  _ options: DatasetOptions, read: ([UInt8]) throws(DatasetError) -> [UInt8]
) -> SourceAnswer {
  guard let url = URL(string: address) else { return .absent("not an address") }
  let download = Download(
    url: url, limit: limit, total: total, silence: options.connectSeconds,
    meter: ProgressMeter(name: name, report: options.progress))
  do throws(DatasetError) {
    let partial = try openPartial(named: name, group, options)
    defer { partial.finish() }
    while true {
      let isResumed = partial.count > 0
      if isResumed { options.log("\(group.set): going on after \(partial.count) bytes of '\(name)'") }
      do throws(Download.Refusal) {
        try download.run(into: partial) { options.log("\(group.set): \($0)") }
      } catch {
        return error.isAnswer ? .absent(error.reason) : .unreachable(error.reason)
      }
      do throws(DatasetError) {
        let content = try read(try readFile(partial.path, limit: limit))
        try partial.clear()
        return .found(content, at: address)
      } catch {
        // A captive portal or a moved file; another mirror may be sound.
        try partial.clear()
        if !isResumed { return .absent("\(error)") }
        options.log("\(group.set): \(error); starting again")
      }
    }
  } catch {
    return .absent("\(error)")
  }
}

/// The file in the cache that a download goes to, or one that is forgotten afterwards where there can be none.
private func openPartial(
  named name: String, _ group: FileGroup, _ options: DatasetOptions
) throws(DatasetError) -> PartialFile {
  do throws(DatasetError) {
    return try PartialFile(path: "\(options.cacheDirectory)/\(group.set)/\(name).partial")
  } catch {
    options.log("\(group.set): cannot keep a partial download: \(error)")
    return try PartialFile(
      path: NSTemporaryDirectory() + "\(UUID().uuidString).partial", isKept: false)
  }
}
