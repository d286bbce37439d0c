import Configuration
import Evaluation
import Foundation
import Generative
import Networks
import Torch
import Training

/// A family whose runs are made of runs: each of its stages is one, and together they make the model.
public protocol StagedDesign: Design {
  /// A run that takes the place of a stage, as its user wrote it; nil where all stages are trained.
  var givenRun: String? { get set }
  /// What that run is, once it is known.
  var given: GivenRun? { get set }
  /// The stages of a run of these settings.
  func stages(_ run: RunSettings, _ facts: Facts) -> [StagePlan]
}

/// A run that stands in for a stage.
public struct GivenRun: Equatable, Sendable {
  public let settings: RunSettings
  /// What it knows of its data.
  public let facts: Facts
  /// The length of its codes.
  public let codeLength: Int

  public init(_ settings: RunSettings, _ facts: Facts, codeLength: Int) {
    (self.settings, self.facts, self.codeLength) = (settings, facts, codeLength)
  }
}

/// A stage as settings that wait for the directories of others.
public struct StagePlan: Sendable {
  /// Its name, which is that of its directory.
  public let name: String
  /// The stage whose codes it learns from; nil for one that learns from the data.
  public let codesOf: String?
  /// Its settings, without the run of the codes.
  public let settings: RunSettings

  public init(_ name: String, codesOf: String? = nil, _ settings: RunSettings) {
    (self.name, self.codesOf, self.settings) = (name, codesOf, settings)
  }
}

/// Auxiliary supervised learning: an encoder first, then a density of its codes beside a regression back.
public struct SupervisedDesign: StagedDesign {
  public var encoder = StageEncoderSettings()
  public var density = StageDensitySettings()
  public var regression = StageRegressionSettings()
  public var given: GivenRun?

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public var reasonForOneProcess: String? { "it is made of stages, each of which is a run" }

  public static var fields: [Field<Self>] {
    [
      Field("encoder", "Stage I: the encoder q(u|x).", \.encoder),
      Field("density", "Stage II: the density p(u) of the codes.", \.density),
      Field("regression", "Stage III: the way back, x = g(u) + e.", \.regression),
    ]
  }

  public var givenRun: String? {
    get { encoder.kind == nil ? encoder.from : nil }
    set { if let newValue { encoder.from = newValue } }
  }

  public func pixels(_ shape: [Int]) -> PixelWish {
    if let given { return given.settings.design.pixels(shape) }
    return encoder.kind == .infomax || shape.count == 1
      ? .asTheyAre("model", "asl") : encoderDesign(shape).pixels(shape)
  }

  public var headline: [Metric] { [] }

  public var fewestExamples: (count: Int, reason: String)? {
    density.kind == .gmm ? (density.components, "one for each component") : nil
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    [encoderDesign(facts.shape), densityDesign(codeLength(facts.shape)), regressionDesign(facts.shape) as any Design]
      .lazy.compactMap { $0.needOfPairs(facts) }.first
  }

  // MARK: Parts

  /// Numbers that stand for null, by the shape of examples.
  private struct Standard {
    let dimensions: Int
    let channels: [Int]
    /// Those of the way back, where they are not the same backwards.
    let channelsBack: [Int]?
    /// Dense layers behind the convolutions of both encoders. The first is the paper's convolution to 1 x 1.
    let (dense, denseOfVAE): ([Int], [Int])
    let hasNorm: Bool

    init(_ shape: [Int]) {
      let side = shape.count == 3 ? max(shape[1], shape[2]) : 0
      dimensions = shape.count == 1 ? 2 : side < 32 ? 32 : 128
      channels = side < 32 ? [64, 64, 128] : side < 64 ? [64, 128, 256] : [64, 128, 256, 512]
      hasNorm = side >= 64
      channelsBack = hasNorm ? [512, 256, 256, 128] : nil
      (dense, denseOfVAE) = hasNorm ? ([1024, 256, 512, 256], [256]) : ([256, 256], [])
    }
  }

