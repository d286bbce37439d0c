import Foundation

/// A number that changes over the steps of a training run: a learning rate, a weight, a temperature.
public enum Schedule: Sendable, Equatable {
  /// Always the same.
  case constant(Double)
  /// `start` times `factor` for every `every` steps that are complete, never below `floor`.
  case step(start: Double, factor: Double, every: Int, floor: Double)
  /// From `start` down to `end` along half a cosine over `steps` steps, then `end`. Loshchilov & Hutter 2017, Eq. 5.
  case cosine(start: Double, end: Double, steps: Int)
  /// From `start` to `end` in a straight line over `steps` steps, then `end`; the warm-up of a weight.
  case linear(start: Double, end: Double, steps: Int)

  /// The value at a step, counted from 0.
  public func callAsFunction(_ step: Int) -> Double {
    switch self {
    case .constant(let value):
      return value
    case .step(let start, let factor, let every, let floor):
      return max(floor, start * pow(factor, Double(step / every)))
    case .cosine(let start, let end, let steps):
      let progress = min(1, Double(step) / Double(max(1, steps)))
      return end + (start - end) * (1 + cos(.pi * progress)) / 2
    case .linear(let start, let end, let steps):
      guard step < steps else { return end }
      return start + (end - start) * Double(step) / Double(steps)
    }
  }
}
