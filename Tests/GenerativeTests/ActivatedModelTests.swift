import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Adversary-activated models") struct ActivatedModelTests {
  /// A critic of points whose verdict is a number that the test names for real and for generated examples.
  private final class Oracle: Network {
    let real: Tensor
    let values: (real: Double, generated: Double)
    let slope = Parameter(Tensor([Float(1)]))
    let outputShape = [1]
    let summary = "an oracle"

    init(_ real: Tensor, _ values: (real: Double, generated: Double)) {
      (self.real, self.values) = (real, values)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let isReal = x.shape == real.shape && x.isEqual(to: real)
      return Tensor.full([x.size(0), 1], isReal ? values.real : values.generated) * slope.value
    }
  }

  private static func vae(_ seed: UInt64 = 1) -> some Weighable {
    let rng = RandomSource(seed: seed)
    return Autoencoder(
      qz: GaussianNetwork(MLP([3], hidden: [6], using: rng), dimension: 2, using: rng),
      px: NetworkLikelihood(MLP([2], hidden: [6], using: rng), .bernoulli, shape: [3], using: rng),
      pz: StandardNormal(2), regularizer: ClosedFormKL())
  }

  private static var x: Tensor { RandomSource(seed: 2).bernoulli(.full([5, 3], 0.5)) }

  /// A critic whose V is an oracle's number: its own affine map is the identity.
  private static func critic(_ values: (real: Double, generated: Double)) -> CodeCritic {
    let critic = CodeCritic(Oracle(x, values), using: RandomSource(seed: 3))
    for (name, parameter) in critic.namedParameters where name.hasPrefix("output") {
      parameter.value.detached().copyInPlace(name == "output.weight" ? Tensor.ones([1, 1]) : Tensor.zeros([1]))
    }
    return critic
  }

  private static func played(_ game: any Game, labels: Tensor? = nil, labelled: Batch? = nil) throws -> Recorder {
    var batches: [Feed: Batch] = [.main: Batch(x: x, labels: labels)]
    batches[.labelled] = labelled
    let table = Recorder(batches, using: RandomSource(seed: 4))
    try TrainingMode.run { try game.play(table) }
    return table
  }

  private static func slopes(_ loss: Loss, _ player: Player) -> [Tensor] {
    gradients(of: loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true)
  }

  @Test("a discriminator that is right of everything leaves the VAE's loss and gradients, Lemma 2")
  func perfect() throws {
    let (plain, base) = (Self.vae(), Self.vae())
    let model = ActivatedModel(base, critic: Self.critic((real: -1e4, generated: 1e4)))
    let (alone, activated) = (try Self.played(plain), try Self.played(model))
    let loss = activated.loss(of: "model")
    expectClose(loss.value.item(), alone.loss(of: "autoencoder").value.mean().item(), absolute: 1e-6)
    let expected = Self.slopes(alone.loss(of: "autoencoder"), plain.players[0])
    for (one, other) in zip(Self.slopes(loss, model.players[0]), expected) {
      expectClose(one, other, absolute: 1e-6)
    }
    #expect(
      loss.terms.map(\.key) == [
        "bound_nats", "weight_of_real_fraction", "weight_of_generated_fraction", "effective_samples_fraction",
      ])
    #expect(loss.terms[1].value.mean().item() == 1 && loss.terms[2].value.mean().item() == 0)
    expectClose(loss.terms[3].value.item(), 0.5, absolute: 1e-6)
  }

  @Test("at a high temperature every weight is 1/2; weights are sigmoid(logit / T), for real and generated alike")
  func temperature() throws {
    let logit = 2.0  // of reality, on real examples; its negative on generated ones
    for temperature in [0.5, 1, 1.5, 3, 1e9] {
      let model = ActivatedModel(
        Self.vae(), critic: Self.critic((real: -logit, generated: logit)), temperature: temperature)
      let terms = try Self.played(model).loss(of: "model").terms
      expectClose(terms[1].value.mean().item(), 1 / (1 + exp(-logit / temperature)), absolute: 1e-6)
      expectClose(terms[2].value.mean().item(), 1 / (1 + exp(logit / temperature)), absolute: 1e-6)
    }
  }

  @Test("the loss is the weighted sum over real and generated examples, divided by the number of real ones")
  func sum() throws {
    let base = Self.vae()
    let model = ActivatedModel(base, critic: Self.critic((real: -1, generated: 0.5)))
    let table = try Self.played(model)
    let rng = RandomSource(seed: 4)
    let real = base.cost(Portion(Batch(x: Self.x)), Clock(), using: rng)
    let made = withoutGradients { base.made(like: Portion(Batch(x: Self.x)), using: rng) }
    let ofMade = base.cost(made, Clock(), using: rng)
    #expect(made.batch.x.shape == [5, 3] && !made.batch.x.requiresGradient)
    let (a, b) = (1 / (1 + exp(-1.0)), 1 / (1 + exp(0.5)))
    let expected = (real.sum() * a + ofMade.sum() * b) / 5
    expectClose(table.loss(of: "model").value.item(), expected.item(), absolute: 1e-5)
    #expect(table.moves.map { $0.map(\.player.name) } == [["critic", "model"]])
  }

  @Test("each player's loss has no gradient in the other's parameters")
  func apart() throws {
    let rng = RandomSource(seed: 5)
    let model = ActivatedModel(
      Self.vae(), critic: CodeCritic(MLP([3], hidden: [4], activation: .tanh, using: rng), using: rng))
    let table = try Self.played(model)
    for (own, other) in [(0, 1), (1, 0)] {
      let loss = table.loss(of: model.players[own].name)
      #expect(Self.slopes(loss, model.players[own]).contains { $0.abs().max().item() > 0 })
      #expect(Self.slopes(loss, model.players[other]).allSatisfy { $0.abs().max().item() == 0 })
    }
  }

  private static func auxiliary(given: Bool) -> AuxiliaryModel {
    var design = AuxiliaryDesign()
    (design.classes, design.classesAreGiven, design.auxiliary) = (3, given, .none)
    (design.latentSizes, design.hidden, design.isNormalized) = ([2], [[6]], false)
    (design.alpha, design.labelledWeight) = (3, 0.5)
    return AuxiliaryModel([3], .bernoulli, design, using: RandomSource(seed: 6))
  }

  @Test("a model that is given classes keeps those of the batch for generated examples, and is Lemma 2's CVAE")
  func given() throws {
    let labels = Tensor([Int64(0), 2, 1, 1, 0])
    let base = Self.auxiliary(given: true)
    let made = base.made(
      like: Portion(Batch(x: Self.x, labels: labels), isLabelled: true), using: RandomSource(seed: 7))
    #expect(made.isLabelled && made.batch.labels!.isEqual(to: labels))
    let model = ActivatedModel(base, critic: Self.critic((real: -1e4, generated: 1e4)))
    let alone = try Self.played(Self.auxiliary(given: true), labels: labels).loss(of: "model")
    expectClose(
      try Self.played(model, labels: labels).loss(of: "model").value.item(), alone.value.mean().item(), absolute: 1e-6)
  }

  @Test("a model with few labels sums weighted costs of all its portions; a perfect critic leaves its own loss")
  func fewLabels() throws {
    let labelled = Batch(x: RandomSource(seed: 8).bernoulli(.full([4, 3], 0.5)), labels: Tensor([Int64(0), 1, 2, 1]))
    let alone = try Self.played(Self.auxiliary(given: false), labelled: labelled).loss(of: "model")
    // Labelled examples are none of the oracle's real ones, so that they get the number of generated ones: 0.
    let model = ActivatedModel(Self.auxiliary(given: false), critic: Self.critic((real: -1e4, generated: 1e4)))
    let activated = try Self.played(model, labelled: labelled).loss(of: "model")
    let unlabelled = alone.terms.first { $0.name == "unlabelled" }!.value.mean()
    expectClose(activated.value.item(), unlabelled.item(), absolute: 1e-5)
    let all = ActivatedModel(Self.auxiliary(given: false), critic: Self.critic((real: -1e4, generated: -1e4)))
    let sum = try Self.played(all, labelled: labelled).loss(of: "model")
    #expect(sum.value.item() > alone.value.mean().item(), "generated examples cost something too")
    let made = Self.auxiliary(given: false).made(like: Portion(labelled), using: RandomSource(seed: 9))
    #expect(made.classification == 1.5 && made.batch.labels?.shape == [4])
  }

  @Test("where classes are given, bounds are those of log p(x|y), and Bayes' rule predicts the class")
  func bounds() throws {
    let model = Self.auxiliary(given: true)
    let labels = Tensor([Int64(0), 2, 1, 1, 0])
    let weights = withoutGradients {
      model.logWeights(Self.x, classes: labels, samples: 4000, using: RandomSource(seed: 10))
    }
    let all = withoutGradients { model.logWeightsOfClasses(Self.x, samples: 4000, using: RandomSource(seed: 11)) }
    #expect(weights.shape == [4000, 5] && all.shape == [4000, 5, 3])
    let ofClass = logMeanExp(all).taken(labels.unsqueezed(1), along: 1).squeezed(1) + log(3.0)
    expectClose(logMeanExp(weights), ofClass, absolute: 0.02)
    let p = withoutGradients { model.classProbabilities(Self.x, samples: 4000, using: RandomSource(seed: 11)) }
    expectClose(p, logMeanExp(all).softmax(-1), absolute: 1e-6)
    expectClose(p.sum(-1), .ones([5]), absolute: 1e-6)
    #expect(model.card.conditionals.map(\.symbol) == ["p(z)", "p(y)", "q(z|x, y)", "p(x|z, y)"])
    #expect(model.card.players.map(\.loss) == ["-E_q [log p(x, z|y) - log q(z|x, y)]"])
    #expect(model.encode(Self.x, using: RandomSource(seed: 12)).shape == [5, 5])
  }
}

