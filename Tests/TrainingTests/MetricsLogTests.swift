import Foundation
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("The run log")
struct MetricsLogTests {
  private func record(_ step: Int, _ kind: LogRecord.Kind = .train) -> LogRecord {
    LogRecord(kind: kind, step: step, epoch: Double(step) / 10, values: [("loss_nats", 1.5 * Double(step))])
  }

  private func withLog(_ steps: Range<Int>, _ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/metrics.jsonl"
      let log = try MetricsLog(path, keepingThrough: 0)
      for step in steps { try log.append(record(step)) }
      try body(path)
    }
  }

  @Test("a record is one line of JSON; what is not finite is null")
  func line() {
    let record = LogRecord(
      kind: .validation, step: 20, epoch: 2.5, values: [("bound_nats", -100.25), ("x", .nan), ("y", -.infinity)])
    #expect(
      record.json
        == #"{"kind": "validation", "step": 20, "epoch": 2.5, "bound_nats": -100.25, "x": null, "y": null}"#)
    let evaluation = LogRecord(kind: .evaluation, split: "test", step: 20, values: [("elbo_nats", -99)])
    #expect(evaluation.json == #"{"kind": "evaluation", "split": "test", "step": 20, "elbo_nats": -99.0}"#)
  }

  @Test("what is written reads back, in order")
  func roundTrip() throws {
    try withLog(1..<6) { path in
      let read = try MetricsLog.records(path)
      #expect(read.map(\.step) == [1, 2, 3, 4, 5])
      #expect(read.map(\.line) == (1..<6).map { record($0).json })
      #expect(read[2].values == ["step": 3, "epoch": 0.3, "loss_nats": 4.5])
      #expect(read[2].kind == .train && read[2].split == nil)
    }
  }

  @Test("opening a log drops what lies after the checkpoint's step, and goes on behind the rest")
  func truncation() throws {
    try withLog(1..<6) { path in
      let log = try MetricsLog(path, keepingThrough: 3)
      try log.append(record(4, .validation))
      #expect(try MetricsLog.records(path).map(\.kind) == [.train, .train, .train, .validation])
      #expect(try MetricsLog.records(path).map(\.step) == [1, 2, 3, 4])
    }
  }

  @Test("a last line that was torn by a kill at any byte is dropped")
  func torn() throws {
    try withLog(1..<4) { path in
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let line = record(3).json.utf8.count + 1
      for cut in 1...line {
        try AtomicFile.write(Array(bytes.dropLast(cut)), to: path)
        #expect(try MetricsLog.records(path).map(\.step) == [1, 2])
        let log = try MetricsLog(path, keepingThrough: 10)
        try log.append(record(3))
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
      }
    }
  }

  @Test("a damaged line before the last is told by its number")
  func damaged() throws {
    try withLog(1..<4) { (path) throws in
      for (text, problem) in [
        ("{\"kind\": \"train\", \"st", "expected a JSON object, got '{\"kind\": \"train\", \"st'"),
        ("[1, 2]", "expected an object with 'kind' and 'step', got '[1, 2]'"),
        (
          "{\"kind\": \"sing\", \"step\": 1}",
          "expected an object with 'kind' and 'step', got '{\"kind\": \"sing\", \"step\": 1}'"
        ),
        ("{\"kind\": \"train\"}", "expected an object with 'kind' and 'step', got '{\"kind\": \"train\"}'"),
      ] {
        let lines = [record(1).json, text, record(3).json].joined(separator: "\n") + "\n"
        try AtomicFile.write(Array(lines.utf8), to: path)
        #expect(message { _ = try MetricsLog.records(path) } == "\(path): line 2: \(problem)")
      }
    }
  }

  @Test("a log that is not there cannot be read, and one in a missing directory cannot be opened")
  func missing() throws {
    try withTemporaryDirectory { directory in
      #expect(
        message { _ = try MetricsLog.records(directory + "/x") }.hasPrefix("\(directory)/x: cannot read the file: "))
      #expect(
        message { _ = try MetricsLog(directory + "/no/x", keepingThrough: 0) }
          == "\(directory)/no/x: cannot open the file: No such file or directory")
    }
  }
}
