import Evaluation
import Figures
import Systems

/// What the experiments of Maaløe et al. 2016 share.
enum ADGM {
  /// A semi-supervised system on MNIST with 100 labels.
  ///
  /// - Parameters:
  ///   - name: `adgm`, `sdgm`, `m2` or `deterministic`, the ADGM whose `a` is a function of `x`. All have the settings
  ///     of the ADGM, as Figure 5 wants it.
  static func settings(_ name: String, _ scale: Experiment.Scale) -> RunSettings {
    var settings = name == "sdgm" ? Catalog.sdgm.defaults : Catalog.adgm.defaults
    switch name {
    case "m2":
      settings = settings.renamed("m2")
      settings.auxiliaryModel.auxiliary.kind = .none
    case "deterministic": settings.auxiliaryModel.auxiliary.kind = .deterministic
    default: break
    }
    switch scale {
    case .smoke:
      small(&settings)
      settings.auxiliaryModel.semi.labels.perClass = 5
      settings.auxiliaryModel.semi.labels.batchSize = 50
    case .cpu:
      settings.auxiliaryModel.samples = 1
      settings.auxiliaryModel.encoder.hidden = [200, 200]
      settings.auxiliaryModel.decoder.hidden = [200, 200]
      settings.auxiliaryModel.latent.dimensions = 50
      settings.auxiliaryModel.auxiliary.dimensions = 50
      settings.training.learningRate = 1e-3
      settings.training.epochs = 15
      settings.training.keepEvery = 3
    case .paper: settings.training.keepEvery = 10
    }
    return settings
  }

  /// Seconds instead of hours: generated digits and small networks.
  static func small(_ settings: inout RunSettings) {
    smallTraining(&settings)
    settings.auxiliaryModel.samples = 1
    settings.auxiliaryModel.encoder.hidden = [32, 32]
    settings.auxiliaryModel.decoder.hidden = [32, 32]
    settings.auxiliaryModel.latent.dimensions = 8
    settings.auxiliaryModel.auxiliary.dimensions = 8
  }

  /// The same of data and training alone.
  static func smallTraining(_ settings: inout RunSettings) {
    settings.data.name = "strokes"
    settings.data.limit = 200
    settings.training.batchSize = 50
    settings.training.epochs = 2
    settings.training.keepEvery = 1
    settings.training.logEvery = 2
  }

  /// Test examples at a scale.
  static func limit(_ scale: Experiment.Scale) -> Int? { scale == .smoke ? 100 : nil }

  static let notes = """
    100 labels, ten of each class; the unlabelled set has the labelled examples too. Networks of 2 x 500, a = z = 100, \
    batch norm, pixels binarized anew at every reading in training, real-valued at the test; classes averaged over 100 draws of \
    the auxiliary variable. smoke: 2 epochs of 200 generated strokes with small networks; cpu: 15 epochs from a rate \
    of 1e-3 with one draw of `a`, networks of 2 x 200, a = z = 50; paper: 5 draws of `a` in training, 1000 epochs. 784 \
    pixels: the \
    authors' script keeps all, the paper speaks of 444.
    """

  /// The classification error over the steps of every cell that has some, in %.
  static func errors(_ results: Results) -> any Chart {
    let cells = results.names.filter { !results.curve(Metric.classificationError.name, of: $0).steps.isEmpty }
    return LineChart(
      title: "Test error", x: Axis("step"), y: Axis("error", unit: "%"),
      series: cells.map { results.series(.classificationError, of: $0, times: 100) })
  }
}
