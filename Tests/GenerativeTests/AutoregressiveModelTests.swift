import Datasets
import Generative
import Networks
import Probability
import TestSupport
import Testing
import Torch

@Suite("Autoregressive models and decoders") struct AutoregressiveModelTests {
  private static func model(_ rng: RandomSource) -> AutoregressiveModel {
    AutoregressiveModel(GatedPixelCNN([1, 4, 4], outputs: 1, layers: 2, maps: 4, using: rng), .bernoulli)
  }

  /// Both rows of a pattern follow from its first pixel, so that log p(x) is at best -log 2.
  private static func stripes(_ count: Int, using rng: RandomSource) -> Tensor {
    let first = rng.bernoulli(.full([count, 1, 1, 1], 0.5))
    let odd = Tensor.range(4, dtype: .float32).reshaped([1, 1, 1, 4]) * 0.5
    let isOdd = (odd - odd.floor()) * 2
    return (first + isOdd - 2 * (first * isOdd)).expanded([count, 1, 4, 4]).contiguous()
  }

  @Test("maximum likelihood learns stripes, whose first pixel alone is left to chance, and draws them")
  func learning() throws {
    let rng = RandomSource(seed: 1)
    let model = Self.model(rng)
    let optimizer = Adam(model.parameters)
    let table = Recorder(using: rng) { _, _ in
      Batch(x: Self.stripes(32, using: rng))
    } onMove: { losses in
      let loss = losses[0].1.value.mean()
      optimizer.step(gradients(of: loss, in: model.parameters.map(\.value)), rate: 0.01)
    }
    for _ in 0..<200 { try model.play(table) }
    let x = Self.stripes(64, using: rng)
    let score = try #require(model.score)
    let bound = withoutGradients { score.value(Batch(x: x), rng) }
    #expect(bound.shape == [64])
    #expect(bound.mean().item() > -0.85)
    let draws = model.sample([64], using: rng)
    #expect(draws.shape == [64, 1, 4, 4])
    #expect(model.portrait(using: rng).shape == [1, 4, 4])
    let typical = withoutGradients { model.logProb(draws) }
    #expect(typical.mean().item() > -1.5)
  }

  @Test("a card says what is modelled")
  func card() {
    let card = Self.model(RandomSource(seed: 1)).card
    #expect(
      card.conditionals.map(\.family)
        == ["product over i of p(x_i|x_<i): Bernoulli, gated PixelCNN, 2 layers of 4 maps, kernel 7, sees 4 rows above"]
    )
    #expect(card.players.map(\.loss) == ["-log p(x)"])
  }

  @Test("an autoencoder takes an autoregressive decoder, and both ends of it learn")
  func decoder() throws {
    let rng = RandomSource(seed: 1)
    let network = GatedPixelCNN(
      [1, 4, 4], outputs: 1, layers: 2, maps: 4, conditioning: { GlobalConditioning(2, maps: $0, using: rng) },
      using: rng)
    let model = Autoencoder(
      qz: GaussianNetwork(MLP([1, 4, 4], hidden: [8], using: rng), dimension: 2, using: rng),
      px: AutoregressiveLikelihood(network, .bernoulli), pz: StandardNormal(2), regularizer: ClosedFormKL(),
      samples: 3)
    let x = Self.stripes(8, using: rng)
    let table = Recorder([.main: Batch(x: x)], using: rng)
    try model.play(table)
    let loss = table.loss(of: "autoencoder").value.mean()
    for (named, gradient) in zip(
      model.namedParameters, gradients(of: loss, in: model.parameters.map(\.value)))
    {
      #expect(gradient.abs().max().item() > 0, "\(named.name)")
    }
    #expect(model.namedParameters.contains { $0.name == "px.network.layers.0.rows.weight" })
    #expect(model.exampleShape == [1, 4, 4])
    #expect(model.card.conditionals[1].family.contains("gated PixelCNN"))
  }
}
