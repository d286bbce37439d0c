import Generative
import Torch

/// A learning rate that falls when the validation score stops improving.
public struct PlateauDecay: Sendable, Equatable {
  /// What the rate is multiplied by.
  public var factor: Double
  /// Validations without a better score before that happens.
  public var patience: Int

  /// - Parameters:
  ///   - factor: what the rate is multiplied by, between 0 and 1.
  ///   - patience: validations without a better score before that.
  public init(factor: Double, patience: Int) {
    self.factor = factor
    self.patience = patience
  }
}

/// How the players of one side of a game are moved.
public struct SideOptions: Sendable, Equatable {
  /// The algorithm with its constants.
  public var optimizer = OptimizerChoice.adam(Adam.Options())
  /// The step size over the run.
  public var learningRate = Schedule.constant(1e-3)
  /// A further factor on the step size, driven by validation.
  public var plateau: PlateauDecay?
  /// What is done to gradients first.
  public var clipping = GradientClipping()
  /// The decay of a moving average of the weights, which takes their place in validation and use; nil: none is kept.
  public var average: Double?

  public init() {}
}

/// Everything the trainer can be told, apart from the game itself.
public struct TrainingOptions: Sendable, Equatable {
  /// When the run is over.
  public var duration = Span.epochs(100)
  /// The run is a function of this number, the data and the settings.
  public var seed: UInt64 = 1
  /// The number format of matrix products.
  public var precision = Precision.float32
  /// How the model's players are moved.
  public var model = SideOptions()
  /// How adversaries are moved; nil: like the model's players.
  public var adversary: SideOptions?
  /// Epochs between validations.
  public var validationEvery = 1
  /// Validations without a better score before the run ends early; nil: never.
  public var patience: Int?
  /// Rounds between two lines of the run log.
  public var logEvery = 100
  /// Seconds between two checkpoints within an epoch; every validation writes one too.
  public var checkpointSeconds = 60.0
  /// Epochs between checkpoints that are kept for good; nil: only the best and the last.
  public var keepEvery: Int?

  public init() {}

  /// The options of a side.
  public subscript(side: Player.Side) -> SideOptions {
    switch side {
    case .model: model
    case .adversary: adversary ?? model
    }
  }
}
