import Dispatch
import Foundation

/// Notes Ctrl-C and SIGTERM instead of dying of them, so that a run can write a checkpoint first.
final class Signals: @unchecked Sendable {
  private let lock = NSLock()
  private var caught: Int32?
  private var sources: [any DispatchSourceSignal] = []

  /// Takes over SIGINT and SIGTERM for the rest of the process. A second one ends it at once.
  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in note(number) }
      source.resume()
      sources.append(source)
    }
  }

  private func note(_ number: Int32) {
    lock.lock()
    defer { lock.unlock() }
    // Not `exit`: that takes libtorch apart while the main thread still computes in it.
    if caught != nil { _exit(128 + number) }
    caught = number
  }

  /// The signal that came, if one did.
  var received: Int32? {
    lock.lock()
    defer { lock.unlock() }
    return caught
  }
}
