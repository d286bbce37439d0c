import Evaluation

extension Experiment {
  /// Ancestral samples at 10 and 40 latent dimensions.
  ///
  /// Each cell's directory has them as `figures/samples.png`; the numbers beside them are the networks' view.
  static let infoFigure4 = Experiment(
    name: "info/figure-4",
    summary: "ancestral samples of five systems at 10 and 40 latent dimensions",
    notes: Info.notes + " cpu: 5 epochs of 2,500 images under 3 layers.",
    cells: { scale in
      (scale == .smoke ? [10] : [10, 40]).flatMap { dimension in
        ["vae", Info.authorsELBO, "mmd-vae", "stein-vae", "aae"].map { system in
          Cell(
            "\(system)/\(dimension)", Info.manySettings(system, dimensions: dimension, scale),
            metrics: [.logDetCovariance, .frechetDistance], limit: Info.limit(scale))
        }
      }
    },
    claims: { _ in
      let fid = Measure(.frechetDistance)
      let comparable = ["authors-vae/10", "mmd-vae/10", "stein-vae/10"].map { fid($0) }
      return [
        Claim(
          "At 10 dimensions samples of ELBO, MMD and Stein are comparable (here: FIDs within half of each other).",
          .alike(comparable, within: 0.5)),
        Claim(
          "Those of the adversarial autoencoder are worse there.",
          .all(comparable.map { $0 < fid("aae/10") })),
        Claim(
          "At 40 dimensions Stein's samples are worse than at 10, and than MMD's.",
          fid("stein-vae/40") > fid("stein-vae/10") && fid("stein-vae/40") > fid("mmd-vae/40")),
      ]
    })
}
