extension Catalog {
  /// One autoencoder under every bound and regularizer.
  static let autoencoders = [vae, iwae, betaVAE, ae, mmdVAE, steinVAE, aae, infoVAE]

  /// The objective is the paper's. Its network had one hidden layer of 500 and Adagrad; here the two layers and the
  /// Adam that have become usual.
  public static let vae = System(
    "vae", "a Gaussian encoder, and its KL to the prior in closed form",
    paper: Paper("kingma2014", "Kingma & Welling 2014, Auto-Encoding Variational Bayes (arXiv:1312.6114)"),
    design: AutoencoderDesign())

  /// Networks, batch and Adam's constants are the paper's for one stochastic layer. It draws k = 1, 5 or 50 codes; 5
  /// costs a tenth of 50. Its learning rate falls in eight stages over 3280 epochs; here it stays at the first.
  public static let iwae = System(
    "iwae", "the same autoencoder on a tighter bound, from k weighted codes",
    paper: Paper(
      "burda2016", "Burda, Grosse & Salakhutdinov 2016, Importance Weighted Autoencoders (arXiv:1509.00519)"),
    design: AutoencoderDesign {
      $0.samples = 5
      $0.bound = .importanceWeighted
      $0.regularizer.divergence = .monteCarloKL
      $0.encoder.hidden = [200, 200]
      $0.decoder.hidden = [200, 200]
      $0.encoder.activation = .tanh
      $0.decoder.activation = .tanh
    }
  ) {
    $0.training.batchSize = 20
    $0.training.adam.epsilon = 1e-4
  }

  /// All but beta is that of `vae`, so that the two differ in one number.
  public static let betaVAE = System(
    "beta-vae", "the same autoencoder with the KL multiplied by beta",
    paper: Paper(
      "higgins2017",
      "Higgins et al. 2017, beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework (ICLR)"),
    design: AutoencoderDesign { $0.regularizer.factor.weight = 4 })

  private static let infoPaper = Paper(
    "zhao2017", "Zhao, Song & Ermon 2017, InfoVAE: Information Maximizing Variational Autoencoders (arXiv:1706.02262)")

  /// Networks and step size of the authors' code for MNIST, which all of these share with each other.
  private static func info(
    _ divergence: Divergence, _ change: (inout AutoencoderDesign) -> Void = { _ in }
  ) -> AutoencoderDesign {
    AutoencoderDesign {
      $0.encoder.network = .conv
      $0.decoder.network = .conv
      $0.encoder.hidden = [1024]
      $0.decoder.hidden = [1024]
      $0.encoder.activation = .leakyReLU
      $0.latent.dimensions = 10
      $0.regularizer.divergence = divergence
      change(&$0)
    }
  }

  /// The probabilistic autoencoder: no term on the codes.
  public static let ae = System(
    "ae", "no regularizer: an autoencoder that is sampled by a Markov chain", paper: infoPaper, design: info(.none))

  /// Weight and kernel are those of the authors' experiments on MNIST: 1 beside a mean over pixels, which is 784 in nats
  /// of an image, with exp(-r2/2d) and 200 draws from the prior. The 50 of another script of theirs, with exp(-r2/d2),
  /// weighs the noise of these draws so much that codes say next to nothing of x.
  public static let mmdVAE = System(
    "mmd-vae", "the same autoencoder under the MMD of its codes to the prior", paper: infoPaper,
    design: info(.mmd) {
      $0.regularizer.factor.weight = 1
      $0.regularizer.factor.unit = .dimension
      $0.regularizer.kernel = .gaussian
    })

  /// In the script with 50 on MMD the authors weigh it a tenth of that.
  public static let steinVAE = System(
    "stein-vae", "the same autoencoder under the Stein variational gradient", paper: infoPaper,
    design: info(.stein) {
      $0.regularizer.factor.weight = 5
      $0.regularizer.factor.unit = .dimension
    })

  /// A critic 512-512 and a weight of 100 are those of Zhao et al. 2017, with whose networks the system is compared.
  public static let aae = System(
    "aae", "the same autoencoder against a critic of its codes",
    paper: Paper(
      "makhzani2016",
      "Makhzani, Shlens, Jaitly, Goodfellow & Frey 2016, Adversarial Autoencoders (arXiv:1511.05644)"),
    design: info(.adversarial) { $0.regularizer.factor.weight = 100 })

  /// Both weights, in nats of an example: the whole KL of single codes and 1000 times the MMD of their marginal.
  public static let infoVAE = System(
    "infovae", "the family with both weights, alpha and lambda", paper: infoPaper,
    design: info(.info) {
      $0.regularizer.alpha = 0
      $0.regularizer.lambda = 1000
    })
}
