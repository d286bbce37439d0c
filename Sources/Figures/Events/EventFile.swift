import Foundation
import SwiftProtobuf
import Torch

/// A file of scalars and pictures that TensorBoard shows while a run goes on.
///
///     let events = try EventFile(in: runDirectory)
///     try events.append(scalar: -97.3, tag: "elbo_nats", step: 1000)
///     try events.append(image: grid.render(), tag: "samples", step: 1000)
///     try events.flush()
///
/// Records gather in memory until `flush`, or until there are many; a run that is killed loses at
/// most those. One thread writes to it at a time.
public final class EventFile {
  /// The file, `events.out.tfevents.<unix seconds>.<host>` in the directory it was made for.
  public let url: URL

  private let descriptor: Int32
  private let now: () -> Date
  private var buffer: [UInt8] = []

  /// Records are written to the file by themselves once this many bytes have gathered.
  private static let bufferLimit = 1 << 20

  /// Starts a new file; files of earlier sessions stay as they are.
  ///
  /// - Parameters:
  ///   - directory: an existing directory, one for each run.
  ///   - step: for a run that goes on from a checkpoint, the step after it: TensorBoard then
  ///     forgets what earlier files tell of this step and later ones.
  ///   - host: the last part of the file name, by default this machine's name.
  ///   - now: the clock; the times of events, and of the file's name, are its.
  public init(
    in directory: URL, resumingAt step: Int? = nil,
    host: String = ProcessInfo.processInfo.hostName, now: @escaping () -> Date = { Date() }
  ) throws(EventFileError) {
    self.now = now
    let seconds = Int(now().timeIntervalSince1970)
    (url, descriptor) = try EventFile.create(
      in: directory, name: "events.out.tfevents.\(seconds).\(host)")
    try append(at: 0) { $0.fileVersion = "brain.Event:2" }
    if let step {
      try append(at: step) { $0.sessionLog.status = .start }
    }
    try flush()
  }

  deinit {
    // A last flush cannot report its failure from here; who needs to know calls `flush` first.
    if !buffer.isEmpty {
      buffer.withUnsafeBytes { _ = Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }
    close(descriptor)
  }

  /// Adds one number.
  ///
  /// - Parameters:
  ///   - value: in the unit that the tag names; NaN and infinity are kept, and TensorBoard marks
  ///     them.
  ///   - tag: the curve's name; `train/elbo_nats` is the curve `elbo_nats` in the group `train`.
  ///   - step: the optimizer step.
  public func append(scalar value: Float, tag: String, step: Int) throws(EventFileError) {
    try append(scalars: [(tag, value)], step: step)
  }

  /// Adds the numbers of one step as one record.
  public func append(
    scalars: [(tag: String, value: Float)], step: Int
  ) throws(EventFileError) {
    try append(at: step) { event in
      event.summary.value = scalars.map { scalar in
        .with {
          $0.tag = scalar.tag
          $0.simpleValue = scalar.value
        }
      }
    }
  }

  /// Adds a picture.
  public func append(image: PixelImage, tag: String, step: Int) throws(EventFileError) {
    let png: [UInt8]
    do {
      png = try image.png()
    } catch {
      throw .image(tag: tag, error)
    }
    try append(at: step) { event in
      event.summary.value = [
        .with {
          $0.tag = tag
          $0.image.height = Int32(image.height)
          $0.image.width = Int32(image.width)
          $0.image.colorspace = Int32(image.channels)
          $0.image.encodedImageString = Data(png)
        }
      ]
    }
  }

  /// Hands all records to the system, so that TensorBoard sees them.
  public func flush() throws(EventFileError) {
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    let path = url.path
    let result = pending.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try AtomicFile.writeAll(bytes, to: descriptor, path) }
    }
    if case .failure(let error) = result { throw .file(error) }
  }

  private func append(
    at step: Int, _ fill: (inout TensorBoardEvent) -> Void
  ) throws(EventFileError) {
    var event = TensorBoardEvent()
    event.wallTime = now().timeIntervalSince1970
    event.step = Int64(step)
    fill(&event)
    do {
      buffer += Record.framed(try event.serializedBytes())
    } catch {
      throw .unencodable(step: step, reason: String(describing: error))
    }
    if buffer.count > EventFile.bufferLimit { try flush() }
  }

  /// Opens a file of this name, or with a number after it where a session began within the same
  /// second.
  private static func create(
    in directory: URL, name: String
  ) throws(EventFileError) -> (URL, Int32) {
    var url = directory.appendingPathComponent(name)
    var attempt = 0
    while true {
      let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o644)
      if descriptor >= 0 { return (url, descriptor) }
      guard errno == EEXIST else {
        throw .file(
          FileError(url.path, "cannot create the file: \(String(cString: strerror(errno)))"))
      }
      attempt += 1
      url = directory.appendingPathComponent("\(name).\(attempt)")
    }
  }
}

/// What can go wrong with an event file.
public enum EventFileError: Error, Equatable, CustomStringConvertible {
  /// The system would not create or write the file.
  case file(FileError)
  /// The picture could not be encoded.
  case image(tag: String, PNGError)
  /// The event could not be encoded.
  case unencodable(step: Int, reason: String)

  /// What was expected, what came, and of which event.
  public var description: String {
    switch self {
    case .file(let error): "event file \(error)"
    case .image(let tag, let error): "event '\(tag)': \(error)"
    case .unencodable(let step, let reason):
      "event at step \(step): expected an encodable event, got '\(reason)'"
    }
  }
}