@Suite("Autoencoders with a likelihood in a critic's layer") struct VAEGANTests {
  private static func model(_ change: (inout VAEGAN.Design) -> Void = { _ in }) -> VAEGAN {
    let rng = RandomSource(seed: 1)
    var design = VAEGAN.Design()
    (design.layer, design.margin) = (1, nil)
    change(&design)
    return VAEGAN(
      qz: GaussianNetwork(MLP([3], hidden: [5], using: rng), dimension: 2, using: rng),
      generator: ShapedNetwork(MLP([2], hidden: [5], using: rng), shape: [3], using: rng),
      body: MLP([3], hidden: [6, 4], activation: .tanh, using: rng), design: design, using: rng)
  }

  private static func played(_ model: VAEGAN) throws -> Recorder {
    let table = Recorder([.main: Batch(x: RandomSource(seed: 2).normal([7, 3]))], using: RandomSource(seed: 3))
    try model.play(table)
    return table
  }

  @Test("three players move at once; each loss is Algorithm 1's, worked out from the parts")
  func losses() throws {
    let model = Self.model { $0.reconstructionWeight = 0.25 }
    let table = try Self.played(model)
    #expect(table.moves.map { $0.map(\.player.name) } == [["encoder", "decoder", "critic"]])
    let encoder = table.loss(of: "encoder")
    let error = encoder.terms.first { $0.name == "reconstruction" }!.value
    let kl = encoder.terms.first { $0.name == "kl" }!.value
    expectClose(encoder.value, error + kl, absolute: 1e-6)
    let game = table.loss(of: "decoder").terms[0].value
    expectClose(table.loss(of: "decoder").value.item(), (error.mean() * 0.25 + game.mean()).item(), absolute: 1e-6)
    // The layer by hand: tanh(W x + b) of the critic's first stage.
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    func layer(_ x: Tensor) -> Tensor {
      x.linear(weight: named["critic.network.layers.0.weight"]!, bias: named["critic.network.layers.0.bias"]!).tanh()
    }
    let x = RandomSource(seed: 2).normal([7, 3])
    let rng = RandomSource(seed: 3)
    let z = model.drawnCodes(x, using: rng)
    let distance = (layer(model.decode(z, as: .means, using: rng)) - layer(x)).square().sum(-1) * 0.5
    expectClose(error, distance, absolute: 1e-6)
  }

  @Test("every parameter has one owner; the critic's loss does not see the reconstruction error")
  func owners() throws {
    let model = Self.model()
    let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
    #expect(Set(owned).count == owned.count && owned.count == model.parameters.count)
    let table = try Self.played(model)
    let critic = table.loss(of: "critic").value.mean()
    let encoder = model.players[0].parameters.map(\.value)
    #expect(gradients(of: critic, in: encoder, retainGraph: true).allSatisfy { $0.abs().max().item() == 0 })
  }

  @Test("the critic rests while it is too sure, the decoder while it is not sure enough")
  func rests() throws {
    let sure = try Self.played(Self.model { ($0.margin, $0.balance) = (0.01, 5) })
    #expect(sure.moves.map { $0.map(\.player.name) } == [["encoder", "decoder"]])
    let unsure = try Self.played(Self.model { ($0.margin, $0.balance) = (0.01, 0.02) })
    #expect(unsure.moves.map { $0.map(\.player.name) } == [["encoder", "critic"]])
    let both = try Self.played(Self.model { ($0.margin, $0.balance) = (10, 0.68) })
    #expect(both.moves.map { $0.map(\.player.name) } == [["encoder", "decoder", "critic"]])
  }
}
