import Probability
import Torch

/// Where the scale of a continuous likelihood comes from.
public enum LikelihoodScale: Sendable, Equatable {
  /// Known and the same for every dimension.
  case fixed(Double)
  /// One number, learned.
  case shared
  /// One number per dimension, learned.
  case perDimension
  /// A second output of the network for every dimension.
  case predicted
}

/// The last nonlinearity of a Gaussian's mean.
public enum GaussianMean: String, Sendable, CaseIterable {
  /// None: any numbers.
  case linear
  /// A sigmoid: numbers in [0, 1].
  case sigmoid

  /// The mean of a network's outputs, of their shape.
  func callAsFunction(_ outputs: Tensor) -> Tensor { self == .sigmoid ? outputs.sigmoid() : outputs }
}

/// The family of p(x|z).
public enum LikelihoodFamily: Sendable, Equatable {
  /// Pixels in {0, 1} by their logits.
  case bernoulli
  /// Real numbers with Gaussian noise. A `floor` is added to the variances that are learned or predicted, so that data
  /// without noise leave them above it; nil for that of `leastLogScale`, which cuts.
  case gaussian(LikelihoodScale, mean: GaussianMean = .linear, floor: Double? = nil)
  /// Pixels in 0, 1/(levels - 1), ..., 1 by a discretized logistic.
  case discretizedLogistic(LikelihoodScale, levels: Int)
  /// Numbers 0, 1/(levels - 1), ..., 1 with a probability each.
  case categorical(levels: Int)

  /// Where the scale comes from, for the families that have one.
  public var scale: LikelihoodScale? {
    switch self {
    case .bernoulli, .categorical: nil
    case .gaussian(let scale, _, _), .discretizedLogistic(let scale, _): scale
    }
  }

  /// Outputs of the network for each dimension of x.
  public var outputsPerDimension: Int {
    if case .categorical(let levels) = self { return levels }
    return scale == .predicted ? 2 : 1
  }
}

extension LikelihoodFamily {
  /// The family's name as `describe` prints it.
  public var name: String {
    switch self {
    case .bernoulli: "Bernoulli"
    case .gaussian(let scale, let mean, let floor):
      "Gaussian (\(mean == .sigmoid ? "mean by a sigmoid, " : "")\(scale.name)"
        + (floor.map { ", variances of at least \($0)" } ?? "") + ")"
    case .discretizedLogistic(let scale, let levels): "discretized logistic (\(levels) levels, \(scale.name))"
    case .categorical(let levels): "categorical (\(levels) levels)"
    }
  }
}

extension LikelihoodScale {
  var name: String {
    switch self {
    case .fixed(let scale): "scale \(scale.plain)"
    case .shared: "one learned scale"
    case .perDimension: "a learned scale per dimension"
    case .predicted: "predicted scale"
    }
  }
}
