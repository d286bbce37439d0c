/// What one direction of a chart measures, and how.
public struct Axis: Hashable, Sendable {
  /// How lengths on paper follow numbers.
  public enum Scale: Hashable, Sendable {
    /// Equal differences are equal lengths.
    case linear
    /// Equal ratios are equal lengths; numbers of 0 and below have no place and are left out.
    case logarithmic
  }

  /// What is measured: `ELBO`.
  public var label: String
  /// In which unit, written in brackets after the label: `nats`; nil for a pure number.
  public var unit: String?
  /// How lengths on paper follow numbers.
  public var scale: Scale
  /// The range to show; nil to show all the data.
  public var range: ClosedRange<Double>?

  /// An axis.
  ///
  /// - Parameters:
  ///   - label: what is measured.
  ///   - unit: in which unit, nil for a pure number.
  ///   - scale: linear unless told otherwise.
  ///   - range: the range to show, of more than a point and positive on a logarithmic scale; nil to
  ///     show all the data.
  public init(
    _ label: String, unit: String? = nil, scale: Scale = .linear, range: ClosedRange<Double>? = nil
  ) {
    if let range {
      precondition(
        range.lowerBound.isFinite && range.upperBound.isFinite
          && range.lowerBound < range.upperBound,
        "Axis '\(label)': expected a finite range of more than a point, got \(range)")
      precondition(
        scale == .linear || range.lowerBound > 0,
        "Axis '\(label)': expected a positive range on a logarithmic scale, got \(range)")
    }
    self.label = label
    self.unit = unit
    self.scale = scale
    self.range = range
  }

  /// The label and the unit: `ELBO (nats)`.
  public var title: String { unit.map { "\(label) (\($0))" } ?? label }
}

extension Axis: ExpressibleByStringLiteral {
  /// A linear axis without a unit.
  public init(stringLiteral label: String) { self.init(label) }
}
