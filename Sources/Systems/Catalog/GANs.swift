extension Catalog {
  /// One generator against one critic, under weights, with classes and with codes that are recovered.
  static let gans = [gan, iwgan, cgan, iwcgan, infogan]

  private static let goodfellow = Paper(
    "goodfellow2014", "Goodfellow et al. 2014, Generative Adversarial Nets (arXiv:1406.2661)")
  static let hu = Paper(
    "hu2018", "Hu, Yang, Salakhutdinov & Xing 2018, On Unifying Deep Generative Models (arXiv:1706.00550)")
  private static let mirza = Paper(
    "mirza2014", "Mirza & Osindero 2014, Conditional Generative Adversarial Nets (arXiv:1411.1784)")

  private static func adversarial(_ change: (inout GANDesign) -> Void = { _ in }) -> GANDesign {
    GANDesign {
      $0.adversary.critic.objective = .nonSaturating
      change(&$0)
    }
  }

  /// Batch, rates, Adam's constants and decay of weights of Radford et al. 2016, whose script for MNIST takes 100 epochs
  /// and 100 more in which the rates fall to 0. There critic and generator take turns on successive batches; here the
  /// critic moves first on a batch, then the generator on the same generated examples.
  private static func dcgan(_ settings: inout RunSettings) {
    settings.data.validation = 0
    settings.training.epochs = 200
    settings.training.batchSize = 128
    settings.training.learningRate = 2e-4
    settings.training.schedule.kind = .linear
    settings.training.schedule.afterEpochs = 100
    settings.training.adam.beta1 = 0.5
    settings.training.adam.weightDecay = 2.5e-5
  }

  /// Codes, batch, rate and Adam's constants are those of Radford et al. 2016; images have their networks.
  public static let gan = System(
    "gan", "a generator of examples against a critic that tells them from data", paper: goodfellow,
    design: adversarial(), dcgan)

  /// All but the weights is that of `gan`, so that the two differ in one value.
  public static let iwgan = System(
    "iwgan", "gan with importance weights on generated examples", paper: hu,
    design: adversarial { $0.importance.weighted = true }, dcgan)

  /// Dense layers of 1024 are those of the script of Radford et al. 2016 that has classes.
  private static func conditional(_ change: (inout GANDesign) -> Void = { _ in }) -> GANDesign {
    adversarial {
      $0.conditional = true
      $0.generator.layers.hidden = [1024]
      $0.adversary.layers.hidden = [1024]
      change(&$0)
    }
  }

  public static let cgan = System(
    "cgan", "gan whose networks are given the class", paper: mirza, design: conditional(), dcgan)

  /// All but the weights is that of `cgan`.
  public static let iwcgan = System(
    "iwcgan", "cgan with importance weights on generated examples", paper: hu,
    design: conditional { $0.importance.weighted = true }, dcgan)

  /// The authors' settings for MNIST: 62 numbers of noise, one of ten classes and two numbers, a generator that learns
  /// five times as fast as the critic. The paper trains it for 50 epochs of no decay.
  public static let infogan = System(
    "infogan", "gan whose code has parts that are recovered from examples",
    paper: Paper(
      "chen2016",
      "Chen, Duan, Houthooft, Schulman, Sutskever & Abbeel 2016, InfoGAN: Interpretable Representation Learning by "
        + "Information Maximizing Generative Adversarial Nets (arXiv:1606.03657)"),
    design: adversarial {
      $0.latent.dimensions = 62
      $0.codes.categorical = [10]
      $0.codes.continuous = 2
      $0.generator.layers.hidden = [1024]
      $0.adversary.layers.hidden = [1024]
      $0.adversary.critic.side.learningRate = 2e-4
    }
  ) {
    $0.data.validation = 0
    $0.training.epochs = 50
    $0.training.batchSize = 128
    $0.training.learningRate = 1e-3
    $0.training.adam.beta1 = 0.5
  }
}
