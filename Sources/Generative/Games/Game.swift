import Datasets
import Torch

/// A model that can be trained: players over its parameters, and what they do in one round.
///
/// A VAE is the game of one player, a GAN that of two, and a round is a function: it asks the table for batches and
/// moves players, in any order and as often as it likes.
///
///     final class Mean: Game {
///       let estimate: Offset  // a module with one parameter, `value`
///       let player: Player
///
///       init(_ estimate: Offset) {
///         self.estimate = estimate
///         player = Player("mean", [estimate])
///       }
///
///       var players: [Player] { [player] }
///
///       func play(_ table: any Table) throws {
///         let x = try table.batch(.main).x  // [batch, d]
///         try table.move(player, Loss((x - estimate.value).square().sum(-1)))
///       }
///     }
///
/// To conform, make the players once in `init` and share out every parameter among them: the trainer refuses a game in
/// which two players own one parameter, or none does. A tensor that was made before a move and depends on a parameter
/// that moved must not be differentiated after it. `Classifier` is the simplest game of this library.
public protocol Game: Module {
  /// Who plays. Between them they own every parameter exactly once.
  var players: [Player] { get }
  /// Batches of the main feed in a round, so that an epoch is one pass over the data; 1 unless a conformer says so.
  var batchesPerRound: Int { get }
  /// What early stopping, the best checkpoint and a plateau go by; nil unless a conformer says so.
  var score: Score? { get }
  /// One round: asks the table for batches and moves players.
  ///
  /// The trainer calls it with modules in training mode, at the run's precision, and with the
  /// errors of libtorch thrown.
  func play(_ table: any Table) throws
}

extension Game {
  public var batchesPerRound: Int { 1 }
  public var score: Score? { nil }
}

/// Where a game is played: it hands out batches and noise, and moves players.
///
/// A game's `play` talks only to its table. At the `Trainer` batches come out of the data and moves are steps of
/// optimizers, with logs and checkpoints; at a `Recorder` they are what a test or a loop of your own makes of them:
///
///     for step in 0..<100 {
///       let table = Recorder([.main: batch], clock: Clock(step: step), using: rng) { moves in
///         for (player, loss) in moves {
///           adam.step(gradients(of: loss.value.mean(), in: player.parameters.map(\.value)), rate: 0.1)
///         }
///       }
///       try TrainingMode.run { try game.play(table) }
///     }
///
/// To conform, keep a place in every feed, and take all gradients of a move before any parameter changes. `Recorder` is
/// the simplest table.
public protocol Table: AnyObject {
  /// How far the run has come; schedules and warm-ups are asked with it.
  var clock: Clock { get }
  /// The stream of this run, for all noise of the game.
  var rng: RandomSource { get }
  /// The next batch of a feed, which keeps its own place.
  func batch(_ feed: Feed) throws -> Batch
  /// Moves players at the same time: all gradients are taken before any parameter changes.
  func move(_ losses: [(Player, Loss)]) throws
  /// Takes note of the loss of a player that has moved by rules of its own.
  func note(_ loss: Loss, of player: Player) throws
}

extension Table {
  /// Moves one player.
  public func move(_ player: Player, _ loss: Loss) throws { try move([(player, loss)]) }
}

/// One player of a game: it owns parameters and descends its own loss in them alone.
public final class Player {
  /// Which optimizer moves it: each side of a game has settings of its own.
  public enum Side: String, Sendable, CaseIterable {
    case model
    case adversary
  }

  /// The name in logs, checkpoints and messages.
  public let name: String
  /// Its side of the game.
  public let side: Side
  /// What it may change, each once, in order of declaration.
  public let parameters: [Parameter]
  /// Whether it moves by rules of its own, such as those of expectation maximization: the game changes its parameters and has
  /// the table note its loss. It has no optimizer, and no table moves it.
  public let movesItself: Bool

  /// - Parameters:
  ///   - modules: the parts of the game whose parameters it owns, by identity; nil stands for a part that is not there.
  ///   - movesItself: whether the game changes its parameters, not the table.
  public init(_ name: String, side: Side = .model, movesItself: Bool = false, _ modules: [(any Module)?]) {
    self.name = name
    self.side = side
    self.movesItself = movesItself
    var seen: Set<ObjectIdentifier> = []
    parameters = modules.flatMap { $0?.parameters ?? [] }.filter { seen.insert(ObjectIdentifier($0)).inserted }
  }
}

/// What validations of a run are compared by.
public struct Score {
  /// The key of the log, with the unit.
  public let key: String
  /// Whether larger values are better.
  public let rises: Bool
  /// One number for each example of a batch, `[batch]`.
  public let value: (Batch, RandomSource) -> Tensor

  /// - Parameter key: that of the log, with the unit, such as `bound_nats`.
  public init(_ key: String, rises: Bool, _ value: @escaping (Batch, RandomSource) -> Tensor) {
    self.key = key
    self.rises = rises
    self.value = value
  }

  /// A bound of the evidence, or what stands for it: nats, higher is better, under the key `bound_nats`.
  public static func bound(_ value: @escaping (Batch, RandomSource) -> Tensor) -> Score {
    Score("bound_nats", rises: true, value)
  }
}
