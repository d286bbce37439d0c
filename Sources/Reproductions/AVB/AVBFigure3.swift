import Evaluation
import Figures
import Foundation
import Inference
import Runs
import Torch
import Training

extension Experiment {
  /// How far four methods come from the posterior of the eight schools, over their rounds.
  static let avbFigure3 = Experiment(
    name: "avb/figure-3",
    summary: "eight schools: KL to the posterior over rounds, AVB, AVB with adaptive contrast, both kinds of ADVI",
    notes: """
      Data, networks and rates are the authors'. smoke: 20 rounds; cpu and paper: the authors' 10,000, some 20 minutes a \
      cell on one core. ADVI is Stan's, with its defaults; it is over within some hundreds of steps, so that a line has its \
      end. Not as in the paper: draws are compared with exact ones instead of those of HMC. kl is KL(q, p) by nearest \
      neighbours (k = 1) between 10,000 draws each, which flatters bad fits in ten dimensions: a Gaussian with the right \
      moments, whose true KL is 6.58, reads 0.71. So there are also imbalance, by how much the mass of a mode differs from a \
      half, and Kolmogorov-Smirnov distances, ks-tau of |tau| and ks-theta, the largest of theta_j = mu + tau eta_j; exact \
      draws have at most 0.02.
      """,
    seeds: [.cpu: 3, .paper: 5],
    cells: { scale in
      methods.map { method in
        Cell(method.rawValue) { seed, run, observer, shouldStop in
          let target = EightSchools.authors.target
          let settings = AVBDensities.settings(method, scale, seed: seed)
          let reference = AVBDensities.exact(target, scale, seed: seed)
          let inference = try InferenceRun(target, settings)
          let found = try inference.carryOut(in: run, reference: reference, observer: observer, shouldStop: shouldStop)
          guard let found else { return nil }
          var numbers = AVBDensities.numbers(found.result)
          for step in steps(scale) {
            guard method.isImplicit, step < AVBDensities.rounds(scale) else {
              numbers[name(step)] = numbers["kl"]
              continue
            }
            let fit = try inference.implicitFit(at: RunReference(run, .step(step)))
            let draws = fit.samples(count: AVBDensities.draws(scale), using: RandomSource(seed: seed)).to(.float64)
            numbers[name(step)] = .init(value: try neighbourKL(draws, reference, k: InferenceResult.neighbours))
          }
          return (numbers, settings.iterations ?? 0)
        }
      }
    },
    claims: { _ in
      let (kl, imbalance) = (Measure("kl"), Measure("imbalance"))
      return [
        Claim(
          "AVB clearly outperforms the methods with a Gaussian inference model.",
          .all(["avb", "avb-ac"].flatMap { avb in gaussians.map { kl(avb) < kl($0) } })),
        Claim("Adaptive contrast improves the quality of the approximation.", kl("avb-ac") < kl("avb")),
        Claim(
          "AVB captures the multi-modality of the posterior (here: each mode's mass within 0.05 of a half).",
          imbalance("avb-ac") < 0.05),
      ]
    },
    charts: { results in
      let names = Set(results.cells.flatMap(\.numbers.keys)).filter { $0.hasPrefix(prefix) }.sorted()
      let steps = names.map { Double($0.dropFirst(prefix.count)) ?? .nan }
      return [
        (
          "kl",
          LineChart(
            title: "KL to the posterior", x: Axis("round"), y: Axis("KL", unit: "nats", scale: .logarithmic),
            series: methods.map { method in
              .init(
                method.rawValue, x: steps,
                y: names.map { results.mean(Measure($0)(method.rawValue))?.value ?? .nan },
                isDashed: method.isGaussian, marksPoints: method.isImplicit)
            })
        )
      ]
    })

  private static let methods: [InferenceMethod] = [.avb, .avbAC, .adviMeanField, .adviFullRank]
  private static let gaussians = ["advi-meanfield", "advi-fullrank"]

  /// The rounds at which the KL is taken.
  private static func steps(_ scale: Scale) -> [Int] {
    (1...10).map { $0 * AVBDensities.rounds(scale) / 10 }
  }

  private static let prefix = "kl@"
  private static func name(_ step: Int) -> String { prefix + String(format: "%05d", step) }
}
