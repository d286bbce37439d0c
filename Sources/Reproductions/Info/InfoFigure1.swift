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
          metrics: [.mutualInformation, .reconstruction, Info.svm(scale)],
          trajectory: [.mutualInformation, .reconstruction], limit: Info.limit(scale),
          drawings: [.samples, .markovChain(steps: 19)])
      }
    },
    claims: { scale in
      let (mi, svm) = (Measure(.mutualInformation), Measure(Info.svm(scale)))
      return [
        Claim(
          "Under the authors' ELBO, a weight of 784 / d, the information is driven to zero (here: below .01 nats).",
          mi(Info.authorsELBO) < 0.01),
        Claim(
          "So it is under the ELBO, as the paper says it (here: below a tenth of a nat at a weight of 1).",
          mi("vae") < 0.1),
        Claim(
          "Without a regularizer, and under MMD, it stays large (here: above 5 nats and three times the ELBO's).",
          mi("ae") > 5 && mi("ae") > 3 * mi("vae") && mi("mmd-vae") > 5 && mi("mmd-vae") > 3 * mi("vae")),
        Claim(
          "SVM error of MMD codes is far below that of the authors' ELBO (here: less than half).",
          svm("mmd-vae") < 0.5 * svm(Info.authorsELBO)),
      ]
    },
    charts: { results in
      [
        ("information", Info.overTraining("Mutual information", .mutualInformation, results)),
        ("reconstruction", Info.overTraining("Reconstruction", .reconstruction, results)),
      ]
    })

  private static let names = ["vae", Info.authorsELBO, "ae", "mmd-vae"]
}