  /// The length of a code of examples of a shape; that of a given run is known by the run alone.
  private func codeLength(_ shape: [Int]) -> Int {
    given?.codeLength ?? encoder.dimensions ?? Standard(shape).dimensions
  }

  /// The networks of both ways, for images or points.
  private func networks(_ shape: [Int], isVAE: Bool) -> (encoder: EncoderSettings, decoder: DecoderSettings) {
    let standard = Standard(shape)
    var (reads, makes) = (EncoderSettings(takesNoise: true), DecoderSettings())
    if shape.count == 3 {
      let maps = encoder.channels ?? standard.channels
      (reads.network, makes.network) = (.conv, .conv)
      (reads.channels, makes.channels) = (
        maps, regression.channels ?? (encoder.channels == nil ? standard.channelsBack : nil) ?? maps.reversed()
      )
      (reads.hidden, makes.hidden) = (
        encoder.hidden ?? (isVAE ? standard.denseOfVAE : standard.dense), regression.hidden ?? []
      )
      (reads.batchNorm, makes.batchNorm) = (standard.hasNorm, standard.hasNorm)
      if standard.hasNorm { (reads.activation, reads.slope) = (.leakyReLU, 0.2) }
    } else {
      (reads.hidden, makes.hidden) = (encoder.hidden ?? [128, 128, 128], regression.hidden ?? [128, 128, 128])
    }
    return (reads, makes)
  }

  /// The encoder of a name, for examples of a shape.
  private func encoderDesign(_ shape: [Int]) -> any Design {
    if let given { return given.settings.design }
    let isVAE = encoder.kind == .vae
    let (reads, makes) = networks(shape, isVAE: isVAE)
    if encoder.kind == .infomax {
      var design = Catalog.infoMax.defaults.design as! InfoMaxDesign
      design.points = nil
      design.encoder = reads
      design.latent.dimensions = codeLength(shape)
      return design
    }
    var design = Catalog.mi.defaults.design as! AutoencoderDesign
    design.points = nil
    (design.encoder, design.decoder) = (reads, makes)
    design.latent.dimensions = codeLength(shape)
    design.likelihood.floor = encoder.floor
    design.likelihood.mean = shape.count == 3 ? .sigmoid : .linear
    guard !isVAE else {
      design.regularizer = RegularizerSettings()
      design.likelihood.scale = .shared
      return design
    }
    (design.encoder.noise.noise, design.encoder.noise.noiseSize) = (.input, encoder.noiseSize)
    design.regularizer.factor.weight = encoder.lambda
    (design.regularizer.beta, design.regularizer.estimator) = (encoder.beta, encoder.estimator)
    return design
  }

  /// The density of codes of a length.
  private func densityDesign(_ length: Int) -> any Design {
    let isLong = length >= 128
    switch density.kind {
    case .flow, .nice, .maf:
      return FlowDesign {
        $0.flow = density.kind == .flow ? .affine : density.kind == .nice ? .additive : .autoregressive
        $0.couplings = density.couplings ?? (density.kind == .maf ? 5 : isLong ? 20 : 16)
        $0.hidden = density.hidden ?? (isLong ? [128, 128, 128] : [256, 256])
      }
    case .gmm: return MixtureDesign { $0.components = density.components }
    case .vae:
      // The second stage of Dai & Wipf: as many dimensions as a code has, its input joined at the end.
      return AutoencoderDesign {
        let hidden = density.hidden ?? [1024, 1024, 1024]
        ($0.encoder.hidden, $0.decoder.hidden) = (hidden, hidden)
        ($0.encoder.joinsInput, $0.decoder.joinsInput) = (true, true)
        $0.latent.dimensions = length
        $0.likelihood.family = .gaussian
        $0.likelihood.scale = .shared
      }
    case .gan:
      var design = Catalog.gan.defaults.design as! GANDesign
      let hidden = density.hidden ?? [1024, 1024, 1024]
      (design.generator.layers.hidden, design.adversary.layers.hidden) = (hidden, hidden)
      design.latent.dimensions = length
      return design
    }
  }

