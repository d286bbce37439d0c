import Foundation
import Training

/// What a page hears of one run: its log from where it left off, and how it is.
struct RunFeed {
  /// New lines of the log.
  struct Log: Codable {
    let run: String
    /// Whether what was told before no longer holds.
    let isNew: Bool
    /// How far the log has been told.
    let place: String
    let curves: [Curve]
    let measured: [Measured]
  }

  /// One evaluation.
  struct Measured: Codable, Equatable {
    let split: String
    let step: Int
    let values: [String: Double]
  }

  /// How the run is.
  struct Condition: Codable, Equatable {
    let run: String
    let findings: [String]
    /// Whether it plays a game that notes how it stands.
    let isOfGame: Bool
    let pictures: [RunPictures.Picture]
  }

  let name: String
  private var tail: LogTail
  private var pictures: RunPictures
  private var health = RunHealth()
  /// What the page has already.
  private var told: LogTail.Place?

  /// Points of a curve that are told at once; a chart shows no more.
  private static let points = 1000
  /// Keys of an evaluation that are none of its numbers.
  private static let places: Set<String> = ["step", "epoch", "examples"]

  /// - Parameter told: how far the page has the log already.
  init?(_ name: String, in root: RunRoot, after told: LogTail.Place?) {
    guard let run = root.run(name) else { return nil }
    (self.name, self.told) = (name, told)
    tail = LogTail(run.metrics, in: root)
    pictures = RunPictures(of: run, in: root)
  }

  /// How far the log has been told.
  var place: LogTail.Place? { tail.place }

  /// What is new in the log; nil if nothing is.
  mutating func log() -> Log? {
    var entries: [MetricsLog.Entry] = []
    var (isNew, hasMore) = (false, true)
    while hasMore {
      let before = tail.place
      let news = tail.read()
      if news.isNew {
        (entries, health) = ([], RunHealth())
        // The page may have read this very file before its connection was lost.
        isNew = told.map { $0.file != tail.place?.file || $0.offset > tail.place?.offset ?? 0 } ?? true
        if isNew { told = nil }
      }
      for (entry, end) in news.entries {
        health.note(entry)
        if let told, end <= told.offset { continue }
        entries.append(entry)
      }
      hasMore = !news.entries.isEmpty && tail.place != before
    }
    guard let place = tail.place, isNew || !entries.isEmpty else { return nil }
    told = place
    return Log(
      run: name, isNew: isNew, place: "\(place)",
      curves: Curve.curves(of: entries).map { $0.thinned(to: Self.points) },
      measured: entries.filter { $0.kind == .evaluation }.map { entry in
        Measured(
          split: entry.split ?? "", step: entry.step, values: entry.values.filter { !Self.places.contains($0.key) })
      })
  }

  /// How the run is, after its log has been read.
  mutating func condition(_ row: RunRow?) -> Condition {
    let shown = pictures.newest()
    let state = (row?.state ?? .interrupted, row?.reason)
    return Condition(
      run: name, findings: health.findings(state, problems: [tail.problem, pictures.problem].compactMap(\.self)),
      isOfGame: health.isOfGame, pictures: shown)
  }
}
