import Foundation

/// The list of all runs, made anew at most twice a second, however many pages ask for it.
actor Roster {
  private let root: RunRoot
  private var known: [String: KnownRun] = [:]
  private var names: [String] = []
  private var isCut = false
  private var walked = Date.distantPast
  /// Seconds that the last walk through the directories took.
  private var walk = 0.0
  private var rows: [RunRow] = []
  private var listed = Date.distantPast
  /// Seconds that the last list took to make.
  private var work = 0.0

  /// Seconds between two lists, and between two walks; what takes long is done less often.
  private static let (listInterval, walkInterval, patience) = (0.5, 2.0, 10.0)

  init(_ root: RunRoot) { self.root = root }

  /// All runs, and whether there are more than are listed.
  func list(at now: Date = Date()) -> (rows: [RunRow], isCut: Bool) {
    if now.timeIntervalSince(walked) > max(Self.walkInterval, Self.patience * walk) { look(at: now) }
    if now.timeIntervalSince(listed) > max(Self.listInterval, Self.patience * work) {
      let start = Date()
      rows = names.compactMap { known[$0]?.row(at: now) }
      (listed, work) = (now, Date().timeIntervalSince(start))
    }
    return (rows, isCut)
  }

  private func look(at now: Date) {
    let start = Date()
    (names, isCut) = root.runs()
    let gone = Set(known.keys).subtracting(names)
    for name in gone { known[name] = nil }
    for name in names where known[name] == nil { known[name] = KnownRun(name, in: root) }
    walk = Date().timeIntervalSince(start)
    if names != rows.map(\.run) { listed = .distantPast }
    walked = now
  }
}
