import Evaluation

extension Experiment {
  /// Ancestral samples at 10 and 40 latent dimensions.
  ///
  /// Each cell's directory has them as `figures/samples.png`; the numbers beside them are the networks' view.
  static let infoFigure4 = Experiment(
    name: "info/figure-4",
    summary: "ancestral samples of four systems at 10 and 40 latent dimensions",
    notes: Info.notes + " cpu: 5 epochs of 2,500 images under 3 layers.",
    cells: { scale in
      [10, 40].flatMap { dimension in
        ["vae", "mmd-vae", "stein-vae", "aae"].map { system in
          Cell(
            "\(system)/\(dimension)", Info.manySettings(system, dimensions: dimension, scale),
            metrics: [.logDetCovariance, .frechetDistance], limit: Info.limit(scale))
        }
      }
    },
    claims: [
      Claim("Stein's samples are worse at 40 dimensions than MMD's.") { results in
        guard let found = results.values("fid", of: ["mmd-vae/40", "stein-vae/40"]) else { return nil }
        return (found, found["stein-vae/40"]! > found["mmd-vae/40"]!)
      }
    ])
}
