import Foundation
import Torch

/// Whether a model's samples lie nearer to its training examples than held-out examples do.
///
/// - Source: Meehan, Chaudhuri & Dasgupta 2020, section 3, without their division into cells.
public struct Memorization {
  /// The probability that a sample is nearer to its nearest training example than a held-out one is to its own; ties
  /// count half. 0.5 for samples like held-out data; near 1 the model copies, near 0 it is far from the data.
  public let nearness: Double
  /// The same as a number of standard deviations from 0.5: the Mann-Whitney statistic.
  public let deviations: Double
  /// The median distance of samples to the training set.
  public let sampleDistance: Double
  /// The median distance of held-out examples to the training set.
  public let heldOutDistance: Double
  /// The nearest training examples of each sample, nearest first, `[samples][neighbours]`.
  public let neighbours: [[Int]]

  /// - Parameters:
  ///   - samples: `[m, ...]`; heldOut: `[n, ...]`; training: blocks of the training set in order.
  ///   - neighbours: how many to find for each sample.
  public init(
    samples: Tensor, heldOut: Tensor, training: some Sequence<Tensor>, neighbours count: Int
  ) throws(MetricError) {
    let (m, n) = (samples.size(0), heldOut.size(0))
    guard m >= 1, n >= 1 else { throw MetricError("memorization: expected samples and held-out examples, got none") }
    let all = Tensor.concatenated([samples, heldOut]).flattened(from: 1).to(.float32)
    var best: (values: Tensor, indices: Tensor)?
    var start = 0
    for block in training {
      let rows = block.flattened(from: 1).to(.float32)
      let found = all.distances(to: rows).top(min(count, rows.size(0)), axis: 1, largest: false)
      let shifted = (values: found.values, indices: found.indices.to(.float64) + Double(start))
      start += rows.size(0)
      guard let known = best else {
        best = shifted
        continue
      }
      let values = Tensor.concatenated([known.values, shifted.values], axis: 1)
      let order = values.top(min(count, values.size(1)), axis: 1, largest: false)
      best = (
        order.values,
        Tensor.concatenated([known.indices, shifted.indices], axis: 1).taken(order.indices, along: 1)
      )
    }
    guard let best else { throw MetricError("memorization: expected training examples, got none") }
    let nearest: [Double] = best.values.at(0, axis: 1).array()
    let (own, other) = (Array(nearest[..<m]), Array(nearest[m...]))
    let (statistic, spread) = Self.mannWhitney(own, other)
    nearness = statistic / Double(m * n)
    deviations = (statistic - Double(m * n) / 2) / spread
    sampleDistance = Self.median(own)
    heldOutDistance = Self.median(other)
    let indices: [Double] = best.indices.narrowed(0, 0..<m).array()
    let width = best.indices.size(1)
    self.neighbours = (0..<m).map { row in indices[row * width..<(row + 1) * width].map { Int($0) } }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Pairs in which x is the smaller, ties counting half, and the deviation of that number if x and y are alike.
  static func mannWhitney(_ x: [Double], _ y: [Double]) -> (statistic: Double, spread: Double) {
    let sorted = y.sorted()
    func rank(_ value: Double, _ isBefore: (Double, Double) -> Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if isBefore(sorted[middle], value) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    let statistic = x.reduce(0.0) { sum, value in
      let (below, through) = (rank(value, <), rank(value, <=))
      return sum + Double(sorted.count - through) + Double(through - below) / 2
    }
    let (m, n) = (Double(x.count), Double(y.count))
    return (statistic, (m * n * (m + n + 1) / 12).squareRoot())
  }
}
