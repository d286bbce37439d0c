import Foundation

/// A number that changes over a training run: a learning rate, a weight, a temperature.
///
/// It is asked with the run's clock, so that a length in epochs means passes over the data however
/// many moves a round has.
public enum Schedule: Sendable, Equatable {
  /// Always the same.
  case constant(Double)
  /// `start` times `factor` for every `every` that is complete, never below `floor`.
  case step(start: Double, factor: Double, every: Span, floor: Double)
  /// From `start` down to `end` along half a cosine over a span, then `end`. Loshchilov & Hutter 2017, Eq. 5.
  case cosine(start: Double, end: Double, over: Span)
  /// `start` until `after` is over, then in a straight line to `end`, which it has when `until` is over, then `end`: a
  /// warm-up, a linear decay. Both spans begin with the run; one may be in epochs and the other in steps.
  case linear(start: Double, end: Double, after: Span = .steps(0), until: Span)
  /// `start` / (1 + `slope` p)^`power`, where p goes from 0 to 1 over a span. Ganin et al. 2016, section 5.2.2.
  case inverse(start: Double, slope: Double, power: Double, over: Span)
  /// `end` (2 / (1 + exp(-`slope` p)) - 1), where p is the part of the run that is over: from 0 to nearly `end`.
  /// Ganin et al. 2016, section 5.2.2.
  case sigmoid(end: Double, slope: Double)

  /// The value in the round that begins at `clock`.
  public func callAsFunction(_ clock: Clock) -> Double {
    switch self {
    case .constant(let value):
      return value
    case .step(let start, let factor, let every, let floor):
      return max(floor, start * pow(factor, Double(clock.step / max(1, every.steps(clock)))))
    case .cosine(let start, let end, let span):
      let progress = min(1, Double(clock.step) / Double(max(1, span.steps(clock))))
      return end + (start - end) * (1 + cos(.pi * progress)) / 2
    case .linear(let start, let end, let after, let until):
      let (first, last) = (after.steps(clock), until.steps(clock))
      guard clock.step >= first else { return start }
      guard clock.step < last else { return end }
      return start + (end - start) * Double(clock.step - first) / Double(last - first)
    case .inverse(let start, let slope, let power, let span):
      let progress = min(1, Double(clock.step) / Double(max(1, span.steps(clock))))
      return start / pow(1 + slope * progress, power)
    case .sigmoid(let end, let slope):
      return end * (2 / (1 + exp(-slope * clock.progress)) - 1)
    }
  }
}
