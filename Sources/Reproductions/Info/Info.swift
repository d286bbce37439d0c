import Configuration
import Evaluation
import Figures
import Systems

/// What the experiments of Zhao et al. 2017 share: one autoencoder with a PixelCNN decoder under five regularizers.
///
/// At scale paper optimizers and weights for MNIST are those of the authors' published code, and the encoder but for
/// its batch norm. Their decoder for MNIST has 12 layers of 32 maps, the first with a kernel of 7, the others of 3, so
/// that a pixel depends on 14 rows above it; here it is the gated PixelCNN of van den Oord et al. 2016b with as many
/// layers and maps, and a first kernel with which a pixel depends on all rows.
enum Info {
  /// The systems, in the paper's order, and how it writes them.
  ///
  /// Their ELBO is a beta-VAE: a mean over pixels beside a mean over the dimensions of the code, so that the KL weighs
  /// 784 / d. It stands beside the bound itself.
  static let systems: [(name: String, label: String)] = [
    ("vae", "ELBO"), (authorsELBO, "authors' ELBO"), ("mmd-vae", "MMD"), ("stein-vae", "Stein"), ("aae", "Adversarial"),
    ("ae", "Unregularized"),
  ]

  /// The cell of the authors' ELBO.
  static let authorsELBO = "authors-vae"

  /// The system of the catalog behind a cell's.
  private static func known(_ system: String) -> String { system == authorsELBO ? "vae" : system }

  /// Kernels and critic of the authors' PixelCNN code, and its weights: on MNIST 784 / d of the KL, 784 of MMD and of
  /// the critic and 78,400 of Stein, on CIFAR-10 1 of the KL, and 1e5, 1e4 and 100 on a sum over a batch of 100.
  private static func regularize(
    _ design: inout AutoencoderDesign, as system: String, dimensions: Int, _ data: Images, _ scale: Experiment.Scale
  ) {
    let defaults = (Catalog.systems.first { $0.name == known(system) }?.defaults.design as? AutoencoderDesign) ?? design
    design.regularizer = defaults.regularizer
    design.adversary = defaults.adversary
    switch system {
    case authorsELBO: design.regularizer.factor.weight = pixels / Double(dimensions)
    case "mmd-vae":
      // In a batch of 50 the noise of MMD is larger, and with the authors' weight it outweighs what a code says for
      // most of a small budget. With less weight codes can leave where their kernel reaches; heavy tails hold them.
      design.regularizer.kernel = scale == .cpu ? .imqWAE : .gaussian
      design.regularizer.factor.weight = scale == .cpu ? 100 : data == .digits ? 784 : 1000
    case "stein-vae":
      design.regularizer.bandwidth = 2 * Double(dimensions)
      design.regularizer.factor.weight = scale == .paper && data == .digits ? 78_400 : 100
    case "aae":
      design.adversary.critic.objective = .wasserstein
      design.regularizer.factor.weight = scale == .paper && data == .digits ? 784 : 1
    default: return
    }
    design.regularizer.factor.unit = .example
  }

  /// What is learned: MNIST or strokes of its size, or CIFAR-10.
  enum Images { case digits, colour }

  /// The side of MNIST's images, and of strokes.
  static let side = 28
  private static let pixels = Double(side * side)

  /// The least first kernel with which a gated PixelCNN of `layers` layers sees `rows` above a pixel.
  static func kernel(layers: Int, rows: Int = side) -> Int { 2 * max(1, rows - layers + 1) + 1 }

  /// Traps on a decoder that sees less than `rows` rows: a declaration must not starve it.
  static func requireSight(_ settings: RunSettings, rows: Int) {
    let seen = settings.autoencoder.decoder.rowsSeen ?? 0
    precondition(
      seen >= rows, "\(settings.model): expected a decoder that sees \(rows) rows above a pixel, got \(seen)")
  }

  /// The latent dimensions of Figure 3.
  static let dimensions = [2, 5, 10, 20, 40, 80]

