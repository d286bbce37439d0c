extension System {
  /// The importance-weighted autoencoder.
  ///
  /// Networks, batch and Adam's constants are the paper's for one stochastic layer. It draws k = 1, 5 or 50 codes; 5
  /// costs a tenth of 50. Its learning rate falls in eight stages over 3280 epochs; here it stays at the first.
  static let iwae = System(
    name: "iwae",
    paper: Paper(
      key: "burda2016",
      citation:
        "Burda, Grosse & Salakhutdinov 2016, Importance Weighted Autoencoders (arXiv:1509.00519)"),
    summary: "the same autoencoder on a tighter bound, from k weighted codes",
    changes: { settings in
      settings.samples = 5
      settings.bound = .importanceWeighted
      settings.regularizer.divergence = .monteCarloKL
      settings.encoder.hidden = [200, 200]
      settings.decoder.hidden = [200, 200]
      settings.encoder.activation = .tanh
      settings.decoder.activation = .tanh
      settings.training.batchSize = 20
      settings.training.adam.epsilon = 1e-4
    },
    make: AutoencoderFactory.make)
}
