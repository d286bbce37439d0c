import Networks
import Torch

/// The kind of an encoder's or decoder's network.
public enum NetworkKind: String, Sendable, CaseIterable {
  case mlp, dcgan
}

/// The nonlinearities a file can name.
public enum ActivationKind: String, Sendable, CaseIterable {
  case relu
  case leakyReLU = "leaky-relu"
  case elu, tanh, softplus

  /// The function.
  public var activation: Activation {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU(slope: 0.2)
    case .elu: .elu
    case .tanh: .tanh
    case .softplus: .softplus
    }
  }
}

/// The network of an encoder or a decoder.
public struct NetworkSettings: Settings {
  public var network = NetworkKind.mlp
  public var hidden = [500, 500]
  public var channels: [Int]
  public var activation = ActivationKind.relu

  /// - Parameter channels: maps of every stage of a convolutional network, in its own order.
  public init(hidden: [Int] = [500, 500], channels: [Int]) {
    self.hidden = hidden
    self.channels = channels
  }

  private static let widest = 65_536
  private static let deepest = 16

  public static var fields: [Field<Self>] {
    [
      Field("network", "kind", \.network, .choice),
      Field(
        "hidden", "widths of an mlp's layers", \.hidden,
        .list(of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: 1...deepest)),
      Field(
        "channels", "maps of a dcgan's stages", \.channels,
        .list(of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: 1...deepest)),
      Field("activation", "between an mlp's layers", \.activation, .choice),
    ]
  }
}

/// The codes.
public struct LatentSettings: Settings {
  public var dimensions = 50

  public init() {}

  public static var fields: [Field<Self>] {
    [Field("dimensions", "length of a code z", \.dimensions, .integer(1...65_536))]
  }
}

/// The family of p(x|z).
public enum LikelihoodFamily: String, Sendable, CaseIterable {
  case bernoulli, gaussian
  case discretizedLogistic = "discretized-logistic"
}

/// Where the scale of a continuous observation comes from.
public enum ScaleKind: String, Sendable, CaseIterable {
  case fixed, shared
  case perDimension = "per-dimension"
  case predicted
}

/// What the decoder's outputs mean.
public struct LikelihoodSettings: Settings {
  public var family = LikelihoodFamily.bernoulli
  public var scale = ScaleKind.shared
  public var fixedScale = 0.1
  public var levels = 256

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("family", "of p(x|z)", \.family, .choice),
      Field(
        "scale", "where the noise's scale comes from: a number given, one learned, one learned per dimension, "
          + "or an output of the network; not of bernoulli", \.scale, .choice),
      Field("fixedScale", "the number given", \.fixedScale, .number(.above(0))),
      Field("levels", "values a pixel can take; of discretized-logistic", \.levels, .integer(2...65_536)),
    ]
  }

  /// The family with its scale.
  public var observation: Observation {
    switch family {
    case .bernoulli: .bernoulli
    case .gaussian: .gaussian(observationScale)
    case .discretizedLogistic: .discretizedLogistic(observationScale, levels: levels)
    }
  }

  private var observationScale: ObservationScale {
    switch scale {
    case .fixed: .fixed(fixedScale)
    case .shared: .shared
    case .perDimension: .perDimension
    case .predicted: .predicted
    }
  }
}

/// What keeps the codes near the prior. To add one: a case here, and its line in `AutoencoderFactory`.
public enum Divergence: String, Sendable, CaseIterable {
  case kl
  case monteCarloKL = "monte-carlo-kl"
}

/// The term that keeps the codes near the prior.
public struct RegularizerSettings: Settings {
  public var divergence = Divergence.kl
  public var weight = 1.0
  public var warmupEpochs = 0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("divergence", "between the codes and the prior", \.divergence, .choice),
      Field("weight", "its factor, beta", \.weight, .number(.atLeast(0))),
      Field(
        "warmupEpochs", "epochs in which the factor rises from 0", \.warmupEpochs,
        .integer(0...1_000_000)),
    ]
  }

  /// The factor over the steps.
  func schedule(batchesPerEpoch: Int) -> Schedule {
    warmupEpochs == 0
      ? .constant(weight) : .linear(start: 0, end: weight, steps: warmupEpochs * batchesPerEpoch)
  }
}

/// How several codes of one example make one bound.
public enum BoundKind: String, Sendable, CaseIterable {
  case mean
  case importanceWeighted = "importance-weighted"
}
