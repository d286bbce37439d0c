import Torch

/// What a number is counted in; keys of the log, axes and bars are made of it.
public enum LossUnit: String, Sendable, CaseIterable {
  case nats
  /// A share of examples.
  case fraction
  /// A number without a unit, such as a squared distance.
  case none

  /// The key of the log for a quantity in this unit, such as `loss_nats`.
  public func key(_ name: String) -> String { self == .none ? name : "\(name)_\(rawValue)" }

  /// The name and the unit that a key of the log is made of.
  public static func parts(of key: String) -> (name: String, unit: LossUnit) {
    for unit in allCases where unit != .none && key.hasSuffix("_" + unit.rawValue) {
      return (String(key.dropLast(unit.rawValue.count + 1)), unit)
    }
    return (key, .none)
  }
}

/// What a player wants to be small, and what it is made of.
public struct Loss {
  /// One number per example and sample, or a scalar; the trainer takes its mean.
  public let value: Tensor
  /// What the value is counted in.
  public let unit: LossUnit
  /// Parts to watch, averaged the same way. Nothing is descended in them.
  public let terms: [Term]

  /// - Parameter value: one number per example and sample, or a scalar; differentiable in what the player owns.
  public init(_ value: Tensor, in unit: LossUnit = .nats, terms: [Term] = []) {
    self.value = value
    self.unit = unit
    self.terms = terms
  }

  /// A named part of a loss.
  public struct Term {
    /// The name without its unit, such as `kl`.
    public let name: String
    /// One number per example and sample, or a scalar.
    public let value: Tensor
    /// What the value is counted in.
    public let unit: LossUnit

    /// A part of this name; its unit belongs to `unit`, not to the name.
    public init(_ name: String, _ value: Tensor, in unit: LossUnit = .nats) {
      self.name = name
      self.value = value
      self.unit = unit
    }

    /// The key of the log, such as `kl_nats`.
    public var key: String { unit.key(name) }
  }
}
