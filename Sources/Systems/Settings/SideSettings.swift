import Configuration
import Torch
import Training

/// How a learning rate falls.
public enum ScheduleKind: String, Sendable, CaseIterable {
  case constant, step, cosine, linear, inverse, plateau
}

/// The learning rate over a run.
public struct ScheduleSettings: Settings {
  public var kind = ScheduleKind.constant
  public var factor = 0.5
  public var everyEpochs = 10
  public var afterEpochs = 0
  public var floor = 0.0
  public var slope = 10.0
  public var power = 0.75
  public var patience = 5

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kinds: ScheduleKind...) -> (Self) -> String? {
      { kinds.contains($0.kind) ? nil : "the schedule is \($0.kind.rawValue)" }
    }
    return [
      Field("kind", "how the rate falls", \.kind, .choice),
      Field(
        "factor", "factor of the rate at each fall of step or plateau", \.factor, .number(.open(0, 1)),
        unless: only(.step, .plateau)),
      Field(
        "everyEpochs", "epochs between falls of step", \.everyEpochs, .integer(1...1_000_000), unless: only(.step)),
      Field(
        "afterEpochs", "epochs before linear begins to fall", \.afterEpochs, .integer(0...1_000_000),
        unless: only(.linear)),
      Field(
        "floor", "lowest rate of step, last rate of cosine and linear", \.floor, .number(.atLeast(0)),
        unless: only(.step, .cosine, .linear)),
      Field(
        "slope", "s of inverse, which divides the rate by (1 + s p)^power; p goes from 0 to 1", \.slope,
        .number(.above(0)), unless: only(.inverse)),
      Field("power", "power of inverse", \.power, .number(.above(0)), unless: only(.inverse)),
      Field(
        "patience", "validations that plateau waits for a better score", \.patience,
        .integer(1...1_000_000), unless: only(.plateau)),
    ]
  }

  /// The step size over a run that starts at `rate`.
  func schedule(from rate: Double, over duration: Span) -> Schedule {
    switch kind {
    case .constant, .plateau: .constant(rate)
    case .step: .step(start: rate, factor: factor, every: .epochs(everyEpochs), floor: floor)
    case .cosine: .cosine(start: rate, end: floor, over: duration)
    case .inverse: .inverse(start: rate, slope: slope, power: power, over: duration)
    case .linear: .linear(start: rate, end: floor, after: .epochs(afterEpochs), until: duration)
    }
  }

  /// What validation does to the rate.
  var plateau: PlateauDecay? { kind == .plateau ? PlateauDecay(factor: factor, patience: patience) : nil }
}

/// The optimizers that a file can name.
public enum OptimizerKind: String, Sendable, CaseIterable {
  case adam, rmsprop, sgd
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

/// RMSProp's constants.
public struct RMSPropSettings: Settings {
  public var decay = 0.99
  public var epsilon = 1e-8
  public var momentum = 0.0
  public var weightDecay = 0.0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("decay", "decay of the mean square", \.decay, .number(.halfOpen(0, 1))),
      Field("epsilon", "added to the root of the mean square", \.epsilon, .number(.above(0))),
      Field("momentum", "share of the last step in the next", \.momentum, .number(.halfOpen(0, 1))),
      Field("weightDecay", "L2 penalty in the gradient", \.weightDecay, .number(.atLeast(0))),
    ]
  }

  var options: RMSProp.Options {
    var options = RMSProp.Options()
    options.decay = decay
    options.epsilon = epsilon
    options.momentum = momentum
    options.weightDecay = weightDecay
    return options
  }
}

/// The constants of gradient descent.
public struct SGDSettings: Settings {
  public var momentum = 0.9
  public var nesterov = false
  public var weightDecay = 0.0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("momentum", "share of the last step in the next", \.momentum, .number(.halfOpen(0, 1))),
      Field(
        "nesterov", "take the gradient's step after the momentum's", \.nesterov, .flag,
        unless: { $0.momentum > 0 ? nil : "momentum is 0" }),
      Field("weightDecay", "L2 penalty in the gradient", \.weightDecay, .number(.atLeast(0))),
    ]
  }

  var options: SGD.Options {
    var options = SGD.Options()
    options.momentum = momentum
    options.nesterov = nesterov && momentum > 0
    options.weightDecay = weightDecay
    return options
  }
}

/// Limits of the gradients.
public struct ClippingSettings: Settings {
  public var norm: Double?
  public var value: Double?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("norm", "largest 2-norm of all gradients together, or null", \.norm, .optional(.number(.above(0)))),
      Field(
        "value", "largest absolute value of an element, cut after the norm, or null", \.value,
        .optional(.number(.above(0)))),
    ]
  }
}

/// The optimizer of an adversary: what is null is as under `training`, each constant by itself. A schedule is one whole.
public struct SideSettings: Settings {
  public var optimizer: OptimizerKind?
  public var learningRate: Double?
  public var schedule: ScheduleSettings?
  public var adam: Overrides<AdamSettings>?
  public var rmsprop: Overrides<RMSPropSettings>?
  public var sgd: Overrides<SGDSettings>?
  public var clip: Overrides<ClippingSettings>?
  public var average: Double?

  public init() {}

  public static var fields: [Field<Self>] {
    // A side that names no optimizer may have constants of its own for that of `training`, which is not known here:
    // `TrainingSettings` refuses the others.
    func unless(_ kind: OptimizerKind) -> (Self) -> String? {
      { $0.optimizer == nil || $0.optimizer == kind ? nil : "the optimizer is \($0.optimizer!.rawValue)" }
    }
    return [
      Field(
        "optimizer", "its optimizer; null, here and below, means the value under training", \.optimizer,
        .optional(.choice)),
      Field("learningRate", "its step size", \.learningRate, .optional(.number(.above(0)))),
      Field("schedule", "Its learning rate over the run.", \.schedule, initial: ScheduleSettings()),
      Field(
        "adam", "Constants of adam. Kingma & Ba 2015.", \.adam, initial: Overrides(AdamSettings()),
        unless: unless(.adam)),
      Field(
        "rmsprop", "Constants of rmsprop.", \.rmsprop, initial: Overrides(RMSPropSettings()),
        unless: unless(.rmsprop)),
      Field("sgd", "Constants of sgd.", \.sgd, initial: Overrides(SGDSettings()), unless: unless(.sgd)),
      Field("clip", "Limits of its gradients.", \.clip, initial: Overrides(ClippingSettings())),
      Field(
        "average", "decay of a moving average of its weights", \.average, .optional(.number(.open(0, 1)))),
    ]
  }
}
