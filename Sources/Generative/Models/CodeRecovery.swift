import Foundation
import Networks
import Probability
import Torch

/// A part of a code that has a name and a meaning of its own: one of some classes, or a number of a range.
public struct NamedCode: Equatable, Sendable {
  /// What values a part takes.
  public enum Kind: Equatable, Sendable {
    /// A one-hot vector with a number for each class.
    case categorical(Int)
    /// One number, uniform between two ends.
    case uniform(low: Double, high: Double)
  }

  /// The name on the command line, such as `c1`.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// Its numbers within a code.
  public let range: Range<Int>

  /// A part of this name at these numbers of a code.
  public init(_ name: String, _ kind: Kind, at range: Range<Int>) {
    self.name = name
    self.kind = kind
    self.range = range
  }

  /// H(c) in nats: log of the number of classes, or of the length of the range.
  public var entropy: Double {
    switch kind {
    case .categorical(let classes): log(Double(classes))
    case .uniform(let low, let high): log(high - low)
    }
  }

  /// The prior of the part.
  public var prior: any CodePrior {
    switch kind {
    case .categorical(let classes): CategoricalPrior(classes)
    case .uniform(let low, let high): UniformPrior(1, low: low, high: high)
    }
  }

  /// What values it takes, in words.
  public var values: String {
    switch kind {
    case .categorical(let classes): "a whole number from 0 to \(classes - 1)"
    case .uniform(let low, let high): "a number from \(low.plain) to \(high.plain)"
    }
  }

  /// Whether a part can have this value.
  public func takes(_ value: Double) -> Bool {
    switch kind {
    case .categorical(let classes): (0..<Double(classes)).contains(value) && value == value.rounded()
    case .uniform(let low, let high): (low...high).contains(value)
    }
  }

  /// Values to show the part at: all classes, or `steps` numbers from end to end.
  public func walk(steps: Int) -> [Double] {
    switch kind {
    case .categorical(let classes): (0..<classes).map(Double.init)
    case .uniform(let low, let high): (0..<steps).map { low + (high - low) * Double($0) / Double(max(1, steps - 1)) }
    }
  }

  /// Codes `[n, latent]` in which this part has another value, one that it takes.
  public func set(_ value: Double, in code: Tensor) -> Tensor {
    let length = range.count
    let part: Tensor =
      switch kind {
      case .categorical: Tensor((0..<length).map { Double($0) == value ? 1.0 : 0 })
      case .uniform: Tensor([value])
      }
    let own = part.to(code.dtype).to(code.device).expanded([code.size(0), length])
    let parts = [code.narrowed(-1, 0..<range.lowerBound), own, code.narrowed(-1, range.upperBound..<code.size(-1))]
    return .concatenated(parts.filter { $0.size(-1) > 0 }, axis: -1)
  }

  /// The numbers of codes `[..., latent]` that are this part's: `[..., length]`.
  public func of(_ code: Tensor) -> Tensor { code.narrowed(-1, range) }
}

/// q(c|x): recovers named parts of a code from the features that a critic has of an example. Chen et al. 2016, section 5.
///
/// A class is a softmax, a number a Gaussian of deviation 1 around what the network says.
public final class CodeRecovery: Module, Summarized {
  /// The parts that are recovered.
  public let parts: [NamedCode]
  private let layer: Linear
  private let norm: BatchNorm
  private let output: Linear

  /// The authors' activation.
  private static let activation = Activation.leakyReLU(slope: 0.1)

  /// - Parameters:
  ///   - features: the number of the critic's features.
  ///   - hidden: the width of the layer between them and the parts.
  public init(_ parts: [NamedCode], features: Int, hidden: Int = 128, using rng: RandomSource) {
    precondition(!parts.isEmpty, "CodeRecovery: expected parts to recover")
    self.parts = parts
    layer = Linear(features, hidden, bias: false, initialization: .normal(scale: 0.02), using: rng)
    norm = BatchNorm(hidden, device: rng.device)
    output = Linear(
      hidden, parts.reduce(0) { $0 + $1.range.count }, initialization: .normal(scale: 0.02), using: rng)
  }

  public var summary: String {
    "\(output.weight.value.size(1)) features of the critic's to \(parts.map(\.name).joined(separator: ", "))"
  }

  /// log q(c|x) of each part of codes `[n, latent]`, given the critic's features `[n, features]`: nats, `[parts, n]`.
  public func logProbs(_ features: Tensor, _ code: Tensor) -> Tensor {
    let h = output(Self.activation(norm(layer(features)))).inFloat()  // [n, numbers of all parts]
    var start = 0
    return Tensor.stacked(
      parts.map { part in
        defer { start += part.range.count }
        let said = h.narrowed(-1, start..<start + part.range.count)
        switch part.kind {
        case .categorical: return (said.logSoftmax(-1) * part.of(code)).sum(-1)  // [n]
        case .uniform: return DiagonalGaussian(mean: said, logScale: said.detached() * 0).logProb(part.of(code))
        }
      })
  }

  /// H(c) of all parts together, nats.
  public var entropy: Double { parts.reduce(0) { $0 + $1.entropy } }
}
