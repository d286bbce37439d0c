import Networks
import Torch

/// Which variables an `AuxiliaryModel` has, how large they are, and how its bounds are made.
public struct AuxiliaryDesign: Sendable {
  /// What `a` is.
  public enum Auxiliary: String, Sendable, CaseIterable {
    case none
    case stochastic
    /// A function of `x` alone: features in front of `z` and `y`.
    case deterministic
  }

  /// How many classes there are; nil for a model without them.
  public var classes: Int?
  /// Whether the class of every example is given, instead of inferred by q(y|x, a): the bound is that of log p(x|y).
  public var classesAreGiven = false
  /// What `a` is.
  public var auxiliary = Auxiliary.stochastic
  /// The length of `a`.
  public var auxiliarySize = 100
  /// The lengths of `z`, from the layer below `x` up.
  public var latentSizes = [100]
  /// Whether p(x|.) is given `a` too: the skip model.
  public var isSkip = false
  /// Whether p(a|z, y) is given x too: Eq. 5 rather than the benchmarks of section 3.
  public var auxiliarySeesExample = false
  /// Hidden layers of every network, by stochastic layer; the last for all above.
  public var hidden = [[500, 500]]
  /// The nonlinearity of every network.
  public var activation = Activation.relu
  /// Whether batch norm precedes every nonlinearity.
  public var isNormalized = true
  /// What makes the variances of all variables but x.
  public var heads = GaussianHeads.exponential
  /// A network from an example to features, which all networks that are given x share; nil for x as it is.
  public var reader: (@Sendable (_ exampleShape: [Int], RandomSource) -> any Network)?
  /// A network from the features of the decoder's hidden layers to an image's parameters, of a shape that is asked for;
  /// nil for an affine layer.
  public var writer: (@Sendable (_ features: Int, _ imageShape: [Int], RandomSource) -> any Network)?
  /// Draws of `a` for each `x`.
  public var samples = 1
  /// Draws of `z` for each `a` and `y`.
  public var latentDraws = 1
  /// Whether a bound is the log of the mean weight of its draws, instead of the mean of their log weights.
  public var isImportanceWeighted = false
  /// How many classes are drawn from q(y|x, a) for each unlabelled example and `a`, where the sum over all
  /// is too long; nil sums.
  public var classDraws: Int?
  /// How many pairs of a draw and a class pass through the networks at a time. More than these are taken in blocks of
  /// classes, so that memory does not grow with them. Networks with batch norm see all classes at once, whose statistics
  /// are of all; there the parameters of p(x|.) alone are made in blocks. Training on importance weights takes all at
  /// once, as the weight of a block depends on all others.
  public var rowsAtOnce = 16_384
  /// The weight of the classification loss, alpha of Eq. 12.
  public var alpha = 0.0
  /// The factor on bound and classification loss of the labelled examples: 1 weighs a batch of them like one of the
  /// others, N_l / N an example like one of the others.
  public var labelledWeight = 1.0
  /// The number of training examples that a prior N(0, 1) of the weights is shared out among; nil for none.
  public var priorExamples: Int?
  /// The factor on all but log p(x|.) over the steps: a warm-up.
  public var temperature = Schedule.constant(1)

  public init() {}

  var draws: AuxiliaryModel.Draws { (samples, latentDraws) }

  func network(_ inputs: [Int], classes: Int?, hidden: [Int], using rng: RandomSource) -> JointMLP {
    JointMLP(
      inputs, classes: classes, hidden: hidden, activation: activation, isNormalized: isNormalized, using: rng)
  }
}
