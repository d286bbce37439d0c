import Generative
import Networks
import Probability
import Torch

/// Autoencoders from settings: every choice is a value of the one `Autoencoder`.
enum AutoencoderFactory {
  /// The autoencoder that the settings describe, with fresh parameters.
  @Sendable static func make(
    _ settings: RunSettings, exampleShape: [Int], using rng: RandomSource
  ) -> any GenerativeModel {
    let qz = GaussianNetwork(
      settings.encoder.encoder(of: exampleShape, using: rng), dimension: settings.latent.dimensions,
      initialScale: settings.latent.initialScale, using: rng)
    let px = settings.makeLikelihood(of: exampleShape, using: rng)

    let regularizer = settings.regularizer
    let dimension = settings.latent.dimensions

    func model<Regularizer: LatentRegularizer>(_ chosen: Regularizer) -> any GenerativeModel
    where Regularizer.Posterior == DiagonalGaussian, Regularizer.Prior == StandardNormal {
      Autoencoder(
        qz: qz, px: px, pz: StandardNormal(settings.latent.dimensions), regularizer: chosen,
        weight: regularizer.schedule(
          dimensions: exampleShape.reduce(1, *)),
        samples: settings.samples, sampleBound: settings.bound.sampleBound)
    }

    func mmd() -> MMDRegularizer<DiagonalGaussian, StandardNormal> {
      MMDRegularizer(
        kernel: regularizer.radialKernel(dimension: dimension), estimator: regularizer.estimator,
        priorSamples: regularizer.priorSamples)
    }
    func stein() -> SteinRegularizer<DiagonalGaussian> {
      SteinRegularizer(bandwidth: regularizer.bandwidth.map { .fixed($0) } ?? .median)
    }
    func critic() -> CriticRegularizer<DiagonalGaussian, StandardNormal> {
      regularizer.critic.regularizer(
        dimension: dimension, using: rng)
    }
    func info<Marginal: LatentRegularizer>(_ marginal: Marginal) -> any GenerativeModel
    where Marginal.Posterior == DiagonalGaussian, Marginal.Prior == StandardNormal {
      model(InformationRegularizer(alpha: regularizer.alpha, lambda: regularizer.lambda, marginal: marginal))
    }

    return switch (regularizer.divergence, regularizer.marginal) {
    case (.kl, _): model(ClosedFormKL())
    case (.monteCarloKL, _): model(MonteCarloKL<DiagonalGaussian, StandardNormal>())
    case (.none, _): model(NoRegularizer<DiagonalGaussian, StandardNormal>())
    case (.mmd, _): model(mmd())
    case (.stein, _): model(stein())
    case (.adversarial, _): model(critic())
    case (.info, .mmd): info(mmd())
    case (.info, .stein): info(stein())
    case (.info, .adversarial): info(critic())
    }
  }
}

extension NetworkSettings {
  /// From an example to features.
  func encoder(of shape: [Int], using rng: RandomSource) -> any Network {
    switch network {
    case .mlp: MLP(shape, hidden: hidden, activation: activation.activation, using: rng)
    case .dcgan: DCGANEncoder(shape, channels: channels, using: rng)
    case .conv: ConvEncoder(shape, channels: channels, hidden: hidden, activation: convActivation, using: rng)
    case .pixelcnn, .pixelcnnpp: preconditionFailure("NetworkSettings: \(network) is no encoder; see validate")
    }
  }

  /// From a code to features or to the parameters of an image.
  func decoder(from dimension: Int, to shape: [Int], using rng: RandomSource) -> any Network {
    switch network {
    case .mlp: MLP([dimension], hidden: hidden, activation: activation.activation, using: rng)
    case .dcgan: DCGANDecoder(dimension, imageShape: shape, channels: channels, using: rng)
    case .conv:
      ConvDecoder(
        dimension, imageShape: shape, channels: channels, hidden: hidden, activation: convActivation, using: rng)
    case .pixelcnn, .pixelcnnpp: preconditionFailure("NetworkSettings: \(network) sees pixels too; see PixelDecoders")
    }
  }

  /// The leak that the authors of the convolutional networks have.
  private var convActivation: Activation {
    activation == .leakyReLU ? .leakyReLU(slope: 0.1) : activation.activation
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
