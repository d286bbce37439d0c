import Datasets
import Generative
import Torch

/// The probabilities that a model gives the classes of examples, and how they compare with the truth.
public struct ClassPredictions {
  /// `[n, classes]` in float64.
  public let probabilities: Tensor
  /// The most probable class of each example.
  public let classes: [Int]
  /// Its probability.
  public let confidences: [Double]
  /// The true classes, -1 where unknown; nil for a set without labels.
  public let labels: [Int]?

  /// Draws of `a` over which probabilities are averaged unless another number is given: the
  /// authors'. Maaløe et al. 2016.
  public static let draws = 100
  /// Bins of `calibrationError`.
  public static let bins = 15
  /// Examples that are classified at once.
  private static let batchSize = 200

  /// Predictions for all of `examples`; each sees the same draws, so that a picture has one answer wherever it stands.
  ///
  /// - Parameter samples: draws of what q(y|x, .) depends on, over which probabilities are averaged.
  public init(
    of model: any ClassPredictor, on examples: DeviceExamples, samples: Int, seed: UInt64,
    progress: (Int) -> Void = { _ in }
  ) throws {
    var (parts, known): ([Tensor], [Tensor]) = ([], [])
    func probabilities(_ x: Tensor) -> Tensor {
      let rng = RandomSource(seed: seed, device: examples.device)
      return withoutGradients { model.classProbabilities(x, samples: samples, using: rng).to(.float64) }
    }
    for start in stride(from: 0, to: examples.count, by: Self.batchSize) {
      let range = start..<min(examples.count, start + Self.batchSize)
      let batch = try examples.batch(range, using: RandomSource(seed: seed, device: examples.device))
      if model.isClassifiedByDraws {
        parts += (0..<range.count).map { probabilities(batch.x.narrowed(0, $0..<$0 + 1)) }
      } else {
        parts.append(probabilities(batch.x))
      }
      if let labels = batch.labels { known.append(labels) }
      progress(range.upperBound)
    }
    let probabilities = Tensor.concatenated(parts)
    guard probabilities.isFinite().all().item() == 1 else {
      throw MetricError(
        "expected probabilities of the classes, got numbers that are not finite: are the data in range?")
    }
    let labels = known.isEmpty ? nil : Tensor.concatenated(known).array(Int.self)
    if let most = labels?.max(), most >= model.classCount {
      throw MetricError(
        "the model knows \(model.classCount) classes, 0 to \(model.classCount - 1); the labels of the data have class \(most)"
      )
    }
    self.init(probabilities: probabilities, labels: labels)
  }

  /// - Parameter probabilities: `[n, classes]`.
  public init(probabilities: Tensor, labels: [Int]?) {
    self.probabilities = probabilities
    classes = probabilities.argmax(1).array(Int.self)
    confidences = probabilities.max(1).array(Double.self)
    self.labels = labels
  }

  /// -sum p log p of each example, nats.
  public var entropies: [Double] {
    (-(probabilities * probabilities.clamped(1e-300, 1).log()).sum(1)).array(Double.self)
  }

  /// Whether each labelled example is classified rightly, with the confidence in it.
  private var outcomes: [(isRight: Bool, confidence: Double)] {
    classes.indices.compactMap { index in
      guard let label = labels?[index], label >= 0 else { return nil }
      return (classes[index] == label, confidences[index])
    }
  }

  /// 1 for an example whose most probable class is wrong, 0 where it is right, NaN without a label.
  public var mistakes: [Double] {
    classes.indices.map { index in
      guard let label = labels?[index], label >= 0 else { return .nan }
      return classes[index] == label ? 0 : 1
    }
  }

  /// How many examples have a label.
  public var labelledCount: Int { outcomes.count }

  /// The share of labelled examples whose most probable class is wrong.
  public var errorRate: Double {
    Double(outcomes.count { !$0.isRight }) / Double(labelledCount)
  }

  /// The mean gap between confidence and share of right answers, over bins of confidence, each by
  /// its share of examples.
  ///
  /// Guo et al. 2017, Eq. 3, with 15 bins of equal width.
  public var calibrationError: Double {
    var gaps = [Double](repeating: 0, count: Self.bins)
    for (isRight, confidence) in outcomes {
      gaps[min(Self.bins - 1, Int(confidence * Double(Self.bins)))] += confidence - (isRight ? 1 : 0)
    }
    return gaps.reduce(0) { $0 + abs($1) } / Double(labelledCount)
  }

  /// How many examples of each true class (row) are taken for each class (column).
  public var confusion: [[Int]] {
    let count = probabilities.size(1)
    var matrix = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for (label, predicted) in zip(labels ?? [], classes) where label >= 0 { matrix[label][predicted] += 1 }
    return matrix
  }
}
