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
}
