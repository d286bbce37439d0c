import Probability
import Torch

/// p(x|z) pixel after pixel: an autoregressive network that is given the code at every layer.
public final class AutoregressiveLikelihood: Likelihood {
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
