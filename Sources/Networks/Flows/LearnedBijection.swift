import Probability
import Torch

/// A bijection with parameters of its own, which takes examples to where their density is known.
///
/// It runs from examples to N(0, I), so that a density costs one pass and a draw is the inverse. To conform, be a `final class` with
/// layers and say what the map is of; `CouplingFlow` is the simplest.
public protocol LearnedBijection: Module, Bijection, Summarized {
  /// The length of a point, d.
  var dimension: Int { get }
}

/// How the last layer of a flow's networks starts: near 0, so that the flow is near the identity, but not at 0, where the layers
/// before it would have no gradient.
let nearIdentity = Initialization.normal(scale: 0.01)
