import Datasets
import Torch
import Training

/// Everything that decides a run: the system, the data, the networks, the objective and the training.
public struct RunSettings: Settings {
  public var model: String
  public var data = DataSettings()
  public var encoder = NetworkSettings(channels: [64, 128])
  public var decoder = NetworkSettings(channels: [128, 64])
  public var latent = LatentSettings()
  public var likelihood = LikelihoodSettings()
  public var regularizer = RegularizerSettings()
  public var auxiliary = AuxiliarySettings()
  public var labels = LabelSettings()
  public var samples = 1
  public var bound = BoundKind.mean
  public var training = TrainingSettings()

  /// Common defaults; a system changes what its paper does otherwise.
  public init(model: String) { self.model = model }

  public static var fields: [Field<Self>] {
    [
      Field("model", "a system of `helmholtz models`", \.model, .text),
      Field("samples", "codes drawn per example and step, k", \.samples, .integer(1...100_000)),
      Field("bound", "how the bound is made of them", \.bound, .choice),
      Field("data", "The examples.", \.data),
      Field("encoder", "The network of q(z|x).", \.encoder),
      Field("decoder", "The network of p(x|z).", \.decoder),
      Field("latent", "The codes z of p(z) = N(0, I).", \.latent),
      Field("likelihood", "The distribution p(x|z) of an example given its code.", \.likelihood),
      Field("regularizer", "What keeps the codes near the prior.", \.regularizer),
      Field(
        "auxiliary", "Auxiliary variables a and stochastic layers, of avae, m2, adgm and sdgm.", \.auxiliary),
      Field("labels", "The labels that m2, adgm and sdgm learn from.", \.labels),
      Field("training", "The training.", \.training),
    ]
  }

  /// For the trainer.
  public var trainingOptions: TrainingOptions {
    var options = training.options
    var adversary = options.model
    let rate = regularizer.critic.learningRate(training.learningRate)
    adversary.learningRate = training.schedule.schedule(from: rate, over: training.duration)
    options.adversary = adversary
    return options
  }

  /// What is done to batches of these examples.
  ///
  /// - Parameters:
  ///   - scaling: of the training examples.
  ///   - isTraining: whether they are learned from, rather than measured on.
  public func preparation(
    of examples: Examples, scaling: PixelScaling, isTraining: Bool
  ) -> Preparation {
    Preparation(
      binarization: binarization(of: examples),
      augmentation: isTraining
        ? Augmentation(flips: data.flips, shift: data.shift) : Augmentation(),
      dequantizes: data.dequantize, scaling: scaling,
      needsUnitInterval: likelihood.family != .gaussian)
  }

  /// How the pixels of these examples become 0 or 1.
  public func binarization(of examples: Examples) -> Binarization {
    switch data.binarization {
    case .none: .none
    case .threshold: .threshold
    case .dynamic: .dynamic
    case .fixed: .fixed
    case .auto:
      likelihood.family == .bernoulli && examples.shape.count == 3 && !examples.isBinary
        ? .dynamic : .none
    }
  }
}
