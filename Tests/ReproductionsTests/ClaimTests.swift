import Testing

@testable import Reproductions

/// Numbers that bear out every claim of an experiment, and for each claim changes that contradict it.
private struct Expected: CustomTestStringConvertible, Sendable {
  let name: String
  /// By cell and metric, without what follows the metric's colon.
  let good: [String: Double]
  /// For each claim, in order; together they contradict each of its comparisons.
  let contradictions: [[[String: Double]]]

  var testDescription: String { name }

  static let all = [
    Expected(
      name: "info/figure-1",
      good: [
        "vae mi": 0.05, "authors-vae mi": 0.005, "ae mi": 7.5, "mmd-vae mi": 7.4, "authors-vae probe": 0.6,
        "mmd-vae probe": 0.1,
      ],
      contradictions: [
        [["authors-vae mi": 0.02]], [["vae mi": 0.2]],
        [["ae mi": 4.9], ["mmd-vae mi": 4.9], ["vae mi": 2.6]],
        [["mmd-vae probe": 0.31]],
      ]),
    Expected(
      name: "info/figure-2", good: ["vae kl": 20, "vae reconstruction": 5000, "ae reconstruction": 4990],
      contradictions: [[["vae kl": 0.9]], [["ae reconstruction": 4999.5], ["ae reconstruction": 5010]]]),
    Expected(
      name: "info/figure-3",
      good: [
        "authors-vae/10 probe": 0.9, "mmd-vae/10 probe": 0.044, "ae/2 probe": 0.084, "mmd-vae/2 probe": 0.42,
        "mmd-vae/40 probe": 0.025, "ae/40 probe": 0.032, "stein-vae/10 logdet": -0.13, "stein-vae/40 logdet": -0.45,
        "mmd-vae/40 logdet": -0.06, "mmd-vae/10 mmd-prior": 0.0005, "stein-vae/10 mmd-prior": 0.00115,
        "aae/10 mmd-prior": 0.0093, "mmd-vae/10 class-ce": 0.019, "stein-vae/10 class-ce": 0.039,
        "aae/10 class-ce": 0.035,
      ],
      contradictions: [
        [["mmd-vae/10 probe": 0.46]], [["authors-vae/10 probe": 0.75]],
        [["ae/2 probe": 0.43], ["mmd-vae/40 probe": 0.043]],
        [["stein-vae/10 logdet": -0.5], ["mmd-vae/40 logdet": -0.5]],
        [["stein-vae/10 mmd-prior": 0.0004], ["aae/10 mmd-prior": 0.0004]],
        [["stein-vae/10 class-ce": 0.018], ["aae/10 class-ce": 0.018]],
      ]),
    Expected(
      name: "info/figure-4",
      good: [
        "authors-vae/10 fid": 20, "mmd-vae/10 fid": 22, "stein-vae/10 fid": 21, "aae/10 fid": 60, "mmd-vae/40 fid": 30,
        "stein-vae/40 fid": 50,
      ],
      contradictions: [
        [
          ["authors-vae/10 fid": 34], ["mmd-vae/10 fid": 34], ["stein-vae/10 fid": 34], ["authors-vae/10 fid": 10],
          ["mmd-vae/10 fid": 12], ["stein-vae/10 fid": 12],
        ],
        [["aae/10 fid": 19]],
        [["stein-vae/40 fid": 20], ["mmd-vae/40 fid": 51]],
      ]),
    Expected(
      name: "info/figure-5",
      good: [
        "vae/2 fid": 50, "mmd-vae/2 fid": 52, "stein-vae/2 fid": 51, "vae/10 fid": 50, "mmd-vae/10 fid": 49,
        "stein-vae/10 fid": 51, "vae/2 logdet": 0.01, "mmd-vae/2 logdet": 0.02, "stein-vae/2 logdet": -0.02,
        "vae/10 logdet": 0.01, "mmd-vae/10 logdet": 0.02, "stein-vae/10 logdet": -0.02,
      ],
      contradictions: ["2", "10"].flatMap { (dimension: String) -> [[[String: Double]]] in
        let names = ["vae/", "mmd-vae/", "stein-vae/"].map { $0 + dimension }
        let fids: [[String: Double]] = names.flatMap { [[$0 + " fid": 60], [$0 + " fid": 40]] }
        let logDets: [[String: Double]] = names.flatMap { [[$0 + " logdet": 0.2], [$0 + " logdet": -0.2]] }
        return [fids, logDets]
      }),
    Expected(
      name: "info/table-1",
      good: ["authors-vae iwae": -82.75, "mmd-vae iwae": -80.76, "stein-vae iwae": -81.47, "aae iwae": -82.21],
      contradictions: [
        [["mmd-vae iwae": -83.5], ["stein-vae iwae": -83.5], ["aae iwae": -83.5]],
        [["authors-vae iwae": -82], ["aae iwae": -81], ["stein-vae iwae": -80]],
        [["authors-vae iwae": -84], ["mmd-vae iwae": -79], ["stein-vae iwae": -83], ["aae iwae": -81]],
      ]),
    Expected(
      name: "adgm/figure-2ab",
      good: (1...4).reduce(into: [:]) { numbers, potential in
        for (kind, bound) in [("gaussian", 0.0), ("auxiliary", 1.8)] {
          numbers["u\(potential)/\(kind) bound"] = bound
          numbers["u\(potential)/\(kind) log-z"] = 2
        }
      },
      contradictions: [(1...4).map { ["u\($0)/auxiliary bound": 0.9] }]),
    Expected(
      name: "avb/figure-1", good: ["avb-ac kl": 0.02, "advi-fullrank kl": 1.4, "avb-ac r2": 2],
      contradictions: [[["avb-ac kl": 0.2]], [["avb-ac r2": 1.9], ["avb-ac r2": 2.1]]]),
    Expected(
      name: "avb/figure-3",
      good: [
        "avb kl": 0.5, "avb-ac kl": 0.2, "advi-meanfield kl": 1.5, "advi-fullrank kl": 1.2, "avb-ac imbalance": 0.02,
      ],
      contradictions: [
        [["avb kl": 1.3], ["avb-ac kl": 1.6], ["advi-meanfield kl": 0.4]], [["avb-ac kl": 0.6]],
        [["avb-ac imbalance": 0.06]],
      ]),
    Expected(
      name: "avb/figure-4", good: ["avb-ac imbalance": 0.02, "hmc imbalance": 0.01, "advi-fullrank imbalance": 0.5],
      contradictions: [
        [["avb-ac imbalance": 0.06], ["hmc imbalance": 0.06]], [["advi-fullrank imbalance": 0.1]],
      ]),
    Expected(
      name: "adgm/figure-2cd", good: ["adgm/half-moons-clear error": 0.002, "m2/half-moons-clear error": 0.02],
      contradictions: [[["adgm/half-moons-clear error": 0.006]], [["m2/half-moons-clear error": 0.003]]]),
    Expected(
      name: "adgm/table-1", good: ["vae iwae": -86, "avae iwae": -84.6, "avae-2 iwae": -83],
      contradictions: [
        [["avae iwae": -87]], [["avae-2 iwae": -85]], [["avae iwae": -86], ["avae-2 iwae": -81.9]],
      ]),
    Expected(
      name: "adgm/table-2-mnist",
      good: ["adgm error": 0.01, "sdgm error": 0.013, "m2 error": 0.03, "m1 probe": 0.12, "m1+m2 error": 0.033],
      contradictions: [
        [["adgm error": 0.04], ["sdgm error": 0.04]], [["adgm error": 0.2]], [["m1+m2 error": 0.005]],
        [["adgm error": 0.006], ["sdgm error": 0.017]],
      ]),
    Expected(
      name: "adgm/table-2-svhn", good: ["adgm error": 0.35, "sdgm error": 0.3],
      contradictions: [[["adgm error": 0.29]], [["sdgm error": 0.31]]]),
    Expected(
      name: "adgm/table-2-norb", good: ["adgm error": 0.1, "sdgm error": 0.094],
      contradictions: [[["sdgm error": 0.11]], [["adgm error": 0.12], ["sdgm error": 0.08]]]),
    Expected(name: "adgm/figure-3", good: [:], contradictions: []),
    Expected(
      name: "adgm/figure-4", good: ["sdgm active-units": 20],
      contradictions: [[["sdgm active-units": 8], ["sdgm active-units": 35]]]),
    Expected(
      name: "adgm/figure-5",
      good: ["adgm error": 0.01, "sdgm error": 0.012, "m2 error": 0.02, "deterministic error": 0.02],
      contradictions: [[["m2 error": 0.009]], [["deterministic error": 0.009]], [["sdgm error": 0.016]]]),
    Expected(
      name: "avb/table-1",
      good: [
        "vae evidence": -1.568, "avb evidence": -1.39, "vae reconstruction": 0.354, "avb reconstruction": 0.02,
        "vae kl-prior": 0.165, "avb kl-prior": 0.026, "vae elbo": -1.697, "avb elbo": -1.41,
      ],
      contradictions: [
        [["avb evidence": -1.41], ["vae evidence": -1.49]],
        [["avb reconstruction": 0.03], ["vae reconstruction": 0.09]],
        [["avb kl-prior": 0.052], ["vae kl-prior": 0.07]],
        [["avb elbo": -1.46], ["avb elbo": -1.32], ["vae elbo": -1.6]],
      ]),
    Expected(name: "avb/figure-5", good: [:], contradictions: []),
    Expected(name: "avb/figure-7", good: [:], contradictions: []),
    Expected(name: "avb/figure-9", good: [:], contradictions: []),
    Expected(name: "avb/figure-10", good: [:], contradictions: []),
    Expected(
      name: "avb/table-2",
      good: [
        "avb/8 ais": -91.2, "avb-ac/8 ais": -89.6, "avb-ac/32 ais": -80.2, "vae/8 ais": -90.9, "vae/32 ais": -81.9,
        "avb/8 elbo": -83.6,
      ],
      contradictions: [
        [["vae/8 ais": -89]], [["avb/8 ais": -89]], [["vae/32 ais": -79]], [["avb/8 elbo": -92]],
        [
          ["avb/8 ais": -93], ["avb-ac/8 ais": -91], ["avb-ac/32 ais": -82], ["vae/8 ais": -93], ["vae/32 ais": -84],
          ["avb/8 ais": -90], ["avb-ac/8 ais": -88], ["avb-ac/32 ais": -79], ["vae/8 ais": -89], ["vae/32 ais": -80],
        ],
      ]),
    Expected(
      name: "avb/fixed-decoder", good: ["vae ais": -84, "avb-ac ais": -82, "vae-iaf ais": -82],
      contradictions: [[["vae ais": -81]], [["vae-iaf ais": -80]]]),
    Expected(
      name: "avb/figure-6", good: ["vae kl-prior": 0.165, "avb kl-prior": 0.026],
      contradictions: [[["vae kl-prior": 0.09], ["avb kl-prior": 0.06]]]),
    Expected(
      name: "uni/figure-2",
      good: [
        "kl gap": 1e-12, "kl jsd": 0.13, "kl jsd-before": 0.5, "kl mode": 1e-5, "kl posterior-mode": 0.25,
        "opposite-kl mode": 0.12,
      ],
      contradictions: [
        [["kl gap": 1e-3], ["kl gap": -1e-3]], [["kl jsd": 0.26]], [["kl mode": 0.02], ["kl posterior-mode": 0.09]],
        [["opposite-kl mode": 0.04]],
      ]),
    Expected(
      name: "uni/evaluation", good: ["mnist accuracy": 0.99, "mnist is": 9.1],
      contradictions: [[["mnist accuracy": 0.97]], [["mnist is": 8.2], ["mnist is": 10]]]),
    Expected(
      name: "uni/table-2-left",
      good: [
        "gan/mnist is": 8.34, "iwgan/mnist is": 8.45, "gan/svhn is": 5.18, "iwgan/svhn is": 5.34,
        "gan/cifar-10 is": 7.86, "iwgan/cifar-10 is": 7.89,
      ],
      contradictions: [[["iwgan/mnist is": 8.3]], [["gan/svhn is": 5.4]], [["iwgan/cifar-10 is": 7.8]]]),
    Expected(
      name: "uni/table-2-middle",
      good: [
        "cgan/mnist conditional-accuracy": 0.985, "iwcgan/mnist conditional-accuracy": 0.987,
        "cgan/svhn conditional-accuracy": 0.797, "iwcgan/svhn conditional-accuracy": 0.798,
      ],
      contradictions: [
        [["iwcgan/mnist conditional-accuracy": 0.98]], [["iwcgan/svhn conditional-accuracy": 0.79]],
      ]),
    Expected(
      name: "uni/table-3",
      good: [
        "vae/1 elbo": -122.89, "vae/10 elbo": -104.49, "vae/100 elbo": -92.53, "aavae/1 elbo": -122.15,
        "aavae/10 elbo": -103.05, "aavae/100 elbo": -92.42, "cvae/1 elbo": -125.44, "cvae/10 elbo": -102.63,
        "cvae/100 elbo": -93.16, "aacvae/1 elbo": -122.88, "aacvae/10 elbo": -101.63, "aacvae/100 elbo": -92.75,
        "svae/1 elbo": -108.22, "svae/10 elbo": -99.44, "aasvae/1 elbo": -107.61, "aasvae/10 elbo": -98.81,
      ],
      contradictions: [
        [["aavae/1 elbo": -123], ["aavae/10 elbo": -105], ["aavae/100 elbo": -93]],
        [["aacvae/1 elbo": -126], ["aacvae/10 elbo": -103], ["aacvae/100 elbo": -94]],
        [["aasvae/1 elbo": -109], ["aasvae/10 elbo": -100]],
        [["aavae/100 elbo": -91]], [["aacvae/100 elbo": -90]],
      ]),
    Expected(
      name: "uni/table-4",
      good: ["svae/1 error": 0.0588, "aasvae/1 error": 0.0575, "svae/10 error": 0.0232, "aasvae/10 error": 0.0203],
      contradictions: [[["aasvae/1 error": 0.06]], [["aasvae/10 error": 0.03]]]),
    Expected(name: "asl/figure-2", good: [:], contradictions: []),
    Expected(
      name: "asl/figure-3",
      good: Dictionary(
        uniqueKeysWithValues: pointSets.flatMap { set in
          [("asl", 0.1), ("vae", 0.3), ("flow", 0.2)].map { ("\($0.0)/\(set) wasserstein1", $0.1) }
        }),
      contradictions: pointSets.map { set in [["vae/\(set) wasserstein1": 0.05], ["flow/\(set) wasserstein1": 0.05]] }),
    Expected(
      name: "asl/figure-4", good: ["vae probe": 0.3, "mi probe": 0.2, "vae tsne": 0.4, "mi tsne": 0.25],
      contradictions: [[["mi probe": 0.35]], [["mi tsne": 0.5]]]),
    Expected(
      name: "asl/figure-5",
      good: [
        "vae-asl sharpness": 0.4, "mi-asl sharpness": 0.6, "vae-asl squared-error": 0.02, "mi-asl squared-error": 0.01,
      ],
      contradictions: [[["mi-asl sharpness": 0.3]], [["mi-asl squared-error": 0.03]]]),
    Expected(
      name: "asl/figure-6", good: ["vae sharpness": 0.2, "vae-asl sharpness": 0.4, "mi-asl sharpness": 0.6],
      contradictions: [[["vae-asl sharpness": 0.1], ["mi-asl sharpness": 0.1]]]),
    Expected(
      name: "asl/table-1",
      good: [
        "vae/fashion-mnist fid": 47.19, "two-stage-vae/fashion-mnist fid": 43.88, "vae-asl/fashion-mnist fid": 38.39,
        "mi-asl/fashion-mnist fid": 26, "vae/cifar-10 fid": 99.34, "two-stage-vae/cifar-10 fid": 89.91,
        "vae-asl/cifar-10 fid": 86.51, "mi-asl/cifar-10 fid": 87.19,
      ],
      contradictions: [("fashion-mnist", 20.0), ("cifar-10", 95)].map { data, wrong in
        [["vae-asl/\(data) fid": wrong], ["two-stage-vae/\(data) fid": 20], ["vae/\(data) fid": 20]]
      }),
    Expected(name: "asl/figure-7", good: [:], contradictions: []),
    Expected(name: "asl/figure-8", good: [:], contradictions: []),
    Expected(
      name: "asl/figure-9", good: ["vae sharpness": 0.2, "vae-asl sharpness": 0.4, "mi-asl sharpness": 0.6],
      contradictions: [[["vae-asl sharpness": 0.1], ["mi-asl sharpness": 0.1]]]),
    Expected(name: "asl/figure-10", good: [:], contradictions: []),
    Expected(name: "asl/figure-11", good: [:], contradictions: []),
    Expected(
      name: "asl/figure-12", good: ["mi-asl rise": 0.02],
      contradictions: [[["mi-asl rise": 0.5]], [["mi-asl rise": 0.5]], [["mi-asl rise": 0.5]]]),
  ]

