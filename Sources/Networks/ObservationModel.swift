import Probability
import Torch

/// A decoder: a module that, given codes, is a distribution over examples.
///
/// To conform, return the distribution p(x|z) and say what shape an x has. `Likelihood` makes one of any network;
/// `AutoregressiveLikelihood` is made of a network that sees the pixels before each pixel too.
public protocol ObservationModel: Module, Summarized {
  /// The shape of one x.
  var shape: [Int] { get }
  /// p(x|z) at codes `[..., latent]`.
  func callAsFunction(_ z: Tensor) -> any Distribution
}

/// p(x|z) pixel after pixel: an autoregressive network that is given the code at every layer.
public final class AutoregressiveLikelihood: Conditional, ObservationModel {
  private let network: any AutoregressiveNetwork
  /// The distribution of a pixel.
  public let family: PixelFamily

  /// - Parameter network: one with a conditioning, and with the family's number of outputs.
  public init(_ network: any AutoregressiveNetwork, _ family: PixelFamily) {
    precondition(network.conditioning != nil, "AutoregressiveLikelihood: expected a network that is given a code")
    self.network = network
    self.family = family
  }

  public var shape: [Int] { network.imageShape }

  /// The family and the network in one line.
  public var summary: String { "\(family.name), \(network.summary)" }

  public func callAsFunction(_ z: Tensor) -> any Distribution { AutoregressiveImage(network, family, given: z) }
}
