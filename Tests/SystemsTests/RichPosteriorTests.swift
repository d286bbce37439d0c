import Datasets
import Generative
import Networks
import Probability
import Testing
import Torch

@testable import Configuration
@testable import Systems

@Suite("Posteriors beyond a Gaussian") struct RichPosteriorTests {
  private static func run(_ model: String, _ assignments: String...) -> String {
    message { _ = try Catalog.settings(model, setting: assignments) }
  }

  private static func text(_ system: System, _ shape: [Int] = [1, 28, 28]) throws -> String {
    let card = try system.defaults.model(Facts(shape: shape)).card
    return
      (card.conditionals.map { "\($0.symbol) = \($0.family)" } + card.players.map { "\($0.player) = \($0.loss)" }
      + ["\(card.parameterCount)"]).joined(separator: "\n")
  }

  private static let encoder = 784 * 500 + 500 + 500 * 500 + 500 + 2 * (500 * 32 + 32)
  private static let decoder = 32 * 500 + 500 + 500 * 500 + 500 + 500 * 784 + 784

  @Test("what they are made of is told, with as many parameters as worked out by hand, and flows are not implicit")
  func cards() throws {
    let planar = 500 * 80 * 65 + 80 * 65
    #expect(
      try Self.text(Catalog.vaePlanar) == """
        p(z) = N(0, I), 32 dimensions
        p(x|z) = Bernoulli, MLP 32-500-500-784
        q(z|x) = Gaussian, MLP 784-500-500-32, then 80 planar layers
        autoencoder = -E_q(z|x) [log p(x|z) - (log q(z|x) - log p(z))]
        \(Self.encoder + Self.decoder + planar)
        """)
    let iaf = 500 * 32 + 32 + 32 * 1024 + 1024 + 8 * (128 * 32 + 64 * 128 + 64)
    #expect(
      try Self.text(Catalog.vaeIAF) == """
        p(z) = N(0, I), 32 dimensions
        p(x|z) = Bernoulli, MLP 32-500-500-784
        q(z|x) = Gaussian, MLP 784-500-500-32, then 8 inverse autoregressive layers of 128, context 32
        autoencoder = -E_q(z|x) [log p(x|z) - (log q(z|x) - log p(z))]
        \(Self.encoder + Self.decoder + iaf)
        """)
    let reverse = 784 * 640 + 640 + 32 * 640 + 2 * (640 * 32 + 32)
    #expect(
      try Self.text(Catalog.hvi) == """
        p(z) = N(0, I), 32 dimensions
        p(x|z) = Bernoulli, MLP 32-500-500-784
        q(z0|x) = Gaussian, MLP 784-500-500-32
        q(v0) = N(0, I): a momentum of N(0, M) in units of its deviations, M diagonal and learned
        q(z, v|x, z0, v0) = 16 leapfrog steps on log p(x, z), their sizes learned
        r(v|x, z) = Gaussian, MLP (784 + 32)-640-32
        autoencoder = -E_q(z0|x) q(v0) [log p(x|z) - (log q(z0|x) + log q(v0) - log p(z) - log r(v|x, z))]
        \(Self.encoder + Self.decoder + reverse + 16 + 32)
        """)
    let flow = try Catalog.vaePlanar.defaults.model(Facts(shape: [2])).card
    #expect(flow.conditionals.allSatisfy { !$0.isImplicit })
  }

  @Test("convolutional networks of hvi include one that reads x for the reverse model")
  func convolutional() throws {
    let settings = try Catalog.settings(
      "hvi", setting: ["encoder.network=conv", "decoder.network=conv", "encoder.hidden=[300]"])
    let card = try settings.model(Facts(shape: [1, 28, 28])).card
    #expect(
      card.conditionals.last?.family
        == "Gaussian, MLP (300 + 32)-640-32, after convolutions 1x28x28 to 64-128 maps, MLP 6272-300")
  }

  @Test("a family that cannot have the codes or the divergence, and keys that it has no use for, are refused")
  func refusals() {
    for family in ["planar", "iaf"] {
      #expect(
        Self.run("vae", "posterior.family=\(family)")
          == "regularizer.divergence: posterior.family \(family) needs monte-carlo-kl, got kl")
      #expect(Self.run("vae", "posterior.family=\(family)", "regularizer.divergence=monte-carlo-kl") == "no error")
      for divergence in ["mmd", "none", "stein", "adversarial", "info"] {
        #expect(
          Self.run("vae-\(family)", "regularizer.divergence=\(divergence)")
            == "regularizer.divergence: posterior.family \(family) needs monte-carlo-kl, got \(divergence)")
      }
    }
    #expect(
      Self.run("vae-iaf", "latent.dimensions=1")
        == "latent.dimensions: posterior.family iaf needs at least 2 dimensions, got 1")
    for model in ["vae-planar", "hvi"] { #expect(Self.run(model, "latent.dimensions=1") == "no error") }
    #expect(Self.run("vae", "posterior.length=3") == "--set: posterior.length: has no effect: the family is gaussian")
    for key in ["hidden", "context"] {
      #expect(
        Self.run("vae-planar", "posterior.\(key)=3") == "--set: posterior.\(key): has no effect: the family is planar")
    }
    #expect(
      Self.run("vae-planar", "posterior.family=radial")
        == "--set: posterior.family: expected one of gaussian, planar, iaf, got \"radial\"")
    #expect(
      Self.run("vae-planar", "posterior.length=0")
        == "--set: posterior.length: expected a whole number from 1 to 1000, got \"0\"")
    for network in ["dcgan", "pixelcnn", "pixelcnnpp"] {
      #expect(
        Self.run("hvi", "decoder.network=\(network)")
          == "decoder.network: Hamiltonian posteriors have mlp or conv, got \(network)")
    }
    #expect(
      Self.run("hvi", "hamiltonian.steps=0")
        == "--set: hamiltonian.steps: expected a whole number from 1 to 1000, got \"0\"")
  }

  @Test("layers beyond the memory of a machine are refused before they are made")
  func sizes() throws {
    func sized(_ model: String, _ assignments: String...) throws -> String {
      let settings = try Catalog.settings(model, setting: assignments)
      return message { try settings.validate(Facts(shape: [1, 28, 28])) }
    }
    #expect(
      try sized("vae-planar", "latent.dimensions=65536", "posterior.length=100")
        == "encoder: expected a network of at most 1073741824 weights, got 6587060000")
    #expect(
      message { _ = try Catalog.settings("vae-iaf", setting: ["posterior.hidden=65536", "posterior.context=65536"]) }
        == "posterior: expected layers of at most 1073741824 weights, got 34410070016")
    #expect(
      try sized("hvi", "hamiltonian.hidden=[65536, 65536]")
        == "hamiltonian: expected a network of at most 1073741824 weights, got 4352638976")
  }

  /// The loss of a round of a small model, and whether all gradients are finite.
  private static func play(
    _ model: String, batch: Int, precision: Precision, _ assignments: [String]
  ) throws -> (loss: Tensor, isFinite: Bool) {
    let settings = try Catalog.settings(
      model, setting: ["encoder.hidden=[6]", "decoder.hidden=[6]", "latent.dimensions=3"] + assignments)
    let game = try #require(try settings.model(Facts(shape: [5])) as? any Game)
    let rng = RandomSource(seed: 1)
    let x = Batch(x: rng.bernoulli(rng.uniform([batch, 5])))
    var found: (Tensor, Bool)?
    let table = Recorder([.main: x], using: rng) { losses in
      let parameters = losses[0].0.parameters.map(\.value)
      let slopes = gradients(of: losses[0].1.value.mean(), in: parameters)
      found = (
        losses[0].1.value.detached(), slopes.allSatisfy { $0.dtype == .float32 && $0.abs().sum().item().isFinite }
      )
    }
    try withPrecision(precision, on: .cpu) { try TrainingMode.run { try game.play(table) } }
    return try #require(found)
  }

  @Test(
    "batches of one, several draws under either bound, codes of one number and products in bf16 are trained on",
    arguments: ["vae-planar", "vae-iaf", "hvi"])
  func small(_ model: String) throws {
    var cases: [[String]] = [
      [], ["samples=3"], ["samples=3", "bound=importance-weighted"], ["regularizer.warmupEpochs=2"],
    ]
    if model != "vae-iaf" { cases.append(["latent.dimensions=1"]) }
    for assignments in cases {
      for batch in [1, 4] {
        let (loss, isFinite) = try Self.play(model, batch: batch, precision: .float32, assignments)
        #expect(loss.shape == [batch] && loss.sum().item().isFinite && isFinite, "\(assignments)")
      }
    }
    let exact = try Self.play(model, batch: 4, precision: .float32, [])
    let rounded = try Self.play(model, batch: 4, precision: .bf16, [])
    // bfloat16 keeps 8 bits; a loss here is a few nats.
    #expect(rounded.loss.dtype == .float32 && rounded.isFinite)
    #expect((rounded.loss - exact.loss).abs().max().item() < 0.3, "\(rounded.loss), \(exact.loss)")
  }
}
