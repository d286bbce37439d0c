import Evaluation
import Systems

extension Experiment {
  private static let sizes: [(percent: String, perClass: Int?)] = [("1", 60), ("10", 600), ("100", nil)]

  /// Those of a table at a scale: at smoke they would not differ.
  private static func sizes(_ count: Int, _ scale: Scale) -> ArraySlice<(percent: String, perClass: Int?)> {
    sizes.prefix(scale == .smoke ? 1 : count)
  }
  private static let pairs = [("vae", "aavae"), ("cvae", "aacvae"), ("svae", "aasvae")]

  /// Whether a system has a row at a share of the data: with all labels a semi-supervised model has nothing to infer.
  private static func has(_ system: String, _ percent: String) -> Bool { !system.contains("svae") || percent != "100" }

  private static let activationNotes =
    UNI.notes + """
       A decoder of 128-64 maps with a sigmoid, an encoder and a critic of 64-128; codes of 100; dense layers of 1024 with the class. \
      As many generated as real examples a batch; temperature of the critic by the validation bound among 1, 1.5, 3 and 5 at scale \
      paper, 3 at cpu. Bounds of one draw on all test images; CVAE's are of log p(x|y), given the true label, SVAE's without it. 1 % and 10 % are \
      600 and 6,000 training images, even per class; of SVAE as many labels, all others unlabelled. cpu: 400 steps, 200 of SVAE; paper: \
      200 epochs, 5 seeds.
      """

  /// Test bounds of models with codes, with and without an activated adversary.
  static let uniTable3 = Experiment(
    name: "uni/table-3", summary: "test bounds of VAE, CVAE and SVAE and of their adversary-activated forms",
    notes: activationNotes, seeds: UNI.seeds,
    cells: { scale in
      sizes(3, scale).flatMap { size in
        pairs.flatMap { [$0.0, $0.1] }.filter { has($0, size.percent) }.map { system in
          Cell(
            "\(system)/\(size.percent)", UNI.model(system, perClass: size.perClass, scale),
            metrics: [.elbo(samples: 1)], limit: UNI.limit(scale))
        }
      }
    },
    claims: { _ in
      let bound = Measure(
        .elbo(samples: 1),
        paper: [
          "vae/1": -122.89, "vae/10": -104.49, "vae/100": -92.53, "aavae/1": -122.15, "aavae/10": -103.05,
          "aavae/100": -92.42, "cvae/1": -125.44, "cvae/10": -102.63, "cvae/100": -93.16, "aacvae/1": -122.88,
          "aacvae/10": -101.63, "aacvae/100": -92.75, "svae/1": -108.22, "svae/10": -99.44, "aasvae/1": -107.61,
          "aasvae/10": -98.81,
        ])
      func gain(_ pair: (String, String), _ percent: String) -> Quantity {
        bound("\(pair.1)/\(percent)") - bound("\(pair.0)/\(percent)")
      }
      let positive = pairs.map { pair in
        Claim(
          "Activating the adversary of \(pair.0) raises its bound at every size of the data.",
          .all(sizes.filter { has(pair.0, $0.percent) }.map { gain(pair, $0.percent) > 0 }))
      }
      let smaller = pairs.prefix(2).map { pair in
        Claim("The gain of \(pair.0) is smaller with all data than with 1 %.", gain(pair, "100") < gain(pair, "1"))
      }
      return positive + smaller
    })

  /// Test error of semi-supervised models with and without an activated adversary; Table 2, right.
  static let uniTable4 = Experiment(
    name: "uni/table-4", summary: "test error of SVAE and AASVAE with 1 % and 10 % of the labels",
    notes: activationNotes, seeds: UNI.seeds,
    cells: { scale in
      sizes(2, scale).flatMap { size in
        ["svae", "aasvae"].map { system in
          Cell(
            "\(system)/\(size.percent)", UNI.model(system, perClass: size.perClass, scale),
            metrics: [.classificationError], limit: UNI.limit(scale))
        }
      }
    },
    claims: { _ in
      let error = Measure(
        .classificationError,
        paper: ["svae/1": 0.0588, "aasvae/1": 0.0575, "svae/10": 0.0232, "aasvae/10": 0.0203])
      return sizes.prefix(2).map { size in
        Claim(
          "Activating the adversary lowers the error with \(size.percent) % of the labels.",
          error("aasvae/\(size.percent)") < error("svae/\(size.percent)"))
      }
    })
}
