import Evaluation

extension Experiment {
  /// The likelihood of MNIST under four regularizers of five-dimensional codes.
  static let infoTable1 = Experiment(
    name: "info/table-1",
    summary: "negative log likelihood by importance sampling, 5 latent dimensions",
    notes: Info.notes
      + " smoke alone draws pixels; the binarization is the fixed one of Salakhutdinov & Murray. cpu: 4 epochs; 100 importance samples on 200 test "
      + "images, three ways: of the prior, of q(z|x), and half of each, which is what claims are judged by. paper: 50,000 draws of the prior on 2,000 images, as the authors.",
    cells: { scale in
      ["vae", Info.authorsELBO, "mmd-vae", "stein-vae", "aae"].map { system in
        var settings = Info.settings(system, dimensions: 5, scale)
        if scale != .smoke { settings.data.name = "binarized-mnist" }
        if scale == .cpu { settings.training.epochs = 4 }
        return Cell(
          system, settings, metrics: Info.likelihoods(scale),
          limit: scale == .cpu ? 200 : scale == .paper ? 2000 : Info.limit(scale))
      }
    },
    claims: { scale in
      let nats = Measure(
        Info.likelihood(scale),
        paper: [Info.authorsELBO: -82.75, "mmd-vae": -80.76, "stein-vae": -81.47, "aae": -82.21])
      let others = ["mmd-vae", "stein-vae", "aae"]
      return [
        Claim(
          "All regularizers are on a par with the ELBO or better (here: at most half a nat worse).",
          .all(others.map { nats($0) > nats(Info.authorsELBO) - 0.5 })),
        Claim(
          "The likelihood falls from MMD over Stein and the adversarial autoencoder to the ELBO.",
          .rising(nats(Info.authorsELBO), nats("aae"), nats("stein-vae"), nats("mmd-vae"))),
        Claim(
          "The paper's numbers come out (here: give or take a nat).", nats.isAsInPaper(within: 1),
          needsPaperBudget: true),
      ]
    })
}
