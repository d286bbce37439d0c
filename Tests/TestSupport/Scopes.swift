import Foundation
import Testing
import Torch

/// Runs `body` with the path of a fresh directory, which is removed afterwards.
public func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  let result = Swift.Result { try body(directory.path()) }
  try FileManager.default.removeItem(at: directory)
  return try result.get()
}

/// Expects `body` to free every tensor it makes.
///
/// Counts the calling thread only, so tests may run beside it. A first run, uncounted, fills what is made
/// once and kept.
public func requireNoLeaks(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) rethrows {
  try body()
  let before = Runtime.liveTensorsOfThread
  try body()
  let leaked = Runtime.liveTensorsOfThread - before
  check(leaked == 0, "\(leaked) tensors were not freed", sourceLocation)
}
