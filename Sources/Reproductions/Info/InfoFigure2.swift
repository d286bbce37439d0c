import Evaluation
import Figures
import Systems

extension Experiment {
  /// CIFAR-10 under a PixelCNN++: the KL of the codes over training, and samples.
  static let infoFigure2 = Experiment(
    name: "info/figure-2",
    summary: "KL of the codes over training on CIFAR-10 under a PixelCNN++, and samples",
    notes: """
      Decoder: a PixelCNN++ given the code at every layer, 10 logistics a pixel, with weight normalization and a dropout of \
      0.5. Not as in the public implementation, which the authors took, it has one resolution: 8 layers up and down, with \
      which a pixel depends on 35 rows above it, instead of 5 at each of three. 10 latent dimensions; the paper does not \
      tell its own. smoke: 2 epochs of 40 \
      generated strokes with 7 layers of few maps; cpu: 5 epochs of 2,000 images, 24 maps, \
      measured on 500 images; paper: 160 maps, 100 epochs, a rate of 1e-3 that falls by .999995 a step, and weights averaged \
      with .9995. Weights by example are those of the authors' code for CIFAR-10: ELBO 1 on the KL, MMD 1000, Stein 100. Markov chains have 5 \
      steps from uniform noise. Bits per dimension are those of the bound, \
      which without a regularizer is loose. The paper compares KL; that of an unregularized autoencoder is large whatever \
      its codes say, so what the codes tell the decoder is compared instead.
      """,
    cells: { scale in
      ["vae", "ae"].map { system in
        Cell(
          system, cifarSettings(system, dimensions: 10, scale),
          metrics: [.kl, .reconstruction, .bitsPerDimension(samples: 1)],
          trajectory: [.kl, .reconstruction], limit: cifarLimit(scale),
          drawings: [.samples, .markovChain(steps: 5)])
      }
    },
    claims: { _ in
      let (kl, reconstruction) = (Measure(.kl), Measure(.reconstruction))
      return [
        Claim("The ELBO uses the code of CIFAR-10, unlike that of MNIST (here: a KL above a nat).", kl("vae") > 1),
        Claim(
          "Without a regularizer codes say more (here: they are worth a nat more to the decoder).",
          reconstruction("vae") - reconstruction("ae") > 1),
      ]
    },
    charts: { results in
      [
        ("kl", Info.overTraining("KL of the codes", .kl, results)),
        ("reconstruction", Info.overTraining("Reconstruction", .reconstruction, results)),
      ]
    })

  /// Test examples of CIFAR-10 at a scale.
  static func cifarLimit(_ scale: Scale) -> Int? {
    switch scale {
    case .smoke: 20
    case .cpu: 500
    case .paper: nil
    }
  }

  /// One system on CIFAR-10 at a scale, as Figures 2 and 5 have it.
  static func cifarSettings(_ system: String, dimensions: Int, _ scale: Scale) -> RunSettings {
    var settings = Info.settings(system, dimensions: dimensions, scale, of: .colour)
    settings.autoencoder.decoder.network = .pixelcnnpp
    settings.autoencoder.likelihood.family = .logisticMixture
    switch scale {
    case .smoke:
      settings.autoencoder.likelihood.mixtures = 2
      settings.autoencoder.decoder.layers = 7
      settings.data.limit = 40
      settings.data.validation = 20
      settings.training.batchSize = 20
    case .cpu:
      settings.data.name = "cifar-10"
      settings.autoencoder.decoder.layers = 8
      settings.autoencoder.decoder.maps = 24
      settings.data.limit = 2000
      settings.data.validation = 200
      settings.training.batchSize = 20
      settings.training.learningRate = 2e-3
      settings.training.epochs = 5
    case .paper:
      settings.data.name = "cifar-10"
      settings.autoencoder.decoder.layers = 8
      settings.autoencoder.decoder.maps = 160
      settings.training.average = 0.9995
      // .999995 a step, over the 459 steps of an epoch.
      settings.training.schedule.kind = .step
      settings.training.schedule.factor = 0.9977
      settings.training.schedule.everyEpochs = 1
    }
    Info.requireSight(settings, rows: scale == .smoke ? Info.side : 32)
    return settings
  }
}
