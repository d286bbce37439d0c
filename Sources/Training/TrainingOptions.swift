import Torch

/// How long a run goes on.
public enum Duration: Sendable, Equatable {
  /// Passes over the training set.
  case epochs(Int)
  /// Rounds of the game.
  case steps(Int)

  /// Rounds in all, given how many batches an epoch has.
  public func steps(batchesPerEpoch: Int) -> Int {
    switch self {
    case .epochs(let count): count * batchesPerEpoch
    case .steps(let count): count
    }
  }
}

/// A learning rate that falls when the validation bound stops rising.
public struct PlateauDecay: Sendable, Equatable {
  /// What the rate is multiplied by.
  public var factor: Double
  /// Validations without a better bound before that happens.
  public var patience: Int

  public init(factor: Double, patience: Int) {
    self.factor = factor
    self.patience = patience
  }
}

/// Everything the trainer can be told, apart from the game itself.
public struct TrainingOptions: Sendable, Equatable {
  /// When the run is over.
  public var duration = Duration.epochs(100)
  /// Examples in a batch; the last one of an epoch may be smaller.
  public var batchSize = 100
  /// The run is a function of this number, the data and the settings.
  public var seed: UInt64 = 1
  /// The number format of matrix products.
  public var precision = Precision.float32
  /// Labelled examples beside every batch, where there are any.
  public var labelledBatchSize = 100
  /// The step size by round.
  public var learningRate = Schedule.constant(1e-3)
  /// A further factor on the step size, driven by validation.
  public var plateau: PlateauDecay?
  /// Adam's decays and epsilon.
  public var adam = Adam.Options()
  /// What is done to gradients first.
  public var clipping = GradientClipping()
  /// Epochs between validations.
  public var validationEvery = 1
  /// Validations without a better bound before the run ends early; nil: never.
  public var patience: Int?
  /// Rounds between two lines of the run log.
  public var logEvery = 100
  /// Seconds between two checkpoints within an epoch; every validation writes one too.
  public var checkpointSeconds = 60.0
  /// Epochs between checkpoints that are kept for good; nil: only the best and the last.
  public var keepEvery: Int?

  public init() {}
}
