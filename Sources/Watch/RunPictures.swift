import Figures
import Foundation
import Training

/// The pictures of a run: the newest of its event files, and what its report has drawn.
public struct RunPictures: Sendable {
  /// A picture as the page shows it.
  public struct Picture: Codable, Equatable, Sendable {
    /// What the page asks for.
    public let name: String
    /// What there is to see.
    public let caption: String
    /// Changes whenever the picture does.
    public let version: String
  }

  private var events: EventPictures
  private let run: RunDirectory
  private let root: RunRoot

  /// The pictures of a run in a directory of runs.
  public init(of run: RunDirectory, in root: RunRoot) {
    (self.run, self.root) = (run, root)
    events = EventPictures(in: run.events) { root.file($0) != nil }
  }

  /// What is wrong with a file, in a sentence.
  public var problem: String? { events.problem }

  /// The pictures as they are now: those of the training first.
  public mutating func newest() -> [Picture] {
    events.update()
    let drawn = events.newest.sorted { $0.key < $1.key }.map { tag, picture in
      Picture(
        name: "event:" + tag, caption: "\(Self.words(tag)) at step \(picture.step)", version: picture.version)
    }
    let files = (FileManager.default.enumerator(atPath: run.figures)?.compactMap { $0 as? String } ?? [])
      .filter(Self.isShown).sorted().compactMap { name -> Picture? in
        guard let file = root.file(run.figures + "/" + name), let stamp = FileStamp(file) else { return nil }
        return Picture(
          name: "figure:" + name, caption: "\(Self.words(name)) of the best checkpoint, as the report has them",
          version: "\(Int(stamp.changed.timeIntervalSince1970 * 1000))")
      }
    return drawn + files
  }

  /// The file of a picture and its media type; nil if there is none of this name.
  public mutating func file(_ name: String) -> (data: Data, type: String)? {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    if parts[0] == "event" {
      events.update()
      return events.png(of: String(parts[1])).map { ($0, "image/png") }
    }
    let file = String(parts[1])
    guard parts[0] == "figure", Self.isShown(file), let path = root.file(run.figures + "/" + file),
      let data = FileManager.default.contents(atPath: path)
    else { return nil }
    return (data, file.hasSuffix(".svg") ? "image/svg+xml" : "image/png")
  }

  /// Whether a file of the figures is a picture of examples; the page draws curves itself.
  private static func isShown(_ name: String) -> Bool {
    guard name.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != 0 }), !name.hasPrefix(".") else { return false }
    return name.hasSuffix(".png") || name.hasPrefix("samples") && name.hasSuffix(".svg")
  }

  /// `samples` and `a-to-b.png` as words.
  private static func words(_ name: String) -> String {
    let stem = (name as NSString).deletingPathExtension.replacing("-", with: " ").replacing("_", with: " ")
    return stem.prefix(1).uppercased() + stem.dropFirst()
  }
}
