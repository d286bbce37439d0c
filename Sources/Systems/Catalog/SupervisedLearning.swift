extension Catalog {
  /// Systems of auxiliary supervised learning, and the regression that is their third stage.
  static let supervisedLearning = [asl, vaeASL, miASL, twoStageVAE, regression]

  private static let paper = Paper(
    "asl2022",
    "Anonymous 2022, Training Deep Generative Models via Auxiliary Supervised Learning (OpenReview Zwy3usE9RxT)")

  /// Networks and lengths of codes are those of the paper's Table 2, by the shape of examples. Rate, batch, epochs and all
  /// of the Stein discrepancy are ours: the paper has none of them.
  private static func supervised(
    _ name: String, _ summary: String, paper: Paper = paper, _ change: (inout SupervisedDesign) -> Void = { _ in },
    training: (inout RunSettings) -> Void = { _ in }
  ) -> System {
    System(name, summary, paper: paper, design: SupervisedDesign(change)) {
      $0.data.name = "fashion-mnist"
      $0.training.epochs = 50
      $0.training.batchSize = 256
      training(&$0)
    }
  }

  /// The encoder and the density are options: `encoder.from`, `density.kind`.
  public static let asl = supervised("asl", "an encoder first, then a density of its codes and a regression back")

  /// The encoder is that of a VAE.
  public static let vaeASL = supervised("vae-asl", "the same behind the encoder of a VAE") { $0.encoder.from = "vae" }

  /// The encoder is trained for information.
  public static let miASL = supervised("mi-asl", "the same behind an encoder that is trained for information")

  /// As the authors ran it: rate, batch, 400 and 800 epochs, falls by half every 150 and 300 of them. Both decoders learn
  /// their noise; networks of the first stage are those of its rivals here.
  public static let twoStageVAE = supervised(
    "two-stage-vae", "a VAE, and a second one of its codes",
    paper: Paper("dai2019", "Dai & Wipf 2019, Diagnosing and Enhancing VAE Models (arXiv:1903.05789)"),
    {
      $0.encoder.from = "vae"
      $0.density.kind = .vae
      $0.regression.loss = .decoder
      $0.encoder.training.epochs = 400
      $0.density.training.epochs = 800
      $0.encoder.training.schedule = halving(every: 150)
      $0.density.training.schedule = halving(every: 300)
    },
    training: {
      $0.training.batchSize = 64
      $0.training.learningRate = 1e-4
    })

  private static func halving(every epochs: Int) -> ScheduleSettings {
    var schedule = ScheduleSettings()
    (schedule.kind, schedule.factor, schedule.everyEpochs) = (.step, 0.5, epochs)
    return schedule
  }

  /// The third stage alone, behind any run that can encode.
  public static let regression = System(
    "regression", "a regression of examples on the codes of another run", paper: paper,
    design: RegressionDesign {
      $0.decoder.network = .conv
      $0.decoder.channels = [128, 64, 64]
      $0.decoder.hidden = []
      $0.latent.dimensions = 32
      $0.likelihood.mean = .sigmoid
    }
  ) {
    $0.data.name = "fashion-mnist"
    $0.training.epochs = 50
    $0.training.batchSize = 256
  }
}
