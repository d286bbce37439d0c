import Evaluation
import Figures
import Foundation
import Inference
import Runs
import Torch
import Training

extension Experiment {
  /// A density of the plane, and draws of a network that has learned it.
  static let avbFigure1 = Experiment(
    name: "avb/figure-1",
    summary: "a density of the plane and AVB's draws, beside those of a Gaussian",
    notes: """
      The paper does not say which density it shows; here it is the torus of the authors' notebook, whose log Z, E r^2 and \
      draws are exact. Networks and rates are the authors' for the eight schools. smoke: 20 rounds; cpu and paper: 10,000. \
      kl is by nearest neighbours (k = 1) between 10,000 draws each, r2 the mean of r^2, of which 2.005179 is exact. \
      figures/draws.svg of each cell has 2,000 draws on the density.
      """,
    cells: { scale in
      methods.map { method in
        Cell(method.rawValue) { seed, run, observer, shouldStop in
          let settings = AVBDensities.settings(method, scale, seed: seed)
          let found = try InferenceRun(.torus, settings).carryOut(
            in: run, reference: AVBDensities.exact(.torus, scale, seed: seed), observer: observer,
            shouldStop: shouldStop)
          guard let found else { return nil }
          try chart(found.draws).write(to: URL(fileURLWithPath: run.figures + "/draws.svg"))
          var numbers = AVBDensities.numbers(found.result)
          let squares = Estimate(found.draws.to(.float64).square().sum(1).array(Double.self))
          numbers["r2"] = .init(value: squares.mean, error: squares.standardError)
          return (numbers, settings.iterations ?? 0)
        }
      }
    },
    claims: { _ in
      let (kl, r2) = (Measure("kl"), Measure("r2"))
      return [
        Claim(
          "A neural sampler accurately approximates a density that no Gaussian fits (here: a KL of less than a tenth of the "
            + "Gaussian's).", kl("avb-ac") < 0.1 * kl("advi-fullrank")),
        Claim(
          "Its draws lie where the density is (here: E r^2 within 0.05 of 2.005).",
          r2("avb-ac").isNear(2.005179, within: 0.05)),
      ]
    },
    charts: { _ in [] })

  private static let methods: [InferenceMethod] = [.avb, .avbAC, .adviFullRank]

  private static func chart(_ draws: Tensor) -> ContourPlot {
    let (nodes, reach) = (120, 2.5)
    let axis = (0..<nodes).map { -reach + 2 * reach * Double($0) / Double(nodes - 1) }
    let grid = Tensor(axis.flatMap { y in axis.flatMap { [$0, y] } }, shape: [nodes * nodes, 2])
    let density = (Target.torus.logDensity(grid) - Target.torus.logNormalizer!).exp().array(Double.self)
    let shown = draws.narrowed(0, 0..<min(2000, draws.size(0)))
    let points = zip(AVBDensities.column(0, of: shown), AVBDensities.column(1, of: shown))
    return ContourPlot(
      title: "Density, and draws", x: "z1", y: "z2",
      field: ScalarField(values: density, columns: nodes, rows: nodes, x: -reach...reach, y: -reach...reach),
      value: "density", layers: .colors,
      points: points.map { (x: $0, y: $1) }.filter { abs($0.x) < reach && abs($0.y) < reach })
  }
}
