import Evaluation
import Systems

/// What the experiments of Mescheder et al. 2017 with images share.
enum AVB {
  /// A system on binarized MNIST.
  ///
  /// - Parameters:
  ///   - system: `avb`, `avb-ac`, `vae`, `vae-planar`, `vae-iaf`, `hvi`, or `avae`.
  ///   - isSmall: whether encoder and decoder are those of the paper's VAE, at every scale.
  static func settings(
    _ system: String, dimensions: Int, _ scale: Experiment.Scale, isSmall: Bool = false
  ) -> RunSettings {
    guard let known = Catalog.systems.first(where: { $0.name == system }) else {
      preconditionFailure("AVB: expected a system of the catalog, got \(system)")
    }
    var settings = known.defaults
    if system == "avae" { settings.auxiliaryModel.latent.dimensions = dimensions }
    if settings.design is AutoencoderDesign {
      var design = settings.autoencoder
      design.latent.dimensions = dimensions
      if system == "avb-ac", dimensions <= 8 {
        (design.encoder.noise.noiseSize, design.encoder.noise.basisCount) = (32, 16)
      }
      if !system.hasPrefix("avb") || isSmall || scale != .paper {
        shrink(&design.encoder, activation: system.hasPrefix("avb") ? .elu : .softplus)
        shrink(&design.decoder)
      }
      settings.autoencoder = design
    }
    if let design = settings.design as? HamiltonianDesign {
      var design = design
      design.latent.dimensions = dimensions
      shrink(&design.encoder, activation: .softplus)
      shrink(&design.decoder)
      settings.design = design
    }
    train(&settings, isAVB: system.hasPrefix("avb"), scale)
    return settings
  }

  /// Data and training of seconds.
  static func smoke(_ settings: inout RunSettings) {
    settings.data.name = "strokes"
    settings.data.limit = 200
    settings.data.validation = 100
    settings.training.batchSize = 50
    settings.training.epochs = 2
    settings.training.steps = nil
    settings.training.logEvery = 2
  }

  /// Budgets and rates; at scale paper the authors'.
  private static func train(_ settings: inout RunSettings, isAVB: Bool, _ scale: Experiment.Scale) {
    settings.data.validation = 5000
    switch scale {
    case .smoke: smoke(&settings)
    case .cpu:
      settings.training.batchSize = 100
      settings.training.epochs = cpuEpochs
      settings.training.steps = nil
      settings.training.learningRate = 5e-4
      settings.training.schedule.kind = .cosine
    case .paper:
      settings.training.epochs = nil
      settings.training.steps = 2_500_000
      if !isAVB {
        settings.training.batchSize = 64
        settings.training.learningRate = 1e-4
      }
    }
    settings.training.adam.beta1 = 0.5
    guard isAVB, scale != .paper else { return }
    var adversary = settings.autoencoder.adversary
    adversary.network = .joint
    adversary.hidden = scale == .smoke ? [32, 32] : [512, 512, 512]
    adversary.critic.side.learningRate = 2 * settings.training.learningRate
    settings.autoencoder.adversary = adversary
  }

  /// Passes over the 55,000 training images at scale cpu.
  private static let cpuEpochs = 20

  /// The encoder of the paper's VAE: 16, 32 and 32 maps and a layer of 800.
  private static func shrink(_ encoder: inout EncoderSettings, activation: ActivationKind) {
    encoder.network = .conv
    encoder.channels = [16, 32, 32]
    encoder.conv.filter = 5
    encoder.conv.strides = nil
    encoder.hidden = [800]
    encoder.activation = activation
    encoder.batchNorm = false
    encoder.centred = true
  }

  /// Its decoder: layers of 300 and 512, and 32, 32 and 16 maps.
  private static func shrink(_ decoder: inout DecoderSettings) {
    decoder.network = .conv
    decoder.channels = [32, 32, 16]
    decoder.conv.filter = 5
    decoder.conv.strides = nil
    decoder.hidden = [300]
    decoder.activation = .softplus
  }

  /// Test images at a scale; the paper has 2,048.
  static func limit(_ scale: Experiment.Scale) -> Int {
    switch scale {
    case .smoke: 10
    case .cpu: 100
    case .paper: 2048
    }
  }

  /// The paper's annealing: 5 chains of 1000 temperatures.
  static func annealing(_ scale: Experiment.Scale) -> AnnealingOptions {
    var options = AnnealingOptions()
    options.chains = scale == .smoke ? 2 : 5
    options.temperatures = scale == .smoke ? 20 : 1000
    return options
  }

  static let notes = """
    Pixels binarized anew at every reading in training; the test once, each picture in the same way for all systems and \
    seeds. Log likelihoods by AIS as in the paper, 1000 temperatures and 5 chains, on the first test images, so that systems \
    are compared image by image: the paper's +- is the spread over images. `small` networks are the paper's VAE's: encoder \
    5x5 stride 2, 16-32-32 maps, 800; decoder 300-512, 32-32-16 maps; softplus, in the encoders of AVB elu. smoke: 2 epochs of 200 \
    strokes, 20 temperatures; cpu: small networks for all, 20 epochs of batches of 100 from a rate of 5e-4 that falls to 0, the \
    critic's twice that, a critic of 3 x 512 on (x, z) plus x and z alone, 100 test images; paper: the authors' networks \
    and settings, 2.5 million steps, 2,048 test images, for a GPU.
    """
}
