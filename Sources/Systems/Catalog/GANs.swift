extension Catalog {
  /// Codes, batch, rate and Adam's constants are those of Radford et al. 2016; images have their networks.
  public static let gan = System(
    "gan", "a generator of examples against a critic that tells them from data",
    paper: Paper(
      "goodfellow2014", "Goodfellow et al. 2014, Generative Adversarial Nets (arXiv:1406.2661)"),
    design: GANDesign { $0.adversary.critic.objective = .nonSaturating }
  ) {
    $0.data.validation = 0
    $0.training.batchSize = 128
    $0.training.learningRate = 2e-4
    $0.training.adam.beta1 = 0.5
  }
}
