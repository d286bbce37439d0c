import Foundation

/// The list of all runs, made anew at most twice a second however many pages ask for it.
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

  /// Seconds between two lists, and between two walks; a walk that takes long is taken less often.
  private static let (listInterval, walkInterval, walkShare) = (0.5, 2.0, 20.0)

  init(_ root: RunRoot) { self.root = root }

  /// All runs, and whether there are more than are listed.
  func list(at now: Date = Date()) -> (rows: [RunRow], isCut: Bool) {
    if now.timeIntervalSince(walked) > max(Self.walkInterval, Self.walkShare * walk) { look(at: now) }
    if now.timeIntervalSince(listed) > Self.listInterval {
      rows = names.compactMap { known[$0]?.row(at: now) }
      listed = now
    }
    return (rows, isCut)
  }

  private func look(at now: Date) {
    (names, isCut) = root.runs()
    let gone = Set(known.keys).subtracting(names)
    for name in gone { known[name] = nil }
    for name in names where known[name] == nil { known[name] = KnownRun(name, in: root) }
    walk = Date().timeIntervalSince(now)
    (walked, listed) = (now, .distantPast)
  }
}
