import Foundation

extension ImageFolder {
  /// All pictures as examples, decoded on all cores.
  ///
  /// The first picture says the shape; without ``ImageOptions/size`` all others must have it too. The result does not
  /// depend on the number of cores, and neither does the error: it is that of the first picture in order.
  ///
  /// - Parameters:
  ///   - labels: whether to keep the classes.
  ///   - name: the name of the examples; nil for the folder's path.
  ///   - log: receives a line for each picture left out, and their number.
  /// - Returns: bytes, each example of shape `[channels, height, width]`.
  public func examples(
    _ options: ImageOptions = ImageOptions(), labels: Bool = true, name: String? = nil,
    log: (String) -> Void = { _ in }
  ) throws(DatasetError) -> Examples {
    try read(options, labels: labels, name: name, log: log).examples
  }

  /// The same with lines about what was done to the pictures that their owner may not expect.
  func read(
    _ options: ImageOptions, labels: Bool, name: String? = nil, log: (String) -> Void
  ) throws(DatasetError) -> (examples: Examples, notes: [String]) {
    try options.check()
    let failures = Failures()
    let (first, shape) = try shape(options, failures)
    let size = shape.reduce(1, *)
    guard let total = checkedProduct([names.count, size]) else {
      throw .invalid(
        subject: "'\(path)'", expected: "pictures of less than 2^63 bytes in all",
        got: "\(names.count) of \(size) bytes")
    }
    try checkMemory(total, for: "'\(path)' of \(names.count) pictures \(shape), read at once")
    var kept: [Int] = []
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, written in
      decodeAll(from: first, options, shape, into: Slots(target: target, size: size), failures)
      if failures.fatal != nil { return }
      kept = (first..<names.count).filter { failures.skipped[$0] == nil }
      // Slots of skipped pictures are closed up.
      for (slot, index) in kept.enumerated() where slot != index {
        (target.baseAddress! + slot * size).update(from: target.baseAddress! + index * size, count: size)
      }
      written = kept.count * size
    }
    if let (_, error) = failures.fatal { throw error }
    logSkipped(failures, log)
    // What was divided may have become 0 and 1 by that.
    let isBinary = areBits(bytes) && !failures.has(.narrowed)
    var notes = failures.changes(in: kept)
    if isBinary { notes.append(binaryNote) } else if !bytes.contains(where: { $0 != 0 }) { notes.append(blackNote) }
    return (try examples(name ?? path, .bytes(bytes), shape, kept, labels, isBinary: isBinary), notes)
  }

  /// Whether all values are 0 or 1, looked at up to the first picture that has others.
  private func isBinary(_ kept: [Int], _ options: ImageOptions) throws(DatasetError) -> Bool {
    var hasOne = false
    for index in kept {
      let (image, changes) = try read(index, options)
      if changes.contains(.narrowed) || image.bytes.contains(where: { $0 > 1 }) { return false }
      hasOne = hasOne || image.bytes.contains(1)
    }
    return hasOne
  }

  /// The pictures `kept`, whose values are known, with all that the folder knows of them.
  private func examples(
    _ name: String, _ storage: Examples.Storage, _ shape: [Int], _ kept: [Int], _ wantsLabels: Bool, isBinary: Bool
  ) throws(DatasetError) -> Examples {
    return try Examples(
      name: name, storage: storage, shape: shape,
      labels: wantsLabels ? labels.map { all in kept.map { all[$0] } } : nil,
      classCount: labels == nil ? nil : classCount, classNames: classNames.isEmpty ? nil : classNames,
      exampleNames: kept.map { names[$0] }, isBinary: isBinary)
  }

  /// All pictures as examples that are decoded when a batch wants them.
  ///
  /// To leave out bad ones, each is decoded once here and forgotten again; pictures of 0 and 1 are so, too, up to the
  /// first that has another value.
  func stream(
    _ options: ImageOptions, labels: Bool = true, name: String? = nil, log: (String) -> Void = { _ in }
  ) throws(DatasetError) -> (examples: Examples, notes: [String]) {
    try options.check()
    let failures = Failures()
    let (first, shape) = try shape(options, failures)
    if options.skipBad {
      decodeAll(from: first, options, shape, into: nil, failures)
      if let (_, error) = failures.fatal { throw error }
    }
    let kept = (first..<names.count).filter { failures.skipped[$0] == nil }
    logSkipped(failures, log)
    let rows = RowSource(
      reader: ImageRows(folder: self, options: options, first: first, shape: shape), value: .byte, rows: kept,
      elementCount: shape.reduce(1, *))
    let isBinary = try isBinary(kept, options)
    let notes = isBinary ? [binaryNote] : []
    return (try examples(name ?? path, .rows(rows), shape, kept, labels, isBinary: isBinary), notes)
  }

  /// One picture of the shape that all must have, which is that of the picture `first`.
  fileprivate func image(
    _ index: Int, _ options: ImageOptions, like first: Int, of shape: [Int]
  ) throws(DatasetError) -> [UInt8] {
    let image = try image(index, options)
    if image.shape != shape { throw mismatch(index, image.shape, first, shape) }
    return image.bytes
  }

  private func logSkipped(_ failures: Failures, _ log: (String) -> Void) {
    if failures.skipped.isEmpty { return }
    for (_, error) in failures.skipped.sorted(by: { $0.key < $1.key }) { log("skipped \(error)") }
    log("\(path): skipped \(failures.skipped.count) of \(names.count) pictures")
  }

  /// The first picture that can be read, and its shape.
  private func shape(
    _ options: ImageOptions, _ failures: Failures
  ) throws(DatasetError) -> (index: Int, shape: [Int]) {
    for index in names.indices {
      do throws(DatasetError) {
        return (index, try image(index, options).shape)
      } catch {
        failures.add(index, error, isFatal: !options.skipBad)
        if !options.skipBad { throw error }
      }
    }
    throw failures.skipped[0]!  // all were skipped, and there is at least one
  }

  /// Decodes all pictures from `first` on into their slots, or to see whether it can be done.
  private func decodeAll(
    from first: Int, _ options: ImageOptions, _ shape: [Int], into slots: Slots?,
    _ failures: Failures
  ) {
    let chunk = 32
    DispatchQueue.concurrentPerform(iterations: (names.count - first + chunk - 1) / chunk) { part in
      let start = first + part * chunk
      for index in start..<min(start + chunk, names.count) where index < failures.limit {
        do throws(DatasetError) {
          let (image, changes) = try read(index, options)
          if image.shape == shape {
            failures.add(index, changes)
            slots?.fill(index, with: image.bytes)
          } else {
            failures.add(index, mismatch(index, image.shape, first, shape), isFatal: true)
          }
        } catch {
          failures.add(index, error, isFatal: !options.skipBad)
        }
      }
    }
  }

  private func mismatch(_ index: Int, _ shape: [Int], _ first: Int, _ expected: [Int]) -> DatasetError {
    let remedy = shape.dropFirst() == expected.dropFirst() ? "--channels" : "--image-size"
    return .invalid(
      subject: "'\(path)'",
      expected: "pictures of one shape, \(expected) as '\(names[first])' (\(remedy) makes them so)",
      got: "\(shape) in '\(names[index])'")
  }
}

