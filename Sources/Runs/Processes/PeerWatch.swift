import Foundation
import Torch

/// A thread that tells the other processes that this one lives, and notes when one of them has ended.
///
/// A process leaves a sign of life twice a second, and a note when it ends by itself. One that was killed leaves neither:
/// after `silence` seconds it counts as ended.
final class PeerWatch: @unchecked Sendable {
  /// How long a process may be silent.
  static let silence = 12.0
  private static let pause = 0.5
  /// How long the process may take to leave by itself, after another has ended.
  private static let grace = 8.0

  private let rank: Int
  private let count: Int
  private let store: PeerStore
  private let prefix: String
  // Every access holds the condition.
  private let condition = NSCondition()
  private var loss: PeersError?
  private var isOver = false

  /// - Parameters:
  ///   - store: a connection that nobody else waits on.
  ///   - prefix: of the keys in it.
  init(_ store: PeerStore, rank: Int, count: Int, prefix: String) {
    (self.rank, self.count, self.store, self.prefix) = (rank, count, store, prefix)
    let thread = Thread { [self] in watch() }
    thread.name = "peers"
    thread.start()
  }

  private func key(_ name: String, _ rank: Int) -> String { "\(prefix)/\(name)/\(rank)" }

  private func watch() {
    var heard = [Int](repeating: -1, count: count)
    var times = [Date](repeating: Date(), count: count)
    while !condition.withLock({ isOver }) {
      do throws(PeersError) {
        _ = try store.add(1, to: key("alive", rank))
        for other in 0..<count where other != rank {
          if let reason = try store.note(key("ended", other)) {
            return leave(.ended(rank: other, count: count, reason: reason))
          }
          let signs = try store.add(0, to: key("alive", other))
          if signs != heard[other] { (heard[other], times[other]) = (signs, Date()) }
          if Date().timeIntervalSince(times[other]) > Self.silence {
            return leave(.ended(rank: other, count: count, reason: nil))
          }
        }
      } catch {
        // The store lives in process 0.
        return leave(.ended(rank: 0, count: count, reason: nil))
      }
      Thread.sleep(forTimeInterval: Self.pause)
    }
  }

  /// Tells who waits, and ends the process if it does not leave by itself, as it may be waiting for one that is gone.
  private func leave(_ found: PeersError) {
    let isOver = condition.withLock {
      loss = found
      condition.broadcast()
      return self.isOver
    }
    if isOver { return }
    Thread.sleep(forTimeInterval: Self.grace)
    guard !condition.withLock({ self.isOver }) else { return }
    FileHandle.standardError.write(Data("Error: \(found)\n".utf8))
    // Not `exit`: that takes libtorch apart while the main thread still waits in it.
    _exit(1)
  }

  /// Who has ended, once that is known; nil if nobody is found to have.
  func verdict() -> PeersError? {
    condition.withLock {
      let end = Date(timeIntervalSinceNow: Self.silence + Self.grace)
      while loss == nil, condition.wait(until: end) {}
      isOver = true
      return loss
    }
  }

  /// Leaves a note for the others that this process ends, and why.
  func say(_ reason: String) {
    condition.withLock { isOver = true }
    // Where the others are gone, nobody needs it.
    _ = Result { () throws(PeersError) in try store.set(key("ended", rank), reason) }
  }

  /// Ends the watch: the work is done.
  func finish() { condition.withLock { isOver = true } }
}
