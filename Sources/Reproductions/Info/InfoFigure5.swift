import Evaluation

extension Experiment {
  /// Ancestral samples of CIFAR-10 at 2 and 10 latent dimensions.
  ///
  /// Each cell's directory has them as `figures/samples.png`; the numbers beside them are the networks' view.
  static let infoFigure5 = Experiment(
    name: "info/figure-5",
    summary: "ancestral samples of three systems on CIFAR-10 under a PixelCNN++",
    notes: "Decoder, budgets and sizes are those of info/figure-2. The paper compares pictures by eye; here FID does.",
    cells: { scale in
      [2, 10].flatMap { dimension in
        systems.map { system in
          Cell(
            "\(system)/\(dimension)", cifarSettings(system, dimensions: dimension, scale),
            metrics: [.logDetCovariance, .frechetDistance], limit: cifarLimit(scale))
        }
      }
    },
    claims: [2, 10].map { dimension in
      Claim("No notable difference in sample quality at \(dimension) dimensions (here: FIDs within a tenth).") {
        results in
        results.values("fid", of: systems.map { "\($0)/\(dimension)" }).map {
          ($0, $0.values.max()! <= 1.1 * $0.values.min()!)
        }
      }
    })

  private static let systems = ["vae", "mmd-vae", "stein-vae"]
}
