import Probability
import Torch

/// Independent zeros and ones with learned probabilities: the top layer of a belief network.
public final class LearnedBernoulli: Module {
  /// log p / (1 - p), `[dimension]`; fair at the start.
  private let logits: Parameter

  public init(_ dimension: Int, device: Device) { logits = Parameter(.zeros([dimension], device: device)) }

  /// The distribution, differentiable in its probabilities.
  public var prior: BernoulliPrior { BernoulliPrior(logits: logits.value) }
}
