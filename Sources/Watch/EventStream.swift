import FlyingSocks
import Foundation

/// Server-sent events for one page: the list of runs, and the logs of those that it shows.
///
/// Each message tells only what has changed since the one before. The `id` of a message about a log holds how far all
/// shown logs have been told, so that a page whose connection was lost hears nothing twice.
struct EventStream: AsyncBufferedSequence {
  typealias Element = UInt8

  let roster: Roster
  let feeds: [RunFeed]
  /// Held as long as the stream is.
  let seat: Seats.Seat

  func makeAsyncIterator() -> Iterator { Iterator(roster: roster, feeds: feeds, seat: seat) }

  /// What the list of the page is told.
  struct List: Codable, Equatable {
    /// Runs that are new, or have changed.
    let rows: [RunRow]
    /// Runs that are no longer there.
    let gone: [String]
    /// The order of all runs; nil as long as it stays.
    let order: [String]?
    /// Whether there are more runs than are listed.
    let isCut: Bool
  }

  struct Iterator: AsyncBufferedIteratorProtocol {
    private let roster: Roster
    private var feeds: [RunFeed]
    private let seat: Seats.Seat
    private var rows: [String: RunRow] = [:]
    private var order: [String]?
    private var conditions: [String: RunFeed.Condition] = [:]
    private var isFirst = true
    private var rest: ArraySlice<UInt8> = []

    /// Nanoseconds between two looks, and looks after which a silent stream says that it is there.
    private static let (interval, patience) = (UInt64(700_000_000), 20)

    init(roster: Roster, feeds: [RunFeed], seat: Seats.Seat) {
      (self.roster, self.feeds, self.seat) = (roster, feeds, seat)
    }

    mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      var looks = 0
      while rest.isEmpty {
        if !isFirst { try await Task.sleep(nanoseconds: Self.interval) }
        // The first bytes tell the page that it is connected.
        let start = isFirst ? "retry: 2000\n\n" : ""
        isFirst = false
        looks += 1
        let news = start + (try await news())
        rest = Array((news.isEmpty && looks >= Self.patience ? ": still here\n\n" : news).utf8)[...]
      }
      let part = Array(rest.prefix(count))
      rest = rest.dropFirst(part.count)
      return part
    }

    /// All messages that are due.
    private mutating func news() async throws -> String {
      let (all, isCut) = await roster.list()
      var text = try list(all, isCut)
      for index in feeds.indices {
        if let log = feeds[index].log() { text += try Self.message("log", log, id: places) }
        let name = feeds[index].name
        let condition = feeds[index].condition(all.first { $0.run == name })
        if conditions.updateValue(condition, forKey: name) != condition { text += try Self.message("run", condition) }
      }
      return text
    }

    private mutating func list(_ all: [RunRow], _ isCut: Bool) throws -> String {
      let now = Dictionary(uniqueKeysWithValues: all.map { ($0.run, $0) })
      let names = all.map(\.run)
      let news = List(
        rows: all.filter { rows[$0.run] != $0 }, gone: rows.keys.filter { now[$0] == nil }.sorted(),
        order: names == order ? nil : names, isCut: isCut)
      (rows, order) = (now, names)
      return news.rows.isEmpty && news.gone.isEmpty && news.order == nil ? "" : try Self.message("runs", news)
    }

    private var places: String { feeds.map { $0.place?.description ?? "0.0" }.joined(separator: ",") }

    private static func message(_ event: String, _ data: some Encodable, id: String? = nil) throws -> String {
      let json = String(decoding: try WatchJSON.encoded(data), as: UTF8.self)
      return (id.map { "id: \($0)\n" } ?? "") + "event: \(event)\ndata: \(json)\n\n"
    }
  }
}

/// How many streams there may be at once.
final class Seats: @unchecked Sendable {
  // Every access holds the lock.
  private let lock = NSLock()
  private var free: Int

  init(_ count: Int) { free = count }

  /// One of them; nil if all are taken. It is free again when nobody holds it.
  func take() -> Seat? {
    lock.withLock {
      guard free > 0 else { return nil }
      free -= 1
      return Seat(of: self)
    }
  }

  /// A place that is taken.
  final class Seat: Sendable {
    private let seats: Seats
    fileprivate init(of seats: Seats) { self.seats = seats }
    deinit { seats.lock.withLock { seats.free += 1 } }
  }
}

/// JSON as the page reads it.
enum WatchJSON {
  static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }
}
