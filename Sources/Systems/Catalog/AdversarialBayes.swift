extension Catalog {
  /// Autoencoders whose posterior is a sampler without a density.
  static let adversarialBayes = [avb, avbAC]

  /// The authors' encoder: noise is added to every convolution.
  public static let avb = adversarial("avb", "an encoder without a density, and its KL by a critic of (x, z)") {
    $0.encoder.noise.noise = .layers
    $0.encoder.noise.noiseSize = 32
  }

  /// The authors' encoder for 32 dimensions: 32 noises of 64 with coefficients of x, whose moments are known.
  public static let avbAC = adversarial(
    "avb-ac", "the same with an adaptive contrast: the critic sees standardized codes"
  ) {
    $0.encoder.noise.noise = .basis
    $0.encoder.noise.noiseSize = 64
    $0.encoder.noise.basisCount = 32
    $0.encoder.batchNorm = true
    $0.regularizer.contrast = .adaptive
  }

  /// Networks and training of the authors' code for binarized MNIST. They divide the loss by the number of pixels, which
  /// Adam undoes.
  private static func adversarial(
    _ name: String, _ summary: String, _ change: (inout AutoencoderDesign) -> Void
  ) -> System {
    System(
      name, summary,
      paper: Paper(
        "mescheder2017",
        "Mescheder, Nowozin & Geiger 2017, Adversarial Variational Bayes: Unifying Variational Autoencoders and "
          + "Generative Adversarial Networks (arXiv:1701.04722)"),
      design: AutoencoderDesign {
        $0.encoder.network = .conv
        $0.encoder.channels = [64, 128, 256, 512]
        $0.encoder.conv.filter = 5
        $0.encoder.conv.strides = [1, 1, 2, 2]
        $0.encoder.hidden = []
        $0.encoder.activation = .elu
        $0.encoder.centred = true
        $0.decoder.network = .conv
        $0.decoder.channels = [512, 256, 128, 64]
        $0.decoder.conv.filter = 5
        $0.decoder.conv.strides = [2, 2, 1, 1]
        $0.decoder.hidden = []
        $0.decoder.activation = .elu
        $0.latent.dimensions = 32
        $0.regularizer.divergence = .criticKL
        $0.adversary.network = .innerProduct
        $0.adversary.hidden = [1024, 1024, 1024]
        $0.adversary.baseMeasure = true
        $0.adversary.critic.side.learningRate = 1e-4
        change(&$0)
      }
    ) {
      $0.training.epochs = nil
      $0.training.steps = 2_500_000
      $0.training.batchSize = 128
      $0.training.learningRate = 5e-5
      $0.training.adam.beta1 = 0.5
    }
  }
}
