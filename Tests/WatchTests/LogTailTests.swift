import Foundation
import Testing
import Torch
import Training

@testable import Watch

@Suite("The end of a log")
struct LogTailTests {
  @Test("each line is told once, and one that is cut short when it is whole")
  func growing() throws {
    try withRoot { root in
      let log = try root.make("a").metrics
      var tail = LogTail(log, in: root)
      let nothing = tail.read()
      #expect(nothing.entries.isEmpty && tail.place == nil)
      let lines = (1...3).map { line($0, loss: Double($0)) }
      try append(lines[0] + lines[1].prefix(9), to: log)
      let first = tail.read()
      #expect(first.isNew && first.entries.map(\.entry.step) == [1])
      let half = tail.read()
      #expect(half.entries.isEmpty)
      try append(lines[1].dropFirst(9) + lines[2], to: log)
      let second = tail.read()
      #expect(!second.isNew && second.entries.map(\.entry.step) == [2, 3])
      #expect(second.entries.map(\.end) == [lines[0] + lines[1], lines.joined()].map { UInt64($0.utf8.count) })
      #expect(tail.problem == nil)
    }
  }

  @Test("a line that says nothing is named and passed over")
  func damaged() throws {
    try withRoot { root in
      let log = try root.make("a").metrics
      try append(line(1, loss: 1) + "\u{0}\u{0}broken\n\n" + line(2, loss: 2), to: log)
      var tail = LogTail(log, in: root)
      let news = tail.read()
      #expect(news.entries.map(\.entry.step) == [1, 2])
      let byte = line(1, loss: 1).utf8.count
      #expect(tail.problem == "metrics.jsonl: expected a line of the log at byte \(byte), got '\u{0}\u{0}broken'")
    }
  }

  @Test("a log that a resumed run writes anew is read anew")
  func rewritten() throws {
    try withRoot { root in
      let log = try root.make("a").metrics
      try append((1...5).map { line($0, loss: 1) }.joined(), to: log)
      var tail = LogTail(log, in: root)
      _ = tail.read()
      try MetricsLog(log, keepingThrough: 3).append(LogRecord(kind: .train, step: 4, values: [("loss_nats", 9)]))
      let news = tail.read()
      #expect(news.isNew && news.entries.map(\.entry.step) == [1, 2, 3, 4])
    }
  }

  @Test("a place is written and read back", arguments: [("12.34", "12.34"), ("0.0", "0.0")])
  func place(_ text: String, _ again: String) { #expect(LogTail.Place(text)?.description == again) }

  @Test("nothing else is a place", arguments: ["", ".", "1", "1.", "-1.2", "1.2.3", "a.b", "99999999999999999999.1"])
  func noPlace(_ text: String) { #expect(LogTail.Place(text) == nil) }

  @Test("a page that was told a part of the log hears the rest alone, and all of another log")
  func feed() throws {
    try withRoot { root in
      let log = try root.make("a").metrics
      try append((1...3).map { line($0, loss: 1) }.joined(), to: log)
      var first = try #require(RunFeed("a", in: root, after: nil))
      let known = first.log()
      let told = try #require(known)
      #expect(told.isNew && told.curves.first { $0.key == "train/loss_nats" }?.steps == [1, 2, 3])
      let silent = first.log()
      #expect(silent == nil)
      var again = try #require(RunFeed("a", in: root, after: LogTail.Place(told.place)))
      let nothing = again.log()
      #expect(nothing == nil)
      try append(line(4, loss: 1), to: log)
      let rest = again.log()
      let news = try #require(rest)
      #expect(!news.isNew && news.curves.map(\.steps) == [[4]])
      var other = try #require(RunFeed("a", in: root, after: LogTail.Place("1.20")))
      let all = other.log()
      #expect(all?.isNew == true)
    }
  }
}
