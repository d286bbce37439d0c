import Torch

/// A sum of weighted log densities, log p(z) = sum_t w_t f_t(z): tempering changes the weights alone.
public struct WeightedDensity {
  /// The densities f_t.
  public let terms: [DensityTerm]
  /// Their weights w_t.
  public let weights: [Double]

  /// The gradient of all Gaussian terms together is `offset + slope * z`.
  private let line: (offset: Tensor, slope: Tensor)?
  private let traced: [(weight: Double, trace: (Tensor) -> DensityTerm.Traced)]

  /// The sum of `terms` with a weight each.
  public init(_ terms: [DensityTerm], weights: [Double]) {
    precondition(
      terms.count == weights.count && !terms.isEmpty,
      "WeightedDensity: expected a weight for each term, got \(terms.count) terms and \(weights.count) weights")
    self.terms = terms
    self.weights = weights
    var line: (offset: Tensor, slope: Tensor)?
    var traced: [(weight: Double, trace: (Tensor) -> DensityTerm.Traced)] = []
    for (term, weight) in zip(terms, weights) {
      switch term.form {
      case .traced(let trace): traced.append((weight, trace))
      case .gaussian(let gaussian):
        let slope = gaussian.precision * -weight
        let offset = gaussian.mean * slope * -1
        line = line.map { ($0.offset + offset, $0.slope + slope) } ?? (offset, slope)
      }
    }
    (self.line, self.traced) = (line, traced)
  }

  /// Densities with gradients by autograd.
  public init(_ terms: [LogDensity], weights: [Double]) { self.init(terms.map { DensityTerm($0) }, weights: weights) }

  /// One density as it is.
  public init(_ density: @escaping LogDensity) { self.init([density], weights: [1]) }

  /// The terms and their gradients at `position`, `[..., d]`.
  public func point(at position: Tensor) -> Point {
    let found = withoutGradients { terms.map { $0.evaluated(at: position) } }
    return Point(position: position, logProbs: found.map(\.value), gradients: found.map(\.gradient))
  }

  /// log p at a point, `[...]`.
  public func logProb(_ point: Point) -> Tensor { sum(point.logProbs) }

  /// The gradient of log p at a point, `[..., d]`.
  func gradient(_ point: Point) -> Tensor { sum(point.gradients) }

  /// The gradient of log p at `position`, without the value.
  func gradient(at position: Tensor) -> Tensor {
    var total = line.map { $0.offset.addingProduct($0.slope, position) }
    for (weight, trace) in traced {
      let gradient = DensityTerm.gradient(of: trace, at: position)
      if weight != 1 { gradient.multiplyInPlace(weight) }
      if let total { gradient.addInPlace(total) }
      total = gradient
    }
    return total!
  }

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

  /// A place as it was kept: `position` `[..., d]`, with a log density `[...]` and a gradient `[..., d]` for each term.
  public init(position: Tensor, logProbs: [Tensor], gradients: [Tensor]) {
    precondition(
      logProbs.count == gradients.count,
      "Point: expected a gradient for each log density, got \(gradients.count) and \(logProbs.count)")
    self.position = position
    self.logProbs = logProbs
    self.gradients = gradients
  }

  /// This point where `isTaken` `[...]` is true, else `other`.
  func selected(where isTaken: Tensor, else other: Point) -> Point {
    let rows = isTaken.unsqueezed(-1)
    return Point(
      position: rows.select(position, other.position),
      logProbs: zip(logProbs, other.logProbs).map(isTaken.select),
      gradients: zip(gradients, other.gradients).map(rows.select))
  }
}
