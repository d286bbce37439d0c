import Datasets
import Torch

/// One player of a game: it owns parameters and descends its own loss in them alone.
public struct Player {
  /// The name in logs, checkpoints and messages.
  public let name: String
  /// What it may change, with property paths for messages.
  public let parameters: [(name: String, parameter: Parameter)]
  /// The factor on the run's learning rate.
  public let rate: Double

  public init(_ name: String, _ parameters: [(name: String, parameter: Parameter)], rate: Double = 1) {
    self.name = name
    self.parameters = parameters
    self.rate = rate
  }
}

/// What a player wants to be small, and what it is made of.
public struct Loss {
  /// One number per example and sample, or a scalar; the trainer takes its mean.
  public let value: Tensor
  /// Parts to watch, averaged the same way. Nothing is descended in them.
  public let terms: [Term]

  public init(_ value: Tensor, terms: [Term] = []) {
    self.value = value
    self.terms = terms
  }

  /// A named part of a loss.
  public struct Term {
    /// The name with its unit, such as `kl_nats`: it is a key of the run log.
    public let name: String
    /// One number per example and sample, or a scalar.
    public let value: Tensor

    public init(_ name: String, _ value: Tensor) {
      self.name = name
      self.value = value
    }
  }
}

/// Where in a training run a loss is asked for, and the randomness it may use.
public struct Turn {
  /// Complete rounds before this one; schedules and warm-ups go by it.
  public let step: Int
  /// The stream of this run.
  public let rng: RandomSource

  public init(step: Int, rng: RandomSource) {
    self.step = step
    self.rng = rng
  }
}

/// Players that move at the same time, on losses of one shared forward pass.
///
/// All gradients of a move are taken before any parameter changes. A VAE is one move of one player; a GAN that trains
/// its critic five times a round is a move of the critic, repeated five times, and a move of the generator.
public struct Move {
  /// Who moves.
  public let players: [Player]
  /// How often in a round; each time on a fresh batch.
  public let repeats: Int
  /// One loss per player, in their order.
  public let losses: (Batch, Turn) -> [Loss]

  public init(_ players: [Player], repeats: Int = 1, losses: @escaping (Batch, Turn) -> [Loss]) {
    self.players = players
    self.repeats = repeats
    self.losses = losses
  }
}

/// A model that can be trained: its parameters and the game over them.
///
/// To conform, return the moves of one round. `Autoencoder` is the simplest: one move of one player.
public protocol Trainable: Module {
  /// The moves of one round, in order. Asked for once per run.
  var moves: [Move] { get }
  /// What early stopping and the best checkpoint go by: `[batch]`, higher is better, nats.
  func bound(_ batch: Batch, using rng: RandomSource) -> Tensor
}
