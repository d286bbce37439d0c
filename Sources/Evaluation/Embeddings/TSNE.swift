import Foundation
import Torch

/// A map of rows to the plane that keeps near neighbours near: t-distributed stochastic neighbour embedding.
///
/// - Source: van der Maaten & Hinton 2008; sums by Barnes and Hut as in van der Maaten 2014; step size and start of
///   Belkina et al. 2019 and Kobak & Berens 2019, as scikit-learn has them.
public struct TSNE: Sendable {
  /// The effective number of neighbours of a row.
  public var perplexity = 30.0
  /// Squares narrower than this times their distance count as one point; 0 is exact.
  public var theta = 0.5
  /// Steps in all.
  public var iterations = 1000
  /// What p is multiplied by at first.
  public var exaggeration = 12.0
  /// The number of steps with that factor.
  public var exaggeratedIterations = 250

  /// A map and how well it fits.
  public struct Embedding {
    /// Points, shape `[n, 2]`, mean 0.
    public let points: Tensor
    /// KL(p, q) in nats; lower is better.
    public let divergence: Double
  }

  private static let momenta = (early: 0.5, late: 0.8)
  private static let leastStep = 50.0
  private static let leastGain = 0.01
  /// Standard deviation of the start along its first axis.
  private static let startScale = 1e-4
  /// Standard deviation of the noise on the start, relative to that: it parts equal rows.
  private static let jitter = 0.01

  /// With the defaults above.
  public init(perplexity: Double = 30) { self.perplexity = perplexity }

  /// What a gradient is multiplied by: max(n / exaggeration, 50), for a gradient without its factor 4.
  public func stepSize(_ n: Int) -> Double { max(Double(n) / exaggeration, Self.leastStep) }

  /// Maps the rows of `x` `[n, d]`, starting from two principal components. Threads do not change the result.
  public func callAsFunction(_ x: Tensor, using rng: RandomSource) throws(MetricError) -> Embedding {
    let x = try finiteRows(x, atLeast: 2, name: "tsne")
    let n = x.size(0)
    guard perplexity > 1, 3 * perplexity <= Double(n - 1) else {
      throw MetricError(
        "tsne: expected a perplexity above 1 and at most a third of the \(n - 1) other rows, got \(perplexity)")
    }
    guard theta >= 0, theta <= 0.7 else { throw MetricError("tsne: expected theta from 0 to 0.7, got \(theta)") }
    guard (x - x.narrowed(0, 0..<1)).abs().max().item() > 0 else {
      throw MetricError("tsne: expected rows that differ, got \(n) equal ones")
    }
    let affinities = Affinities(x, perplexity: perplexity)

    let scores = try PrincipalComponents(x, dimension: min(2, x.size(1))).scores
    let plane = Tensor.concatenated([scores, Tensor.zeros([n, 2 - scores.size(1)], dtype: .float64)], axis: 1)
    let deviation = scores.variance(0, correction: 0).max().item().squareRoot()
    let noise = rng.normal([n, 2], dtype: .float64) * Self.jitter
    var y = ((plane / deviation + noise) * Self.startScale).array(Double.self)

    var velocity = [Double](repeating: 0, count: 2 * n)
    var gains = [Double](repeating: 1, count: 2 * n)
    for step in 0..<iterations {
      let isEarly = step < exaggeratedIterations
      let (gradient, _) = TSNE.gradient(
        affinities, y, theta: theta, exaggeration: isEarly ? exaggeration : 1)
      let momentum = isEarly ? Self.momenta.early : Self.momenta.late
      let rate = stepSize(n) / 4
      var mean = (0.0, 0.0)
      for c in 0..<2 * n {
        gains[c] = gradient[c] * velocity[c] < 0 ? gains[c] + 0.2 : max(gains[c] * 0.8, Self.leastGain)
        velocity[c] = momentum * velocity[c] - rate * gains[c] * gradient[c]
        y[c] += velocity[c]
        if c.isMultiple(of: 2) { mean.0 += y[c] } else { mean.1 += y[c] }
      }
      for i in 0..<n {
        y[2 * i] -= mean.0 / Double(n)
        y[2 * i + 1] -= mean.1 / Double(n)
      }
    }
    let (_, normalizer) = TSNE.gradient(affinities, y, theta: theta)
    return Embedding(
      points: Tensor(y, shape: [n, 2]), divergence: TSNE.divergence(affinities, y, normalizer: normalizer))
  }