  /// One system at a scale.
  static func settings(
    _ system: String, dimensions: Int, _ scale: Experiment.Scale, of data: Images = .digits
  ) -> RunSettings {
    // All of them from one page, so that nothing but the regularizer differs.
    var settings = Catalog.mmdVAE.defaults.renamed(known(system))
    var design = settings.autoencoder
    regularize(&design, as: system, dimensions: dimensions, data, scale)
    design.latent.dimensions = dimensions
    design.latent.initialScale = 0.1
    design.decoder.network = .pixelcnn
    design.decoder.layers = 12
    settings.training.batchSize = 100
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
      design.decoder.maps = 16
      settings.training.batchSize = 50
      settings.training.learningRate = 5e-3
      settings.training.schedule.kind = .cosine
      settings.training.epochs = 5
      settings.training.keepEvery = 1
    case .paper:
      settings.training.epochs = 100
      settings.training.keepEvery = 10
      if data == .digits {
        design.encoder.hidden = [512]
        design.encoder.batchNorm = true
        settings.training.optimizer = .rmsprop
        // They cut gradients of a mean over pixels at 1.
        settings.training.clip.value = pixels
      }
    }
    if system == "aae" {
      // The critic follows the autoencoder at a third of its rate; with the authors' budget as theirs does.
      design.adversary.critic.side.learningRate = settings.training.learningRate / 3
      if scale == .paper, data == .digits { design.adversary.critic.side = criticSide }
    }
    design.decoder.kernel = kernel(layers: design.decoder.layers)
    settings.autoencoder = design
    requireSight(settings, rows: side)
    return settings
  }

  /// The optimizer of the authors' critic on MNIST.
  private static let criticSide: SideSettings = {
    var side = SideSettings()
    side.optimizer = .adam
    side.learningRate = 2e-5
    side.adam = Overrides(AdamSettings())
    side.adam?.beta1 = 0.5
    side.adam?.beta2 = 0.9
    return side
  }()

  /// The same for an experiment of many cells: at scale `cpu` fewer examples and layers.
  static func manySettings(_ system: String, dimensions: Int, _ scale: Experiment.Scale) -> RunSettings {
    var settings = settings(system, dimensions: dimensions, scale)
    if scale == .cpu {
      settings.data.limit = 2500
      settings.autoencoder.decoder.layers = 3
      settings.autoencoder.decoder.kernel = kernel(layers: 3)
      settings.training.epochs = 5
    }
    requireSight(settings, rows: side)
    return settings
  }

  // MARK: Metrics

  /// The match of codes and prior, as the authors measure it: exp(-r2 / 2d), biased.
  static let priorMMD = Metric.priorMMD(kernel: .rbf2d, estimator: .biased)
  /// The classes of samples, as the authors count them.
  static let sampleClasses = Metric.classCrossEntropyOfCounts

  /// What draws of q(z|x) tell of classes. The authors have 50 subsets of 1,000 labels.
  static func svm(_ scale: Experiment.Scale) -> Metric {
    switch scale {
    case .smoke: .probe(.svm, labels: 100, codes: .draws, subsets: 2)
    case .cpu: .probe(.svm, labels: 1000, codes: .draws, subsets: 10)
    case .paper: .probe(.svm, labels: 1000, codes: .draws, subsets: 50)
    }
  }

  /// The likelihood of Table 1. The authors draw codes from the prior: nothing fits the width of q(z|x) where the
  /// penalty is not the KL. A small budget draws half of them from q.
  static func likelihood(_ scale: Experiment.Scale) -> Metric {
    switch scale {
    case .smoke: .iwae(samples: 20, from: .mixture)
    case .cpu: .iwae(samples: 100, from: .mixture)
    case .paper: .iwae(samples: 50_000, from: .prior)
    }
  }

  /// The likelihood of Table 1, and at scale cpu the other two ways to draw codes beside it.
  static func likelihoods(_ scale: Experiment.Scale) -> [Metric] {
    scale == .cpu
      ? [.mixture, .prior, .posterior].map { .iwae(samples: 100, from: $0) } : [likelihood(scale)]
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
    Decoder: a gated PixelCNN given the code at every layer, 12 layers of 32 maps. Its first kernel is as large as a \
    pixel needs to depend on all 28 rows (35; 49 under 5 layers, 53 under 3); the authors' is 7, with which theirs \
    sees 14. Codes enter as z / sqrt(1 + |z|^2 / 9d), so that those of no regularizer do not saturate it. Pixels are \
    binarized anew at every reading in training; the test once, each picture in the same way for all models and \
    seeds. smoke: 2 epochs of 200 generated strokes with small networks; cpu: 10,000 images of MNIST in batches of \
    50, 5 layers of 16 maps, a small encoder, a rate of 5e-3 that falls to 0, measured on 2,000 test images; paper: \
    100 epochs of all, in batches of 100, RMSProp of 1e-3 with elements of gradients cut at 784 (1 of a mean over \
    pixels), and Adam of 2e-5 (.5, .9) for the critic, as in the authors' code for MNIST. Weights by example are \
    those of that code: MMD 784, Stein 78,400, adversarial 784 with Wasserstein's critic (cpu: MMD 100 and a kernel \
    of heavy tails, 2d / (2d + r2); smoke and cpu: Stein 100, adversarial 1, Adam, and a third of its rate for the \
    critic); kernels exp(-r2 / 2d). What the paper calls the ELBO has a weight of 784 / d on the KL in that code, \
    which makes it a beta-VAE: the cell authors-vae, beside the bound itself, vae. Markov chains have 19 steps from \
    zeros and ones. Posteriors start with a deviation of 0.1: from 1, where codes say nothing, MMD has no reason to \
    leave within a small budget. Not the authors' at paper, beside the decoder: their deviation is a sigmoid of at \
    least 1e-3, they train up to 400,000 steps, where 100 epochs are 55,000, and they measure codes of training images.
    """
}
