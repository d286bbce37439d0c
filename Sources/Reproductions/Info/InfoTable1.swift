import Evaluation

extension Experiment {
  /// The likelihood of MNIST under four regularizers of five-dimensional codes.
  static let infoTable1 = Experiment(
    name: "info/table-1",
    summary: "negative log likelihood by importance sampling, 5 latent dimensions",
    notes: Info.notes
      + " The binarization is the fixed one of Salakhutdinov & Murray. cpu: 4 epochs; 100 importance samples on 200 "
      + "test images. paper: 5000 importance samples on all.",
    cells: { scale in
      ["vae", "mmd-vae", "stein-vae", "aae"].map { system in
        var settings = Info.settings(system, dimensions: 5, scale)
        if scale != .smoke { settings.data.name = "binarized-mnist" }
        if scale == .cpu { settings.training.epochs = 4 }
        return Cell(
          system, settings, metrics: [.iwae(samples: scale == .paper ? 5000 : scale == .cpu ? 100 : 20)],
          limit: scale == .cpu ? 200 : Info.limit(scale))
      }
    },
    claims: [
      Claim(
        "All regularizers are on a par with the ELBO or better: NLL of MMD < Stein < adversarial < ELBO.",
        paper: ["vae": 82.75, "mmd-vae": 80.76, "stein-vae": 81.47, "aae": 82.21]
      ) { results in
        let names = ["mmd-vae", "stein-vae", "aae", "vae"]
        let nll = names.compactMap { name in
          results.cells.first { $0.name == name }?.numbers.first { $0.key.hasPrefix("iwae") }.map { -$0.value.value }
        }
        guard nll.count == names.count else { return nil }
        return (
          Dictionary(uniqueKeysWithValues: zip(names, nll)), zip(nll, nll.dropFirst()).allSatisfy { $0 < $1 }
        )
      }
    ])
}
