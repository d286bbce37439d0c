import Figures
import Foundation
import Inference
import Runs
import Torch
import Training

extension Experiment {
  /// Two marginals of the posterior of the eight schools.
  static let avbFigure4 = Experiment(
    name: "avb/figure-4",
    summary: "eight schools: (mu, tau) and (tau, eta1) by AVB with adaptive contrast, a Gaussian and HMC",
    notes: """
      Densities by a kernel of 10,000 draws: figures/mu-tau.svg and figures/tau-eta1.svg of each cell. Fits as in \
      avb/figure-3; hmc has 500 chains, whose steps are thinned by 50. imbalance is by how much the mass of a mode differs \
      from a half. Where a full-rank Gaussian ends is up to its start: in one mode, as the paper's, or between both.
      """,
    cells: { scale in
      methods.map { method in
        Cell(method.rawValue) { seed, run, observer, shouldStop in
          let target = EightSchools.authors.target
          let settings = AVBDensities.settings(method, scale, seed: seed)
          let found = try InferenceRun(target, settings).carryOut(
            in: run, reference: AVBDensities.exact(target, scale, seed: seed), observer: observer,
            shouldStop: shouldStop)
          guard let found else { return nil }
          for (x, y) in [(0, 1), (1, 2)] {
            let file = "\(run.figures)/\(target.columns[x])-\(target.columns[y]).svg"
            try marginal(found.draws, x, y, target.columns).write(to: URL(fileURLWithPath: file))
          }
          return (AVBDensities.numbers(found.result), settings.iterations ?? 0)
        }
      }
    },
    claims: { _ in
      let imbalance = Measure("imbalance")
      return [
        Claim(
          "AVB accurately captures the two modes (here: each mode's mass within 0.05 of a half, as HMC's).",
          imbalance("avb-ac") < 0.05 && imbalance("hmc") < 0.05),
        Claim(
          "Variational Bayes with a Gaussian focuses on a single mode (here: more than 0.9 of the mass in one).",
          imbalance("advi-fullrank") > 0.4),
      ]
    })

  private static let methods: [InferenceMethod] = [.avbAC, .adviFullRank, .hmc]

  /// The density of two coordinates.
  private static func marginal(_ draws: Tensor, _ x: Int, _ y: Int, _ names: [String]) -> ContourPlot {
    func range(_ column: Int) -> ClosedRange<Double> { column == 0 ? -2...3.5 : -3.5...3.5 }
    let field = KernelDensity.plane(
      x: AVBDensities.column(x, of: draws), y: AVBDensities.column(y, of: draws), over: range(x), range(y), nodes: 100)
    return ContourPlot(
      title: "\(names[x]) and \(names[y])", x: Axis(names[x]), y: Axis(names[y]), field: field, value: "density",
      colormap: .blues)
  }
}