  /// The gradient of KL(p, q) by the points, x and y in turn, and the sum of 1 / (1 + d^2) over all ordered pairs.
  ///
  /// Each point's sums are its own, and the total is taken in the order of the points: threads cannot change it.
  static func gradient(
    _ p: Affinities, _ y: [Double], theta: Double, exaggeration: Double = 1
  ) -> (gradient: [Double], normalizer: Double) {
    let n = y.count / 2
    let tree = Quadtree(y)
    var (attraction, repulsion) = (y, y)
    var sums = [Double](repeating: 0, count: n)
    attraction.withUnsafeMutableBufferPointer { attraction in
      repulsion.withUnsafeMutableBufferPointer { repulsion in
        sums.withUnsafeMutableBufferPointer { sums in
          forces(p, y, tree, theta, attraction, repulsion, sums)
        }
      }
    }
    let normalizer = sums.reduce(0, +)
    let gradient = (0..<2 * n).map { 4 * (exaggeration * attraction[$0] - repulsion[$0] / normalizer) }
    return (gradient, normalizer)
  }

  /// Points per piece of work.
  private static let pieceLength = 128

  private static func forces(
    _ p: Affinities, _ y: [Double], _ tree: Quadtree, _ theta: Double,
    _ attraction: UnsafeMutableBufferPointer<Double>, _ repulsion: UnsafeMutableBufferPointer<Double>,
    _ sums: UnsafeMutableBufferPointer<Double>
  ) {
    let n = y.count / 2
    let order = tree.order
    p.starts.withUnsafeBufferPointer { starts in
      p.columns.withUnsafeBufferPointer { columns in
        p.values.withUnsafeBufferPointer { values in
          y.withUnsafeBufferPointer { y in
            // Pieces write to places of their own and read what nobody writes.
            nonisolated(unsafe) let (attraction, repulsion, sums) = (attraction, repulsion, sums)
            nonisolated(unsafe) let (starts, columns, values, y) = (starts, columns, values, y)
            DispatchQueue.concurrentPerform(iterations: (n + pieceLength - 1) / pieceLength) { piece in
              for position in piece * pieceLength..<min(n, (piece + 1) * pieceLength) {
                let i = order[position]
                let force = tree.repulsion(at: position, theta: theta)
                (repulsion[2 * i], repulsion[2 * i + 1], sums[i]) = force
                let (x0, y0) = (y[2 * i], y[2 * i + 1])
                var (pullX, pullY) = (0.0, 0.0)
                for c in starts[i]..<starts[i + 1] {
                  let j = Int(columns[c])
                  let (dx, dy) = (x0 - y[2 * j], y0 - y[2 * j + 1])
                  let pull = values[c] / (1 + dx * dx + dy * dy)
                  pullX += pull * dx
                  pullY += pull * dy
                }
                (attraction[2 * i], attraction[2 * i + 1]) = (pullX, pullY)
              }
            }
          }
        }
      }
    }
  }

  /// KL(p, q) in nats for q = 1 / (1 + d^2) / `normalizer`.
  static func divergence(_ p: Affinities, _ y: [Double], normalizer: Double) -> Double {
    var total = 0.0
    for i in 0..<p.count {
      for c in p.starts[i]..<p.starts[i + 1] where p.values[c] > 0 {
        let j = Int(p.columns[c])
        let (dx, dy) = (y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])
        total += p.values[c] * log(p.values[c] * (1 + dx * dx + dy * dy) * normalizer)
      }
    }
    return total
  }
}
