extension Catalog {
  /// One model with auxiliary variables, stochastic layers and classes, each of which may be missing.
  static let auxiliaryModels = [avae, m2, adgm, sdgm]

  private static let maaloe = Paper(
    "maaloe2016", "Maaløe, Sønderby, Sønderby & Winther 2016, Auxiliary Deep Generative Models (arXiv:1602.05473)")

  static let kingmaSSL = Paper(
    "kingma2014ssl",
    "Kingma, Rezende, Mohamed & Welling 2014, Semi-Supervised Learning with Deep Generative Models (arXiv:1406.5298)")

  /// The authors' sizes for MNIST with 100 labels, and their N(0, 1) prior on weights.
  private static func semiSupervised(
    _ change: (inout AuxiliaryModelDesign) -> Void = { _ in }
  ) -> AuxiliaryModelDesign {
    AuxiliaryModelDesign(learnsClasses: true) {
      $0.latent.dimensions = 100
      $0.samples = 5
      $0.auxiliary.weightPrior = true
      $0.semi.labels.perClass = 10
      change(&$0)
    }
  }

  /// The authors' batches, rates and limits of gradients.
  private static func semiSupervised(_ settings: inout RunSettings) {
    settings.data.validation = 0
    settings.training.epochs = 1000
    settings.training.learningRate = 3e-4
    settings.training.schedule.kind = .step
    settings.training.schedule.factor = 0.75
    settings.training.schedule.everyEpochs = 200
    settings.training.schedule.floor = 3e-5
    settings.training.clip.norm = 5
    settings.training.clip.value = 1
  }

  /// The authors' settings for Table 1, one stochastic layer; `auxiliary.upper=[32]` is their two. Leak and variances are
  /// those of the script for ladder VAEs that they took its settings from.
  public static let avae = System(
    "avae", "no labels: auxiliary variables make the posterior richer", paper: maaloe,
    design: AuxiliaryModelDesign(learnsClasses: false) {
      $0.latent.dimensions = 64
      $0.auxiliary.dimensions = 64
      $0.encoder.hidden = [512, 512]
      $0.decoder.hidden = [512, 512]
      $0.encoder.activation = .leakyReLU
      $0.decoder.activation = .leakyReLU
      $0.encoder.slope = 0.01
      $0.decoder.slope = 0.01
      $0.auxiliary.variances = .softplus
      $0.warmup.warmupEpochs = 200
    }
  ) {
    $0.training.epochs = 2000
    $0.training.batchSize = 256
    $0.training.learningRate = 2e-4
    $0.training.adam.epsilon = 1e-4
    $0.training.clip.norm = 4
    $0.training.clip.value = 0.9
  }

  /// The second model of the paper that the auxiliary variables extend. Over all data its alpha is 0.1 N on the mean over
  /// labelled examples, beside sums of bounds over all examples (Eq. 9): here each of them counts alike.
  public static let m2 = System(
    "m2", "few labels: a class y beside the codes", paper: kingmaSSL,
    design: semiSupervised {
      $0.samples = 1
      $0.auxiliary.kind = .none
      $0.auxiliary.batchNorm = false
      $0.latent.dimensions = 50
      $0.encoder.hidden = [500]
      $0.decoder.hidden = [500]
      $0.encoder.activation = .softplus
      $0.decoder.activation = .softplus
      $0.semi.weight = nil
    }
  ) {
    semiSupervised(&$0)
    $0.training.epochs = 3000
    $0.training.schedule = ScheduleSettings()
    $0.training.clip = ClippingSettings()
  }

  /// The auxiliary deep generative model.
  public static let adgm = System(
    "adgm", "few labels: a class y, and an auxiliary variable for q alone", paper: maaloe, design: semiSupervised(),
    semiSupervised)

  /// The skip deep generative model.
  public static let sdgm = System(
    "sdgm", "few labels: adgm, with p(x|.) given the auxiliary variable too", paper: maaloe,
    design: semiSupervised { $0.auxiliary.skip = true }, semiSupervised)

  /// A network from examples to classes that sees only the labelled ones, beside which semi-supervised models are put.
  ///
  /// A step takes `labels.batchSize` labelled examples, and an epoch counts as many steps as for the models
  /// that see the others too.
  public static let classifier = System(
    "classifier", "labelled examples alone: a network that predicts the class",
    paper: Paper(
      "kingma2014ssl-nn",
      "Kingma, Rezende, Mohamed & Welling 2014, Semi-Supervised Learning with Deep Generative Models "
        + "(arXiv:1406.5298), the baseline NN of Table 1"),
    design: ClassifierDesign()
  ) { $0.data.validation = 0 }
}
