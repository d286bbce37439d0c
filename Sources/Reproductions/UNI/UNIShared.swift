import Configuration
import Evaluation
import Systems

/// What the experiments of Hu et al. 2018 with images share.
enum UNI {
  /// The data sets of a scale; those behind MNIST are taken where the data are.
  static func dataSets(_ all: [String], _ scale: Experiment.Scale) -> [String] {
    scale == .smoke ? Array(all.prefix(1)) : all
  }

  /// A game of the catalog on a data set.
  static func game(_ system: String, _ data: String, _ scale: Experiment.Scale) -> RunSettings {
    var settings = known(system)
    settings.data.name = data
    var design = settings.gan
    if data != "mnist" {
      design.generator.layers.channels = [256, 128, 64]
      design.adversary.layers.channels = [64, 128, 256]
    }
    if scale == .smoke {
      design.generator.layers.channels = [4, 4]
      design.adversary.layers.channels = [4, 4]
      if design.conditional {
        design.generator.layers.hidden = [8]
        design.adversary.layers.hidden = [8]
      }
    }
    settings.gan = design
    train(&settings, scale, steps: gameSteps)
    return settings
  }

  /// A model with codes on some of MNIST's training images.
  ///
  /// - Parameters:
  ///   - perClass: images of each class, or labels of each class for the models with few labels; nil takes all.
  static func model(_ system: String, perClass: Int?, _ scale: Experiment.Scale) -> RunSettings {
    var settings = known(system)
    settings.data.name = "mnist"
    let learnsClasses = settings.design.labels != nil
    // A choice of classes and the first examples exclude each other; at scale smoke sizes do not differ.
    if !learnsClasses, scale != .smoke, let perClass {
      settings.data.perClass = perClass
      // A validation looks at more images than an epoch has.
      settings.training.validationEvery = max(
        1, stepsBetweenValidations * settings.training.batchSize / (10 * perClass))
    }
    settings.design = changed(settings.design, labels: learnsClasses ? perClass : nil, scale)
    train(&settings, scale, steps: learnsClasses ? modelSteps / 2 : modelSteps)
    return settings
  }

  /// The design with these labels of each class, and small networks at scale smoke.
  private static func changed(_ design: any Design, labels: Int?, _ scale: Experiment.Scale) -> any Design {
    func shrink(_ encoder: inout EncoderSettings, _ decoder: inout DecoderSettings) {
      (encoder.channels, decoder.channels) = ([4, 4], [4, 4])
      (encoder.hidden, decoder.hidden) = ([8], [8])
    }
    switch design {
    case var design as AutoencoderDesign:
      if scale == .smoke {
        (design.encoder.channels, design.decoder.channels) = ([4, 4], [4, 4])
        design.latent.dimensions = 4
      }
      return design
    case var design as AuxiliaryModelDesign:
      if let labels { design.semi.labels.perClass = scale == .smoke ? 5 : labels }
      guard scale == .smoke else { return design }
      var (encoder, decoder) = (design.encoder, design.decoder)
      shrink(&encoder, &decoder)
      (design.encoder, design.decoder) = (encoder, decoder)
      design.latent.dimensions = 4
      return design
    case let design as ActivatedDesign<AutoencoderDesign>: return activated(design, labels, scale)
    case let design as ActivatedDesign<AuxiliaryModelDesign>: return activated(design, labels, scale)
    default: return design
    }
  }

  private static func activated<Base: Design>(
    _ design: ActivatedDesign<Base>, _ labels: Int?, _ scale: Experiment.Scale
  ) -> ActivatedDesign<Base> {
    var design = design
    if let base = changed(design.base, labels: labels, scale) as? Base { design.base = base }
    // Among the paper's four, untried: with 1 a critic that tells the two apart leaves generated examples no weight.
    design.activation.temperature = scale == .paper ? nil : scale == .cpu ? 3 : 1
    if scale == .smoke { design.adversary.layers.channels = [4, 4] }
    return design
  }

  private static func known(_ system: String) -> RunSettings {
    // The catalog's own has other networks.
    if system == "vae", let design = Catalog.aavae.defaults.design as? ActivatedDesign<AutoencoderDesign> {
      let settings = Catalog.aavae.defaults
      return RunSettings(model: "vae", design: design.base, data: settings.data, training: settings.training)
    }
    guard let known = Catalog.systems.first(where: { $0.name == system }) else {
      preconditionFailure("UNI: expected a system of the catalog, got \(system)")
    }
    return known.defaults
  }

  /// Rounds of a game at scale cpu.
  private static let gameSteps = 600
  /// Steps of models with codes at scale cpu, whatever the number of training images.
  private static let modelSteps = 400
  /// About how many, where an epoch has fewer.
  private static let stepsBetweenValidations = 100

  /// Budgets; at scale cpu these steps, at scale paper those of the systems' own.
  private static func train(_ settings: inout RunSettings, _ scale: Experiment.Scale, steps: Int) {
    switch scale {
    case .smoke:
      settings.data.name = "strokes"
      settings.data.limit = 200
      settings.training.batchSize = 50
      settings.training.epochs = 1
      settings.training.logEvery = 2
    case .cpu:
      (settings.training.epochs, settings.training.steps) = (nil, steps)
    case .paper: break
    }
    guard scale != .paper else { return }
    settings.training.schedule = ScheduleSettings()
  }

  /// Test examples and samples at a scale: Inception scores of the paper are of 50,000 samples.
  static func limit(_ scale: Experiment.Scale, samples: Int = 10_000) -> Int {
    switch scale {
    case .smoke: 50
    case .cpu: 10_000
    case .paper: samples
    }
  }

  static let seeds: [Experiment.Scale: Int] = [.paper: 5]

  static let notes = """
    Networks of DCGAN: a generator of 128-64 maps (256-128-64 for 32 x 32 pixels), a critic of 64-128 (64-128-256), 5x5 kernels of \
    stride 2; batches of 128, Adam 2e-4 (.5). The paper's +- is the deviation of 5 runs; here differences have standard errors. \
    By the paper's own numbers the gains of importance weights on CIFAR-10 (1.0 standard errors), of conditional GANs on SVHN \
    (.3) and of the activated SVAE at 1 % (.5) are noise. smoke: seconds of 200 strokes.
    """
}
