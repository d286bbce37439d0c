import Foundation
import Testing

/// Expects that checks of this module fail in `body` exactly once, with this very message.
///
///     expectNoticed("expected 2 numbers, got 1") { expectClose([1], [1, 2]) }
///
/// What they find is kept from the run, so that a test of a check leaves nothing behind in its output.
public func expectNoticed(
  _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) rethrows {
  let collector = Collector()
  try Collector.$current.withValue(collector) { try body() }
  let found = collector.messages
  check(
    found == [message], "expected one failure, '\(message)', got \(found.isEmpty ? "none" : "\(found)")", sourceLocation
  )
}

/// Takes the failures of the checks that run inside it.
private final class Collector: @unchecked Sendable {
  @TaskLocal static var current: Collector?

  private let lock = NSLock()
  private var found: [String] = []

  var messages: [String] { lock.withLock { found } }
  func append(_ message: String) { lock.withLock { found.append(message) } }
}

/// Tells that a check failed: what every check of this module fails by.
func fail(_ message: String, _ sourceLocation: SourceLocation) {
  if let collector = Collector.current {
    collector.append(message)
  } else {
    Issue.record(Comment(rawValue: message), sourceLocation: sourceLocation)
  }
}

/// Fails with a message unless a condition holds.
func check(_ isMet: Bool, _ message: @autoclosure () -> String, _ sourceLocation: SourceLocation) {
  if !isMet { fail(message(), sourceLocation) }
}

/// A number in `count` digits, which are the same on every platform where the last ones are not.
func digits(_ count: Int, _ number: Double) -> String { String(format: "%.\(count)g", number) }
