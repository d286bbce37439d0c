import Evaluation
import Figures
import Systems

/// What the experiments of Zhao et al. 2017 share: one autoencoder with a PixelCNN decoder under five regularizers.
///
/// The encoder is that of the authors' published code. Their decoder there has 12 layers of 32 maps, the first with a
/// kernel of 7, the others of 3; here it is the gated PixelCNN of van den Oord et al. 2016b.
enum Info {
  /// The systems, in the paper's order, and how it writes them.
  static let systems: [(name: String, label: String)] = [
    ("vae", "ELBO"), ("mmd-vae", "MMD"), ("stein-vae", "Stein"), ("aae", "Adversarial"), ("ae", "Unregularized"),
  ]

  /// Weights, kernels and critic of the authors' PixelCNN code: 1e5, 1e4 and 100 on a sum over a batch of 100.
  ///
  /// A PixelCNN needs few nats of a code, so that weights for a decoder without one would leave nothing but the prior.
  private static func regularize(
    _ design: inout AutoencoderDesign, as system: String, dimensions: Int, _ scale: Experiment.Scale
  ) {
    let defaults = (Catalog.systems.first { $0.name == system }?.defaults.design as? AutoencoderDesign) ?? design
    design.regularizer = defaults.regularizer
    design.adversary = defaults.adversary
    switch system {
    case "mmd-vae":
      // In a batch of 50 the noise of MMD is larger, and with the authors' weight it outweighs what a code says for
      // most of a small budget. With less weight codes can leave where their kernel reaches; heavy tails hold them.
      design.regularizer.kernel = scale == .cpu ? .imqWAE : .gaussian
      design.regularizer.factor.weight = scale == .cpu ? 100 : 1000
    case "stein-vae":
      design.regularizer.bandwidth = 2 * Double(dimensions)
      design.regularizer.factor.weight = 100
    case "aae":
      design.adversary.critic.objective = .wasserstein
      design.regularizer.factor.weight = 1
    default: return
    }
    design.regularizer.factor.unit = .example
  }

  /// The latent dimensions of Figure 3.
  static let dimensions = [2, 5, 10, 20, 40, 80]

  /// One system at a scale.
  static func settings(
    _ system: String, dimensions: Int, _ scale: Experiment.Scale, seed: UInt64 = 1
  ) -> RunSettings {
    // All of them from one page, so that nothing but the regularizer differs.
    var settings = Catalog.mmdVAE.defaults.renamed(system)
    var design = settings.autoencoder
    regularize(&design, as: system, dimensions: dimensions, scale)
    design.latent.dimensions = dimensions
    design.latent.initialScale = 0.1
    design.decoder.network = .pixelcnn
    settings.training.batchSize = 100
    settings.training.seed = seed
    switch scale {
    case .smoke:
      settings.data.name = "strokes"
      settings.data.limit = 200
      settings.data.validation = 100
      design.encoder.channels = [4, 8]
      design.encoder.hidden = [32]
      design.decoder.layers = 2
      design.decoder.maps = 4
      settings.training.batchSize = 50
      settings.training.epochs = 2
      settings.training.keepEvery = 1
      settings.training.logEvery = 2
    case .cpu:
      settings.data.limit = 10_000
      settings.data.validation = 500
      design.encoder.channels = [32, 64]
      design.encoder.hidden = [256]
      design.decoder.layers = 5
      design.decoder.kernel = 27
      design.decoder.maps = 16
      settings.training.batchSize = 50
      settings.training.learningRate = 5e-3
      settings.training.schedule.kind = .cosine
      settings.training.epochs = 5
      settings.training.keepEvery = 1
    case .paper:
      settings.training.epochs = 100
      settings.training.keepEvery = 10
    }
    // The critic follows the autoencoder at a third of its rate.
    if system == "aae" { design.adversary.critic.side.learningRate = settings.training.learningRate / 3 }
    settings.autoencoder = design
    return settings
  }

  /// The same for an experiment of many cells: at scale `cpu` fewer examples and layers.
  static func manySettings(_ system: String, dimensions: Int, _ scale: Experiment.Scale) -> RunSettings {
    var settings = settings(system, dimensions: dimensions, scale)
    if scale == .cpu {
      settings.data.limit = 2500
      settings.autoencoder.decoder.layers = 3
      settings.training.epochs = 5
    }
    return settings
  }

  // MARK: Metrics

  /// The match of codes and prior.
  static let priorMMD = Metric.priorMMD
  /// The classes of samples.
  static let sampleClasses = Metric.classCrossEntropy

  /// What codes tell of classes.
  static func svm(_ scale: Experiment.Scale) -> Metric { .probe(.svm, labels: scale == .smoke ? 100 : 1000) }

  /// The likelihood of Table 1.
  static func likelihood(_ scale: Experiment.Scale) -> Metric {
    .iwae(samples: scale == .paper ? 5000 : scale == .cpu ? 100 : 20)
  }

  /// Test examples at a scale.
  static func limit(_ scale: Experiment.Scale) -> Int? {
    switch scale {
    case .smoke: 100
    case .cpu: 2000
    case .paper: nil
    }
  }

  /// A metric in nats over the steps of every cell.
  static func overTraining(_ title: String, _ metric: Metric, _ results: Results) -> any Chart {
    LineChart(
      title: title, x: Axis("step"), y: Axis(title, unit: "nats"),
      series: results.names.map { results.series(metric, of: $0) })
  }

  static let notes = """
    Decoder: a gated PixelCNN given the code at every layer, 7 layers of 32 maps; the authors' code has 12, kernels of 7 and then 3. \
    Pixels are binarized anew at every reading. smoke: 2 epochs of 200 generated strokes with small networks; cpu: 10,000 \
    images of MNIST in batches of 50, 5 layers of 16 maps, the first with a kernel of 27, a small encoder, a rate of 5e-3 \
    that falls to 0, measured on 2,000 test images; paper: 100 epochs of all, \
    in batches of 100. Weights by example: MMD 1000 \
    (cpu: 100 and a kernel of heavy tails, 2d / (2d + r2)), Stein 100, adversarial 1 with Wasserstein's critic; kernels \
    exp(-r2 / 2d): those of the authors' PixelCNN code for a batch of 100. Posteriors start with a deviation of \
    0.1: from 1, where codes say nothing, MMD has no reason to leave within a small budget.
    """
}
