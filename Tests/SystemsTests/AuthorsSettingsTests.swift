import Datasets
import Generative
import Networks
import Probability
import Testing
import Torch

@testable import Configuration
@testable import Systems

@Suite("Settings as the authors ran them, resolved from the data")
struct AuthorsSettingsTests {
  @Test("the MMD-VAE's factor is 784 in nats of an image of MNIST, with exp(-r2/2d), biased, over 200 draws")
  func mmd() {
    let regularizer = Catalog.mmdVAE.defaults.autoencoder.regularizer
    #expect(regularizer.factor.schedule(dimensions: 784)(Clock()) == 784)
    #expect(regularizer.factor.schedule(dimensions: 3072)(Clock()) == 3072)
    #expect(regularizer.radialKernel(dimension: 10) == .gaussian(sigma: 10.0.squareRoot()))
    #expect(regularizer.estimator == .biased && regularizer.priorSamples == 200)
  }

  /// The terms of a round's loss by name, and the loss.
  private func round(
    _ settings: RunSettings, _ facts: Facts
  ) throws -> (model: any Game, terms: [String: Double], total: Double) {
    let model = try #require(try settings.model(facts) as? any Game)
    let rng = RandomSource(seed: 1)
    let labelled = Batch(
      x: rng.bernoulli(.full([6] + facts.shape, 0.5)), labels: Tensor([Int32(0), 1, 2, 0, 1, 2]).to(.int64))
    let table = Recorder(
      [.main: Batch(x: rng.bernoulli(.full([6] + facts.shape, 0.5))), .labelled: labelled], using: rng)
    try TrainingMode.run { try model.play(table) }
    let loss = table.loss(of: "model")
    return (
      model, Dictionary(uniqueKeysWithValues: loss.terms.map { ($0.name, $0.value.mean().item()) }),
      loss.value.mean().item()
    )
  }

  private func small(_ system: System) -> RunSettings {
    var settings = system.defaults
    settings.auxiliaryModel.encoder.hidden = [6]
    settings.auxiliaryModel.decoder.hidden = [6]
    settings.auxiliaryModel.latent.dimensions = 3
    settings.auxiliaryModel.auxiliary.dimensions = 3
    return settings
  }

  @Test(
    "the prior N(0, 1) of weights is 1/N of the training examples that are used, and no optimizer decays weights",
    arguments: ["m2", "adgm", "sdgm"])
  func prior(_ name: String) throws {
    let settings = small(try Catalog.system(named: name))
    #expect(settings.training.adam.weightDecay == 0)
    for examples in [30, 3000] {
      let facts = Facts(shape: [1, 4, 4], classes: 3, examples: examples, labelled: 6)
      let (model, terms, _) = try round(settings, facts)
      let weights = model.namedParameters.filter { $0.parameter.value.rank > 1 }
        .reduce(0.0) { $0 + $1.parameter.value.square().sum().item() }
      let found = try #require(terms["weights"])
      #expect(abs(found / (weights / Double(2 * examples)) - 1) < 1e-4)
    }
  }

  @Test("over all data M2 is a sum of bounds and 0.1 N times the mean classification loss; ADGM weighs batches alike")
  func alpha() throws {
    let (examples, labelled) = (3000.0, 60.0)
    let facts = Facts(shape: [1, 4, 4], classes: 3, examples: Int(examples), labelled: Int(labelled))
    let m2 = try round(small(Catalog.m2), facts)
    // Kingma et al. 2014, Eq. 9: sums over N examples, N_l of them with their class.
    let sums =
      examples * m2.terms["unlabelled"]! + labelled * m2.terms["labelled"]! + 0.1 * examples * m2.terms[
        "classification"]!
    let prior = try #require(m2.terms["weights"])
    #expect(abs((m2.total - prior) * examples / sums - 1) < 1e-5)
    let adgm = try round(small(Catalog.adgm), facts)
    // Maaloe et al. 2016: alpha = 0.1 N / N_l beside means.
    let means =
      adgm.terms["unlabelled"]! + adgm.terms["labelled"]! + 0.1 * examples / labelled * adgm.terms["classification"]!
    #expect(abs((adgm.total - adgm.terms["weights"]!) / means - 1) < 1e-5)
  }

  @Test("the AVAE has a leak of 0.01 and variances by a softplus that start near softplus(1)")
  func avae() throws {
    let design = Catalog.avae.defaults.auxiliaryModel
    #expect(design.encoder.activation.function(design.encoder.slope) == .leakyReLU(slope: 0.01))
    #expect(design.encoder.slope == design.decoder.slope && design.auxiliary.variances == .softplus)
    #expect(!design.auxiliary.weightPrior)
    let model = try #require(try small(Catalog.avae).model(Facts(shape: [1, 4, 4])) as? AuxiliaryModel)
    let bias = model.namedParameters.first { $0.name == "qz.0.heads.bias" }!.parameter.value
    #expect(bias.array(Float.self) == [0, 0, 0, 1, 1, 1])
  }

  @Test("a slope can be set where a leaky rectifier stands, and nowhere else")
  func slope() throws {
    let settings = try Catalog.settings("vae", setting: ["encoder.activation=leaky-relu", "encoder.slope=0.05"])
    #expect(
      settings.autoencoder.encoder.activation.function(settings.autoencoder.encoder.slope) == .leakyReLU(slope: 0.05))
    #expect(ActivationKind.leakyReLU.convolutional(nil) == .leakyReLU(slope: 0.1))
    #expect(
      message { _ = try Catalog.settings("vae", setting: ["encoder.slope=0.05"]) }
        == "--set: encoder.slope: has no effect: the activation is relu")
    #expect(
      message { _ = try Catalog.settings("avae", setting: ["encoder.slope=0.05"]) }
        == "decoder: expected the same layers, activation and slope in all networks, got others in encoder and decoder")
  }

  @Test("Markov chains start from zeros and ones where pixels are binarized")
  func chains() throws {
    func isBinary(_ name: String, _ assignments: String...) throws -> Bool {
      try Catalog.settings(name, setting: assignments).hasBinaryValues(Facts(shape: [1, 28, 28]))
    }
    var rows = Facts(shape: [784])
    #expect(!Catalog.vae.defaults.hasBinaryValues(rows))
    rows.isBinary = true
    #expect(Catalog.vae.defaults.hasBinaryValues(rows))
    #expect(try isBinary("mmd-vae"))
    #expect(try isBinary("vae", "likelihood.family=gaussian", "data.binarization=threshold"))
    #expect(try !isBinary("vae", "likelihood.family=gaussian"))
    #expect(try !isBinary("vae", "data.binarization=none"))
  }
}
