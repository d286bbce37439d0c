import Foundation
import SwiftProtobuf

/// The newest picture of each tag in a directory of event files, read while another process writes them.
///
///     var pictures = EventPictures(in: events)
///     pictures.update()  // again and again: only what is new is read
///     let png = pictures.png(of: "samples")
///
/// A record that is cut short is left for the next time. One whose checksum is wrong ends the reading of its file, and
/// `problem` names it.
public struct EventPictures: Sendable {
  /// Where a picture is.
  public struct Picture: Equatable, Sendable {
    /// The step it was drawn at.
    public let step: Int
    /// Its file, and the record's payload in it.
    fileprivate let file: String
    fileprivate let payload: Range<UInt64>

    /// A name that no other picture of the directory has.
    public var version: String { "\(step)-\(payload.lowerBound)-\(file)" }
  }

  /// The newest picture of each tag.
  public private(set) var newest: [String: Picture] = [:]
  /// What is wrong with a file, in a sentence.
  public private(set) var problem: String?

  private let directory: String
  /// How far each file has been read; nil of one that is damaged.
  private var places: [String: UInt64?] = [:]

  /// Bytes in front of a payload, and behind it: its length with a checksum, and a checksum.
  private static let (headLength, tailLength) = (UInt64(12), UInt64(4))
  /// The largest record that is believed: a grid of pictures is far smaller.
  private static let largest = UInt64(1 << 28)

  private let isAllowed: @Sendable (String) -> Bool

  /// The pictures of a directory, which may not be there yet.
  ///
  /// - Parameter isAllowed: whether a file may be read, by its path.
  public init(in directory: String, isAllowed: @escaping @Sendable (String) -> Bool = { _ in true }) {
    (self.directory, self.isAllowed) = (directory, isAllowed)
  }

  /// Reads what has been written since the last time.
  public mutating func update() {
    let names = (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasPrefix("events.out.tfevents.") && !$0.contains("/") }.sorted()
    for gone in places.keys where !names.contains(gone) {
      places[gone] = nil
      newest = newest.filter { $0.value.file != gone }
    }
    for name in names {
      guard let place = places[name, default: 0], let file = open(name) else { continue }
      defer { file.closeFile() }
      places[name] = .some(read(file, name, from: place))
    }
  }

  /// Reads records behind a place and returns the place behind the last whole one; nil if one is damaged.
  private mutating func read(_ file: FileHandle, _ name: String, from place: UInt64) -> UInt64? {
    var place = place
    while let head = Self.bytes(of: file, at: place, count: Self.headLength) {
      let length = Self.number(head.prefix(8))
      guard Self.number(head.suffix(4)) == UInt64(CRC32C.masked(head.prefix(8))), length <= Self.largest else {
        problem = "\(name): the record at byte \(place) is damaged; no pictures behind it are shown"
        return nil
      }
      let start = place + Self.headLength
      guard let payload = Self.bytes(of: file, at: start, count: length + Self.tailLength) else { break }
      place = start + length + Self.tailLength
      guard let event = Self.event(payload.dropLast(Int(Self.tailLength))) else { continue }
      note(event, in: name, start..<start + length)
    }
    return place
  }

  private mutating func note(_ event: TensorBoardEvent, in name: String, _ payload: Range<UInt64>) {
    // A run that went on from a checkpoint forgets what came after it.
    if case .sessionLog(let log)? = event.what, log.status == .start {
      newest = newest.filter { $0.value.step < event.step }
    }
    for value in event.summary.value {
      guard case .image? = value.value else { continue }
      newest[value.tag] = Picture(step: Int(event.step), file: name, payload: payload)
    }
  }

  /// The bytes of a picture's PNG file; nil if it is no longer there, or is damaged.
  public func png(of tag: String) -> Data? {
    guard let picture = newest[tag], let file = open(picture.file) else { return nil }
    defer { file.closeFile() }
    let (start, length) = (picture.payload.lowerBound, UInt64(picture.payload.count))
    guard let record = Self.bytes(of: file, at: start, count: length + Self.tailLength),
      case let payload = record.dropLast(Int(Self.tailLength)),
      Self.number(record.suffix(Int(Self.tailLength))) == UInt64(CRC32C.masked(payload))
    else { return nil }
    return Self.event(payload)?.summary.value.first { $0.tag == tag }?.image.encodedImageString
  }

  private func open(_ name: String) -> FileHandle? {
    let path = directory + "/" + name
    return isAllowed(path) ? FileHandle(forReadingAtPath: path) : nil
  }

  /// An event; nil for bytes that are none.
  private static func event(_ payload: Data) -> TensorBoardEvent? {
    do { return try TensorBoardEvent(serializedBytes: payload) } catch { return nil }
  }

  /// Bytes of a file; nil if it has fewer, or cannot be read now.
  private static func bytes(of file: FileHandle, at place: UInt64, count: UInt64) -> Data? {
    do {
      try file.seek(toOffset: place)
      guard let data = try file.read(upToCount: Int(count)), data.count == Int(count) else { return nil }
      return data
    } catch { return nil }
  }

  private static func number(_ littleEndian: Data) -> UInt64 {
    littleEndian.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