  private static let pointSets = [
    "eight-gaussians", "checkerboard", "pinwheel", "rings-thin", "swiss-roll-3d", "s-curve-3d",
  ]
}

@Suite("Claims of the experiments")
struct ClaimTests {
  /// Three seeds of each number, which differ by `spread` of it, or by `noise` where it has some.
  private func results(
    _ numbers: [String: Double], noise: [String: Double] = [:], of claims: [Experiment.Claim]
  ) -> Results {
    let spread = 1e-5
    var named: [String: [Double]] = [:]
    for term in claims.flatMap(\.statement.comparisons).flatMap(\.margin.terms) {
      let key = "\(term.cell) \(term.metric.prefix { $0 != ":" })"
      guard let value = numbers[key] else { continue }
      let width = noise[key] ?? spread * abs(value)
      named["\(term.cell) \(term.metric)"] = [value - width, value, value + width]
    }
    return made(named)
  }

  @Test("every claim can hold, fail for each of its comparisons, and be left open", arguments: Expected.all)
  fileprivate func truth(_ expected: Expected) throws {
    let experiment = try Experiment.named(expected.name)
    for scale in [Experiment.Scale.cpu, .paper] {
      let claims = experiment.claims(scale)
      try #require(claims.count == expected.contradictions.count, "\(claims.map(\.text))")
      let good = results(expected.good, of: claims)
      for (claim, contradictions) in zip(claims, expected.contradictions) {
        let isJudged = scale == .paper || !claim.needsPaperBudget
        #expect(claim.judged(good, at: scale).verdict == (isJudged ? .holds : .notDecided), "\(claim.text)")
        #expect(claim.judged(good, at: .smoke).verdict == nil)
        guard isJudged else { continue }
        var failed: Set<String> = []
        for change in contradictions {
          let changed = expected.good.merging(change) { $1 }
          let judged = claim.judged(results(changed, of: claims), at: scale)
          #expect(judged.verdict == .doesNotHold, "\(claim.text) \(change)")
          failed.formUnion(judged.comparisons.filter { $0.verdict == .doesNotHold }.map(\.expected))
          // The good number on average, but seeds that differ by far more than what would contradict it.
          let noise = Dictionary(
            uniqueKeysWithValues: change.map { ($0.key, 10 * abs($0.value - expected.good[$0.key]!)) })
          let open = claim.judged(results(expected.good, noise: noise, of: claims), at: scale)
          #expect(open.verdict == .notDecided, "\(claim.text) \(change)")
        }
        #expect(failed == Set(claim.statement.comparisons.map(\.text)), "\(claim.text)")
      }
    }
  }

