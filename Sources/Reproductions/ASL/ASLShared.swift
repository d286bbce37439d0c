import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Runs
import Systems
import Torch
import Training

/// What the experiments of auxiliary supervised learning share.
enum ASL {
  /// The synthetic sets: the paper shows six and names none, so that these are ours.
  static let pointSets = ["eight-gaussians", "checkerboard", "pinwheel", "rings-thin", "swiss-roll-3d", "s-curve-3d"]

  static func pointSets(_ scale: Experiment.Scale) -> [String] {
    scale == .smoke ? ["eight-gaussians", "swiss-roll-3d"] : pointSets
  }

  static let pointNotes = """
    Six sets with what the paper names (modes, near-singular densities, manifolds); which sets it has is not told, these are ours. Codes \
    of two dimensions; networks of three layers of 128, those of a flow of two. MI encoder: beta .5, lambda 100, U-statistic, floor .001; g from the \
    encoder's, squared loss; full covariance of the residuals. VAE: Gaussian with one learned scale, floor 1e-6 as its noise is among its samples. \
    VAE and flow have as many steps as two stages of ASL, which is the longest way through it, and the flow the networks of its density. Adam 1e-3, \
    batches of 256 of 10,000 points, none held out; all is measured at the last step. cpu: 8 couplings of 64-64, 2,000 steps a stage; paper: 16 of \
    256-256, 20,000. Beta, lambda, floors, optimizer and lengths are ours.
    """

  /// A system on a set of points: `asl`, `vae` or `flow`.
  static func points(_ system: String, _ set: String, _ scale: Experiment.Scale) -> RunSettings {
    var design = SupervisedDesign()
    if scale == .smoke {
      (design.encoder.hidden, design.regression.hidden) = ([8], [8])
      (design.density.couplings, design.density.hidden) = (2, [8])
    } else if scale == .cpu {
      (design.density.couplings, design.density.hidden) = (8, [64, 64])
    }
    if system == "vae" { (design.encoder.from, design.encoder.floor) = ("vae", 1e-6) }
    var settings = Catalog.asl.defaults
    settings.design = design
    settings.data.name = set
    settings.data.limit = scale == .smoke ? 200 : nil
    settings.data.validation = 0
    settings.training.epochs = nil
    let steps = scale == .smoke ? 5 : scale == .cpu ? 2000 : 20_000
    settings.training.steps = steps
    switch system {
    case "asl": return settings
    case "vae":
      settings.training.steps = 2 * steps
      return stage(0, of: settings)
    default:
      settings.training.steps = 2 * steps
      var flow = stage(1, of: settings)
      flow.data.codeUse = .means
      return flow
    }
  }

  /// The settings of a stage that a run of points or images has.
  private static func stage(_ index: Int, of settings: RunSettings) -> RunSettings {
    guard let design = settings.design as? SupervisedDesign else {
      preconditionFailure("\(settings.model): expected stages")
    }
    guard let set = DataCatalog.entries.first(where: { $0.info.name == settings.data.name }) else {
      preconditionFailure("\(settings.data.name): expected a set of the catalog")
    }
    return design.stages(settings, Facts(shape: set.info.shape))[index].settings
  }

  // MARK: Images

  static let imageNotes = """
    One architecture for all: encoder and decoder of Table 2, Fashion-MNIST 64-64-128 maps and 32 dimensions, CIFAR-10 64-128-256 and 128 \
    (ours), Gaussian pixels; the MI encoder has two dense layers of 256 with its noise. beta .5, lambda 100, U-statistic, floor .001, Adam \
    1e-3, batches of 256, squared loss: ours, and the same in all cells, but for the rates of the two-stage VAE at paper, which are its authors'. \
    Two-stage VAE: learned scales in both stages, second stage 3 x 1024. None of the training images are held out, and all is measured at the last step. \
    cpu: 20,000 images, 10 epochs of the encoder, 30 of the density (8 couplings of 128-128), 5 of the regression; 15 of VAE and of the first stage of \
    the two-stage VAE, so that all decoders learn as long. paper: 200 epochs a stage, 400 of VAE, the two-stage authors' 400 and 800. \
    Samples are predictions g(u); reconstructions of VAE-ASL are of mean codes, those of MI-ASL of draws. FID by the feature network of the data set, 10,000 samples against 10,000 test images; its floor is that \
    of two halves of the test set. Where CIFAR-10's test file is missing, the fifth training batch is held out, and said.
    """

  static let systems = ["vae", "two-stage-vae", "vae-asl", "mi-asl"]

  /// Each system on images, and the one that it is a stage of.
  private static let wholes: [String: System] = [
    "vae": Catalog.vaeASL, "vae-asl": Catalog.vaeASL, "mi": Catalog.miASL, "mi-asl": Catalog.miASL,
    "two-stage-vae": Catalog.twoStageVAE,
  ]

