import Networks
import Torch

/// A critic whose network says one number of every place it looks at: of each patch of an image, or of a whole example.
///
/// Each number is a row of the game, as if a patch were an example: a loss is then the mean over examples and patches of
/// the loss of a patch, as Zhu et al. 2017 have it, which for least squares is not the loss of the mean.
public final class PatchCritic: Module, Summarized {
  private let network: any Network

  /// - Parameter network: from an example to numbers, such as `PatchNetwork`.
  public init(_ network: any Network) { self.network = network }

  public var summary: String { network.summary }

  /// V of all patches of examples `[n] + shape`, one example after the other: `[n * patches]`.
  public func callAsFunction(_ x: Tensor) -> Logits { Logits(network(x).inFloat().flattened(from: 0)) }

  /// The mean of V over the patches of each example, `[n]`: what a penalty takes the gradient of.
  public func mean(_ x: Tensor) -> Logits { Logits(self(x).values.reshaped([x.size(0), -1]).mean(1)) }
}