/// Pictures of a folder, decoded when they are wanted.
private final class ImageRows: RowReader {
  private let folder: ImageFolder
  private let options: ImageOptions
  private let first: Int
  private let shape: [Int]

  init(folder: ImageFolder, options: ImageOptions, first: Int, shape: [Int]) {
    self.folder = folder
    self.options = options
    self.first = first
    self.shape = shape
  }

  func read(_ rows: some Collection<Int>, into target: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    let rows = Array(rows)
    let failures = Failures()
    let slots = Slots(target: target.bindMemory(to: UInt8.self), size: shape.reduce(1, *))
    DispatchQueue.concurrentPerform(iterations: rows.count) { slot in
      do throws(DatasetError) {
        slots.fill(slot, with: try folder.image(rows[slot], options, like: first, of: shape))
      } catch {
        failures.add(slot, error, isFatal: true)
      }
    }
    if let (_, error) = failures.fatal { throw error }
  }
}

/// Room for the values of each picture.
private struct Slots: @unchecked Sendable {
  // Threads write to different slots.
  let target: UnsafeMutableBufferPointer<UInt8>
  let size: Int

  func fill(_ index: Int, with bytes: [UInt8]) {
    _ = UnsafeMutableBufferPointer(rebasing: target[index * size..<(index + 1) * size])
      .update(fromContentsOf: bytes)
  }
}

/// What went wrong, or was done, on any thread.
private final class Failures: @unchecked Sendable {
  // Every access to the stored values during decoding holds the lock.
  private let lock = NSLock()
  private var changes: [(index: Int, change: PictureChange)] = []
  private(set) var skipped: [Int: DatasetError] = [:]
  /// The error of the first picture that ends the loading.
  private(set) var fatal: (index: Int, error: DatasetError)?

  /// Pictures from here on need not be decoded any more.
  var limit: Int { lock.withLock { fatal?.index ?? .max } }

  func has(_ change: PictureChange) -> Bool { changes.contains { $0.change == change } }

  func add(_ index: Int, _ changes: [PictureChange]) {
    if changes.isEmpty { return }
    lock.withLock { self.changes += changes.map { (index, $0) } }
  }

  /// A line for each kind of change.
  func changes(in kept: [Int]) -> [String] {
    PictureChange.allCases.compactMap { change in
      let count = changes.count { $0.change == change }
      return count > 0 ? change.note(count, of: kept.count) : nil
    }
  }

  func add(_ index: Int, _ error: DatasetError, isFatal: Bool) {
    lock.withLock {
      if !isFatal {
        skipped[index] = error
      } else if index < fatal?.index ?? .max {
        fatal = (index, error)
      }
    }
  }
}
