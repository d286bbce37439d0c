import Evaluation
import Figures
import Foundation
import Runs
import Systems
import Training

extension Experiment {
  /// True, reconstructed and sampled faces.
  static let aslFigure7 = faces(
    "asl/figure-7", "faces: true and reconstructed images, and samples of MI-ASL", ["mi-asl"],
    [.samples, .reconstructions])

  /// Samples of faces by both encoders.
  static let aslFigure10 = faces(
    "asl/figure-10", "samples of faces by MI-ASL and VAE-ASL", ["mi-asl", "vae-asl"], [.samples])

  /// Paths between codes of faces.
  static let aslFigure11 = faces(
    "asl/figure-11", "interpolations between codes of faces under MI-ASL", ["mi-asl"], [.interpolations])

  private static func faces(_ name: String, _ summary: String, _ systems: [String], _ drawings: [Drawing]) -> Experiment
  {
    Experiment(
      name: name, summary: summary, notes: faceNotes,
      cells: { scale in
        systems.map {
          Cell($0, settings($0, scale), metrics: [.squaredError], limit: ASL.limit(scale), drawings: drawings)
        }
      })
  }

  /// The losses of the three stages.
  static let aslFigure12 = Experiment(
    name: "asl/figure-12", summary: "losses of encoder, density and regression over the training on faces",
    notes: faceNotes
      + " A loss is smooth where it never rises by much: the largest rise between means of successive tenths of a stage, as a share of its "
      + "fall in all. figures/losses.svg of the cell.",
    cells: { scale in
      [
        Cell("mi-asl", on: scale == .smoke ? "strokes" : "celeba") { job in
          var settings = settings("mi-asl", scale)
          settings.training.logEvery = scale == .paper ? 100 : scale == .cpu ? 10 : 1
          (settings.training.seed, settings.data.seed, settings.data.name) = (job.seed, job.seed, job.data)
          let run =
            try job.run.exists
            ? Run.resume(settings, in: job.run, place: job.place) : Run.begin(settings, in: job.run, place: job.place)
          let (outcome, progress) = try run.train(observer: job.observer, shouldStop: job.shouldStop)
          guard outcome != .interrupted else { return nil }
          let curves = try run.stageRuns.map { name, stage in (name, try StageLosses(stage)) }
          let charts = curves.map { name, losses in
            LineChart.Series(name, x: losses.share, y: losses.fallen)
          }
          try LineChart(
            title: "Losses of the stages", x: Axis("share of the stage"), y: Axis("loss, 1 at first and 0 at last"),
            series: charts
          ).write(to: URL(fileURLWithPath: job.run.figures + "/losses.svg"))
          return (
            Dictionary(uniqueKeysWithValues: curves.map { ("rise:\($0)", Results.Number(value: $1.largestRise)) }),
            progress.step
          )
        }
      ]
    },
    claims: { _ in
      ["encoder", "density", "regression"].map { stage in
        Claim(
          "The loss of the \(stage) falls smoothly (here: no rise above a tenth of its fall).",
          Measure("rise:\(stage)")("mi-asl") < 0.1)
      }
    })

  /// Images of 64 x 64 in colour.
  private static func settings(_ system: String, _ scale: Scale) -> RunSettings {
    var settings = ASL.images(system, scale == .smoke ? "strokes" : "celeba", scale)
    guard scale == .cpu, var design = settings.design as? SupervisedDesign else { return settings }
    design.encoder.channels = [32, 64, 128, 128]
    settings.design = design
    return settings
  }

  private static let faceNotes = """
    Faces of 64 x 64 pixels, codes of 128: CelebA in --data-root, cut and halved, or your own folder by --data with images of that size. Encoder of \
    64-128-256-512 maps with batch norm and leaky rectifiers, then dense layers of 1024-256-512-256 (MI; the first is the paper's convolution to 1 x 1) or \
    256 (VAE); decoder of 512-256-256-128 maps with batch norm; 20 couplings of three layers of 128. Loss, rate, batch and all of the Stein \
    discrepancy as on Fashion-MNIST. smoke: 200 strokes; cpu: 20,000 faces, 32-64-128-128 maps, 8 couplings of 128-128, 10 epochs of the encoder, 30 of \
    the density, 5 of the regression; paper: 200 epochs a stage.
    """
}

/// The loss of a stage over its training.
private struct StageLosses {
  /// How far the stage was, from 0 to 1.
  let share: [Double]
  /// The loss, 1 at first and 0 at last.
  let fallen: [Double]
  /// The largest rise between means of successive tenths, as a share of the fall.
  let largestRise: Double

  init(_ run: RunDirectory) throws {
    let records = try MetricsLog.records(run.metrics).filter { $0.kind == .train }
    let key = records.first?.values.keys.sorted().first {
      $0 == "loss" || $0.hasPrefix("loss_") || $0.contains("_loss")
    }
    let losses = records.compactMap { record in key.flatMap { record.values[$0] } }
    let last = Double(records.last?.step ?? 1)
    let share = records.map { Double($0.step) / last }
    let (first, end) = (losses.first ?? 0, losses.last ?? 0)
    let fall = first > end ? first - end : 1
    let fallen = losses.map { ($0 - end) / fall }
    let tenths = (0..<10).compactMap { tenth -> Double? in
      let part = zip(share, fallen).filter { $0.0 > Double(tenth) / 10 && $0.0 <= Double(tenth + 1) / 10 }.map(\.1)
      return part.isEmpty ? nil : part.reduce(0, +) / Double(part.count)
    }
    (self.share, self.fallen) = (share, fallen)
    // A loss that did not fall, or was not looked at, is not smooth.
    let rises = zip(tenths, tenths.dropFirst()).map { $1 - $0 }
    largestRise = first > end && tenths.count >= 5 ? rises.max()! : .infinity
  }
}
