import Configuration
import Datasets
import Evaluation
import Generative
import Networks
import Torch

/// Auxiliary variables and stochastic layers: which exist, and how large they are.
public struct AuxiliarySettings: Settings {
  public var kind = AuxiliaryDesign.Auxiliary.stochastic
  public var dimensions = 100
  public var skip = false
  public var seesExample = false
  public var upper: [Int]?
  public var upperHidden = [256, 256]
  public var draws = 1
  public var batchNorm = true
  public var variances = GaussianHeads.exponential
  public var weightPrior = false

  public init() {}

  public static var fields: [Field<Self>] {
    let widths = NetworkLimits.widths(atLeast: 1)
    let hasNone = { (settings: Self) in settings.kind == .none ? "auxiliary.kind is none" : nil }
    let isDrawn = { (settings: Self) in
      settings.kind == .stochastic ? nil : "auxiliary.kind is \(settings.kind.rawValue)"
    }
    return [
      Field("kind", "kind of the auxiliary variable `a`", \.kind, .choice),
      Field("dimensions", "length of `a`", \.dimensions, .integer(1...65_536), unless: hasNone),
      Field("skip", "whether p(x|.) is given `a` too", \.skip, .flag, unless: isDrawn),
      Field("seesExample", "whether p(a|z, y) is given x", \.seesExample, .flag, unless: isDrawn),
      Field(
        "upper", "lengths of z in further stochastic layers; null for none", \.upper, .optional(widths),
        unless: hasNone),
      Field(
        "upperHidden", "widths of the networks of further stochastic layers", \.upperHidden, widths,
        unless: { $0.upper == nil ? "auxiliary.upper is null" : nil }),
      Field("draws", "codes z drawn for each `a` and `y`", \.draws, .integer(1...100_000)),
      Field("batchNorm", "whether batch norm precedes every nonlinearity", \.batchNorm, .flag),
      Field(
        "variances",
        "what makes variances of a layer's result: exponential, near 1 at first; or softplus plus 1e-5, with Glorot's "
          + "initial weights and a bias of 1", \.variances, .choice),
      Field(
        "weightPrior",
        "whether weights have a prior N(0, 1), 1/N of which is in the loss of an example; N training examples are used",
        \.weightPrior, .flag),
    ]
  }
}

/// The models with auxiliary variables: every choice is a value of the one `AuxiliaryModel`.
public struct AuxiliaryModelDesign: Design {
  /// Whether there is a class `y`, known for the labelled examples; a property of the system, not a setting.
  public let learnsClasses: Bool
  /// Whether the class of every example is given, in training and afterwards; a property of the system too.
  public let isGivenClasses: Bool
  public var samples = 1
  public var bound = BoundKind.mean
  public var encoder = EncoderSettings()
  public var decoder = DecoderSettings()
  public var latent = CodeSettings()
  public var likelihood = LikelihoodSettings()
  public var warmup = WarmupSettings()
  public var auxiliary = AuxiliarySettings()
  public var semi = SemiSupervisedSettings()

  /// The defaults of a system that learns from some labels, is given all of them, or has none, changed.
  public init(learnsClasses: Bool, isGivenClasses: Bool = false, _ change: (inout Self) -> Void = { _ in }) {
    precondition(
      !learnsClasses || !isGivenClasses, "AuxiliaryModelDesign: expected classes given or inferred, got both")
    self.learnsClasses = learnsClasses
    self.isGivenClasses = isGivenClasses
    encoder.servesJointLayers = true
    decoder.servesJointLayers = true
    change(&self)
  }

  public static var fields: [Field<Self>] {
    [
      Field("samples", "values of `a` drawn per example and step", \.samples, .integer(1...100_000)),
      Field("bound", "how one bound is made of several draws", \.bound, .choice),
      Field("encoder", "All networks of q; conv and dcgan read x.", \.encoder),
      Field("decoder", "The network of p(x|.).", \.decoder),
      Field("latent", "The codes z.", \.latent),
      Field("likelihood", "The distribution of an example given its code.", \.likelihood),
      Field("regularizer", "The factor on all terms of the bound but the likelihood.", \.warmup),
      Field("auxiliary", "The auxiliary variable `a` and stochastic layers.", \.auxiliary),
      Field(
        "labels", "The labels that training uses.", \.semi,
        unless: {
          if $0.learnsClasses { return nil }
          return $0.isGivenClasses ? "this system is given all labels" : "this system learns from no labels"
        }),
    ]
  }

