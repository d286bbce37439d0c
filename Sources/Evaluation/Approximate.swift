import Foundation

extension MetricValue {
  /// What is said of an approximate bound that lies above log p(x) by annealed importance sampling, a lower bound on
  /// average; nil where it does not.
  func excess(over annealed: MetricValue?) -> String? {
    guard isApproximate, let annealed, value > annealed.value else { return nil }
    let error =
      examples.flatMap { own in
        annealed.examples.map { Estimate(zip(own, $0).map { $0 - $1 }) }
      }?.standardError
    return String(format: "%.4f nats", value - annealed.value)
      + (error.map { String(format: " (standard error %.4f)", $0) } ?? "")
      + " above ais: the estimate is no bound here, as whatever took the place of log q(z|x) has erred"
  }
}
