import Configuration
import Torch
import Training

/// How a model is trained.
public struct TrainingSettings: Settings {
  public var epochs: Int? = 100
  public var steps: Int?
  public var batchSize = 100
  public var seed: UInt64 = 1
  public var precision = Precision.float32
  public var device = Device.cpu
  public var threads = 0
  public var optimizer = OptimizerKind.adam
  public var learningRate = 1e-3
  public var schedule = ScheduleSettings()
  public var adam = AdamSettings()
  public var rmsprop = RMSPropSettings()
  public var sgd = SGDSettings()
  public var clip = ClippingSettings()
  public var average: Double?
  public var validationEvery = 1
  public var patience: Int?
  public var logEvery = 100
  public var checkpointSeconds = 60.0
  public var keepEvery: Int?
  public var syncNorms = true
  /// Whether players are moved by gradients; no key of its own.
  var isOfGradients = true

  public init() {}

  public static var fields: [Field<Self>] {
    let most = 1_000_000
    func idle(_ settings: Self) -> String? { settings.isOfGradients ? nil : "this system learns without gradients" }
    func only(_ kind: OptimizerKind) -> (Self) -> String? {
      { idle($0) ?? ($0.optimizer == kind ? nil : "training.optimizer is \($0.optimizer.rawValue)") }
    }
    return [
      Field(
        "epochs", "passes over the training set, or null", \.epochs, .optional(.integer(1...most))),
      Field(
        "steps", "rounds, instead of epochs; one of the two is null", \.steps,
        .optional(.integer(1...SettingType.largestInteger))),
      Field("batchSize", "examples in a batch", \.batchSize, .integer(1...most)),
      Field("seed", "seed of weights, data order and noise", \.seed, .seed),
      Field("precision", "number format of matrix products", \.precision, .choice, unless: idle),
      Field("device", "where to compute", \.device, .choice(\.name)),
      Field("threads", "CPU threads; 0 is one per core", \.threads, .integer(0...4096)),
      Field("optimizer", "algorithm that updates the model", \.optimizer, .choice, unless: idle),
      Field("learningRate", "its step size", \.learningRate, .number(.above(0)), unless: idle),
      Field("schedule", "The learning rate over the run.", \.schedule, unless: idle),
      Field("adam", "Constants of adam. Kingma & Ba 2015.", \.adam, unless: only(.adam)),
      Field("rmsprop", "Constants of rmsprop. Tieleman & Hinton 2012.", \.rmsprop, unless: only(.rmsprop)),
      Field("sgd", "Constants of sgd.", \.sgd, unless: only(.sgd)),
      Field("clip", "Limits of the gradients.", \.clip, unless: idle),
      Field(
        "average",
        "decay of a moving average of the weights, used by validation, sampling and measuring; null keeps none",
        \.average, .optional(.number(.open(0, 1))), unless: idle),
      Field("validationEvery", "epochs between validations", \.validationEvery, .integer(1...most)),
      Field(
        "patience", "validations that a run waits for a better score before it stops; null never stops",
        \.patience,
        .optional(.integer(1...most))),
      Field(
        "logEvery", "rounds between lines of the log", \.logEvery,
        .integer(1...SettingType.largestInteger)),
      Field(
        "checkpointSeconds", "seconds between checkpoints within an epoch", \.checkpointSeconds,
        .number(.above(0))),
      Field(
        "keepEvery",
        "epochs between checkpoints kept for good; null keeps only the best and the last",
        \.keepEvery,
        .optional(.integer(1...most))),
      Field(
        "syncNorms", "whether batch norm has the moments of all processes' examples, where several train together",
        \.syncNorms, .flag, unless: idle),
    ]
  }

  public mutating func reconcile(given: Set<String>) -> String? {
    let both = ["epochs", "steps"].filter(given.contains)
    if both.count == 2 { return "expected epochs or steps, got both (set one of them to null)" }
    if both == ["epochs"] { steps = nil }
    if both == ["steps"] { epochs = nil }
    return epochs == nil && steps == nil ? "expected epochs or steps, got neither" : nil
  }

  /// The length of the run.
  public var duration: Span { steps.map { .steps($0) } ?? .epochs(epochs!) }

  /// The same for the trainer, with an adversary's own settings where the design has one.
  public func options(adversary: SideSettings?) -> TrainingOptions {
    var options = TrainingOptions()
    options.duration = duration
    options.seed = seed
    options.precision = precision
    options.model = side(SideSettings())
    options.adversary = adversary.map(side)
    options.validationEvery = validationEvery
    options.patience = patience
    options.logEvery = logEvery
    options.checkpointSeconds = checkpointSeconds
    options.keepEvery = keepEvery
    return options
  }

  /// The options of a side: what it does not say is as here.
  private func side(_ own: SideSettings) -> SideOptions {
    var options = SideOptions()
    let schedule = own.schedule ?? schedule
    options.learningRate = schedule.schedule(from: own.learningRate ?? learningRate, over: duration)
    options.plateau = schedule.plateau
    switch own.optimizer ?? optimizer {
    case .adam: options.optimizer = .adam((own.adam?.over(adam) ?? adam).options)
    case .rmsprop: options.optimizer = .rmsProp((own.rmsprop?.over(rmsprop) ?? rmsprop).options)
    case .sgd: options.optimizer = .sgd((own.sgd?.over(sgd) ?? sgd).options)
    }
    let clip = own.clip?.over(clip) ?? clip
    options.clipping = GradientClipping(norm: clip.norm, value: clip.value)
    options.average = own.average ?? average
    return options
  }

  /// Refuses what somebody gave for an adversary and has no effect with what is under `training`.
  func checkEffects(adversary: SideSettings, _ given: Given) throws(SettingsError) {
    for kind in OptimizerKind.allCases where adversary.optimizer == nil && kind != optimizer {
      try given.refuse(["adversary", kind.rawValue], because: "training.optimizer is \(optimizer.rawValue)")
    }
    try (adversary.sgd?.over(sgd) ?? sgd).checkEffects(given, ["adversary", "sgd"])
  }

  /// Refuses a floor above the rate it is the floor of.
  func validate(adversary: SideSettings?) throws(SettingsError) {
    for (path, schedule, rate) in [
      ("training", schedule, learningRate),
      ("adversary", adversary?.schedule ?? schedule, adversary?.learningRate ?? learningRate),
    ] where [.step, .cosine, .linear].contains(schedule.kind) && schedule.floor > rate {
      throw SettingsError(
        path: "\(path).schedule.floor", "expected at most the learning rate, \(rate), got \(schedule.floor)")
    }
  }
}
