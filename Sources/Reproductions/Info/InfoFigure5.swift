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
      (scale == .smoke ? [10] : [2, 10]).flatMap { dimension in
        systems.map { system in
          Cell(
            "\(system)/\(dimension)", cifarSettings(system, dimensions: dimension, scale),
            metrics: [.logDetCovariance, .frechetDistance], limit: cifarLimit(scale))
        }
      }
    },
    claims: { _ in
      let (fid, logDet) = (Measure(.frechetDistance), Measure(.logDetCovariance))
      return [2, 10].flatMap { dimension in
        let names = systems.map { "\($0)/\(dimension)" }
        return [
          Claim(
            "No notable difference in sample quality at \(dimension) dimensions (here: FIDs within a tenth).",
            .alike(names.map { fid($0) }, within: 0.1)),
          Claim(
            "Codes of \(dimension) dimensions match the prior (here: log det of their covariance within 0.1 of 0).",
            .all(names.map { logDet($0).isNear(0, within: 0.1) })),
        ]
      }
    })

  private static let systems = ["vae", "mmd-vae", "stein-vae"]
}
