import Torch

extension Metric {
  /// How well the classes that a network sees in samples follow those of the data: -c^T (log c' - log c), nats, 0 at
  /// best, with c' the network's mean probabilities.
  ///
  /// Zhao et al. 2019, section 4.2.1.
  public static let classCrossEntropy = classCrossEntropy(of: .probabilities)

  /// The same with the shares of most probable classes as c': the authors' measurement.
  public static let classCrossEntropyOfCounts = classCrossEntropy(of: .counts)

  /// How rows of probabilities become numbers of classes.
  enum ClassShares: String, CaseIterable {
    /// A class that no sample is nearest to still has some probability.
    case probabilities
    case counts

    /// A number for each class, of probabilities `[n, classes]`.
    func callAsFunction(_ probabilities: Tensor) -> [Double] {
      switch self {
      case .probabilities: probabilities.to(.float64).mean(0).array()
      case .counts: probabilities.argmax(1).oneHot(probabilities.size(1)).to(.float64).sum(0).array()
      }
    }

    fileprivate var words: String {
      self == .probabilities ? "mean probabilities" : "counts of the most probable class"
    }
  }

  private static func classCrossEntropy(of shares: ClassShares) -> Metric {
    let name = "class-ce" + (shares == .counts ? ":counts" : "")
    return Metric(ofSamples: name, unit: "nats") { comparison, _ in
      guard let labels = comparison.real.labels else {
        throw MetricError("\(name): expected labels in the data, got none")
      }
      var data = [Double](repeating: 0, count: comparison.network.classCount)
      for label in labels where label >= 0 {
        guard Int(label) < data.count else {
          throw MetricError("\(name): expected classes below the network's \(data.count), got \(label)")
        }
        data[Int(label)] += 1
      }
      let (value, entropy) = try Evaluation.classCrossEntropy(shares(comparison.made.probabilities), data)
      return [
        comparison.classFinding(
          value,
          [
            ("entropy_of_data", .number(entropy)),
            ("sample_classes", .text("\(shares.words) of \(comparison.network.scores)")),
          ])
      ]
    }
  }
}

extension MetricForm {
  static let classCrossEntropy = MetricForm(
    "class-ce[:counts]", "KL of the samples' classes from the data's, in nats", example: .classCrossEntropy
  ) { (parameters) throws(MetricError) in
    guard !parameters.isEmpty else { return .classCrossEntropy }
    guard parameters == ["counts"] else {
      let text = (["class-ce"] + parameters).joined(separator: ":")
      throw MetricError("metric '\(text)': expected class-ce or class-ce:counts")
    }
    return .classCrossEntropyOfCounts
  }
}
