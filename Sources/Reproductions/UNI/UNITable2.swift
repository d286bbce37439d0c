import Evaluation
import Systems

extension Experiment {
  /// Inception scores of GANs with and without importance weights.
  static let uniTable2Left = Experiment(
    name: "uni/table-2-left", summary: "Inception scores of a GAN and the importance weighted GAN",
    notes: UNI.notes + """
       Scores by a classifier of the same data set, 10 splits. SVHN and CIFAR-10 where the data are. \
      cpu: 600 rounds, 10,000 samples; paper: 200 epochs, 50,000 samples, 5 seeds.
      """,
    seeds: UNI.seeds,
    cells: { scale in
      UNI.dataSets(["mnist", "svhn", "cifar-10"], scale).flatMap { data in
        ["gan", "iwgan"].map { system in
          Cell(
            "\(system)/\(data)", UNI.game(system, data, scale), metrics: [.inceptionScore],
            limit: UNI.limit(scale, samples: 50_000), isOptional: data != "mnist")
        }
      }
    },
    claims: { _ in
      let score = Measure(
        .inceptionScore,
        paper: [
          "gan/mnist": 8.34, "iwgan/mnist": 8.45, "gan/svhn": 5.18, "iwgan/svhn": 5.34, "gan/cifar-10": 7.86,
          "iwgan/cifar-10": 7.89,
        ])
      return ["mnist", "svhn", "cifar-10"].map { data in
        Claim("Importance weights raise the score on \(data).", score("iwgan/\(data)") > score("gan/\(data)"))
      }
    })

  /// Accuracy of conditional GANs with and without importance weights.
  static let uniTable2Middle = Experiment(
    name: "uni/table-2-middle",
    summary: "how often a classifier takes samples of a class for it: conditional GANs with and without weights",
    notes: UNI.notes + """
       Dense layers of 1024 on the code's and the verdict's side, the class at every layer. SVHN where the data \
      are. cpu: 600 rounds, 10,000 samples; paper: 200 epochs, 5 seeds.
      """,
    seeds: UNI.seeds,
    cells: { scale in
      UNI.dataSets(["mnist", "svhn"], scale).flatMap { data in
        ["cgan", "iwcgan"].map { system in
          Cell(
            "\(system)/\(data)", UNI.game(system, data, scale), metrics: [.conditionalAccuracy],
            limit: UNI.limit(scale), isOptional: data != "mnist")
        }
      }
    },
    claims: { _ in
      let accuracy = Measure(
        .conditionalAccuracy,
        paper: ["cgan/mnist": 0.985, "iwcgan/mnist": 0.987, "cgan/svhn": 0.797, "iwcgan/svhn": 0.798])
      return ["mnist", "svhn"].map { data in
        Claim(
          "Importance weights raise the accuracy on \(data).", accuracy("iwcgan/\(data)") > accuracy("cgan/\(data)"))
      }
    })
}
