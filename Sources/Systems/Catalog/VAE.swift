extension System {
  /// The variational autoencoder.
  ///
  /// The objective is the paper's. Its network had one hidden layer of 500 and Adagrad; here the two layers and
  /// the Adam that have become usual.
  static let vae = System(
    name: "vae",
    paper: Paper(
      key: "kingma2014",
      citation: "Kingma & Welling 2014, Auto-Encoding Variational Bayes (arXiv:1312.6114)"),
    summary: "a Gaussian encoder, and its KL to the prior in closed form",
    make: AutoencoderFactory.make)
}
