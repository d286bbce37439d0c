import Foundation
import Torch

/// exp E KL(p(y|x), p(y)) of class probabilities `[n, classes]`: its mean and deviation over
/// `splits`; higher is better.
///
/// It lies between 1 and the number of classes. p(y) is the mean of a split's rows; split i has the rows from
/// `i n / splits` up to `(i + 1) n / splits`, in the order they come. The divisor of the deviation is the number of
/// splits.
///
/// - Source: Salimans et al. 2016, section 4, and their code.
public func inceptionScore(
  _ probabilities: Tensor, splits: Int
) throws(MetricError) -> (mean: Double, standardDeviation: Double) {
  guard probabilities.rank == 2, probabilities.size(0) >= 1, probabilities.size(1) >= 1 else {
    throw MetricError("inception-score: expected rows of class probabilities, got shape \(probabilities.shape)")
  }
  let (count, classes) = (probabilities.size(0), probabilities.size(1))
  guard (1...count).contains(splits) else {
    throw MetricError("inception-score: expected 1 to \(count) splits of \(count) rows, got \(splits)")
  }
  let rows = probabilities.array(Double.self)
  for row in 0..<count {
    let values = rows[row * classes..<(row + 1) * classes]
    let sum = values.reduce(0, +)
    if let wrong = values.first(where: { !($0 >= 0) }) {
      throw MetricError("inception-score: row \(row): expected probabilities, got \(wrong)")
    }
    guard abs(sum - 1) <= probabilitySlack else {
      throw MetricError("inception-score: row \(row): expected probabilities that sum to 1, got the sum \(sum)")
    }
  }
  return moments(
    (0..<splits).map { split in
      score(rows, classes, split * count / splits..<(split + 1) * count / splits)
    })
}

/// How far from 1 a row may sum: probabilities stored in half precision are this far off.
private let probabilitySlack = 1e-3

private func score(_ rows: [Double], _ classes: Int, _ range: Range<Int>) -> Double {
  var marginal = [Double](repeating: 0, count: classes)  // times the number of rows
  for row in range { for index in 0..<classes { marginal[index] += rows[row * classes + index] } }
  var divergence = 0.0
  for row in range {
    for index in 0..<classes {
      let p = rows[row * classes + index]
      if p > 0 { divergence += p * (log(p * Double(range.count)) - log(marginal[index])) }
    }
  }
  return exp(divergence / Double(range.count))
}
