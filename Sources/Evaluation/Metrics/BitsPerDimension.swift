import Foundation
import Generative

extension Metric {
  /// The importance-weighted bound, or the exact log density of a model that has one, in bits per dimension; lower is better.
  public static func bitsPerDimension(samples: Int) -> Metric {
    let bound = Bound.bitsPerDimension(samples: samples)
    return Metric(bound.name, unit: bound.unit, needs: .logDensity, isPerExample: true) { model, subject, _ in
      switch model {
      case .bounded(let model): return [try finding(bound, of: model, subject)]
      case .exact(let model):
        guard samples == 1 else {
          throw MetricError("\(bound.name): the density of \(subject.name) is exact, without draws; ask bpd")
        }
        let bits = -1 / (Foundation.log(2) * Double(model.exampleShape.reduce(1, *)))
        return [
          Finding(
            Estimate(try exactLogDensities(model, subject, bound.name).map { $0 * bits }), [("density", .text("exact"))]
          )
        ]
      }
    }
  }
}

extension MetricForm {
  static let bitsPerDimension = draws(
    "bpd:K", "exact density, or iwae of K draws, in bits per dimension", standard: 1
  ) { .bitsPerDimension(samples: $0) }
}
