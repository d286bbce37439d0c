import Probability
import Torch

/// What a conditional of several variables is given.
public struct JointInput {
  /// One tensor for every variable, `[..., length]` with batch axes that broadcast.
  public let values: [Tensor]
  /// Class numbers of type `int64`, where a class is given too, with batch axes that broadcast with theirs.
  public let classes: Tensor?

  /// - Parameters:
  ///   - values: one tensor for every variable, `[..., length]`.
  ///   - classes: class numbers of type `int64`; nil where no class is given.
  public init(_ values: [Tensor], classes: Tensor? = nil) {
    self.values = values
    self.classes = classes
  }
}

extension Conditional where Input == JointInput {
  /// The distribution given these variables, and a class if there is one.
  public func callAsFunction(_ values: [Tensor], classes: Tensor? = nil) -> Output {
    self(JointInput(values, classes: classes))
  }
}

/// What makes the means and variances of a Gaussian of features: affine heads and how they start.
public enum GaussianHeads: String, Sendable, CaseIterable {
  /// Variances are exp(h), with initial weights of deviation 1e-3 and biases of 0: near N(0, 1).
  case exponential
  /// Variances are softplus(h) + 1e-5, with Glorot's initial weights and a bias of 1. Sønderby et al. 2016, whose script
  /// Maaløe et al. took for the likelihoods of their Table 1.
  case softplus

  /// The initial weights.
  var initialization: Initialization {
    switch self {
    case .exponential: .normal(scale: 1e-3)
    case .softplus: .glorotNormal(gain: 1)
    }
  }

  /// The initial bias of the variances.
  var varianceBias: Double { self == .softplus ? 1 : 0 }

  private static let leastVariance = 1e-5

  /// The log deviation that the head's result stands for.
  func logScale(_ h: Tensor) -> Tensor {
    switch self {
    case .exponential: h * 0.5
    case .softplus: (h.softplus() + Self.leastVariance).log() * 0.5
    }
  }
}

/// A Gaussian given several variables and, if wanted, a class; no deviation is below e^`leastLogScale`.
public final class JointGaussian: Conditional, Summarized {
  private let network: JointMLP
  /// The means, then what makes the variances.
  private let heads: Linear
  private let kind: GaussianHeads

  /// - Parameters:
  ///   - dimension: the length of the variable.
  ///   - kind: what makes its variances.
  public init(_ network: JointMLP, dimension: Int, heads kind: GaussianHeads = .exponential, using rng: RandomSource) {
    self.network = network
    self.kind = kind
    heads = Linear(network.width, 2 * dimension, heads: 2, initialization: kind.initialization, using: rng)
    if kind.varianceBias != 0 {
      heads.bias!.value.detached().narrowed(0, dimension..<2 * dimension).addInPlace(kind.varianceBias)
    }
  }

  public var dimension: Int { heads.weight.value.size(0) / 2 }
  public var summary: String { "Gaussian, \(network.summary)-\(dimension)" }

  public func callAsFunction(_ input: JointInput) -> DiagonalGaussian {
    let h = network(input.values, classes: input.classes)  // [..., width]
    let halves = heads(h).inFloat().split(2, axis: -1)  // each [..., dimension]
    return DiagonalGaussian(mean: halves[0], logScale: kind.logScale(halves[1]).flooredLogScale())
  }
}

/// A class given several variables.
public final class JointCategorical: Conditional, Summarized {
  private let network: JointMLP
  private let head: Linear

  /// - Parameter classes: their number.
  public init(_ network: JointMLP, classes: Int, initialization: Initialization, using rng: RandomSource) {
    self.network = network
    head = Linear(network.width, classes, initialization: initialization, using: rng)
  }

  public var summary: String { "categorical, \(network.summary)-\(head.weight.value.size(0))" }

  public func callAsFunction(_ input: JointInput) -> Categorical {
    Categorical(logits: head(network(input.values, classes: input.classes)).inFloat())  // [..., classes]
  }
}

/// p(x|.) given several variables: a network of them, and a likelihood of its features.
public final class JointLikelihood: Conditional, Summarized {
  private let network: JointMLP
  /// The likelihood of features.
  public let likelihood: NetworkLikelihood

  /// - Parameter likelihood: of features as long as the network is wide.
  public init(_ network: JointMLP, _ likelihood: NetworkLikelihood) {
    self.network = network
    self.likelihood = likelihood
  }

  /// The shape of one x.
  public var shape: [Int] { likelihood.shape }

  public var summary: String {
    likelihood.isAffine
      ? "\(likelihood.family.name), \(network.summary)" : "\(likelihood.summary), after \(network.summary)"
  }

  public func callAsFunction(_ input: JointInput) -> any Distribution { likelihood(features(input)) }

  /// The features of the variables, `[..., width]`.
  public func features(_ input: JointInput) -> Tensor { network(input.values, classes: input.classes) }
}
