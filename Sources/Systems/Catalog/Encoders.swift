extension Catalog {
  /// Encoders of which a regression back to the examples is easy.
  static let encoders = [mi, infoMax]

  /// The layers of the paper's Table 2 for Fashion-MNIST: convolutions of 4x4, stride 2, and dense layers of 256.
  private static func network(_ encoder: inout EncoderSettings) {
    (encoder.network, encoder.channels, encoder.hidden) = (.conv, [64, 64, 128], [256, 256])
  }

  /// Weight, power of the kernel, floor of the variances, rate and batch are ours, as the paper has none: at 100 a
  /// scale of .8 in all 32 dimensions costs 1.6 nats, and a shift by 1 in one of them 12.7. The paper's generator
  /// begins with a nonlinearity of the code, which would throw half of it away; here it stands behind the first layer.
  public static let mi = System(
    "mi", "an encoder of noise under the Stein discrepancy, for information",
    paper: Paper(
      "asl2022",
      "Anonymous 2022, Training Deep Generative Models via Auxiliary Supervised Learning (OpenReview Zwy3usE9RxT)"),
    design: AutoencoderDesign {
      network(&$0.encoder)
      $0.encoder.noise.noise = .input
      $0.encoder.noise.noiseSize = nil
      $0.decoder.network = .conv
      $0.decoder.channels = [128, 64, 64]
      $0.decoder.hidden = []
      $0.latent.dimensions = 32
      $0.points = PointSettings()
      $0.likelihood.family = .gaussian
      $0.likelihood.mean = .sigmoid
      $0.likelihood.scale = .perDimension
      $0.likelihood.floor = 1e-3
      $0.regularizer.divergence = .ksd
      $0.regularizer.factor.weight = 100
      $0.regularizer.estimator = .unbiased
    }
  ) { $0.training.batchSize = 256 }

  /// The statistics, the critic, the weights of the local term and of the prior, rate and batch are those of the
  /// authors; the encoder is that of `mi` without noise, the weight of the global term and the prior N(0, I) are ours.
  public static let infoMax = System(
    "infomax", "an encoder without a decoder whose codes say much of every place",
    paper: Paper(
      "hjelm2019",
      "Hjelm, Fedorov, Lavoie-Marchildon, Grewal, Bachman, Trischler & Bengio 2019, Learning Deep Representations by "
        + "Mutual Information Estimation and Maximization (arXiv:1808.06670)"),
    design: InfoMaxDesign {
      network(&$0.encoder)
      $0.latent.dimensions = 32
      $0.adversary.hidden = [1000, 200]
      $0.adversary.critic.side.learningRate = nil
    }
  ) {
    $0.data.validation = 0
    $0.training.batchSize = 64
    $0.training.learningRate = 1e-4
  }
}
