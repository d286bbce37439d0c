import Configuration
import Generative
import Probability

/// The training of one stage: what is null is as under `training`.
public struct StageTrainingSettings: Settings {
  public var epochs: Int?
  public var batchSize: Int?
  public var learningRate: Double?
  public var schedule: ScheduleSettings?

  public init() {}

  public static var fields: [Field<Self>] { fields() }

  /// - Parameter exception: what null means instead, for some stages.
  static func fields(_ exception: String = "") -> [Field<Self>] {
    [
      Field(
        "epochs",
        "passes over the training set in this stage; null, here and below, means the value under training" + exception,
        \.epochs, .optional(.integer(1...1_000_000))),
      Field("batchSize", "examples in a batch of this stage", \.batchSize, .optional(.integer(1...1_000_000))),
      Field("learningRate", "step size of this stage", \.learningRate, .optional(.number(.above(0)))),
      Field("schedule", "The learning rate over this stage.", \.schedule, initial: ScheduleSettings()),
    ]
  }

  /// The training of the stage, out of what holds for all of them.
  func over(_ training: TrainingSettings) -> TrainingSettings {
    var own = training
    if let epochs { (own.epochs, own.steps) = (epochs, nil) }
    own.batchSize = batchSize ?? training.batchSize
    own.learningRate = learningRate ?? training.learningRate
    own.schedule = schedule ?? training.schedule
    return own
  }
}

/// The encoder of the first stage.
public struct StageEncoderSettings: Settings {
  /// `vae`, `mi`, `infomax`, or a run that can encode.
  public var from = "mi"
  public var dimensions: Int?
  public var channels: [Int]?
  public var hidden: [Int]?
  public var lambda = 100.0
  public var beta = 0.5
  public var floor = 1e-3
  public var estimator = PairEstimator.unbiased
  public var noiseSize: Int?
  public var training = StageTrainingSettings()

  public init() {}

  /// The encoders that have a name.
  public enum Kind: String, CaseIterable { case vae, mi, infomax }

  /// Which of the encoders with a name it is; nil for a run.
  public var kind: Kind? { Kind(rawValue: from) }

  public static var fields: [Field<Self>] {
    func named(_ kinds: Kind...) -> (Self) -> String? {
      { settings in
        guard let kind = settings.kind else { return "the encoder is a run of its own" }
        return kinds.isEmpty || kinds.contains(kind) ? nil : "encoder.from is \(kind.rawValue)"
      }
    }
    return [
      Field("from", "vae, mi, infomax, or a run that can encode, as RUN or RUN@best", \.from, .text),
      Field(
        "dimensions", "length of a code; null is 2 for points, 32 for images of less than 32 x 32, else 128",
        \.dimensions, .optional(.integer(1...65_536)), unless: named()),
      Field(
        "channels",
        "feature maps of each stage, for images; null is 64-64-128, 64-128-256 from 32 x 32, 64-128-256-512 from 64 x 64",
        \.channels, .optional(NetworkLimits.widths(atLeast: 1)), unless: named()),
      Field(
        "hidden", "widths of the dense layers; null is 256-256 for images (none in vae), 128-128-128 for points",
        \.hidden, .optional(NetworkLimits.widths(atLeast: 0)), unless: named()),
      Field("lambda", "weight of the Stein discrepancy", \.lambda, .number(.atLeast(0)), unless: named(.mi)),
      Field("beta", "power of its kernel (1 + r2)^(-beta)", \.beta, .number(.above(0)), unless: named(.mi)),
      Field(
        "floor", "added to the variances that the decoder learns", \.floor, .number(.above(0)), unless: named(.vae, .mi)
      ),
      Field("estimator", "estimator of the discrepancy", \.estimator, .choice, unless: named(.mi)),
      Field(
        "noiseSize", "length of the noise; null is that of a code", \.noiseSize,
        .optional(.integer(1...NetworkLimits.widest)), unless: named(.mi)),
    ]
      + StageTrainingSettings.fields(" (infomax: rate 1e-4, batches of 64)").map {
        $0.lifted(to: \.training, unless: named())
      }
  }
}

