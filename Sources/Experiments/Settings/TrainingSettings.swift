import Torch
import Training

/// How the learning rate falls.
public enum ScheduleKind: String, Sendable, CaseIterable {
  case constant, step, cosine, plateau
}

/// The learning rate over a run.
public struct ScheduleSettings: Settings {
  public var kind = ScheduleKind.constant
  public var factor = 0.5
  public var everyEpochs = 10
  public var floor = 0.0
  public var patience = 5

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("kind", "how the rate falls", \.kind, .choice),
      Field("factor", "what step and plateau multiply the rate by", \.factor, .number(.open(0, 1))),
      Field("everyEpochs", "epochs between falls of step", \.everyEpochs, .integer(1...1_000_000)),
      Field("floor", "least rate of step and cosine", \.floor, .number(.atLeast(0))),
      Field(
        "patience", "validations plateau waits for a better bound", \.patience,
        .integer(1...1_000_000)),
    ]
  }
}

extension ScheduleSettings {
  /// The step size over a run that starts at `rate`.
  func schedule(from rate: Double, over duration: Span) -> Schedule {
    switch kind {
    case .constant, .plateau: .constant(rate)
    case .step: .step(start: rate, factor: factor, every: .epochs(everyEpochs), floor: floor)
    case .cosine: .cosine(start: rate, end: floor, over: duration)
    }
  }

  /// What validation does to the rate.
  var plateau: PlateauDecay? { kind == .plateau ? PlateauDecay(factor: factor, patience: patience) : nil }
}

/// Adam's constants.
public struct AdamSettings: Settings {
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay = 0.0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("beta1", "decay of the first moment", \.beta1, .number(.halfOpen(0, 1))),
      Field("beta2", "decay of the second moment", \.beta2, .number(.halfOpen(0, 1))),
      Field("epsilon", "added to the root of the second moment", \.epsilon, .number(.above(0))),
      Field("weightDecay", "L2 penalty in the gradient", \.weightDecay, .number(.atLeast(0))),
    ]
  }

  var options: Adam.Options {
    var options = Adam.Options()
    options.beta1 = beta1
    options.beta2 = beta2
    options.epsilon = epsilon
    options.weightDecay = weightDecay
    return options
  }
}

/// What is done to gradients before a step.
public struct ClippingSettings: Settings {
  public var norm: Double?
  public var value: Double?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("norm", "largest joint 2-norm, or null", \.norm, .optional(.number(.above(0)))),
      Field("value", "then the largest element, or null", \.value, .optional(.number(.above(0)))),
    ]
  }
}

/// How a model is trained.
public struct TrainingSettings: Settings {
  public var epochs: Int? = 100
  public var steps: Int?
  public var batchSize = 100
  public var seed: UInt64 = 1
  public var precision = Precision.float32
  public var device = Device.cpu
  public var threads = 0
  public var learningRate = 1e-3
  public var schedule = ScheduleSettings()
  public var adam = AdamSettings()
  public var clip = ClippingSettings()
  public var validationEvery = 1
  public var patience: Int?
  public var logEvery = 100
  public var checkpointSeconds = 60.0
  public var keepEvery: Int?

  public init() {}

  public static var fields: [Field<Self>] {
    let most = 1_000_000
    return [
      Field(
        "epochs", "passes over the training set, or null", \.epochs, .optional(.integer(1...most))),
      Field(
        "steps", "or optimizer steps; one of the two is null", \.steps,
        .optional(.integer(1...SettingType.largestInteger))),
      Field("batchSize", "examples in a batch", \.batchSize, .integer(1...most)),
      Field("seed", "of weights, order and noise", \.seed, .seed),
      Field("precision", "of matrix products", \.precision, .choice),
      Field("device", "where to compute", \.device, .choice(\.name)),
      Field("threads", "CPU threads; 0 is one per core", \.threads, .integer(0...4096)),
      Field("learningRate", "Adam's step size", \.learningRate, .number(.above(0))),
      Field("schedule", "The learning rate over the run.", \.schedule),
      Field("adam", "The optimizer. Kingma & Ba 2015.", \.adam),
      Field("clip", "Limits of the gradients.", \.clip),
      Field("validationEvery", "epochs between validations", \.validationEvery, .integer(1...most)),
      Field(
        "patience", "validations a run waits for a better bound before it stops; null is for ever",
        \.patience,
        .optional(.integer(1...most))),
      Field(
        "logEvery", "steps between lines of the log", \.logEvery,
        .integer(1...SettingType.largestInteger)),
      Field(
        "checkpointSeconds", "between checkpoints within an epoch", \.checkpointSeconds,
        .number(.above(0))),
      Field(
        "keepEvery",
        "epochs between checkpoints kept for good; null keeps only the best and the last",
        \.keepEvery,
        .optional(.integer(1...most))),
    ]
  }

  public mutating func reconcile(given: Set<String>) -> String? {
    let both = ["epochs", "steps"].filter(given.contains)
    if both.count == 2 { return "expected epochs or steps, got both (set one of them to null)" }
    if both == ["epochs"] { steps = nil }
    if both == ["steps"] { epochs = nil }
    return epochs == nil && steps == nil ? "expected epochs or steps, got neither" : nil
  }

  /// How long the run is.
  public var duration: Span { steps.map { .steps($0) } ?? .epochs(epochs!) }

  /// The same for the trainer.
  public var options: TrainingOptions {
    var options = TrainingOptions()
    options.duration = duration
    options.seed = seed
    options.precision = precision
    options.model.learningRate = schedule.schedule(from: learningRate, over: duration)
    options.model.plateau = schedule.plateau
    options.model.optimizer = .adam(adam.options)
    options.model.clipping = GradientClipping(norm: clip.norm, value: clip.value)
    options.validationEvery = validationEvery
    options.patience = patience
    options.logEvery = logEvery
    options.checkpointSeconds = checkpointSeconds
    options.keepEvery = keepEvery
    return options
  }
}
