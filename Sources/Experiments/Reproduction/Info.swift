import Evaluation

/// What the experiments of Zhao et al. 2017 share: one autoencoder under five regularizers, on binarized MNIST.
///
/// The networks are those of the authors' published code. Their MNIST decoder, a PixelCNN, was never published.
enum Info {
  /// The systems, in the paper's order, and how it writes them.
  static let systems: [(name: String, label: String)] = [
    ("vae", "ELBO"), ("mmd-vae", "MMD"), ("stein-vae", "Stein"), ("aae", "Adversarial"), ("ae", "Unregularized"),
  ]

  /// The latent dimensions of Figure 3.
  static let dimensions = [2, 5, 10, 20, 40, 80]

  /// One system at a scale.
  static func settings(
    _ system: String, dimensions: Int, _ scale: Experiment.Scale, seed: UInt64 = 1
  ) -> RunSettings {
    // All of them from one page, so that nothing but the regularizer differs.
    var settings = System.mmdVAE.defaults
    let own: RunSettings =
      switch system {
      case "mmd-vae": System.mmdVAE.defaults
      case "stein-vae": System.steinVAE.defaults
      case "aae": System.aae.defaults
      case "ae": System.ae.defaults
      default: System.vae.defaults
      }
    settings.model = system
    settings.regularizer = own.regularizer
    settings.latent.dimensions = dimensions
    settings.training.seed = seed
    switch scale {
    case .smoke:
      settings.data.name = "strokes"
      settings.data.limit = 400
      settings.data.validation = 100
      settings.encoder.channels = [4, 8]
      settings.decoder.channels = [8, 4]
      settings.encoder.hidden = [32]
      settings.decoder.hidden = [32]
      settings.training.epochs = 2
      settings.training.keepEvery = 1
      settings.training.logEvery = 5
    case .cpu:
      settings.training.epochs = 3
      settings.training.keepEvery = 1
    case .paper:
      settings.training.epochs = 100
      settings.training.keepEvery = 10
    }
    return settings
  }

  /// Test examples at a scale.
  static func limit(_ scale: Experiment.Scale) -> Int? {
    switch scale {
    case .smoke: 100
    case .cpu: 2000
    case .paper: nil
    }
  }

  static let notes = """
    Decoder: the convolutions of the authors' code, where the paper has a PixelCNN that was never published. Pixels are \
    binarized anew at every reading. smoke: 2 epochs of 400 generated strokes with small networks; cpu: 3 epochs of \
    MNIST, measured on 2,000 test images; paper: 100 epochs, all test images. One seed. Weights of the regularizers are \
    the defaults of the systems.
    """
}