  /// A system on images: `vae`, `mi`, `two-stage-vae`, `vae-asl` or `mi-asl`.
  static func images(_ system: String, _ data: String, _ scale: Experiment.Scale) -> RunSettings {
    guard var settings = wholes[system]?.defaults, var design = settings.design as? SupervisedDesign
    else { preconditionFailure("\(system): expected a system of stages") }
    settings.data.name = data
    settings.training.batchSize = 256
    settings.training.learningRate = 1e-3
    settings.data.validation = 0
    let isTwoStage = system == "two-stage-vae"
    switch scale {
    case .smoke:
      settings.data.name = "strokes"
      (settings.data.limit, settings.training.epochs, settings.training.batchSize) = (200, 1, 50)
      (design.encoder.channels, design.encoder.hidden) = ([4, 4], [8])
      (design.encoder.dimensions, design.density.couplings, design.density.hidden) = (4, 2, [8])
      (design.encoder.training, design.density.training) = (StageTrainingSettings(), StageTrainingSettings())
    case .cpu:
      settings.data.limit = 20_000
      (design.encoder.training, design.density.training) = (StageTrainingSettings(), StageTrainingSettings())
      settings.training.epochs = ["vae", "two-stage-vae"].contains(system) ? 15 : 10
      design.density.training.epochs = 30
      design.regression.training.epochs = 5
      if !isTwoStage { (design.density.couplings, design.density.hidden) = (8, [128, 128]) }
    case .paper:
      if !isTwoStage { settings.training.epochs = system == "vae" ? 400 : 200 }
    }
    settings.design = design
    return ["vae", "mi"].contains(system) ? stage(0, of: settings) : settings
  }

  static func limit(_ scale: Experiment.Scale) -> Int? { scale == .smoke ? 100 : nil }
}

extension Drawing {
  /// Test points and draws of the model, where examples are points of two or three dimensions: `points.svg`.
  static let points = Drawing { scene in
    let shape = scene.run.facts.shape
    guard shape == [2] || shape == [3] else { return }
    let count = min(shownPoints, scene.test.count)
    let drawn = try scene.run.samples(count, as: .draws, seed: scene.seed)
    let data = try scene.batch(count).x
    for (name, title, x) in [("points", "Draws of the model", drawn), ("data", "Data", data)] {
      try plot(title, x).write(to: URL(fileURLWithPath: "\(scene.figures)/\(name).svg"))
    }
  }

  private static func plot(_ title: String, _ x: Tensor) -> any Chart {
    let columns = (0..<x.size(1)).map { x.at($0, axis: 1).to(.float64).array(Double.self) }
    guard columns.count == 3 else {
      return ScatterPlot(title: title, x: "x1", y: "x2", groups: [.init("", x: columns[0], y: columns[1])])
    }
    let points = columns[0].indices.map { (x: columns[0][$0], y: columns[1][$0], z: columns[2][$0]) }
    return ScatterPlot3D(title: title, x: "x1", y: "x2", z: "x3", groups: [.init("", points: points)])
  }

  private static let shownPoints = 2000

  /// Test images, each beside what the model makes of its code: `reconstructions.png`.
  static let reconstructions = Drawing { scene in
    guard Pictures.canShow(scene.run.facts.shape) else { return }
    let x = try scene.batch(reconstructed).x
    let again = Pictures.reconstructions(of: x, by: try scene.run.model(as: .codesAndPrior), using: scene.rng)
    let (one, other) = try (
      Pictures.images(scene.run.scaling.intensities(x)), Pictures.images(scene.run.scaling.intensities(again))
    )
    try ImageGrid(originals: one, reconstructions: other).render()
      .write(to: URL(fileURLWithPath: "\(scene.figures)/reconstructions.png"))
  }

  private static let reconstructed = 32

  /// A t-SNE map of draws of q(z|x), coloured by class: `map.svg`.
  static let codeMap = Drawing { scene in
    let codes = try Codes(
      scene.run.model(as: .codes), scene.test, rows: Array(0..<min(mapped, scene.test.count)), using: scene.rng)
    guard let labels = codes.labels?.array(Int64.self).map(Int.init), let most = labels.max() else { return }
    let map = try TSNE(perplexity: min(30, Double(codes.count - 1) / 3))(codes.draws, using: scene.rng)
    let points = map.points.array(Double.self)
    let names = scene.run.facts.classNames ?? (0...most).map(String.init)
    try scene.write(
      ScatterPlot(
        title: "t-SNE of codes", x: "first coordinate", y: "second coordinate",
        points: labels.indices.map { (points[2 * $0], points[2 * $0 + 1]) }, labels: labels, names: names), to: "map")
  }

  private static let mapped = 5000
}
