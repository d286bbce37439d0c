import Evaluation
import Figures
import Foundation
import Torch
import Training

extension Experiment {
  /// One step of a generator in one dimension: towards q^r(x|y=0), and past its smaller mode.
  static let uniFigure2 = Experiment(
    name: "uni/figure-2",
    summary: "one step of Lemma 1 in one dimension: the new p_g misses the small mode",
    notes: """
      The paper draws it as a sketch; here all of it is computed. p_data is 0.75 N(2.5, 0.6) + 0.25 N(6, 0.6), p_g is N(m, 1) with m \
      within 0.3 of 0 by the seed, and D the best one at temperature 2, so that q^r(x|y=0) keeps a part of p_g. Cell kl minimizes \
      KL(p, q^r(x|y=0)) from p_g on, within the Gaussians; cell opposite-kl has the Gaussian that minimizes KL(q^r(x|y=0), p). mode \
      is the mass of the new Gaussian within 2 deviations of the small mode, posterior-mode that of q^r(x|y=0); gap the \
      difference between the sides of Lemma 1. smoke: 200 rounds; cpu and paper: 2,000. figures/before.svg and after.svg are \
      the two panels.
      """,
    cells: { scale in
      [
        Cell("kl") { seed, run, _, _ in
          let rounds = scale == .smoke ? 200 : 2000
          let step = try UNIFigure2.step(seed: seed)
          let new = try step.minimizer(rounds: rounds)
          try UNIFigure2.draw(step, new, in: run)
          return (UNIFigure2.numbers(step, new), rounds)
        },
        Cell("opposite-kl") { seed, run, _, _ in
          let step = try UNIFigure2.step(seed: seed)
          let new = try step.matched()
          try UNIFigure2.draw(step, new, in: run)
          return (UNIFigure2.numbers(step, new), 1)
        },
      ]
    },
    claims: { _ in
      let (mode, posterior) = (Measure("mode"), Measure("posterior-mode"))
      let (jsd, start, gap) = (Measure("jsd"), Measure("jsd-before"), Measure("gap"))
      return [
        Claim("The step is that of Lemma 1 (here: both sides agree to 1e-6).", gap("kl").isNear(0, within: 1e-6)),
        Claim(
          "Minimizing the KL brings p_g closer to p_data (here: less than half of the JSD is left).",
          jsd("kl") < 0.5 * start("kl")),
        Claim(
          "The new p_g misses the small mode of q^r(x|y=0) (here: it has less than 0.01 there, and q^r more than 0.1).",
          mode("kl") < 0.01 && posterior("kl") > 0.1),
        Claim(
          "It is the asymmetry of the KL that misses it (here: the opposite KL has more than 0.05 there).",
          mode("opposite-kl") > 0.05),
      ]
    })
}

/// The densities of the figure.
private enum UNIFigure2 {
  /// The place and the deviation of the small mode.
  static let small = (mean: 6.0, scale: 0.6)
  /// Keeps the start apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x756e_692d_6632

  static func step(seed: UInt64) throws -> GeneratorStep {
    let start = RandomSource.derived(seed: seed, stream).uniform([1], dtype: .float64).item() * 0.6 - 0.3
    let modes = try [LineGaussian(mean: 2.5, scale: 0.6), LineGaussian(mean: small.mean, scale: small.scale)]
    return GeneratorStep(
      try LineGaussian(mean: start, scale: 1), try LineMixture(modes, weights: [0.75, 0.25]), temperature: 2)
  }

  static func numbers(_ step: GeneratorStep, _ new: LineGaussian) -> [String: Results.Number] {
    let range = small.mean - 2 * small.scale...small.mean + 2 * small.scale
    let sides = step.sides
    return [
      "mean": new.mean, "deviation": new.scale, "mode": new.mass(in: range), "posterior-mode": step.mass(in: range),
      "jsd": step.jsd(new), "jsd-before": step.jsd(step.generator), "gap": sides.left - sides.right,
    ].mapValues { Results.Number(value: $0) }
  }

  /// Two panels: densities before the step, and after it.
  static func draw(_ step: GeneratorStep, _ new: LineGaussian, in run: RunDirectory) throws {
    let (low, high, count) = (-3.5, 8.5, 400)
    let x = (0...count).map { low + (high - low) * Double($0) / Double(count) }
    let points = Tensor(x)
    func curve(_ name: String, _ logDensity: Tensor, isDashed: Bool = false) -> LineChart.Series {
      .init(name, x: x, y: logDensity.exp().array(Double.self), isDashed: isDashed)
    }
    let data = curve("p_data = p(x|y=1)", step.data.logDensity(points))
    let posterior = curve("q^r(x|y=0)", step.logPosterior(points), isDashed: true)
    for (file, title, generator) in [("before", "Before the step", step.generator), ("after", "After it", new)] {
      let chart = LineChart(
        title: title, x: Axis("x"), y: Axis("density"),
        series: [curve("p_g = p(x|y=0)", generator.logDensity(points)), data, posterior])
      try FileManager.default.createDirectory(atPath: run.figures, withIntermediateDirectories: true)
      try chart.write(to: URL(fileURLWithPath: run.figures + "/\(file).svg"))
    }
  }
}
