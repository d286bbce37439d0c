import Evaluation
import Figures
import Foundation
import Generative
import Inference
import Runs
import Torch

extension Experiment {
  /// Potentials of the plane under Gaussians and under mixtures that an auxiliary variable makes.
  static let adgmFigure2ab = Experiment(
    name: "adgm/figure-2ab",
    summary: "the potentials of Rezende & Mohamed 2015 under bound (18), and log Z by quadrature",
    notes: """
      Three hidden layers of 20, tanh instead of the paper's rectifiers, `a` of 4; bounds over 100,000 draws. Batches \
      of 256, Adam from 1e-2 to 0 along a cosine; log f counts from 0.1 up to 1 over the first quarter of the steps, so \
      that all modes are seen. smoke: 50 steps; cpu: 10,000; paper: 100,000. figures/samples.svg of each cell has \
      2,000 draws of q(z) on the density.
      """,
    cells: { scale in
      Target.potentials.flatMap { potential in
        kinds.map { kind in
          Cell("\(potential.name)/\(kind.name)") { seed, run, observer, shouldStop in
            let steps = scale == .smoke ? 50 : scale == .cpu ? 10_000 : 100_000
            var design = AuxiliaryFit.Design()
            design.auxiliarySize = kind.size
            design.temperature = .linear(start: 0.1, end: 1, until: .steps(steps / 4))
            let (model, outcome) = try AuxiliaryFit.fit(
              potential, design, steps: steps, learningRate: .cosine(start: 1e-2, end: 0, over: .steps(steps)),
              seed: seed, in: run, observer: observer, shouldStop: shouldStop)
            if outcome == .interrupted { return nil }
            try chart(potential, model).write(to: URL(fileURLWithPath: run.figures + "/samples.svg"))
            let draws = withoutGradients { model.bound(count: 100_000, using: RandomSource(seed: seed)) }
            let bound = Estimate(draws.array(Float.self).map(Double.init))
            return (
              [
                "bound": .init(value: bound.mean, error: bound.standardError),
                "log-z": .init(value: potential.logNormalizer!),
              ], steps
            )
          }
        }
      }
    },
    claims: { _ in
      let (bound, logZ) = (Measure("bound"), Measure("log-z"))
      return [
        Claim(
          "With an auxiliary variable the bound is far nearer to log Z than with a Gaussian alone (here: half as far).",
          .all(
            Target.potentials.map { potential in
              let (gaussian, auxiliary) = (potential.name + "/gaussian", potential.name + "/auxiliary")
              return logZ(auxiliary) - bound(auxiliary) < 0.5 * (logZ(gaussian) - bound(gaussian))
            }))
      ]
    },
    charts: { results in
      [
        (
          "bound",
          LineChart(
            title: "log Z less the bound", x: Axis("potential"), y: Axis("gap", unit: "nats"),
            series: kinds.map { kind in
              .init(
                kind.name, x: Target.potentials.indices.map { Double($0 + 1) },
                y: Target.potentials.map { gap("\($0.name)/\(kind.name)", results) }, marksPoints: true)
            })
        )
      ]
    })

  private static let kinds: [(name: String, size: Int?)] = [("gaussian", nil), ("auxiliary", 4)]

  /// log Z less the bound of a cell.
  private static func gap(_ cell: String, _ results: Results) -> Double {
    results.mean(Measure("log-z")(cell) - Measure("bound")(cell))?.value ?? .nan
  }

  /// The density with draws of q(z).
  private static func chart(_ potential: Target, _ model: AuxiliaryFit) -> ContourPlot {
    let (nodes, reach) = (100, 4.0)
    let axis = (0..<nodes).map { -reach + 2 * reach * Double($0) / Double(nodes - 1) }
    let grid = Tensor(axis.flatMap { y in axis.flatMap { [$0, y] } }, shape: [nodes * nodes, 2])
    let density = (potential.logDensity(grid) - potential.logNormalizer!).exp().array(Double.self)
    let z = model.samples(count: 2000, using: RandomSource(seed: 2)).array(Float.self).map(Double.init)
    return ContourPlot(
      title: "Density, and draws of q(z)", x: "z1", y: "z2",
      field: ScalarField(values: density, columns: nodes, rows: nodes, x: -reach...reach, y: -reach...reach),
      value: "density", layers: .colors,
      points: stride(from: 0, to: z.count, by: 2).map { (x: z[$0], y: z[$0 + 1]) }
        .filter { abs($0.x) < reach && abs($0.y) < reach })
  }
}
