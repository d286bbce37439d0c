extension Catalog {
  /// Systems of two sets of examples.
  static let twoDomains = [cycleGAN, ada]

  /// The settings of the authors' code: least squares, a history of 50, and 200 epochs of single images, the rate of the
  /// second half falling to 0.
  public static let cycleGAN = System(
    "cyclegan", "two translators between domains, with a critic of each",
    paper: Paper(
      "zhu2017",
      "Zhu, Park, Isola & Efros 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks "
        + "(arXiv:1703.10593)"),
    design: CycleGANDesign { $0.adversary.critic.objective = .leastSquares }
  ) {
    $0.data.validation = 0
    $0.training.epochs = 200
    $0.training.batchSize = 1
    $0.training.learningRate = 2e-4
    $0.training.adam.beta1 = 0.5
    $0.training.schedule.kind = .linear
    $0.training.schedule.afterEpochs = 100
  }

  /// Networks and rates are those of the paper for digits; a batch has as many examples of the target.
  public static let ada = System(
    "ada", "a classifier for examples of a domain without labels",
    paper: Paper(
      "ganin2016",
      "Ganin, Ustinova, Ajakan, Germain, Larochelle, Laviolette, Marchand & Lempitsky 2016, Domain-Adversarial Training "
        + "of Neural Networks (arXiv:1505.07818)"),
    design: ADADesign()
  ) {
    $0.data.validation = 0
    $0.training.epochs = nil
    $0.training.steps = 8600
    $0.training.batchSize = 64
    $0.training.optimizer = .sgd
    $0.training.sgd.momentum = 0.9
    $0.training.learningRate = 0.01
    $0.training.schedule.kind = .inverse
  }
}
