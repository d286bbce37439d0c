import Foundation
import TestSupport
import Torch
import Training

@testable import Watch

/// Runs `body` with a directory of runs.
func withRoot<Result>(_ body: (RunRoot) throws -> Result) throws -> Result {
  try withTemporaryDirectory { directory in
    let path = directory + "/runs"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return try body(RunRoot(path))
  }
}

extension RunRoot {
  /// Makes a run of two settings.
  @discardableResult
  func make(_ name: String, configuration: String = "model: vae\ntraining:\n  steps: 100\n") throws -> RunDirectory {
    let run = RunDirectory(name.isEmpty ? path : path + "/" + name)
    _ = try run.create(configuration: configuration)
    return run
  }
}

/// Adds text to a file.
func append(_ text: String, to path: String) throws {
  if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
  let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  try file.seekToEnd()
  try file.write(contentsOf: Data(text.utf8))
  try file.close()
}

/// A line of a log about training.
func line(_ step: Int, loss: Double, _ more: [(key: String, value: Double)] = []) -> String {
  LogRecord(kind: .train, step: step, epoch: Double(step) / 10, values: [("loss_nats", loss)] + more).json + "\n"
}
