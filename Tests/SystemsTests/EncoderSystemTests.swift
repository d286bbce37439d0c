import Datasets
import Generative
import Networks
import Testing
import Torch

@testable import Configuration
@testable import Systems

/// `mi` and `infomax`: encoders of which a regression back to the examples is easy.
@Suite("Informative encoders") struct EncoderSystemTests {
  private static func card(_ model: String, _ shape: [Int], _ changes: [String] = []) throws -> ModelCard {
    try Catalog.settings(model, setting: changes).model(Facts(shape: shape)).card
  }

  /// Why settings cannot have examples of a shape, as a run checks them.
  private static func refusal(_ model: String, _ shape: [Int], _ changes: String...) -> String {
    message { try Catalog.settings(model, setting: changes).validate(Facts(shape: shape, examples: 100)) }
  }

  private static let image = [1, 28, 28]
  private static let points = "has no effect: examples are points, whose networks and codes are under points"

  @Test("mi has the layers of Table 2, and says its loss in the letters of Eq. 3")
  func mi() throws {
    let card = try Self.card("mi", Self.image)
    #expect(
      card.conditionals.map { "\($0.symbol) = \($0.family)" } == [
        "p(z) = N(0, I), 32 dimensions",
        "p(x|z) = Gaussian (mean by a sigmoid, a learned scale per dimension, variances of at least 0.001), MLP 32-2048, "
          + "transposed convolutions of 128-64-64 maps to 1x28x28",
        "q(z|x) = implicit, convolutions 1x28x28 to 64-64-128 maps, MLP (2048 + 32)-256-256-32 of x and noise",
      ])
    #expect(card.conditionals[2].isImplicit)
    #expect(card.players.map(\.loss) == ["-E_q(z|x) [log p(x|z) - beta KSD^2(q(z), p(z))]"])
    #expect(
      card.notes == [
        "with u for z and lambda for beta, and means g and variances a of a Gaussian p(x|z), the loss is 1/2 sum_i "
          + "[E(x_i - g_i(u))^2 / a_i + log a_i] + lambda KSD^2(u, N(0, I)) and a constant: Eq. 3 of auxiliary "
          + "supervised learning; kernel (1 + r^2)^(-0.5)"
      ])
    let encoder = 16 * (64 + 64 * 64 + 64 * 128) + 64 + 64 + 128
    let dense = (2048 + 32 + 1) * 256 + (256 + 1) * 256 + (256 + 1) * 32
    let decoder = 33 * 2048 + 16 * (128 * 64 + 64 * 64 + 64) + 64 + 64 + 1
    #expect(card.parameterCount == encoder + dense + decoder + 784)
    #expect(UnifiedView(card).row.minimized == "no KL: -E_q log p_theta(x|z, y) + 100 KSD^2(q(z), p(z))")
  }

  @Test("mi of points has MLPs, codes and noise of 2, and means that are no sigmoid")
  func miOfPoints() throws {
    let card = try Self.card("mi", [3])
    #expect(
      card.conditionals.map(\.family) == [
        "N(0, I), 2 dimensions",
        "Gaussian (a learned scale per dimension, variances of at least 0.001), MLP 2-128-128-128-3",
        "implicit, MLP (3 + 2)-128-128-128-2 of x and noise",
      ])
    let own = try Self.card("mi", [3], ["points={hidden: [5], dimensions: 4}"])
    #expect(own.conditionals[2].family == "implicit, MLP (3 + 4)-5-4 of x and noise")
    let manual = ["encoder.network=mlp", "decoder.network=mlp", "latent.dimensions=3", "likelihood.mean=linear"]
    let layers = try Self.card("mi", [3], manual)
    #expect(layers.conditionals[2].family == "implicit, MLP (3 + 3)-256-256-3 of x and noise")
    let settings = try Catalog.settings("mi")
    #expect(settings.design.pixels([3]) == .asTheyAre("likelihood.family", "gaussian"))
    #expect(settings.design.pixels(Self.image) == .unit("likelihood.mean", "sigmoid"))
  }

  @Test("what points stand in place of, or images, is refused where somebody gives it")
  func pointKeys() {
    for (change, reason) in [
      ("encoder.hidden=[5]", Self.points), ("encoder.network=mlp", Self.points), ("decoder.hidden=[5]", Self.points),
      ("latent.dimensions=3", Self.points),
      ("likelihood.mean=sigmoid", "has no effect: examples are points, whose means are linear"),
      ("encoder.channels=[3]", "has no effect: the network is mlp"),
    ] {
      let key = change.split(separator: "=")[0]
      #expect(Self.refusal("mi", [2], change) == "--set: \(key): \(reason)")
    }
    #expect(Self.refusal("mi", [2], "encoder.noiseSize=7", "encoder.activation=elu") == "no error")
    #expect(
      Self.refusal("mi", Self.image, "points.dimensions=3")
        == "--set: points.dimensions: has no effect: examples are images")
    #expect(
      Self.refusal("mi", [2], "encoder.network=mlp", "decoder.network=mlp", "points.dimensions=3")
        == "--set: points.dimensions: has no effect: both networks are mlp")
    #expect(
      Self.refusal("mi", [2], "points=null")
        == "encoder.network: conv needs images [channels, height, width], got examples of shape [2]")
    #expect(Self.refusal("vae", [2], "points.dimensions=3").contains("has no effect: both networks are mlp"))
  }

  @Test("one code has no pairs: a batch, a set or a validation set of one is refused")
  func pairs() throws {
    func counted(_ model: String, _ changes: [String] = [], examples: Int = 100, validation: Int? = nil) throws
      -> String
    {
      let settings = try Catalog.settings(model, setting: changes)
      return message {
        try settings.validateCounts(Facts(shape: Self.image, examples: examples), validation: validation)
      }
    }
    let need = "regularizer.estimator unbiased takes pairs of different codes"
    #expect(
      try counted("mi", ["training.batchSize=1"])
        == "training.batchSize: expected at least 2 examples in a batch, got 1: \(need)")
    #expect(
      try counted("mi", validation: 1)
        == "data.validation: expected at least 2 validation examples, or 0, got 1: \(need)")
    #expect(try counted("mi", ["regularizer.estimator=biased", "training.batchSize=1"]) == "no error")
    #expect(try Catalog.settings("mi").smallestBatch(Facts(shape: [2])) == 2)
    #expect(
      try counted("infomax", examples: 1)
        == "data: expected at least 2 training examples, got 1: information is estimated from pairs of different examples"
    )
    #expect(try Catalog.settings("infomax").smallestBatch(Facts(shape: [2])) == 2)
  }

  @Test("a floor and a mean belong to a Gaussian, and a floor to one whose scale is learned")
  func likelihoods() throws {
    func said(_ changes: String...) -> String { message { _ = try Catalog.settings("vae", setting: changes) } }
    #expect(said("likelihood.floor=0.1") == "--set: likelihood.floor: has no effect: the family is bernoulli")
    #expect(said("likelihood.mean=sigmoid") == "--set: likelihood.mean: has no effect: the family is bernoulli")
    #expect(
      said("likelihood={family: gaussian, scale: fixed, floor: 0.1}")
        == "--set: likelihood.floor: has no effect: the scale is fixed")
    #expect(
      said("likelihood={family: gaussian, floor: 0}")
        == "--set: likelihood.floor: expected a number above 0, or null, got \"0\"")
    #expect(said("likelihood={family: gaussian, scale: predicted, floor: 0.1}") == "no error")
    // Without them a Gaussian is what it was.
    let plain = try Catalog.settings("vae", setting: ["likelihood={family: gaussian, scale: per-dimension}"])
    #expect(plain.autoencoder.likelihood.networkFamily == .gaussian(.perDimension, mean: .linear, floor: nil))
    let examples = try Examples(name: "mine train", storage: .floats([-1, 0, 0.5, 4]), shape: [1, 1, 2])
    #expect(
      message { try Catalog.settings("mi").validate(examples) }
        == "likelihood.mean: sigmoid needs values from 0 to 1, got numbers from -1.0 to 4.0 in mine train")
    #expect(
      message { try Catalog.settings("mi", setting: ["likelihood.mean=linear"]).validate(examples) } == "no error")
  }

  @Test("the Stein discrepancy belongs to autoencoders of any encoder, and its keys to it")
  func divergence() throws {
    func said(_ model: String, _ changes: String...) -> String {
      message { _ = try Catalog.settings(model, setting: changes) }
    }
    #expect(said("vae", "regularizer.beta=1") == "--set: regularizer.beta: has no effect: the divergence is kl")
    #expect(said("mmd-vae", "regularizer.beta=1") == "--set: regularizer.beta: has no effect: the divergence is mmd")
    #expect(
      said("mi", "regularizer.beta=0") == "--set: regularizer.beta: expected a number above 0, got \"0\"")
    #expect(said("mi", "regularizer.kernel=imq") == "--set: regularizer.kernel: has no effect: the divergence is ksd")
    let card = try Self.card("vae", [4], ["regularizer={divergence: ksd, beta: 0.7, weight: 2}"])
    #expect(card.conditionals[2].family == "Gaussian, MLP 4-500-500-50")
    #expect(card.players[0].loss == "-E_q(z|x) [log p(x|z) - beta KSD^2(q(z), p(z))]")
    #expect(card.notes[0].hasSuffix("kernel (1 + r^2)^(-0.7)"))
  }

  @Test("noise is as long as a code where nobody says how long")
  func noise() throws {
    let card = try Self.card("avb", Self.image, ["encoder.noiseSize=null", "latent.dimensions=5"])
    #expect(card.conditionals.last?.family.contains("noise of 5 added to every layer") == true)
  }

  @Test("an MLP's input stands beside its features, on either side, where it has layers of its own")
  func joined() throws {
    let second = ["encoder.hidden=[6]", "decoder.hidden=[7]", "encoder.joinsInput=true", "decoder.joinsInput=true"]
    let card = try Self.card("vae", [4], second + ["latent.dimensions=4", "likelihood.family=gaussian"])
    #expect(
      card.conditionals.map(\.family) == [
        "N(0, I), 4 dimensions", "Gaussian (one learned scale), MLP 4-7 beside its input-4",
        "Gaussian, MLP 4-6 beside its input-4",
      ])
    // 4-6 and heads of 6 + 4; 4-7 and an output of 7 + 4; the noise.
    #expect(card.parameterCount == 30 + 8 * 11 + 35 + 4 * 12 + 1)
    func said(_ model: String, _ changes: String...) -> String {
      message { _ = try Catalog.settings(model, setting: changes) }
    }
    let key = "--set: encoder.joinsInput: has no effect: "
    #expect(said("aae", "encoder.joinsInput=true") == key + "the network is conv")
    #expect(said("vae", "encoder.joinsInput=true", "encoder.hidden=[]") == key + "there are no hidden layers")
    #expect(
      said("vae", "encoder.joinsInput=true", "encoder.noise=input", "regularizer.divergence=mmd")
        == key + "the noise is input")
    #expect(said("adgm", "encoder.joinsInput=true") == key + "there are layers of several variables behind it")
    #expect(
      said("adgm", "decoder.joinsInput=true")
        == "--set: decoder.joinsInput: has no effect: there are layers of several variables before it")
    #expect(said("classifier", "encoder.joinsInput=true") == "no error")
  }

  @Test("infomax has a global and a local term, a critic of codes, and no decoder")
  func infoMax() throws {
    let model = try Catalog.settings("infomax").model(Facts(shape: Self.image))
    #expect(model is any Encoder && !(model is any Generator))
    let card = model.card
    #expect(
      card.conditionals.map { "\($0.symbol) = \($0.family)" } == [
        "p(z) = N(0, I), 32 dimensions",
        "q(z|x) = z = E(x), convolutions 1x28x28 to 64-64-128 maps, MLP 2048-256-256-32",
      ])
    #expect(
      card.players.map { "\($0.player) = \($0.loss)" } == [
        "encoder = -I(x, z) - mean_l I(x_l, z) + 0.1 (D(q(z), p(z)) by a critic, jensen-shannon)",
        "critic = -(log 2 + E_q log sigmoid(V(z)) / 2 + E_p log sigmoid(-V(z)) / 2),  V: MLP 32-1000-200-1",
      ])
    #expect(UnifiedView(card).row.minimized == "KL(q_eta(z|y) || q^r(z|y)) - I(x, z)")
    #expect(
      card.notes == [
        "I(v, z) = -E softplus(-T(v, z)) - E' softplus(T(v, z)), E over examples with their codes, E' over examples with "
          + "codes of others among the n of a batch; T ascends it, too",
        "T(x, z), x by its last map: MLP 2048-2048-2048 of it, MLP 32-2048-2048 of z",
        "T(x_l, z), x_l a place of map 2: MLP 64-2048-2048 of it, MLP 32-2048-2048 of z",
      ])
    let settings = try Catalog.settings("infomax")
    #expect(settings.trainingOptions.model == settings.trainingOptions.adversary)
  }

  @Test("on data that are no images infomax has its global term, and says so")
  func infoMaxOfPoints() throws {
    let card = try Self.card("infomax", [2])
    #expect(card.notes.last == "global term only: no map of places is looked at")
    #expect(card.conditionals[1].family == "z = E(x), MLP 2-128-128-128-2")
    #expect(card.players[0].loss == "-I(x, z) + 0.1 (D(q(z), p(z)) by a critic, jensen-shannon)")
    #expect(card.notes[1] == "T(x, z), x by its last map: MLP 128-2048-2048 of it, MLP 2-2048-2048 of z")
    let local = "information.local: expected 0 or null, as "
    #expect(
      Self.refusal("infomax", [2], "information.local=0.5")
        == local + "examples of shape [2] are no images and have the global term only, got 0.5")
    #expect(
      Self.refusal("infomax", Self.image, "encoder.network=mlp", "information.local=1")
        == local + "an mlp has no map of places and the global term only, got 1.0")
    #expect(Self.refusal("infomax", Self.image, "encoder.network=mlp") == "no error")
    #expect(
      Self.refusal("infomax", [2], "information.layer=1")
        == "--set: information.layer: has no effect: there is no local term")
    #expect(Self.refusal("infomax", [2], "latent.dimensions=3") == "--set: latent.dimensions: \(Self.points)")
    for (shape, changes) in [([2], ["information.global=0"]), (Self.image, ["information={global: 0, local: 0}"])] {
      #expect(
        message {
          try Catalog.settings("infomax", setting: changes).validate(Facts(shape: shape))
        } == "information.global: expected a global or a local weight above 0, got 0 and 0")
    }
    #expect(
      Self.refusal("infomax", Self.image, "information.layer=4")
        == "information.layer: expected at most the 3 stages of encoder.channels, got 4")
    #expect(
      Self.refusal("infomax", [2], "encoder.network=mlp", "encoder.joinsInput=true")
        == "encoder.joinsInput: an encoder whose layers are looked at has none of it, got true")
    #expect(
      Self.refusal("infomax", Self.image, "information.units=65536")
        == "information: expected a network of at most 1073741824 weights, got 17456693248")
    #expect(
      Self.refusal("infomax", [2], "training.patience=3")
        == "training.patience: infomax has no score on validation examples; the last checkpoint is the best")
    #expect(
      Self.refusal("infomax", Self.image, "encoder.noise=input")
        == "--set: encoder.noise: has no effect: encoders of this family take no noise")
  }
}