/// The models of a density of codes.
public enum CodeDensityKind: String, Sendable, CaseIterable {
  /// Affine couplings.
  case flow
  case nice, maf, gmm
  /// A second autoencoder, of codes.
  case vae
  /// A sampler without a density.
  case gan
}

/// The density of codes, of the second stage.
public struct StageDensitySettings: Settings {
  public var kind = CodeDensityKind.flow
  public var couplings: Int?
  public var hidden: [Int]?
  public var components = 10
  public var training = StageTrainingSettings()

  public init() {}

  /// Whether it is a flow.
  var isFlow: Bool { [.flow, .nice, .maf].contains(kind) }

  public static var fields: [Field<Self>] {
    [
      Field(
        "kind", "affine couplings (flow), additive ones, autoregressive layers, a mixture, a second vae, or a gan",
        \.kind,
        .choice),
      Field(
        "couplings", "couplings of a flow, or its layers; null is 16 (20 for codes of 128 and more), 5 of maf",
        \.couplings,
        .optional(.integer(1...1000)), unless: { $0.isFlow ? nil : "density.kind is \($0.kind.rawValue)" }),
      Field(
        "hidden",
        "widths of its networks; null is 256-256 in flows (128-128-128 for codes of 128 and more), 1024-1024-1024 in a vae "
          + "or a gan", \.hidden, .optional(NetworkLimits.widths(atLeast: 1)),
        unless: { $0.kind == .gmm ? "density.kind is gmm" : nil }),
      Field(
        "components", "Gaussians of a mixture", \.components, .integer(1...65_536),
        unless: { $0.kind == .gmm ? nil : "density.kind is \($0.kind.rawValue)" }),
    ]
      + StageTrainingSettings.fields(" (gan: rate 2e-4, batches of 128)").map { field in
        let isOptimizers = ["learningRate", "schedule"].contains(field.key)
        return field.lifted(
          to: \.training,
          unless: { isOptimizers && $0.kind == .gmm ? "density.kind is gmm, which takes no gradients" : nil })
      }
  }
}

/// What a regression descends.
public enum RegressionLossKind: String, Sendable, CaseIterable {
  case squared, absolute

  var loss: RegressionLoss { self == .squared ? .squared : .absolute }
}

/// What leads from codes back to examples.
public enum WayBack: String, Sendable, CaseIterable {
  /// A regression under a loss.
  case squared, absolute
  /// The decoder of the encoder, as it is: there is no third stage.
  case decoder
}

/// Where a regression starts.
public enum RegressionStart: String, Sendable, CaseIterable {
  /// At the encoder's own decoder.
  case encoder
  /// At weights of its own.
  case fresh
}

/// The regression of the third stage.
public struct StageRegressionSettings: Settings {
  public var loss = WayBack.squared
  public var start: RegressionStart?
  public var residual: ResidualNoise.Kind?
  public var channels: [Int]?
  public var hidden: [Int]?
  public var training = StageTrainingSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    let has = { (settings: Self) in settings.loss == .decoder ? "regression.loss is decoder" : nil }
    return [
      Field(
        "loss",
        "what the way back descends: half the squared error or the absolute error; or the encoder's decoder as it is",
        \.loss, .choice),
      Field(
        "start", "where it starts: at the encoder's decoder or fresh; null is the decoder where there is one", \.start,
        .optional(.choice), unless: has),
      Field(
        "residual",
        "what is estimated of the residuals' covariance; null is all of it up to 64 dimensions, else the diagonal",
        \.residual, .optional(.choice), unless: has),
      Field(
        "channels", "feature maps of each stage of the decoder, for images; null is the encoder's, reversed",
        \.channels,
        .optional(NetworkLimits.widths(atLeast: 1))),
      Field(
        "hidden", "widths of the decoder's dense layers; null is none for images, 128-128-128 for points", \.hidden,
        .optional(NetworkLimits.widths(atLeast: 0))),
    ] + StageTrainingSettings.fields.map { $0.lifted(to: \.training, unless: has) }
  }
}
