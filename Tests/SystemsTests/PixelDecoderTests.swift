import Generative
import Networks
import Testing
import Torch

@testable import Configuration
@testable import Systems

@Suite("Autoregressive decoders from settings") struct PixelDecoderTests {
  /// What building from these settings says.
  private func build(_ shape: [Int], _ change: (inout RunSettings) -> Void) -> String {
    var settings = Catalog.vae.defaults
    settings.autoencoder.latent.dimensions = 2
    settings.autoencoder.encoder.hidden = [4]
    settings.autoencoder.decoder.layers = 2
    settings.autoencoder.decoder.maps = 3
    change(&settings)
    do {
      let model = try settings.model(Facts(shape: shape))
      return model.card.conditionals[1].family
    } catch { return "\(error)" }
  }

  @Test("the decoder is what the settings say")
  func decoders() {
    #expect(
      build([1, 4, 4]) { $0.autoencoder.decoder.network = .pixelcnn }
        == "Bernoulli, gated PixelCNN, 2 layers of 3 maps, kernel 7, sees 4 rows above, "
        + "given a code of 2, z / sqrt(1 + |z|^2 / 18), at every layer")
    #expect(
      build([1, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnn
        $0.autoencoder.likelihood.family = .categorical
        $0.autoencoder.likelihood.levels = 16
      } == "categorical (16 levels), gated PixelCNN, 2 layers of 3 maps, kernel 7, sees 4 rows above, "
        + "given a code of 2, z / sqrt(1 + |z|^2 / 18), at every layer")
    #expect(
      build([3, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnnpp
        $0.autoencoder.likelihood.family = .logisticMixture
        $0.autoencoder.likelihood.mixtures = 5
      } == "mixture of 5 discretized logistics, PixelCNN++ without strides, 2 blocks of 3 maps up and down, "
        + "sees 11 rows above, given a code of 2, z / sqrt(1 + |z|^2 / 18), at every layer")
    #expect(Catalog.vae.defaults.autoencoder.decoder.layers == 7)
    #expect(Catalog.vae.defaults.autoencoder.decoder.maps == 32)
    #expect(Catalog.vae.defaults.autoencoder.decoder.kernel == 7)
    #expect(Catalog.vae.defaults.autoencoder.likelihood.mixtures == 10)
    #expect(Catalog.vae.defaults.autoencoder.decoder.dropout == 0.5)
  }

  @Test("networks and likelihoods that do not go together are refused in one line")
  func refusals() {
    #expect(
      refusal(setting: "encoder.network=pixelcnn")
        == "--set: encoder.network: expected one of mlp, dcgan, conv, got \"pixelcnn\"")
    #expect(
      build([5]) { $0.autoencoder.decoder.network = .pixelcnn }
        == "decoder.network: pixelcnn needs images [channels, height, width], got examples of shape [5]")
    #expect(
      build([1, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnn
        $0.autoencoder.likelihood.family = .gaussian
      } == "likelihood.family: decoder.network pixelcnn needs bernoulli or categorical, got gaussian")
    #expect(
      build([1, 4, 4]) { $0.autoencoder.decoder.network = .pixelcnnpp }
        == "likelihood.family: decoder.network pixelcnnpp needs logistic-mixture, got bernoulli")
    #expect(
      build([1, 4, 4]) { $0.autoencoder.likelihood.family = .logisticMixture }
        == "likelihood.family: decoder.network mlp needs bernoulli or gaussian or discretized-logistic or categorical, "
        + "got logistic-mixture")
    #expect(
      build([2, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnnpp
        $0.autoencoder.likelihood.family = .logisticMixture
      } == "likelihood.family: logistic-mixture needs images of 1 or 3 channels, got examples of shape [2, 4, 4]")
    #expect(
      build([1, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnn
        $0.autoencoder.likelihood.family = .categorical
        $0.autoencoder.likelihood.levels = 257
      } == "likelihood.levels: categorical takes at most 256, got 257")
    #expect(
      build([1, 4, 4]) {
        $0.autoencoder.decoder.network = .pixelcnn
        $0.autoencoder.decoder.layers = 256
        $0.autoencoder.decoder.maps = 65_536
      } == "decoder: expected a network of at most 1073741824 weights, got 23089881612288")
    // 256 outputs for each number of x: 2 x 500 + 500 x 500 + 500 x 12288 x 256.
    #expect(
      build([3, 64, 64]) { $0.autoencoder.likelihood.family = .categorical }
        == "decoder: expected a network of at most 1073741824 weights, got 1573115000")
  }

  @Test("pictures of an autoregressive decoder are draws, pixels on their values")
  func pictures() throws {
    var settings = Catalog.vae.defaults
    settings.autoencoder.encoder.hidden = [4]
    settings.autoencoder.decoder.network = .pixelcnn
    settings.autoencoder.decoder.layers = 2
    settings.autoencoder.decoder.maps = 3
    let model = try #require(
      settings.model(Facts(shape: [1, 5, 5])) as? any LatentVariableModel)
    #expect(model.portrayal == "draws of p(x|z)")
    let rng = RandomSource(seed: 1)
    let drawn = withoutGradients { model.examples(6, as: .means, using: rng) }
    #expect(drawn.shape == [6, 1, 5, 5])
    #expect(drawn.array(Float.self).allSatisfy { $0 == 0 || $0 == 1 })
    let again = withoutGradients { model.decode(model.encode(drawn, using: rng), as: .means, using: rng) }
    #expect(again.array(Float.self).allSatisfy { $0 == 0 || $0 == 1 })
  }
}
