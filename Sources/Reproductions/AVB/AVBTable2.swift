import Evaluation
import Systems

extension Experiment {
  /// The likelihood of binarized MNIST under AVB, the VAE and richer posteriors.
  static let avbTable2 = Experiment(
    name: "avb/table-2",
    summary: "log likelihood of binarized MNIST by AIS: AVB, AVB+AC, VAE, and richer posteriors",
    notes: AVB.notes
      + " Planar flow of 80 layers, 8 inverse autoregressive layers, 16 leapfrog steps and the AVAE with one "
      + "auxiliary layer are ours beside numbers that the paper cites from others, of other decoders. The rows of VGP and "
      + "DRAW are cited only. Cited, bound (log likelihood by importance sampling): NF of 80 layers -85.1; HVI of 16 steps -88.3 (-85.5), "
      + "convolutional -84.1 (-81.9); IAF -80.8 (-79.1); auxiliary VAE of 2 layers -83.0; VGP -81.3; DRAW with VGP -79.9.",
    cells: { scale in
      [
        ("avb/8", "avb", 8), ("avb-ac/8", "avb-ac", 8), ("avb-ac/32", "avb-ac", 32), ("vae/8", "vae", 8),
        ("vae/32", "vae", 32), ("vae-planar/32", "vae-planar", 32), ("vae-iaf/32", "vae-iaf", 32),
        ("hvi/32", "hvi", 32),
        ("avae/32", "avae", 32),
      ].map { name, system, dimensions in
        let settings = AVB.settings(system, dimensions: dimensions, scale)
        // An auxiliary model has no annealing of its decoder; its bound is what the paper cites.
        let metrics: [Metric] = system == "avae" ? [.elbo(samples: 1), bound(scale)] : [.elbo(samples: 1), .annealed]
        return Cell(
          name, settings, metrics: metrics, limit: AVB.limit(scale), annealing: AVB.annealing(scale))
      }
    },
    claims: { scale in
      let ais = Measure(
        .annealed,
        paper: ["avb/8": -91.2, "avb-ac/8": -89.6, "avb-ac/32": -80.2, "vae/8": -90.9, "vae/32": -81.9])
      let elbo = Measure(
        .elbo(samples: 1),
        paper: ["avb/8": -83.6, "avb-ac/8": -96.3, "avb-ac/32": -79.5, "vae/8": -98.1, "vae/32": -87.2])
      return [
        Claim("With adaptive contrast AVB is better than a VAE of 8 dimensions.", ais("avb-ac/8") > ais("vae/8")),
        Claim("It is better than AVB without.", ais("avb-ac/8") > ais("avb/8")),
        Claim("At 32 dimensions it is better than a VAE too.", ais("avb-ac/32") > ais("vae/32")),
        Claim(
          "Without adaptive contrast AVB overestimates its bound: it lies above AIS.", elbo("avb/8") > ais("avb/8")),
        Claim(
          "The paper's numbers come out (here: give or take a nat).", ais.isAsInPaper(within: 1), needsPaperBudget: true
        ),
      ]
    })

  private static func bound(_ scale: Scale) -> Metric { .iwae(samples: scale == .smoke ? 20 : 500) }

  /// Four inference models under one decoder.
  static let avbFixedDecoder = Experiment(
    name: "avb/fixed-decoder",
    summary: "VAE, IAF and AVB+AC under one decoder, and the auxiliary VAE",
    notes: AVB.notes
      + " All four have the small decoder at every scale and 32 dimensions. The auxiliary VAE's reverse model is "
      + "r(a|x,z), of the example itself; the authors' code gives it a sampled reconstruction. Its decoder is an MLP of 2 x 512, as "
      + "networks of several variables have no convolutions of the code.",
    cells: { scale in
      ["vae", "avae", "vae-iaf", "avb-ac"].map { system in
        Cell(
          system, AVB.settings(system, dimensions: 32, scale, isSmall: true),
          metrics: system == "avae" ? [.elbo(samples: 1), bound(scale)] : [.elbo(samples: 1), .annealed],
          limit: AVB.limit(scale), annealing: AVB.annealing(scale))
      }
    },
    claims: { _ in
      let ais = Measure(.annealed)
      return [
        Claim("AVB with adaptive contrast is better than the VAE.", ais("avb-ac") > ais("vae")),
        Claim(
          "It is on a par with inverse autoregressive flow or better (here: at most a nat worse).",
          ais("avb-ac") > ais("vae-iaf") - 1),
      ]
    })

  /// Samples of a model of MNIST.
  static let avbFigure7 = Experiment(
    name: "avb/figure-7", summary: "samples of AVB+AC trained on binarized MNIST, 32 dimensions",
    notes: AVB.notes + " The cell is that of table-2; its directory has the samples as `figures/samples.png`.",
    cells: { scale in
      [
        Cell(
          "avb-ac/32", AVB.settings("avb-ac", dimensions: 32, scale), metrics: [.elbo(samples: 1), .reconstruction],
          limit: AVB.limit(scale))
      ]
    })
}
