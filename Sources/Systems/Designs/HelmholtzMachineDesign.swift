import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// Helmholtz machines: every choice is a value of the one `HelmholtzMachine`.
public struct HelmholtzMachineDesign: Design {
  public var particles = 1
  public var recognition = HelmholtzMachine.Recognition.sleep
  public var moves = Moves.alternating
  public var layers = StochasticLayerSettings()
  public var encoder = EncoderSettings()
  public var decoder = DecoderSettings()
  public var likelihood = LikelihoodSettings()

  /// The defaults, changed: neighbouring layers are connected as they are, without deterministic ones between them.
  public init(_ change: (inout Self) -> Void = { _ in }) {
    (encoder.hidden, decoder.hidden) = ([], [])
    change(&self)
  }

  public static var fields: [Field<Self>] {
    [
      Field(
        "particles", "draws of q(h|x) per example and step, weighted by importance", \.particles, .integer(1...100_000)),
      Field(
        "recognition", "what q(h|x) learns from: dreams (sleep), weighted particles of examples (wake), or both",
        \.recognition, .choice),
      Field(
        "moves", "whether q dreams of what the generative model has become, or both move at once", \.moves, .choice,
        unless: { $0.recognition == .wake ? "recognition is wake, without dreams" : nil }),
      Field("layers", "The stochastic layers h1, h2, ...; a code is all of them.", \.layers),
      Field("encoder", "The network of q(h1|x), in front of a linear layer.", \.encoder),
      Field("decoder", "The network of p(x|h1).", \.decoder),
      Field("likelihood", "The distribution p(x|h1) of an example given the lowest layer.", \.likelihood),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { likelihood.pixels }

  public var headline: [Metric] { [.elbo(samples: 1)] + (particles > 1 ? [.iwae(samples: particles)] : []) }

  public func needOfPairs(_ facts: Facts) -> String? {
    encoder.normalizesSingleValues(facts.shape) || decoder.normalizesSingleValues(facts.shape)
      ? NetworkLimits.needOfNorm : nil
  }

  public func validate() throws(SettingsError) {
    if recognition != .sleep, particles < 2 {
      throw SettingsError(
        path: "particles",
        "recognition \(recognition.rawValue) needs at least 2, got 1: one particle has nothing to be weighed against")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    try encoder.validate(
      "encoder", shape: facts.shape, outputs: layers.sizes[0] * layers.family.likelihood.outputsPerDimension)
    try decoder.validate(
      "decoder", shape: facts.shape, code: layers.sizes[0], factor: likelihood.networkFamily?.outputsPerDimension ?? 1)
    try layers.validate("layers")
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let (shape, sizes) = (facts.shape, layers.sizes)
    let reader = encoder.network == .mlp && encoder.hidden.isEmpty ? nil : encoder.make(of: shape, using: rng)
    let features = (reader?.outputShape ?? shape).reduce(1, *)
    let first = layers.conditional(MLP([features], hidden: [], using: rng), size: sizes[0], using: rng)
    let upper = zip(sizes, sizes.dropFirst())
    return HelmholtzMachine(
      px: likelihood.make(decoder, code: sizes[0], shape: shape, using: rng),
      ph: upper.map { layers.conditional(from: $1, size: $0, using: rng) },
      qh: [first] + upper.map { layers.conditional(from: $0, size: $1, using: rng) },
      reader: reader, particles: particles, learning: recognition, moves: moves)
  }
}
