import Datasets
import Torch

/// A table without a trainer: it hands out batches, keeps the losses of every move and moves nothing.
///
///     let recorder = Recorder([.main: batch], using: RandomSource(seed: 1))
///     try game.play(recorder)
///     recorder.loss(of: "autoencoder").value            // [batch]
///
/// With `onMove` a test takes steps of its own.
public final class Recorder: Table {
  public var clock: Clock
  public let rng: RandomSource
  /// The losses of every move, in order.
  public private(set) var moves: [[(player: Player, loss: Loss)]] = []
  /// The losses of players that move by rules of their own, in order.
  public private(set) var notes: [(player: Player, loss: Loss)] = []
  /// The feeds in the order they were read.
  public private(set) var feedsRead: [Feed] = []
  private let next: (Feed, Int) throws -> Batch
  private let onMove: ([(Player, Loss)]) throws -> Void

  /// - Parameters:
  ///   - batches: the batch of a feed and how often that feed has been read before.
  ///   - onMove: called with the losses of each move.
  public init(
    clock: Clock = Clock(), using rng: RandomSource, batches: @escaping (Feed, Int) throws -> Batch,
    onMove: @escaping ([(Player, Loss)]) throws -> Void = { _ in }
  ) {
    self.clock = clock
    self.rng = rng
    next = batches
    self.onMove = onMove
  }

  /// The same batch of each feed every time.
  public convenience init(
    _ batches: [Feed: Batch] = [:], clock: Clock = Clock(), using rng: RandomSource,
    onMove: @escaping ([(Player, Loss)]) throws -> Void = { _ in }
  ) {
    self.init(
      clock: clock, using: rng,
      batches: { feed, _ in
        guard let batch = batches[feed] else { preconditionFailure("Recorder: expected no reading of '\(feed)'") }
        return batch
      }, onMove: onMove)
  }

  public func batch(_ feed: Feed) throws -> Batch {
    defer { feedsRead.append(feed) }
    return try next(feed, feedsRead.count { $0 == feed })
  }

  public func move(_ losses: [(Player, Loss)]) throws {
    moves.append(losses.map { (player: $0, loss: $1) })
    try onMove(losses)
  }

  public func note(_ loss: Loss, of player: Player) { notes.append((player, loss)) }

  /// The latest loss of a player, which must have moved.
  public func loss(of player: String) -> Loss {
    guard let found = moves.joined().last(where: { $0.player.name == player }) else {
      preconditionFailure("Recorder: expected a move of '\(player)', got \(moves.joined().map(\.player.name))")
    }
    return found.loss
  }
}