  @Test("no experiment is without made-up results")
  func complete() { #expect(Expected.all.map(\.name).sorted() == Experiment.all.map(\.name).sorted()) }

  @Test("claims are about cells and metrics that there are", arguments: Experiment.all.map(\.name))
  func declared(_ name: String) throws {
    let experiment = try Experiment.named(name)
    for scale in [Experiment.Scale.cpu, .paper] {
      let cells = experiment.cells(scale)
      #expect(Set(cells.map(\.name)).count == cells.count)
      for term in experiment.claims(scale).flatMap(\.statement.comparisons).flatMap(\.margin.terms) {
        let cell = try #require(cells.first { $0.name == term.cell }, "\(term.cell)")
        #expect(cell.work != nil || cell.metrics.map(\.name).contains(term.metric), "\(term.metric) of \(term.cell)")
      }
      #expect(experiment.seeds(at: scale).count >= 3)
      for cell in cells {
        let settings = cell.settings(seed: 7)
        #expect((settings == nil) == (cell.work != nil))
        #expect(settings.map { $0.training.seed == 7 && $0.data.seed == 7 } ?? true)
      }
    }
    #expect(experiment.seeds(at: .smoke) == [1] && experiment.seeds(at: .cpu, count: 5) == [1, 2, 3, 4, 5])
  }
}
