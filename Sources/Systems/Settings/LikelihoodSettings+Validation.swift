import Configuration
import Networks

extension LikelihoodSettings {
  /// What examples should be: binarized for a Bernoulli, in [0, 1] for the other families of pixels and for means by a
  /// sigmoid, any numbers for other Gaussians.
  var pixels: PixelWish {
    switch family {
    case .bernoulli: .binarized("likelihood.family", family.rawValue)
    case .gaussian where mean == .sigmoid: .unit("likelihood.mean", mean.rawValue)
    case .gaussian: .asTheyAre("likelihood.family", family.rawValue)
    case .discretizedLogistic, .categorical, .logisticMixture: .unit("likelihood.family", family.rawValue)
    }
  }

  /// Values of a byte.
  private static let mostLevels = 256

  /// Refuses a likelihood that this network or examples of this shape cannot have.
  func validate(_ network: DecoderKind, _ shape: [Int]) throws(SettingsError) {
    if network.isAutoregressive, shape.count != 3 {
      throw SettingsError(
        path: "decoder.network",
        "\(network.rawValue) needs images [channels, height, width], got examples of shape \(shape)")
    }
    let families: [FamilyKind] =
      switch network {
      case .mlp, .dcgan, .conv: [.bernoulli, .gaussian, .discretizedLogistic, .categorical]
      case .pixelcnn: [.bernoulli, .categorical]
      case .pixelcnnpp: [.logisticMixture]
      }
    guard families.contains(family) else {
      throw SettingsError(
        path: "likelihood.family",
        "decoder.network \(network.rawValue) needs \(families.map(\.rawValue).joined(separator: " or ")), "
          + "got \(family.rawValue)")
    }
    if family == .categorical, levels > Self.mostLevels {
      throw SettingsError(
        path: "likelihood.levels", "categorical takes at most \(Self.mostLevels), got \(levels)")
    }
    if family == .logisticMixture, ![1, 3].contains(shape[0]) {
      throw SettingsError(
        path: "likelihood.family",
        "logistic-mixture needs images of 1 or 3 channels, got examples of shape \(shape)")
    }
    if family == .discretizedLogistic, shape.count != 3 {
      throw SettingsError(
        path: "likelihood.family",
        "discretized-logistic needs images [channels, height, width], got examples of shape \(shape)")
    }
  }
}
