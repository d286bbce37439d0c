import Generative
import Testing

@testable import Configuration
@testable import Systems

@Suite("What describe says")
struct CardTests {
  private func card(_ system: System, _ change: (inout RunSettings) -> Void = { _ in }) throws
    -> ModelCard
  {
    var settings = system.defaults
    change(&settings)
    return try settings.model(Facts(shape: [1, 28, 28])).card
  }

  private func text(_ card: ModelCard) -> String {
    (card.conditionals.map { "\($0.symbol) = \($0.family)" } + card.players.map { "\($0.player) = \($0.loss)" }).joined(
      separator: "\n")
      + "\n\(card.parameterCount)"
  }

  @Test("vae")
  func vae() throws {
    // 784-500-500 and two heads of 50; 50-500-500-784: weights and biases.
    let encoder = 784 * 500 + 500 + 500 * 500 + 500 + 2 * (500 * 50 + 50)
    let decoder = 50 * 500 + 500 + 500 * 500 + 500 + 500 * 784 + 784
    #expect(
      try text(card(Catalog.vae)) == """
        p(z) = N(0, I), 50 dimensions
        p(x|z) = Bernoulli, MLP 50-500-500-784
        q(z|x) = Gaussian, MLP 784-500-500-50
        autoencoder = -E_q(z|x) [log p(x|z) - KL(q(z|x), p(z))]
        \(encoder + decoder)
        """)
  }

  @Test("iwae")
  func iwae() throws {
    let encoder = 784 * 200 + 200 + 200 * 200 + 200 + 2 * (200 * 50 + 50)
    let decoder = 50 * 200 + 200 + 200 * 200 + 200 + 200 * 784 + 784
    #expect(
      try text(card(Catalog.iwae)) == """
        p(z) = N(0, I), 50 dimensions
        p(x|z) = Bernoulli, MLP 50-200-200-784
        q(z|x) = Gaussian, MLP 784-200-200-50
        autoencoder = -E log 1/5 sum_k exp(log p(x|z) - (log q(z|x) - log p(z))),  z_k ~ q(z|x)
        \(encoder + decoder)
        """)
  }

  @Test("beta-vae")
  func betaVAE() throws {
    #expect(
      try text(card(Catalog.betaVAE)) == """
        p(z) = N(0, I), 50 dimensions
        p(x|z) = Bernoulli, MLP 50-500-500-784
        q(z|x) = Gaussian, MLP 784-500-500-50
        autoencoder = -E_q(z|x) [log p(x|z) - beta KL(q(z|x), p(z))]
        \(try card(Catalog.vae).parameterCount)
        """)
  }

  @Test("a convolutional vae of grey values")
  func convolutional() throws {
    let card = try card(Catalog.vae) {
      $0.autoencoder.encoder.network = .dcgan
      $0.autoencoder.decoder.network = .dcgan
      $0.autoencoder.likelihood.family = .discretizedLogistic
      $0.autoencoder.likelihood.scale = .predicted
    }
    #expect(
      card.conditionals.map(\.family) == [
        "N(0, I), 50 dimensions",
        "discretized logistic (256 levels, predicted scale), DCGAN 50 to 128-64 maps to 2x28x28",
        "Gaussian, DCGAN 1x28x28 to 64-128 maps-50",
      ])
  }

  @Test("ada, with both terms of the domains, and reversed")
  func ada() throws {
    func said(_ reversal: Bool) throws -> String {
      var settings = Catalog.ada.defaults
      try settings.set("reversal=\(reversal)")
      return text(try settings.model(Facts(shape: [1, 28, 28], classes: 10)).card)
    }
    // Two convolutions; 768-100-100-10 and 768-100-1.
    let convolutions: Int = 25 * 32 + 32 + 25 * 32 * 48 + 48
    let (first, second): (Int, Int) = (768 * 100 + 100, 100 * 100 + 100)
    let dense = first + second + 100 * 10 + 10 + first + 100 + 1
    #expect(
      try said(false) == """
        p(x|z) = x = G(z), z of either domain, convolutions of 5x5 with pools, 1x28x28 to 32-48 maps
        q(y|x) = categorical, MLP 768-100-100-10
        features = -log q(y|x) of the source - w/2 [E_source log(1 - D(x)) + E_target log D(x)]
        discriminator = -1/2 [E_source log D(x) + E_target log(1 - D(x))],  D = sigmoid(-V), V: MLP 768-100-1
        \(convolutions + dense)
        """)
    #expect(
      try said(true).contains(
        "features = -log q(y|x) of the source - w times what the discriminator descends, at once with it\n"))
    var settings = Catalog.ada.defaults
    try settings.set("adversary={objective: least-squares, penalty: r1, penaltyWeight: 0.5}")
    let least = text(try settings.model(Facts(shape: [1, 28, 28], classes: 10)).card)
    let sides = ",  q the target, p the source"
    #expect(
      least.contains(
        "features = -log q(y|x) of the source + w/2 [E_q V(x)^2 / 2 + E_p (V(x) - 1)^2 / 2]\(sides)\n"
          + "discriminator = -(1 / 4 - E_q (V(x) - 1)^2 / 2 - E_p V(x)^2 / 2) + 0.5/2 |grad V|^2\(sides), "
          + "V: MLP 768-100-1\n"), "\(least)")
  }

  @Test(
    "densities of points",
    arguments: [
      // 16 networks 1-256-256-2, 16 of 1-256-256-1 and two scales, 5 of 2-256-256-4; 10 weights, means and covariances less 1.
      ("realnvp", "N(0, I) through 16 affine couplings, MLP 1-256-256-2, ReLU6", 16 * (512 + 65_792 + 514)),
      (
        "nice", "N(0, I) through 16 additive couplings, MLP 1-256-256-1, ReLU6, a scale for each dimension",
        16 * (512 + 65_792 + 257) + 2
      ),
      (
        "maf", "N(0, I) through 5 masked autoregressive layers, MADE 2-256-256-4, ReLU6", 5 * (768 + 65_792 + 1028)
      ),
      ("gmm", "10 Gaussians with full covariances", 10 * (1 + 2 + 3) - 1),
    ])
  func densities(_ name: String, _ family: String, _ parameters: Int) throws {
    let card = try Catalog.system(named: name).defaults.model(Facts(shape: [2])).card
    let player =
      name == "gmm" ? "mixture = -log p(x), by expectation maximization" : "flow = -log p(x)"
    #expect(text(card) == "p(x) = \(family)\n\(player)\n\(parameters)")
    #expect(card.notes == ["x is standardized by its mean and deviation over the first pass"])
  }

  @Test("cyclegan, of points")
  func cycleGAN() throws {
    let hidden = 2 * 256 + 256 + 256 * 256 + 256
    let (translator, critic) = (hidden + 256 * 2 + 2, hidden + 256 + 1)
    let card = try Catalog.cycleGAN.defaults.model(Facts(shape: [2])).card
    #expect(
      text(card) == """
        p(x|z) = b = G(a), MLP 2-256-256-2
        q(z|x) = a = F(b), MLP 2-256-256-2
        translators = 2 E_a V(b)^2 / 2,  b = G(a), + 10 |F(G(a)) - a| + 5 |F(a) - a|, and the same with a and b exchanged
        critic-a = -(1 / 4 - E_q (V(a) - 1)^2 / 2 - E_p V(a)^2 / 2),  q the last F(b), p the data, V: MLP 2-256-256-1
        critic-b = -(1 / 4 - E_q (V(b) - 1)^2 / 2 - E_p V(b)^2 / 2),  q the last G(a), p the data, V: MLP 2-256-256-1
        \(2 * translator + 2 * critic)
        """)
  }
}
