import Foundation
import TestSupport
import Testing

@testable import Figures

@Suite("Pictures in event files")
struct EventPicturesTests {
  private func image(_ value: UInt8) -> PixelImage { PixelImage(width: 3, height: 2, channels: 1, filledWith: value) }

  private func shown(_ pictures: EventPictures, _ tag: String = "samples") throws -> PixelImage? {
    try pictures.png(of: tag).map { try PixelImage(png: Array($0)) }
  }

  @Test("the newest picture of each tag is found while the file grows, and a record cut short is left for later")
  func growing() throws {
    try withTemporaryDirectory { directory in
      var pictures = EventPictures(in: directory)
      pictures.update()
      #expect(pictures.newest.isEmpty && pictures.png(of: "samples") == nil)
      let file = try EventFile(in: URL(fileURLWithPath: directory), host: "host")
      try file.append(image: image(1), tag: "samples", step: 10)
      try file.append(scalar: 1, tag: "loss", step: 11)
      try file.append(image: image(2), tag: "a-to-b", step: 12)
      try file.flush()
      pictures.update()
      #expect(pictures.newest.mapValues(\.step) == ["samples": 10, "a-to-b": 12])
      let before = pictures.newest["samples"]?.version
      #expect(try shown(pictures) == image(1))
      try file.append(image: image(3), tag: "samples", step: 20)
      try file.flush()
      let whole = try Data(contentsOf: file.url)
      try whole.dropLast(5).write(to: file.url)
      pictures.update()
      #expect(pictures.newest["samples"]?.step == 10)
      try whole.write(to: file.url)
      pictures.update()
      #expect(try shown(pictures) == image(3) && pictures.newest["samples"]?.version != before)
      #expect(pictures.problem == nil)
    }
  }

  @Test("a run that goes on forgets the pictures behind its checkpoint")
  func resumed() throws {
    try withTemporaryDirectory { directory in
      let place = URL(fileURLWithPath: directory)
      let first = try EventFile(in: place, host: "host", now: { Date(timeIntervalSince1970: 1000) })
      try first.append(image: image(1), tag: "samples", step: 10)
      try first.append(image: image(2), tag: "a-to-b", step: 30)
      try first.flush()
      _ = try EventFile(in: place, resumingAt: 21, host: "host", now: { Date(timeIntervalSince1970: 2000) })
      var pictures = EventPictures(in: directory)
      pictures.update()
      #expect(pictures.newest.mapValues(\.step) == ["samples": 10])
      try FileManager.default.removeItem(at: first.url)
      pictures.update()
      #expect(pictures.newest.isEmpty)
    }
  }

  @Test("a damaged record is named, ends its file, and a picture that is damaged is not shown")
  func damaged() throws {
    try withTemporaryDirectory { directory in
      let file = try EventFile(
        in: URL(fileURLWithPath: directory), host: "host", now: { Date(timeIntervalSince1970: 0) })
      try file.append(image: image(1), tag: "samples", step: 10)
      try file.flush()
      var data = try Data(contentsOf: file.url)
      let end = data.count
      try file.append(image: image(2), tag: "samples", step: 20)
      try file.flush()
      data = try Data(contentsOf: file.url)
      data[end] ^= 1
      try data.write(to: file.url)
      var pictures = EventPictures(in: directory)
      pictures.update()
      #expect(pictures.newest["samples"]?.step == 10)
      #expect(
        pictures.problem
          == "events.out.tfevents.0.host: the record at byte \(end) is damaged; no pictures behind it are shown")
      data[end - 10] ^= 1
      try data.write(to: file.url)
      #expect(pictures.png(of: "samples") == nil)
      let refused = EventPictures(in: directory) { _ in false }
      var none = refused
      none.update()
      #expect(none.newest.isEmpty)
    }
  }
}
