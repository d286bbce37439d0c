import Configuration
import Evaluation
import Generative
import Inference
import Networks
import Probability
import Torch

/// The trajectories of a Hamiltonian posterior.
public struct HamiltonianSettings: Settings {
  public var steps = 16
  public var stepSize = 0.05
  public var hidden = [640]

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("steps", "leapfrog steps of the one trajectory", \.steps, .integer(1...1000)),
      Field(
        "stepSize", "size of every step at the start of training; sizes are learned", \.stepSize, .number(.above(0))),
      Field(
        "hidden", "widths of the layers of r(v|x, z), the reverse model of the velocity", \.hidden,
        NetworkLimits.widths(atLeast: 1)),
    ]
  }
}

/// Autoencoders whose posterior follows the gradient of the decoder: every choice is a value of the one
/// `HamiltonianAutoencoder`.
public struct HamiltonianDesign: Design {
  public var samples = 1
  public var bound = BoundKind.mean
  public var encoder = EncoderSettings()
  public var decoder = DecoderSettings()
  public var latent = LatentSettings()
  public var hamiltonian = HamiltonianSettings()
  public var likelihood = LikelihoodSettings()
  public var warmup = WarmupSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("samples", "codes drawn per example and step, k", \.samples, .integer(1...100_000)),
      Field("bound", "how one bound is made of several codes", \.bound, .choice),
      Field("encoder", "The network of q(z0|x); one like it, but for mlp, reads x for r(v|x, z).", \.encoder),
      Field("decoder", "The network of p(x|z).", \.decoder),
      Field("latent", "The codes z of p(z) = N(0, I).", \.latent),
      Field("hamiltonian", "The leapfrog steps on log p(x, z), and their reverse model.", \.hamiltonian),
      Field("likelihood", "The distribution p(x|z) of an example given its code.", \.likelihood),
      Field("regularizer", "The factor on all terms of the bound but the likelihood.", \.warmup),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { likelihood.pixels }

  public var headline: [Metric] { [.elbo(samples: 1)] }

  public func needOfPairs(_ facts: Facts) -> String? {
    encoder.normalizesSingleValues(facts.shape) ? NetworkLimits.needOfNorm : nil
  }

  public func validate() throws(SettingsError) {
    // In training, batch norm makes the trajectory of an example depend on the others; pixels before a pixel cost a pass of
    // a deep network, differentiated twice, at every step.
    guard decoder.network == .mlp || decoder.network == .conv else {
      throw SettingsError(
        path: "decoder.network", "Hamiltonian posteriors have mlp or conv, got \(decoder.network.rawValue)")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    // Behind a network like the encoder stands the first layer of r(v|x, z).
    let outputs = latent.dimensions + (encoder.network == .mlp ? 0 : hamiltonian.hidden[0])
    try encoder.validate("encoder", shape: facts.shape, outputs: outputs)
    try decoder.validate(
      "decoder", shape: facts.shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
    let inputs = (encoder.network == .mlp ? facts.shape.reduce(1, *) : 0) + latent.dimensions
    try NetworkLimits.check(
      "hamiltonian", kind: "", isMLP: true,
      weights: NetworkLimits.dense([inputs] + hamiltonian.hidden + [2 * latent.dimensions]), shape: facts.shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let (shape, dimension) = (facts.shape, latent.dimensions)
    let qz = GaussianNetwork(
      encoder.make(of: shape, using: rng), dimension: dimension, initialScale: latent.initialScale, using: rng)
    let reader = encoder.network == .mlp ? nil : encoder.make(of: shape, using: rng)
    let features = (reader?.outputShape ?? shape).reduce(1, *)
    let family = likelihood.networkFamily!
    return HamiltonianAutoencoder(
      qz: qz,
      leapfrog: LearnedLeapfrog(
        dimension, steps: hamiltonian.steps, stepSize: hamiltonian.stepSize, device: rng.device),
      rv: JointGaussian(
        JointMLP([features, dimension], hidden: hamiltonian.hidden, using: rng), dimension: dimension, using: rng),
      reader: reader,
      px: NetworkLikelihood(
        decoder.make(
          from: dimension, to: [shape[0] * family.outputsPerDimension] + shape.dropFirst(), using: rng),
        family, shape: shape, using: rng),
      pz: StandardNormal(dimension), weight: warmup.schedule(dimensions: shape.reduce(1, *)), samples: samples,
      sampleBound: bound.sampleBound)
  }
}
