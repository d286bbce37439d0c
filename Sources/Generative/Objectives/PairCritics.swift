import Networks
import Torch

/// V(x, z) = theta(x) . s(z) + T_x(x) + T_z(z): two networks that meet in an inner product. Mescheder et al. 2017, the
/// authors' critic of images.
///
/// theta ends in exponential linear units near 0 and T_x and T_z start near 0, so that V does too.
public final class InnerProductCritic: Critic {
  private let theta: MLP
  private let thetaOutput: Linear
  private let s: MLP
  private let sOutput: Linear
  private let alone: SingleCritics

  /// - Parameters:
  ///   - size: numbers of an example.
  ///   - hidden: the widths of the layers of all four networks.
  ///   - features: the length of theta(x) and s(z).
  public init(size: Int, dimension: Int, hidden: [Int], features: Int, using rng: RandomSource) {
    theta = MLP([size], hidden: hidden, activation: SingleCritics.activation, using: rng)
    thetaOutput = Linear(
      theta.outputShape[0], features, initialization: .normal(scale: SingleCritics.initialScale), using: rng)
    s = MLP([dimension], hidden: hidden, activation: SingleCritics.activation, using: rng)
    sOutput = Linear(s.outputShape[0], features, using: rng)
    alone = SingleCritics(size: size, dimension: dimension, hidden: hidden, using: rng)
  }

  public let seesExamples = true
  public var summary: String {
    "\(theta.summary)-\(thetaOutput.weight.value.size(0)) of x times \(s.summary)-\(sOutput.weight.value.size(0)) of z, "
      + alone.summary
  }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let x = examples(x).flattened(from: 1)
    let features = thetaOutput(theta(x), .elu).inFloat()  // [n, features]
    let rest = alone.reading(x)
    return { [self] z in Logits((features * sOutput(s(z)).inFloat()).sum(-1) + rest(z)) }
  }
}

/// V(x, z) by layers of both variables, with networks of x and of z alone added to it: the critic of the text of
/// Mescheder et al. 2017, section 5.2.
public final class SummedCritic: Critic {
  private let joint: JointCritic
  private let alone: SingleCritics

  /// - Parameters:
  ///   - size: numbers of an example.
  ///   - hidden: the widths of the layers of all three networks, at least one.
  public init(size: Int, dimension: Int, hidden: [Int], using rng: RandomSource) {
    joint = JointCritic(
      JointMLP(
        [size, dimension], hidden: hidden, activation: SingleCritics.activation, initialization: .uniformFanIn,
        using: rng), using: rng)
    alone = SingleCritics(size: size, dimension: dimension, hidden: hidden, using: rng)
  }

  public let seesExamples = true
  public var summary: String { "\(joint.summary), \(alone.summary)" }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let x = examples(x).flattened(from: 1)
    let (both, rest) = (joint.reading(x), alone.reading(x))
    return { z in Logits(both(z).values + rest(z)) }
  }
}

/// T_x(x) + T_z(z), near 0 at first.
private final class SingleCritics: Module {
  private let x: MLP
  private let xOutput: Linear
  private let z: MLP
  private let zOutput: Linear

  static let activation = Activation.leakyReLU(slope: 0.2)
  static let initialScale = 1e-5

  init(size: Int, dimension: Int, hidden: [Int], using rng: RandomSource) {
    x = MLP([size], hidden: hidden, activation: Self.activation, using: rng)
    xOutput = Linear(x.outputShape[0], 1, initialization: .normal(scale: Self.initialScale), using: rng)
    z = MLP([dimension], hidden: hidden, activation: Self.activation, using: rng)
    zOutput = Linear(z.outputShape[0], 1, initialization: .normal(scale: Self.initialScale), using: rng)
  }

  var summary: String { "plus \(x.summary)-1 of x and \(z.summary)-1 of z" }

  /// At examples `[n, size]`, as a function of codes `[..., n, latent]`: `[..., n]`.
  func reading(_ examples: Tensor) -> (Tensor) -> Tensor {
    let ofX = xOutput(x(examples)).inFloat().squeezed(-1)  // [n]
    return { [self] codes in zOutput(z(codes)).inFloat().squeezed(-1) + ofX }
  }
}

/// V(x, z) by residual layers over x and z joined: the authors' critic of four points, Mescheder et al. 2017.
public final class ResidualCritic: Critic {
  private let network: ResidualMLP
  private let output: Linear

  /// - Parameter network: of the flat example and the code, one after the other.
  public init(_ network: ResidualMLP, using rng: RandomSource) {
    self.network = network
    output = Linear(network.outputShape[0], 1, using: rng)
  }

  public let seesExamples = true
  public var summary: String { "\(network.summary)-1 of x and z" }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let x = examples(x).flattened(from: 1)
    return { [self] z in
      let pair = Tensor.concatenated([x.expanded(Array(z.shape.dropLast()) + [x.size(-1)]), z], axis: -1)
      return Logits(output(network(pair)).inFloat().squeezed(-1))  // [..., n]
    }
  }
}

/// V(x, z) by convolutions of x, with a linear map of z added to the maps of every layer: the authors' critic of faces,
/// Mescheder et al. 2017.
public final class ConvCritic: Critic {
  private let network: ConvEncoder
  private let maps: [Linear]
  private let output: Linear

  /// - Parameter network: of an image to features.
  public init(_ network: ConvEncoder, dimension: Int, using rng: RandomSource) {
    self.network = network
    maps = network.layerShapes.map { Linear(dimension, $0[0], bias: false, using: rng) }
    output = Linear(network.outputShape.reduce(1, *), 1, using: rng)
  }

  public let seesExamples = true
  public var summary: String { "\(network.summary)-1, z added to every layer" }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let x = examples(x)
    return { [self] z in
      let counts = Array(z.shape.dropLast(2))
      let codes = z.flattened(from: 0, to: z.rank - 2)  // [rows, latent]
      let h = network(x) { layer, h in
        // What the first layer makes of x is the same for all draws of a code.
        let h = layer == 0 && !counts.isEmpty ? h.expanded(counts + h.shape).flattened(from: 0, to: counts.count) : h
        return h
          + maps[layer](codes).reshaped(
            [codes.size(0), -1] + [Int](repeating: 1, count: h.rank - 2))  // over all places of a map
      }
      return Logits(output(h).inFloat().reshaped(Array(z.shape.dropLast())))
    }
  }
}

/// V(x, z) = net(x, z) + |z|^2 / 2: a critic against N(0, I) whose network learns log q(z|x) up to a constant, as
/// log q - log p has that term for every q. The authors' base measure, Mescheder et al. 2017.
///
/// Under an objective whose log ratio is 2V the term is half as large; under one whose V is no log ratio there is none.
public final class MeasuredCritic: Critic {
  private let critic: any Critic
  private let factor: Double

  /// A critic to which the base measure is added.
  ///
  /// - Parameter objective: how it learns, one of those with a `baseMeasure`.
  public init(_ critic: any Critic, for objective: AdversarialObjective = .jensenShannon) {
    guard let factor = objective.baseMeasure else {
      preconditionFailure("MeasuredCritic: expected an objective with a base measure, got \(objective.rawValue)")
    }
    self.critic = critic
    self.factor = factor
  }

  public var seesExamples: Bool { critic.seesExamples }
  public var summary: String { "\(critic.summary), + |z|^2/\(Int(1 / factor))" }

  public func reading(_ x: Tensor?) -> (Tensor) -> Logits {
    let read = critic.reading(x)
    return { [factor] z in Logits(read(z).values + z.square().sum(-1) * factor) }
  }
}
