import Torch

/// A log density of points `[..., d]` in nats, shape `[...]`, up to a constant; differentiable in the points.
///
/// All leading axes are independent chains.
public typealias LogDensity = (Tensor) -> Tensor

/// A sum of weighted log densities, log p(z) = sum_t w_t f_t(z): tempering changes the weights alone.
public struct WeightedDensity {
  /// The densities f_t.
  public let terms: [LogDensity]
  /// Their weights w_t.
  public let weights: [Double]

  public init(_ terms: [LogDensity], weights: [Double]) {
    precondition(
      terms.count == weights.count && !terms.isEmpty,
      "WeightedDensity: expected a weight for each term, got \(terms.count) terms and \(weights.count) weights")
    self.terms = terms
    self.weights = weights
  }

  /// One density as it is.
  public init(_ density: @escaping LogDensity) { self.init([density], weights: [1]) }

  /// The terms and their gradients at `position`, `[..., d]`.
  public func point(at position: Tensor) -> Point {
    let leaf = position.detached().requiringGradient()
    let values = withGradients { terms.map { $0(leaf) } }
    return Point(
      position: position,
      logProbs: values.map { $0.detached() },
      gradients: values.map { gradients(of: $0, in: [leaf])[0] })
  }

  /// log p at a point, `[...]`.
  public func logProb(_ point: Point) -> Tensor { sum(point.logProbs) }

  /// The gradient of log p at a point, `[..., d]`.
  func gradient(_ point: Point) -> Tensor { sum(point.gradients) }

  private func sum(_ parts: [Tensor]) -> Tensor {
    let scaled = zip(parts, weights).map { $1 == 1 ? $0 : $0 * $1 }
    return scaled.dropFirst().reduce(scaled[0], +)
  }
}

/// A place of one chain or many with all that a trajectory needs there; a chain continues from it.
public struct Point {
  /// Shape `[..., d]`.
  public let position: Tensor
  /// The terms of the density, each `[...]`.
  public let logProbs: [Tensor]
  /// Their gradients, each `[..., d]`.
  public let gradients: [Tensor]

  /// This point where `isTaken` `[...]` is true, else `other`.
  func selected(where isTaken: Tensor, else other: Point) -> Point {
    let rows = isTaken.unsqueezed(-1)
    return Point(
      position: rows.select(position, other.position),
      logProbs: zip(logProbs, other.logProbs).map(isTaken.select),
      gradients: zip(gradients, other.gradients).map(rows.select))
  }
}