  public var feeds: [Feed] { learnsClasses ? [.labelled] : [] }
  public var labels: LabelSettings? { learnsClasses ? semi.labels : nil }
  public var usesClasses: Bool { learnsClasses || isGivenClasses }

  public func pixels(_ shape: [Int]) -> PixelWish {
    var wish = likelihood.pixels
    // As the authors classify.
    wish.isGreyInUse = learnsClasses
    return wish
  }

  public var headline: [Metric] { [.elbo(samples: 1)] }

  public func validate() throws(SettingsError) {
    if decoder.network.isAutoregressive {
      throw SettingsError(
        path: "decoder.network", "auxiliary models have mlp, dcgan or conv, got \(decoder.network.rawValue)")
    }
    guard encoder.hidden == decoder.hidden, encoder.activation == decoder.activation, encoder.slope == decoder.slope
    else {
      throw SettingsError(
        path: "decoder",
        "expected the same layers, activation and slope in all networks, got others in encoder and decoder")
    }
    guard !encoder.hidden.isEmpty else {
      throw SettingsError(path: "encoder.hidden", "networks of several variables need at least one layer, got []")
    }
    guard likelihood.networkFamily != nil else {
      throw SettingsError(
        path: "likelihood.family",
        "expected bernoulli, gaussian, discretized-logistic or categorical, got \(likelihood.family.rawValue)")
    }
    if auxiliary.kind == .stochastic, auxiliary.skip, auxiliary.seesExample {
      throw SettingsError(
        path: "auxiliary.seesExample",
        "p(a|z, y) cannot be given x where p(x|.) is given `a` (auxiliary.skip): neither could be drawn first")
    }
    if semi.draws != nil, bound == .importanceWeighted {
      throw SettingsError(path: "labels.draws", "needs bound mean, got \(bound.rawValue)")
    }
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    let isNormalized =
      auxiliary.batchNorm || encoder.normalizesSingleValues(facts.shape) || decoder.normalizesSingleValues(facts.shape)
    return isNormalized ? NetworkLimits.needOfNorm : nil
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    try encoder.validate("encoder", shape: facts.shape, outputs: latent.dimensions)
    try decoder.validate(
      "decoder", shape: facts.shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
    if learnsClasses { try facts.requireClasses("labels") }
    if isGivenClasses { try facts.requireClasses("data") }
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    var design = AuxiliaryDesign()
    if isGivenClasses { (design.classes, design.classesAreGiven) = (facts.classes, true) }
    if learnsClasses {
      (design.classes, design.alpha) = (facts.classes, semi.alpha(facts))
      design.labelledWeight = semi.weight(facts)
      design.classDraws = semi.draws
    }
    design.auxiliary = auxiliary.kind
    design.auxiliarySize = auxiliary.dimensions
    let upper = auxiliary.kind == .none ? [] : auxiliary.upper ?? []
    design.latentSizes = [latent.dimensions] + upper
    design.isSkip = auxiliary.skip && auxiliary.kind == .stochastic
    design.auxiliarySeesExample = auxiliary.seesExample
    if encoder.network != .mlp {
      var reader = encoder
      reader.hidden = []
      design.reader = { [reader] in reader.make(of: $0, using: $1) }
    }
    if decoder.network != .mlp {
      var writer = decoder
      writer.hidden = []
      design.writer = { [writer] in writer.make(from: $0, to: $1, using: $2) }
    }
    design.hidden = [encoder.hidden] + (upper.isEmpty ? [] : [auxiliary.upperHidden])
    design.activation = encoder.activation.function(encoder.slope)
    design.heads = auxiliary.variances
    design.priorExamples = auxiliary.weightPrior ? facts.examples : nil
    design.isNormalized = auxiliary.batchNorm
    design.samples = samples
    design.latentDraws = auxiliary.draws
    design.isImportanceWeighted = bound == .importanceWeighted
    design.temperature = warmup.schedule(dimensions: facts.shape.reduce(1, *))
    return AuxiliaryModel(facts.shape, likelihood.networkFamily!, design, using: rng)
  }
}
