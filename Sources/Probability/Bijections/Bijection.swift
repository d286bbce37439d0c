import Torch

/// An invertible map of the last axis that knows how it changes volumes.
///
/// To conform, map points and say log|det J| there; `PlanarFlow` is the simplest conformer. A flow draws by `self(z)` alone:
/// an inverse may be as slow as it likes.
public protocol Bijection {
  /// The images of points `count + batch + [d]`, and log|det J| in nats, `count + batch`.
  func callAsFunction(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor)
  /// The points whose images these are, `count + batch + [d]`.
  func inverse(_ value: Tensor) -> Tensor
}

/// A Gaussian and a bijection of its draws: a flow. Rezende & Mohamed 2015, Eq. 5.
///
/// A draw comes with its log density, as the log determinant is a by-product of the map. The density of a code that was not
/// drawn here would need the inverse, so that this is no `Density`.
public struct FlowSampler<Flow: Bijection>: ScoredSampler {
  /// Where draws begin, `batch + [d]`.
  public let base: DiagonalGaussian
  /// Where they are taken.
  public let flow: Flow

  /// - Parameters:
  ///   - base: of vectors, `batch + [d]`.
  ///   - flow: a bijection of such vectors.
  public init(base: DiagonalGaussian, flow: Flow) {
    precondition(
      base.eventRank == 1, "FlowSampler: expected a Gaussian of vectors, got events of \(base.eventRank) axes")
    self.base = base
    self.flow = flow
  }

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor { flow(base.rsample(count, using: rng)).value }

  public func rsampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor) {
    let (start, logProb) = base.rsampleScored(count, using: rng)
    let (value, logDeterminant) = flow(start)
    return (value, logProb - logDeterminant)
  }
}
