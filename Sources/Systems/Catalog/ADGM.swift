import Generative
import Torch

extension System {
  private static let paper = Paper(
    key: "maaloe2016",
    citation: "Maaløe, Sønderby, Sønderby & Winther 2016, Auxiliary Deep Generative Models (arXiv:1602.05473)")

  /// The authors' networks for MNIST with 100 labels, their batches, rates and limits of gradients. Their N(0, 1) prior on
  /// every weight, over 60,000 examples, is the weight decay.
  private static func semiSupervised(_ settings: inout RunSettings) {
    settings.latent.dimensions = 100
    settings.samples = 5
    settings.labels.perClass = 10
    settings.regularizer.divergence = .monteCarloKL
    settings.data.validation = 0
    settings.training.epochs = 1000
    settings.training.learningRate = 3e-4
    settings.training.schedule.kind = .step
    settings.training.schedule.factor = 0.75
    settings.training.schedule.everyEpochs = 200
    settings.training.schedule.floor = 3e-5
    settings.training.adam.weightDecay = 1.0 / 60_000
    settings.training.clip.norm = 5
    settings.training.clip.value = 1
  }

  /// The auxiliary deep generative model.
  static let adgm = System(
    name: "adgm", paper: paper, summary: "few labels: a class y, and an auxiliary a that q alone looks at",
    learnsClasses: true, changes: semiSupervised, make: AuxiliaryFactory.make)

  /// The skip deep generative model.
  static let sdgm = System(
    name: "sdgm", paper: paper, summary: "few labels: x is made of the auxiliary variable too", learnsClasses: true,
    changes: {
      semiSupervised(&$0)
      $0.auxiliary.skip = true
    }, make: AuxiliaryFactory.make)

  /// The authors' settings for Table 1, one stochastic layer; `auxiliary.upper=[32]` is their two.
  static let avae = System(
    name: "avae", paper: paper, summary: "no labels: auxiliary variables make the posterior richer",
    changes: {
      $0.latent.dimensions = 64
      $0.auxiliary.dimensions = 64
      $0.encoder.hidden = [512, 512]
      $0.decoder.hidden = [512, 512]
      $0.encoder.activation = .leakyReLU
      $0.decoder.activation = .leakyReLU
      $0.regularizer.divergence = .monteCarloKL
      $0.regularizer.warmupEpochs = 200
      $0.training.epochs = 2000
      $0.training.batchSize = 256
      $0.training.learningRate = 2e-4
      $0.training.adam.epsilon = 1e-4
      $0.training.clip.norm = 4
      $0.training.clip.value = 0.9
    }, make: AuxiliaryFactory.make)

  /// The second model of the paper that the auxiliary variables extend.
  static let m2 = System(
    name: "m2",
    paper: Paper(
      key: "kingma2014ssl",
      citation:
        "Kingma, Rezende, Mohamed & Welling 2014, Semi-Supervised Learning with Deep Generative Models (arXiv:1406.5298)"
    ),
    summary: "few labels: a class y beside the codes", learnsClasses: true,
    changes: {
      semiSupervised(&$0)
      $0.samples = 1
      $0.auxiliary.kind = .none
      $0.auxiliary.batchNorm = false
      $0.latent.dimensions = 50
      $0.encoder.hidden = [500]
      $0.decoder.hidden = [500]
      $0.encoder.activation = .softplus
      $0.decoder.activation = .softplus
      $0.training.epochs = 3000
      $0.training.schedule.kind = .constant
      $0.training.clip = ClippingSettings()
    }, make: AuxiliaryFactory.make)
}

/// Auxiliary models from settings: every choice is a value of the one `AuxiliaryModel`.
enum AuxiliaryFactory {
  @Sendable static func make(
    _ settings: RunSettings, exampleShape: [Int], using rng: RandomSource
  ) throws -> any GenerativeModel {
    var design = AuxiliaryDesign()
    if try Catalog.system(named: settings.model).learnsClasses {
      guard let classes = settings.labels.classes, let alpha = settings.labels.alpha else {
        throw SettingsError(path: "labels.classes", "expected the number of classes, got null")
      }
      (design.classes, design.alpha) = (classes, alpha)
      design.classDraws = settings.labels.draws
    }
    design.auxiliary = settings.auxiliary.kind
    design.auxiliarySize = settings.auxiliary.dimensions
    let upper = settings.auxiliary.upper ?? []
    design.latentSizes = [settings.latent.dimensions] + upper
    design.isSkip = settings.auxiliary.skip
    design.auxiliarySeesExample = settings.auxiliary.seesExample
    if settings.encoder.network != .mlp {
      var reader = settings.encoder
      reader.hidden = []
      design.reader = { [reader] in reader.encoder(of: $0, using: $1) }
    }
    if settings.decoder.network != .mlp {
      var writer = settings.decoder
      writer.hidden = []
      design.writer = { [writer] in writer.decoder(from: $0, to: $1, using: $2) }
    }
    design.hidden = [settings.encoder.hidden] + (upper.isEmpty ? [] : [settings.auxiliary.upperHidden])
    design.activation = settings.encoder.activation.activation
    design.isNormalized = settings.auxiliary.batchNorm
    design.samples = settings.samples
    design.latentDraws = settings.auxiliary.draws
    design.isImportanceWeighted = settings.bound == .importanceWeighted
    design.temperature = settings.regularizer.schedule(dimensions: exampleShape.reduce(1, *))
    return AuxiliaryModel(exampleShape, settings.likelihood.networkFamily!, design, using: rng)
  }
}

extension RunSettings {
  /// Refuses what a model with auxiliary variables cannot have.
  func validateAuxiliary() throws(SettingsError) {
    guard ["avae", "m2", "adgm", "sdgm"].contains(model) else { return }
    if decoder.network.isAutoregressive {
      throw SettingsError(path: "decoder.network", "\(model) has mlp, dcgan or conv, got \(decoder.network.rawValue)")
    }
    guard encoder.hidden == decoder.hidden, encoder.activation == decoder.activation else {
      throw SettingsError(
        path: "decoder",
        "\(model) has the same layers and activation in all its networks, got others in encoder and decoder")
    }
    guard likelihood.networkFamily != nil else {
      throw SettingsError(
        path: "likelihood.family",
        "\(model) needs bernoulli, gaussian, discretized-logistic or categorical, got \(likelihood.family.rawValue)")
    }
    guard regularizer.divergence == .monteCarloKL else {
      throw SettingsError(
        path: "regularizer.divergence", "\(model) has monte-carlo-kl, got \(regularizer.divergence.rawValue)")
    }
    if labels.draws != nil, bound == .importanceWeighted {
      throw SettingsError(path: "labels.draws", "needs bound mean, got \(bound.rawValue)")
    }
    guard latent.initialScale == 1 else {
      throw SettingsError(path: "latent.initialScale", "\(model) has 1, got \(latent.initialScale)")
    }
    if auxiliary.skip, auxiliary.kind != .stochastic {
      throw SettingsError(
        path: "auxiliary.skip", "needs auxiliary.kind stochastic, got \(auxiliary.kind.rawValue)")
    }
    if auxiliary.kind == .none, auxiliary.upper != nil {
      throw SettingsError(path: "auxiliary.upper", "needs an auxiliary variable, got auxiliary.kind none")
    }
  }
}
