import Networks
import Torch

/// What a critic returns: larger where its input looks like q's, or generated, than like p's.
/// Unbounded, no probabilities.
public struct Logits {
  /// One number per example, `[n]`.
  public let values: Tensor

  /// - Parameter values: one number per example, `[n]`.
  public init(_ values: Tensor) { self.values = values }
}

/// V(z) or V(x, z): a module from codes, and from examples where it is given them, to one number per row.
///
/// To conform, read the examples, and return what gives codes their logits: then x is read once for codes of both sides.
/// `CodeCritic` makes one of any network of one variable, `JointCritic` of two.
public protocol Critic: Module, Summarized {
  /// Whether it is given examples beside codes.
  var seesExamples: Bool { get }
  /// V at examples `[n] + shape`, where it sees them, as a function of codes `[..., n, latent]`: logits `[..., n]`.
  func reading(_ x: Tensor?) -> (_ z: Tensor) -> Logits
}

extension Critic {
  /// V at codes `[..., n, latent]`, and at examples `[n] + shape` where it sees them.
  public func callAsFunction(_ x: Tensor?, _ z: Tensor) -> Logits { reading(x)(z) }

  /// The examples that it sees, which the caller must have brought.
  func examples(_ x: Tensor?) -> Tensor {
    guard let x else { preconditionFailure("\(summary): expected examples beside codes") }
    return x
  }
}

/// A network of one variable with an affine map to one number behind it: a critic of codes, or of images in a GAN, where it
/// may be given their class too.
public final class CodeCritic: Critic {
  /// From the variable to features.
  let network: any Network
  private let output: Linear
  private let classRow: ClassRows?

  /// - Parameters:
  ///   - network: from the variable to features.
  ///   - classes: how many classes it is given, a network that takes them; nil for none.
  public init(
    _ network: any Network, classes: Int? = nil, isSpectrallyNormalized: Bool = false, using rng: RandomSource
  ) {
    self.network = network
    output = Linear(
      network.outputShape.reduce(1, *), 1, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    classRow = classes.map { ClassRows($0, 1, .normal(scale: 0.02), using: rng) }
  }

  public let seesExamples = false
  public var summary: String { "\(network.summary)-1" }
  /// The number of features of an example.
  public var featureCount: Int { network.outputShape.reduce(1, *) }

  /// V at the variable, `[n] + shape`.
  public func callAsFunction(_ z: Tensor) -> Logits { logits(features(z)) }

  /// What the network makes of the variable `[n] + shape`, and of its classes `[n]` if it is given any: `[n, features]`.
  public func features(_ x: Tensor, classes: Tensor? = nil) -> Tensor {
    network(x, classes: classes).flattened(from: 1)
  }

  /// V at features `[n, features]`, and at the classes `[n]` that they were made with.
  public func logits(_ features: Tensor, classes: Tensor? = nil) -> Logits {
    let v = output(features).inFloat().squeezed(-1)  // [n]
    guard let classes, let classRow else { return Logits(v) }
    return Logits(v + classRow(classes).squeezed(-1))
  }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    { [self] z in
      guard z.rank > 2 else { return self(z) }
      return Logits(self(z.flattened(from: 0, to: z.rank - 2)).values.reshaped(Array(z.shape.dropLast())))
    }
  }
}

/// A critic of pairs: each variable has a linear map, and their sum goes through the layers.
public final class JointCritic: Critic {
  private let network: JointMLP
  private let output: Linear

  /// - Parameter network: of the flat example and the code.
  public init(_ network: JointMLP, using rng: RandomSource) {
    self.network = network
    output = Linear(network.width, 1, using: rng)
  }

  public let seesExamples = true
  public var summary: String { "\(network.summary)-1" }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let share = network.share(of: examples(x).flattened(from: 1), 0)  // [n, width]
    return { [self] z in Logits(output(network(shares: [share, network.share(of: z, 1)])).inFloat().squeezed(-1)) }
  }
}