  /// The system of the density's name.
  private var densitySystem: String {
    switch density.kind {
    case .flow: "realnvp"
    case .nice, .maf, .gmm, .vae, .gan: density.kind.rawValue
    }
  }

  /// Whether the encoder has a decoder that a regression can start at.
  private var hasDecoder: Bool {
    if let given { return given.settings.design is AutoencoderDesign }
    return encoder.kind != .infomax
  }

  /// The regression to examples of a shape.
  private func regressionDesign(_ shape: [Int]) -> RegressionDesign {
    RegressionDesign {
      $0.loss = regression.loss == .absolute ? .absolute : .squared
      $0.start = regression.start ?? (hasDecoder ? .encoder : .fresh)
      $0.latent.dimensions = codeLength(shape)
      if $0.start == .encoder, let other = (given?.settings.design as? AutoencoderDesign)?.settled(shape) {
        ($0.decoder, $0.likelihood) = (other.decoder, other.likelihood)
        // A regression has no section of points: it writes down what the network is.
        ($0.decoder.isOfPoints, $0.likelihood.isOfPoints) = (false, false)
        return
      }
      $0.decoder = networks(shape, isVAE: false).decoder
      $0.likelihood.family = .gaussian
      if let own = encoderDesign(shape) as? AutoencoderDesign {
        $0.likelihood = own.likelihood
      } else if shape.count == 3, pixels(shape).range == 0...1 {
        $0.likelihood.mean = .sigmoid
      }
    }
  }

  /// What is estimated of the residuals of examples of a shape.
  private func residual(_ shape: [Int]) -> ResidualNoise.Kind {
    guard regression.loss != .decoder else { return .none }
    return regression.residual ?? (shape.reduce(1, *) <= Self.mostOfFullCovariance ? .full : .diagonal)
  }

  private static let mostOfFullCovariance = 64

  // MARK: Checks

