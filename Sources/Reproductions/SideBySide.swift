import Foundation

/// A share of the work for one machine of several that write to the same directory: the cells whose number, with all
/// seeds counted through, leaves `number - 1` when divided by `count`.
public struct Shard: Sendable, Equatable {
  /// From 1 to `count`.
  public let number: Int
  /// How many shares there are.
  public let count: Int

  /// The share `number` of `count`; nil where there is no such share.
  public init?(_ number: Int, of count: Int) {
    guard count >= 1, (1...count).contains(number) else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Whether the cell that is counted as `index`, from 0, belongs to it.
  func takes(_ index: Int) -> Bool { index % count == number - 1 }
}

/// Does a piece of work for every item, several at a time and in the order of the items, each on a thread of its own:
/// libtorch's gradient mode and its last error belong to a thread.
///
/// - Parameters:
///   - jobs: how many at a time; with 1 all is done on the caller's thread.
///   - work: nil if it was stopped. It is to stop soon once what it is given returns true: something was stopped or has
///     failed.
/// - Returns: the products in the order of the items, nil for those that were stopped or not begun.
/// - Throws: what the first item in this order failed with.
func sideBySide<Item: Sendable, Product: Sendable>(
  _ items: [Item], jobs: Int, shouldStop: @escaping @Sendable () -> Bool,
  _ work: @escaping @Sendable (Item, _ shouldStop: @escaping @Sendable () -> Bool) throws -> Product?
) throws -> [Product?] {
  let queue = Queue<Product>(items.count)
  let stops: @Sendable () -> Bool = { queue.isStopping || shouldStop() }
  let rounds: @Sendable () -> Void = {
    while !stops(), let index = queue.next() {
      queue.post(Result { try work(items[index], stops) }, at: index)
    }
  }
  let count = min(jobs, items.count)
  if count <= 1 {
    rounds()
  } else {
    for number in 1...count {
      let thread = Thread {
        rounds()
        queue.leave()
      }
      thread.name = "job \(number)"
      // As large as a main thread's: what runs there runs here.
      thread.stackSize = 8 << 20
      queue.enter()
      thread.start()
    }
    queue.wait()
  }
  return try queue.results.map { try $0?.get() }
}

/// What threads that share a list tell each other.
private final class Queue<Product: Sendable>: @unchecked Sendable {
  // Every access to what follows holds its lock.
  private let condition = NSCondition()
  private var found: [Result<Product?, any Error>?]
  private var begun = 0
  private var threads = 0
  private var hasStopped = false

  init(_ count: Int) { found = Array(repeating: nil, count: count) }

  /// Whether no item is to be begun any more, and those at work are to stop.
  var isStopping: Bool { condition.withLock { hasStopped } }

  /// The index of the next item; nil where none is left.
  func next() -> Int? {
    condition.withLock {
      guard begun < found.count else { return nil }
      begun += 1
      return begun - 1
    }
  }

  func post(_ result: Result<Product?, any Error>, at index: Int) {
    condition.withLock {
      found[index] = result
      switch result {
      case .success(_?): break
      case .success(nil), .failure: hasStopped = true
      }
    }
  }

  func enter() { condition.withLock { threads += 1 } }

  func leave() {
    condition.withLock {
      threads -= 1
      condition.signal()
    }
  }

  /// Waits until all threads have left.
  func wait() {
    condition.withLock { while threads > 0 { condition.wait() } }
  }

  var results: [Result<Product?, any Error>?] { condition.withLock { found } }
}
