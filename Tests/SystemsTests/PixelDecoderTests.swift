import Generative
import Networks
import Testing
import Torch

@testable import Experiments

@Suite("Autoregressive decoders from settings") struct PixelDecoderTests {
  /// What building from these settings says.
  private func build(_ shape: [Int], _ change: (inout RunSettings) -> Void) -> String {
    var settings = System.vae.defaults
    settings.latent.dimensions = 2
    settings.encoder.hidden = [4]
    settings.decoder.layers = 2
    settings.decoder.maps = 3
    change(&settings)
    do {
      let model = try System.vae.model(for: settings, exampleShape: shape)
      return model.card.conditionals[1].family
    } catch { return "\(error)" }
  }

  @Test("the decoder is what the settings say")
  func decoders() {
    #expect(
      build([1, 4, 4]) { $0.decoder.network = .pixelcnn }
        == "Bernoulli, gated PixelCNN, 2 layers of 3 maps, kernel 7, given a code of 2 at every layer")
    #expect(
      build([1, 4, 4]) {
        $0.decoder.network = .pixelcnn
        $0.likelihood.family = .categorical
        $0.likelihood.levels = 16
      } == "categorical (16 levels), gated PixelCNN, 2 layers of 3 maps, kernel 7, given a code of 2 at every layer")
    #expect(
      build([3, 4, 4]) {
        $0.decoder.network = .pixelcnnpp
        $0.likelihood.family = .logisticMixture
        $0.likelihood.mixtures = 5
      } == "mixture of 5 discretized logistics, PixelCNN++ without strides, 2 blocks of 3 maps up and down, "
        + "given a code of 2 at every layer")
    #expect(System.vae.defaults.decoder.layers == 7)
    #expect(System.vae.defaults.decoder.maps == 32)
    #expect(System.vae.defaults.decoder.kernel == 7)
    #expect(System.vae.defaults.likelihood.mixtures == 10)
  }

  @Test("networks and likelihoods that do not go together are refused in one line")
  func refusals() {
    #expect(
      build([1, 4, 4]) { $0.encoder.network = .pixelcnn }
        == "encoder.network: expected mlp, dcgan or conv, got pixelcnn, which decodes only")
    #expect(
      build([5]) { $0.decoder.network = .pixelcnn }
        == "px.network: pixelcnn needs images [channels, height, width], got examples of shape [5]")
    #expect(
      build([1, 4, 4]) {
        $0.decoder.network = .pixelcnn
        $0.likelihood.family = .gaussian
      } == "likelihood.family: decoder.network pixelcnn needs bernoulli or categorical, got gaussian")
    #expect(
      build([1, 4, 4]) { $0.decoder.network = .pixelcnnpp }
        == "likelihood.family: decoder.network pixelcnnpp needs logistic-mixture, got bernoulli")
    #expect(
      build([1, 4, 4]) { $0.likelihood.family = .logisticMixture }
        == "likelihood.family: decoder.network mlp needs bernoulli or gaussian or discretized-logistic or categorical, "
        + "got logistic-mixture")
    #expect(
      build([2, 4, 4]) {
        $0.decoder.network = .pixelcnnpp
        $0.likelihood.family = .logisticMixture
      } == "likelihood.family: logistic-mixture needs images of 1 or 3 channels, got examples of shape [2, 4, 4]")
    #expect(
      build([1, 4, 4]) {
        $0.decoder.network = .pixelcnn
        $0.likelihood.family = .categorical
        $0.likelihood.levels = 257
      } == "likelihood.levels: categorical takes at most 256, got 257")
    #expect(
      build([1, 4, 4]) {
        $0.decoder.network = .pixelcnn
        $0.decoder.layers = 256
        $0.decoder.maps = 65_536
      } == "decoder: expected a network of at most 1073741824 weights, got 23089881612288")
    // 256 outputs for each number of x: 2 x 500 + 500 x 500 + 500 x 12288 x 256.
    #expect(
      build([3, 64, 64]) { $0.likelihood.family = .categorical }
        == "decoder: expected a network of at most 1073741824 weights, got 1573115000")
  }

  @Test("pictures of an autoregressive decoder are draws, pixels on their values")
  func pictures() throws {
    var settings = System.vae.defaults
    settings.encoder.hidden = [4]
    settings.decoder.network = .pixelcnn
    settings.decoder.layers = 2
    settings.decoder.maps = 3
    let model = try #require(
      System.vae.model(for: settings, exampleShape: [1, 5, 5]) as? any GenerativeModel)
    let rng = RandomSource(seed: 1)
    let drawn = Pictures.samples(of: model, count: 6, using: rng)
    #expect(drawn.shape == [6, 1, 5, 5])
    #expect(drawn.array(Float.self).allSatisfy { $0 == 0 || $0 == 1 })
    let again = Pictures.reconstructions(of: drawn, by: model, using: rng)
    #expect(again.array(Float.self).allSatisfy { $0 == 0 || $0 == 1 })
  }
}
