import Evaluation
import Systems

extension Experiment {
  /// The likelihood of MNIST under one and two layers with auxiliary variables.
  static let adgmTable1 = Experiment(
    name: "adgm/table-1",
    summary: "log likelihood of the AVAE with one and two stochastic layers, by 5000 importance samples",
    notes: """
      Two hidden layers of 512, z of 64 (and 32 with layers of 256), `a` of 64, leaky ReLU of slope 0.01, variances by a softplus, batch norm, one sample in \
      training; the vae has the same networks without `a`. Pixels binarized anew at every reading in training; the test \
      once, each picture in the same way for all models and seeds; \
      batch norm takes its statistics at the test from the whole training set. smoke: 2 epochs of 200 \
      strokes with small networks, 20 samples; cpu: 30 epochs with warm-up over 5, rate 1e-3, 5000 samples on 500 test \
      images; paper: 2000 epochs with warm-up over 200, all test images.
      """,
    cells: { scale in
      ["vae", "avae", "avae-2"].map { name in
        var settings = Catalog.avae.defaults
        if name == "vae" { settings.auxiliaryModel.auxiliary.kind = .none }
        if name == "avae-2" { settings.auxiliaryModel.auxiliary.upper = [32] }
        settings.data.validation = 0
        switch scale {
        case .smoke:
          ADGM.small(&settings)
          settings.auxiliaryModel.auxiliary.upperHidden = [16, 16]
          settings.auxiliaryModel.warmup.warmupEpochs = 1
        case .cpu:
          settings.training.epochs = 30
          settings.training.learningRate = 1e-3
          settings.auxiliaryModel.warmup.warmupEpochs = 5
        case .paper: break
        }
        return Cell(
          name, settings, metrics: [likelihood(scale), .elbo(samples: 1)],
          limit: scale == .paper ? nil : scale == .cpu ? 500 : 100, gathersNorms: true)
      }
    },
    claims: { scale in
      let nats = Measure(likelihood(scale), paper: ["avae": -84.59, "avae-2": -82.97])
      return [
        Claim("One layer of auxiliary variables is better than none.", nats("avae") > nats("vae")),
        Claim("Two layers are better than one.", nats("avae-2") > nats("avae")),
        Claim(
          "The paper's numbers come out (here: give or take a nat).", nats.isAsInPaper(within: 1),
          needsPaperBudget: true),
      ]
    })

  private static func likelihood(_ scale: Scale) -> Metric { .iwae(samples: scale == .smoke ? 20 : 5000) }
}
