import Generative
import Networks
import Probability
import Torch

/// Autoencoders from settings: every choice is a value of the one `Autoencoder`.
enum AutoencoderFactory {
  /// The autoencoder that the settings describe, with fresh parameters.
  @Sendable static func make(
    _ settings: RunSettings, exampleShape: [Int], batchesPerEpoch: Int, using rng: RandomSource
  ) -> any GenerativeModel {
    let encoder = GaussianNetwork(
      settings.encoder.encoder(of: exampleShape, using: rng), dimension: settings.latent.dimensions,
      using: rng)
    let decoder = settings.observationModel(of: exampleShape, using: rng)

    func model<Regularizer: LatentRegularizer>(_ regularizer: Regularizer) -> any GenerativeModel
    where Regularizer.Posterior == DiagonalGaussian {
      Autoencoder(
        encoder: encoder, decoder: decoder, prior: StandardNormal(settings.latent.dimensions),
        regularizer: regularizer,
        weight: settings.regularizer.schedule(batchesPerEpoch: batchesPerEpoch),
        samples: settings.samples, sampleBound: settings.bound.sampleBound)
    }

    return switch settings.regularizer.divergence {
    case .kl: model(ClosedFormKL())
    case .monteCarloKL: model(MonteCarloKL<DiagonalGaussian>())
    }
  }
}

extension NetworkSettings {
  /// From an example to features.
  func encoder(of shape: [Int], using rng: RandomSource) -> any Network {
    switch network {
    case .mlp: MLP(shape, hidden: hidden, activation: activation.activation, using: rng)
    case .dcgan: DCGANEncoder(shape, channels: channels, using: rng)
    case .pixelcnn, .pixelcnnpp: preconditionFailure("NetworkSettings: \(network) is no encoder; see validate")
    }
  }

  /// From a code to features or to the parameters of an image.
  func decoder(from dimension: Int, to shape: [Int], using rng: RandomSource) -> any Network {
    switch network {
    case .mlp: MLP([dimension], hidden: hidden, activation: activation.activation, using: rng)
    case .dcgan: DCGANDecoder(dimension, imageShape: shape, channels: channels, using: rng)
    case .pixelcnn, .pixelcnnpp: preconditionFailure("NetworkSettings: \(network) sees pixels too; see PixelDecoders")
    }
  }
}

extension BoundKind {
  /// The same in the words of `Autoencoder`.
  var sampleBound: SampleBound {
    switch self {
    case .mean: .mean
    case .importanceWeighted: .importanceWeighted
    }
  }
}
