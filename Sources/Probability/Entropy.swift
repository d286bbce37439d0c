import Torch

/// The entropy of one standard normal number, log(2 pi e) / 2.
private let unitEntropy = halfLogTwoPi + 0.5

extension DiagonalGaussian {
  /// The expectation of -log q in closed form: nats, shape `batch`.
  public var entropy: Tensor { (logScale + unitEntropy).expanded(mean.shape).sumLast(eventRank) }
}

extension FullRankGaussian {
  /// The expectation of -log q in closed form: nats, shape `batch`.
  public var entropy: Tensor { (logDiagonal + unitEntropy).sum(-1) }
}
