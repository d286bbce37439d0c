import Networks

/// Examples that a density cannot be learned from.
public enum DensityError: Error, Equatable, CustomStringConvertible {
  /// All examples have one number in some dimensions: the first of these counted from 0, how many there are, and dimensions in all.
  case constant(first: Int, count: Int, of: Int)
  /// Fewer different examples than components.
  case tooFewRows(Int, components: Int)
  /// A component that is lost, in which iteration, counted from 1.
  case degenerate(MixtureSums.Degeneracy, of: Int, iteration: Int)

  public var description: String {
    switch self {
    case .constant(let first, let count, let all):
      "expected numbers that differ between examples, got the same in all of them in \(count) of \(all) "
        + "\(all == 1 ? "dimension" : "dimensions")"
        + (count == all ? "" : ", the first of which is \(first), counted from 0")
        + "; a density needs others, or noise on them (data.dequantize for pixels)"
    case .tooFewRows(let found, let components):
      "expected at least \(components) different examples, one for each component, got \(found)"
    case .degenerate(.empty(let component), let components, let iteration):
      "iteration \(iteration): component \(component + 1) of \(components) is empty: no example belongs to it; "
        + Self.advice
    case .degenerate(.singular(let component, let rows), let components, let iteration):
      "iteration \(iteration): component \(component + 1) of \(components) has a singular covariance: the examples that "
        + "belong to it, \(Self.brief(rows)) in all, have no width in some direction; \(Self.advice)"
    }
  }

  private static let advice = "take fewer components, more examples or another seed"

  private static func brief(_ rows: Double) -> String {
    let tenths = (rows * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }
}

extension Moments {
  /// The same, where each dimension varies.
  func varying() throws(DensityError) -> Moments {
    // Not `== 0`, so that what is not finite is no deviation either.
    let flat = deviation.array(Double.self).enumerated().filter { !($0.element > 0) }
    if let first = flat.first { throw .constant(first: first.offset, count: flat.count, of: deviation.size(0)) }
    return self
  }
}
