import Evaluation
import Figures

extension Experiment {
  /// Mutual information over training, with and without a regularizer.
  static let infoFigure1 = Experiment(
    name: "info/figure-1",
    summary: "mutual information of image and code over training under a PixelCNN, and samples",
    notes: Info.notes
      + " cpu: 12 epochs. MMD is beside the paper's two. figures/samples.png and figures/markov-chain.png of each cell are its pictures.",
    cells: { scale in
      names.map { system in
        var settings = Info.settings(system, dimensions: 10, scale)
        if scale == .cpu { settings.training.epochs = 12 }
        return Cell(
          system, settings,
          metrics: [.mutualInformation, .reconstruction, .probe(.svm, labels: scale == .smoke ? 100 : 1000)],
          trajectory: [.mutualInformation, .reconstruction], limit: Info.limit(scale),
          drawings: [.samples, .markovChain(steps: 19)])
      }
    },
    claims: [
      Claim("Under the ELBO the information is driven to zero (here: below a tenth of a nat).") { results in
        results.values("mi", of: ["vae"]).map { ($0, $0["vae"]! < 0.1) }
      },
      Claim("Without a regularizer, and under MMD, it stays large (here: above a nat).") { results in
        results.values("mi", of: ["ae", "mmd-vae"]).map { ($0, $0.values.allSatisfy { $0 > 1 }) }
      },
      Claim("SVM error of MMD codes is far below the ELBO's (here: less than half).") { results in
        guard let found = results.values("probe:svm:1000", of: ["vae", "mmd-vae"]) else { return nil }
        return (found, found["mmd-vae"]! < 0.5 * found["vae"]!)
      },
    ],
    charts: { results in
      [
        ("information", Info.overTraining("Mutual information", "mi", results)),
        ("reconstruction", Info.overTraining("Reconstruction", "reconstruction", results)),
      ]
    })

  private static let names = ["vae", "ae", "mmd-vae"]
}