  public func validate() throws(SettingsError) {
    if encoder.from.isEmpty {
      throw SettingsError(path: "encoder.from", "expected vae, mi, infomax or a run, got nothing")
    }
    if regression.loss == .decoder, encoder.kind == .infomax {
      throw SettingsError(path: "regression.loss", "infomax has no decoder that could lead back, got decoder")
    }
    if given != nil, regression.start != .fresh, hasDecoder {
      for (path, widths) in [("channels", regression.channels), ("hidden", regression.hidden)] {
        if let widths {
          throw SettingsError(
            path: "regression.\(path)",
            "the regression starts at the decoder of '\(encoder.from)' and has its network, got \(widths); set "
              + "regression.start to fresh for one of its own")
        }
      }
    }
    if regression.start == .encoder, !hasDecoder {
      throw SettingsError(
        path: "regression.start", "\(encoder.kind?.rawValue ?? encoder.from) has no decoder to start at, got encoder")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    let shape = facts.shape
    if let given, given.facts.shape != shape {
      throw SettingsError(
        path: "encoder.from",
        "'\(encoder.from)' takes examples of shape \(given.facts.shape), the data have \(shape)")
    }
    let codes = Facts(shape: [codeLength(shape)], examples: facts.examples)
    if given == nil { try validateEncoder(facts) }
    do {
      let design = densityDesign(codes.shape[0])
      try design.validate()
      try design.validate(codes)
    } catch { throw SettingsError(path: "density", "codes of \(codes.shape[0]): \(error)") }
    guard regression.loss != .decoder else { return }
    try regressionDesign(shape).validate()
    try regressionDesign(shape).validate(facts)
    guard residual(shape) != .full || shape.reduce(1, *) <= 4096 else {
      throw SettingsError(
        path: "regression.residual",
        "a full covariance is for examples of at most 4096 numbers, got examples of shape \(shape)")
    }
  }

  /// Maps are for images, and noise that joins layers needs some.
  private func validateEncoder(_ facts: Facts) throws(SettingsError) {
    if facts.shape.count == 1 {
      for (path, channels) in [("encoder.channels", encoder.channels), ("regression.channels", regression.channels)] {
        if let channels {
          throw SettingsError(path: path, "feature maps are for images, the data are points, got \(channels)")
        }
      }
    }
    if encoder.kind == .mi, encoder.hidden == [] {
      throw SettingsError(path: "encoder.hidden", "the noise of mi joins dense layers, of which there are none, got []")
    }
    let design = encoderDesign(facts.shape)
    try design.validate()
    try design.validate(facts)
  }

  // MARK: Model and stages

  public func make(_ facts: Facts, using rng: RandomSource) throws -> any SystemModel {
    let shape = facts.shape
    let first = try encoderDesign(shape).make(given?.facts ?? facts, using: rng)
    guard let encoder = first.inUse as? any Encoder & Described else {
      throw SettingsError(path: "encoder.from", "\(given?.settings.model ?? self.encoder.from) has no encoder")
    }
    guard regression.loss != .decoder || encoder is any Decoder else {
      throw SettingsError(
        path: "regression.loss",
        "\(given?.settings.model ?? self.encoder.from) has no decoder that could lead back, got decoder")
    }
    let codes = Facts(shape: [codeLength(shape)], examples: facts.examples)
    let second = try densityDesign(codes.shape[0]).make(codes, using: rng)
    return AuxiliarySupervisedModel(
      encoder: encoder, density: second as! any Generator & Described,
      regression: regression.loss == .decoder
        ? nil : regressionDesign(shape).make(facts, using: rng) as? CodeRegression,
      noise: ResidualNoise(residual(shape), shape: shape, device: rng.device))
  }

  public func stages(_ run: RunSettings, _ facts: Facts) -> [StagePlan] {
    let shape = facts.shape
    func settings(
      _ model: String, _ design: any Design, _ own: StageTrainingSettings,
      _ change: (inout RunSettings) -> Void = { _ in }
    ) -> RunSettings {
      var settings = RunSettings(model: model, design: design, data: run.data, training: own.over(run.training))
      change(&settings)
      return settings
    }
    // Games of their own keep the step sizes that they are known to train with.
    func asInCatalog(_ system: System, _ own: StageTrainingSettings, _ training: inout TrainingSettings) {
      let known = system.defaults.training
      training.learningRate = own.learningRate ?? known.learningRate
      training.batchSize = own.batchSize ?? known.batchSize
      training.adam = known.adam
    }
    var plans: [StagePlan] = []
    if let kind = encoder.kind {
      plans.append(
        StagePlan(
          "encoder",
          settings(kind.rawValue, encoderDesign(shape), encoder.training) {
            guard kind == .infomax else { return }
            $0.training.patience = nil
            asInCatalog(Catalog.infoMax, encoder.training, &$0.training)
          }))
    }
    plans.append(
      StagePlan(
        "density", codesOf: "encoder",
        settings(densitySystem, densityDesign(codeLength(shape)), density.training) {
          $0.data.codeUse = .draws
          ($0.data.flips, $0.data.shift, $0.data.dequantize, $0.data.scaling) = (false, 0, false, .unit)
          ($0.data.binarization, $0.data.testBinarization) = (.auto, .auto)
          guard density.kind == .gan else { return }
          $0.training.patience = nil
          asInCatalog(Catalog.gan, density.training, &$0.training)
        }))
    guard regression.loss != .decoder else { return plans }
    plans.append(
      StagePlan(
        "regression", codesOf: "encoder",
        settings("regression", regressionDesign(shape), regression.training) {
          $0.data.codeUse = .beside
          // It reads what the encoder reads.
          guard let given else { return }
          ($0.data.binarization, $0.data.testBinarization) = (
            given.settings.data.binarization, given.settings.data.testBinarization
          )
          $0.data.scaling = given.settings.data.scaling
        }))
    return plans
  }
}
