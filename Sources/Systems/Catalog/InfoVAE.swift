extension System {
  private static let infoPaper = Paper(
    key: "zhao2017",
    citation:
      "Zhao, Song & Ermon 2017, InfoVAE: Information Maximizing Variational Autoencoders (arXiv:1706.02262)")

  /// Networks and step size of the authors' code for MNIST, which all of these share with each other.
  private static func info(
    _ name: String, _ summary: String, _ divergence: Divergence, _ changes: @escaping (inout RunSettings) -> Void
  ) -> System {
    System(
      name: name, paper: infoPaper, summary: summary,
      changes: { settings in
        settings.encoder.network = .conv
        settings.decoder.network = .conv
        settings.encoder.hidden = [1024]
        settings.decoder.hidden = [1024]
        settings.encoder.activation = .leakyReLU
        settings.latent.dimensions = 10
        settings.regularizer.divergence = divergence
        changes(&settings)
      },
      make: AutoencoderFactory.make)
  }

  /// The probabilistic autoencoder: no term on the codes.
  static let ae = info("ae", "no regularizer: an autoencoder that is sampled by a Markov chain", .none) { _ in }

  /// 50 on a likelihood by pixel and 200 draws from the prior are the authors'.
  static let mmdVAE = info("mmd-vae", "the same autoencoder under the MMD of its codes to the prior", .mmd) {
    $0.regularizer.weight = 50
    $0.regularizer.unit = .dimension
  }

  /// The authors weigh it a tenth of the MMD.
  static let steinVAE = info("stein-vae", "the same autoencoder under Stein's variational gradient", .stein) {
    $0.regularizer.weight = 5
    $0.regularizer.unit = .dimension
  }

  /// A critic 512-512 and a weight of 100 are the authors'.
  static let aae = info("aae", "the same autoencoder against a critic of its codes", .adversarial) {
    $0.regularizer.weight = 100
  }

  /// Both weights, in nats of an example: the whole KL of single codes and 1000 times the MMD of their marginal.
  static let infoVAE = info("infovae", "the family with both weights, alpha and lambda", .info) {
    $0.regularizer.alpha = 0
    $0.regularizer.lambda = 1000
  }
}
