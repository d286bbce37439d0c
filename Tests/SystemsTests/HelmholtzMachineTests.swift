import Generative
import Testing
import Training

@testable import Configuration
@testable import Systems

@Suite("Designs of Helmholtz machines and of predictability minimization")
struct HelmholtzMachineDesignTests {
  private static func run(_ model: String, _ assignments: String...) -> String {
    message {
      let settings = try Catalog.settings(model, setting: assignments)
      try settings.validate(Facts(shape: [1, 28, 28]))
    }
  }

  private static func text(_ model: String, _ assignments: String...) throws -> String {
    let card = try Catalog.settings(model, setting: assignments).model(Facts(shape: [1, 28, 28])).card
    return (card.conditionals.map { "\($0.symbol) = \($0.family)" } + card.players.map { "\($0.player) = \($0.loss)" })
      .joined(separator: "\n") + "\n\(card.parameterCount)"
  }

  @Test("wake-sleep has layers of 200, 200 and 10 zeros and ones that are connected as they are")
  func wakeSleep() throws {
    let up = 784 * 200 + 200 + 200 * 200 + 200 + 200 * 10 + 10
    let down = 10 + 10 * 200 + 200 + 200 * 200 + 200 + 200 * 784 + 784
    #expect(
      try Self.text("wake-sleep") == """
        p(h3) = Bernoulli, 10 dimensions
        p(h2|h3) = Bernoulli, MLP 10-200
        p(h1|h2) = Bernoulli, MLP 200-200
        p(x|h1) = Bernoulli, MLP 200-784
        q(h1|x) = Bernoulli, MLP 784-200
        q(h2|h1) = Bernoulli, MLP 200-200
        q(h3|h2) = Bernoulli, MLP 200-10
        generative = -E_q(h|x) log p(x, h)
        recognition = -E_p(x, h) log q(h|x)
        \(up + down)
        """)
  }

  @Test("rws has 5 particles and learns from both; Gaussian layers and networks between them are other values")
  func rws() throws {
    #expect(
      try Self.text("rws").contains(
        """
        generative = -sum_k w_k log p(x, h_k),  w_k as p(x, h_k) / q(h_k|x), of 5 draws h_k ~ q(h|x)
        recognition = -sum_k w_k log q(h_k|x) -E_p(x, h) log q(h|x)
        """))
    #expect(Catalog.rws.defaults.training.learningRate == 1e-3)
    #expect(
      try Self.text(
        "rws", "layers={family: gaussian, sizes: [20, 4], hidden: [30]}", "encoder.hidden=[50]", "decoder.hidden=[60]"
      ).hasPrefix(
        """
        p(h2) = N(0, I), 4 dimensions
        p(h1|h2) = Gaussian (predicted scale), MLP 4-30-40
        p(x|h1) = Bernoulli, MLP 20-60-784
        q(h1|x) = Gaussian (predicted scale), MLP 50-40
        q(h2|h1) = Gaussian (predicted scale), MLP 20-30-8
        """))
  }

  @Test("pm has 16 sigmoid units and as many predictors of 64, and samples fair bits")
  func pm() throws {
    let encoder = 784 * 500 + 500 + 500 * 500 + 500 + 500 * 16 + 2 * 16
    let decoder = 16 * 500 + 500 + 500 * 500 + 500 + 500 * 784 + 784
    let predictors = 16 * (15 * 64 + 64 + 64 + 1)
    #expect(
      try Self.text("pm") == """
        p(z) = Bernoulli(0.5), 16 dimensions
        p(x|z) = Bernoulli, MLP 16-500-500-784
        q(z|x) = deterministic, MLP 784-500-500-16, batch norm, sigmoid
        autoencoder = -E_q(z|x) [log p(x|z) + sum_i (z_i - P_i(z without z_i))^2]
        predictors = E_q(z) sum_i (z_i - P_i(z without z_i))^2,  P: 16 MLPs 15-64-1
        \(encoder + decoder + predictors)
        """)
    let options = try Catalog.settings("pm", setting: ["adversary.learningRate=0.01"]).trainingOptions
    #expect(options.adversary?.learningRate == .constant(0.01) && options.model.learningRate == .constant(1e-3))
  }

  @Test("batch norm in front of the units needs two examples, and can be left out")
  func norm() throws {
    func counts(_ assignments: String...) throws -> String {
      let settings = try Catalog.settings("pm", setting: ["training.batchSize=1"] + assignments)
      return message { try settings.validateCounts(Facts(shape: [4], examples: 9), validation: nil) }
    }
    #expect(
      try counts()
        == "training.batchSize: expected at least 2 examples in a batch, got 1: batch norm has no variance of one")
    #expect(try counts("latent.batchNorm=false") == "no error")
    #expect(try Self.text("pm", "latent.batchNorm=false").contains("MLP 784-500-500-16, sigmoid\n"))
  }

  @Test("what cannot be is refused in words")
  func refusals() throws {
    #expect(
      Self.run("wake-sleep", "recognition=wake")
        == "particles: recognition wake needs at least 2, got 1: one particle has nothing to be weighed against")
    #expect(Self.run("rws", "recognition=wake") == "no error")
    #expect(
      Self.run("rws", "recognition=wake", "moves=simultaneous")
        == "--set: moves: has no effect: recognition is wake, without dreams")
    #expect(
      Self.run("wake-sleep", "layers.activation=relu") == "--set: layers.activation: has no effect: hidden is []")
    #expect(
      Self.run("wake-sleep", "layers={sizes: [5], hidden: [3]}")
        == "--set: layers.hidden: has no effect: there is one layer")
    #expect(Self.run("wake-sleep", "layers.sizes=[]").hasPrefix("--set: layers.sizes: expected "))
    #expect(
      Self.run("wake-sleep", "layers.sizes=[65536, 65536]")
        == "layers: expected a network of at most 1073741824 weights, got 4294967296")
    #expect(
      Self.run("wake-sleep", "decoder.network=pixelcnnpp").hasPrefix(
        "likelihood.family: decoder.network pixelcnnpp needs"))
    #expect(
      Self.run("pm", "latent.dimensions=1")
        == "latent.dimensions: expected at least 2, as each unit is predicted from the others, got 1")
    #expect(
      Self.run("pm", "latent.dimensions=2000", "adversary.hidden=[512]")
        == "adversary: expected a network of at most 1073741824 weights, got 2048000000")
    #expect(
      Self.run("pm", "critic.hiden=[3]").hasPrefix(
        "--set: adversary.hiden: unknown key; did you mean 'hidden'? (allowed: hidden, steps, pretrainSteps, optimizer, "
      ))
    #expect(
      Self.run("wake-sleep", "adversary.steps=2").hasPrefix(
        "--set: adversary: unknown key (allowed: model, data, particles, recognition, moves, layers, encoder, decoder, "
          + "likelihood, training)"))
  }
}
