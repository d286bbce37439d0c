import Foundation
import SwiftProtobuf
import Testing

@testable import Figures

@Suite("Event files")
struct EventFileTests {
  @Test("CRC32C has the values of RFC 3720 and of its catalogue")
  func checksums() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([]) == 0)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.checksum((0..<32).reversed().map { UInt8($0) }) == 0x113F_DB5C)
  }

  @Test("a masked checksum is rotated by 15 bits and shifted")
  func mask() {
    #expect(CRC32C.masked(Array("123456789".utf8)) == 0xC78A_B0E5)
  }

  @Test("the first record has, byte for byte, the fields of TensorFlow's event.proto")
  func golden() throws {
    try withDirectory { directory in
      let events = try EventFile(in: directory, host: "host", now: { Self.time })
      // By hand: length 24; wall_time is field 1 as a double, file_version field 3 as a string of
      // 13.
      let record = Array(try Data(contentsOf: events.url))
      #expect(record.prefix(8) == [24, 0, 0, 0, 0, 0, 0, 0])
      let seconds = withUnsafeBytes(of: Self.time.timeIntervalSince1970, Array.init)
      #expect(record[12..<36] == ArraySlice([0x09] + seconds + [0x1A, 13] + "brain.Event:2".utf8))
      #expect(record.count == 40)
    }
  }

  @Test("scalars and images are read back with right checksums, the image to the pixel")
  func roundTrip() throws {
    try withDirectory { directory in
      let image = Examples.digit(1, channels: 3)
      let file = try EventFile(in: directory, host: "host", now: { Self.time })
      #expect(file.url.lastPathComponent == "events.out.tfevents.1700000000.host")
      try file.append(scalar: -97.25, tag: "train/elbo_nats", step: 7)
      try file.append(scalars: [("a", 1), ("b", .nan)], step: 8)
      try file.append(image: image, tag: "samples", step: 9)
      try file.flush()
      let events = try read(file.url)
      #expect(events.map(\.step) == [0, 7, 8, 9])
      #expect(events.allSatisfy { $0.wallTime == 1_700_000_000.25 })
      #expect(events[0].fileVersion == "brain.Event:2")
      #expect(events[1].summary.value.map(\.tag) == ["train/elbo_nats"])
      #expect(events[1].summary.value.map(\.simpleValue) == [-97.25])
      #expect(events[2].summary.value.map(\.tag) == ["a", "b"])
      #expect(events[2].summary.value[1].simpleValue.isNaN)
      let shown = events[3].summary.value[0].image
      #expect((shown.width, shown.height, shown.colorspace) == (28, 28, 3))
      #expect(try PixelImage(png: Array(shown.encodedImageString)) == image)
    }
  }

  @Test("a resumed run starts a file of its own that says from which step to forget")
  func resume() throws {
    try withDirectory { directory in
      let first = try EventFile(in: directory, host: "host", now: { Self.time })
      try first.append(scalar: 1, tag: "a", step: 20)
      try first.flush()
      let second = try EventFile(in: directory, resumingAt: 11, host: "host", now: { Self.time })
      // Within the same second: the earlier file is neither overwritten nor continued.
      #expect(second.url.lastPathComponent == "events.out.tfevents.1700000000.host.1")
      #expect(try read(first.url).count == 2)
      let events = try read(second.url)
      #expect(events.count == 2)
      #expect(events[1].step == 11)
      #expect(events[1].sessionLog.status == .start)
    }
  }

  @Test("records wait for flush, and the last ones are written when the file goes")
  func buffering() throws {
    try withDirectory { directory in
      var file: EventFile? = try EventFile(in: directory, host: "host", now: { Self.time })
      let url = try #require(file?.url)
      try file?.append(scalar: 1, tag: "a", step: 1)
      #expect(try read(url).count == 1)
      file = nil
      #expect(try read(url).count == 2)
    }
  }

  @Test("a directory that is not there is told by its path")
  func missingDirectory() throws {
    try withDirectory { directory in
      let missing = directory.appendingPathComponent("none")
      let error = try #require(throws: EventFileError.self) {
        _ = try EventFile(in: missing, host: "host", now: { Self.time })
      }
      #expect(
        "\(error)"
          == "event file \(missing.path)/events.out.tfevents.1700000000.host: "
          + "cannot create the file: No such file or directory")
    }
  }

  private static let time = Date(timeIntervalSince1970: 1_700_000_000.25)

  /// Reads all records, with a bitwise checksum that shares nothing with the table of the writer.
  private func read(_ url: URL) throws -> [TensorBoardEvent] {
    let bytes = Array(try Data(contentsOf: url))
    var events: [TensorBoardEvent] = []
    var place = 0
    func number(_ count: Int) -> UInt64 {
      defer { place += count }
      return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while place < bytes.count {
      let header = Array(bytes[place..<place + 8])
      let length = Int(number(8))
      #expect(number(4) == masked(header))
      let payload = Array(bytes[place..<place + length])
      place += length
      #expect(number(4) == masked(payload))
      events.append(try TensorBoardEvent(serializedBytes: payload))
    }
    return events
  }

  private func masked(_ bytes: [UInt8]) -> UInt64 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    crc = ~crc
    return UInt64((crc >> 15 | crc << 17) &+ 0xA282_EAD8)
  }
}
