import Networks
import Torch

extension RunSettings {
  /// p(x|z) with fresh parameters; the settings must have been validated.
  func makeLikelihood(of shape: [Int], using rng: RandomSource) -> any Likelihood {
    if decoder.network.isAutoregressive {
      let family = likelihood.pixelFamily!
      return AutoregressiveLikelihood(
        decoder.pixelNetwork(of: shape, family, codes: latent.dimensions, using: rng), family)
    }
    let family = likelihood.networkFamily!
    return NetworkLikelihood(
      decoder.decoder(
        from: latent.dimensions, to: [shape[0] * family.outputsPerDimension] + shape.dropFirst(), using: rng),
      family, shape: shape, using: rng)
  }

  /// Refuses an autoregressive network where there can be none, and a likelihood that is not its own.
  func validatePixels(exampleShape: [Int]) throws(SettingsError) {
    if encoder.network.isAutoregressive {
      throw SettingsError(
        path: "encoder.network", "expected mlp, dcgan or conv, got \(encoder.network.rawValue), which decodes only")
    }
    if decoder.network.isAutoregressive, exampleShape.count != 3 {
      throw SettingsError(
        path: "decoder.network",
        "\(decoder.network.rawValue) needs images [channels, height, width], got examples of shape \(exampleShape)")
    }
    let families: [FamilyKind] =
      switch decoder.network {
      case .mlp, .dcgan, .conv: [.bernoulli, .gaussian, .discretizedLogistic, .categorical]
      case .pixelcnn: [.bernoulli, .categorical]
      case .pixelcnnpp: [.logisticMixture]
      }
    guard families.contains(likelihood.family) else {
      throw SettingsError(
        path: "likelihood.family",
        "decoder.network \(decoder.network.rawValue) needs \(families.map(\.rawValue).joined(separator: " or ")), "
          + "got \(likelihood.family.rawValue)")
    }
    if likelihood.family == .categorical, likelihood.levels > Self.mostLevels {
      throw SettingsError(
        path: "likelihood.levels", "categorical takes at most \(Self.mostLevels), got \(likelihood.levels)")
    }
    if likelihood.family == .logisticMixture, ![1, 3].contains(exampleShape[0]) {
      throw SettingsError(
        path: "likelihood.family",
        "logistic-mixture needs images of 1 or 3 channels, got examples of shape \(exampleShape)")
    }
  }

  /// Values of a byte.
  private static let mostLevels = 256
}

extension NetworkSettings {
  /// A network that sees the pixels before each pixel, given a code at every layer.
  fileprivate func pixelNetwork(
    of shape: [Int], _ family: PixelFamily, codes: Int, using rng: RandomSource
  ) -> any AutoregressiveNetwork {
    let outputs = family.outputs(channels: shape[0])
    func conditioning(_ maps: Int) -> any PixelConditioning { GlobalConditioning(codes, maps: maps, using: rng) }
    return network == .pixelcnn
      ? GatedPixelCNN(
        shape, outputs: outputs, layers: layers, kernel: kernel, maps: maps, conditioning: conditioning, using: rng)
      : PixelCNNPlusPlus(shape, outputs: outputs, layers: layers, maps: maps, conditioning: conditioning, using: rng)
  }
}
