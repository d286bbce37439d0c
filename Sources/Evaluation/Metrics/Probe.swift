import Datasets
import Torch

extension Metric {
  /// A classifier that is trained on codes.
  public enum Probe: String, CaseIterable, Sendable { case linear, svm, knn }

  /// What a probe sees of q(z|x).
  public enum ProbedCodes: String, CaseIterable, Sendable {
    /// Its mean, which can tell a class even where q(z|x) hardly differs from the prior.
    case means
    /// One draw: what a decoder sees.
    case draws
  }

  /// The error rate of a classifier of codes, the mean over random subsets of the labelled training examples.
  ///
  /// - Parameters:
  ///   - labels: how many training examples it learns from; nil is all, at most 10,000.
  ///   - codes: what it sees of an example.
  ///   - subsets: how many subsets; nil is 10, or 1 where `labels` is nil or takes all there are.
  public static func probe(
    _ probe: Probe, labels: Int?, codes: ProbedCodes = .means, subsets: Int? = nil
  ) -> Metric {
    let size = labels.map { labels in subsets.map { "\(labels)x\($0)" } ?? "\(labels)" }
    return Metric.probe(probe, size, codes) { subject, name, rng in
      let training = try subject.trainingExamples(nil)
      let known = try labelled(training, "train", name)
      let count = labels ?? min(known.count, mostLabels)
      guard known.count >= max(count, 2) else {
        throw MetricError("\(name): expected \(max(count, 2)) labelled training examples, got \(known.count)")
      }
      let repeats = subsets ?? (labels == nil || count == known.count ? 1 : standardSubsets)
      let chosen = (0..<repeats).map { _ in
        rng.permutation(known.count).narrowed(0, 0..<count).array(Int.self).map { known[$0] }
      }
      return (training, chosen)
    }
  }

  /// The error rate of a classifier of codes that was trained on `perClass` training examples of each class.
  ///
  /// The seed of the run's data draws them: they are those whose labels a model that learns from few has with that seed.
  public static func probe(_ probe: Probe, perClass: Int, codes: ProbedCodes = .means) -> Metric {
    Metric.probe(probe, "\(perClass)\(perClassEnd)", codes) { subject, _, _ in
      let training = try subject.labelledExamples(perClass)
      return (training, [Array(0..<training.count)])
    }
  }

  /// - Parameter learned: the training examples, and the rows of each subset.
  private static func probe(
    _ probe: Probe, _ size: String?, _ codes: ProbedCodes,
    learned:
      @escaping @Sendable (Subject, _ name: String, RandomSource) throws -> (DeviceExamples, subsets: [[Int]])
  ) -> Metric {
    let parts = ["probe", probe.rawValue] + (size.map { [$0] } ?? []) + (codes == .draws ? ["draws"] : [])
    let name = parts.joined(separator: ":")
    return Metric(name, unit: "error rate", needs: .codes, isPerExample: true) { model, subject, rng in
      guard subject.split != .train else {
        throw MetricError("\(name): expected a validation or test split to measure on, got train")
      }
      let (training, chosen) = try learned(subject, name, rng)
      let tested = try subject.examples()
      let asked = try labelled(tested, subject.split.rawValue, name)
      let test = try LabelledRows(Codes(model, tested, rows: asked, using: rng), codes, name)
      // Each training example that some subset has is encoded once.
      let union = Set(chosen.joined()).sorted()
      let place = Dictionary(uniqueKeysWithValues: union.enumerated().map { ($1, $0) })
      let encoded = try Codes(model, training, rows: union, using: rng)
      var mistakes = [Double](repeating: 0, count: test.count)
      var rates: [Double] = []
      for (index, subset) in chosen.enumerated() {
        let rows = subset.compactMap { place[$0] }.sorted()
        let predicted = try probe.predictions(train: LabelledRows(encoded, codes, rows: rows, name), test: test)
        let wrong = zip(predicted, test.y).map { $0 == $1 ? 0.0 : 1 }
        mistakes = zip(mistakes, wrong).map { $0 + $1 / Double(chosen.count) }
        rates.append(wrong.reduce(0, +) / Double(wrong.count))
        subject.progress(name, index + 1, chosen.count)
      }
      var all = [Double](repeating: .nan, count: tested.count)
      for (row, value) in zip(asked, mistakes) { all[row] = value }
      return [
        Finding(
          Estimate(mistakes), examples: all,
          [
            ("labels", .count(chosen[0].count)), ("subsets", .count(chosen.count)),
            ("codes", .text(codes == .draws ? "draws of q(z|x)" : "posterior means")),
          ] + (chosen.count > 1 ? [("deviation", .number(moments(rates).standardDeviation))] : []) + probe.conventions)
      ]
    }
  }

  /// The places of the examples whose class is known.
  private static func labelled(_ examples: DeviceExamples, _ split: String, _ name: String) throws -> [Int] {
    guard let labels = examples.labels else {
      throw MetricError("\(name): expected labels in the \(split) split, got none")
    }
    let known = labels.array(Int.self).enumerated().filter { $0.element >= 0 }.map(\.offset)
    guard !known.isEmpty else { throw MetricError("\(name): expected labels in the \(split) split, got none") }
    return known
  }

  /// What a number of labels in a spelling ends in that is one of each class.
  fileprivate static let perClassEnd = "-per-class"

  /// Labels that a probe takes unless it is told how many.
  private static let mostLabels = 10_000
  /// Subsets that a probe of some labels takes unless it is told how many.
  private static let standardSubsets = 10
}

extension LabelledRows {
  /// Codes and classes of some rows, or of all.
  fileprivate init(
    _ codes: Codes, _ kind: Metric.ProbedCodes, rows: [Int]? = nil, _ name: String
  ) throws(MetricError) {
    let (x, y) = (kind == .draws ? codes.draws : codes.means, codes.labels ?? .zeros([codes.count]))
    let index = rows.map { Tensor($0.map(Int64.init)) }
    try self.init(x: index.map { x.gathered($0) } ?? x, y: index.map { y.gathered($0) } ?? y, name: name)
  }
}

extension Metric.Probe {
  /// Neighbours that vote.
  private static let neighbours = 5

  /// The class that it gives every row of `test`.
  fileprivate func predictions(train: LabelledRows, test: LabelledRows) throws(MetricError) -> [Int] {
    switch self {
    case .linear: try LinearProbe(train: train).predictions(test.x)
    case .svm: try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).predictions(train: train, test: test)
    case .knn: try knnPredictions(train: train, test: test, k: Self.neighbours)
    }
  }

  /// What it was set to.
  fileprivate var conventions: [(key: String, value: Convention)] {
    switch self {
    case .linear: [("l2", .number(LinearProbe.defaultL2))]
    case .svm: [("kernel", .text("rbf, gamma 1 / (d variance)")), ("C", .number(1))]
    case .knn: [("k", .count(Self.neighbours))]
    }
  }
}

extension MetricForm {
  static let probe = MetricForm(
    "probe:linear|svm|knn[:LABELS][:draws]", "error rate of a classifier of codes",
    example: .probe(.linear, labels: nil)
  ) { (parameters) throws(MetricError) in
    let text = (["probe"] + parameters).joined(separator: ":")
    guard let probe = parameters.first.flatMap(Metric.Probe.init), parameters.count <= 3 else {
      throw MetricError("metric '\(text)': expected probe:linear, probe:svm or probe:knn")
    }
    var rest = parameters.dropFirst()
    let codes = rest.last.flatMap(Metric.ProbedCodes.init) ?? .means
    if rest.last == codes.rawValue { rest = rest.dropLast() }
    guard let size = rest.first else { return .probe(probe, labels: nil, codes: codes) }
    guard rest.count == 1 else {
      throw MetricError("metric '\(text)': expected draws or nothing behind the labels, got '\(parameters[2])'")
    }
    if size.hasSuffix(Metric.perClassEnd) {
      let count = String(size.dropLast(Metric.perClassEnd.count))
      return .probe(
        probe, perClass: try number(count, in: 1...1_000_000, "labels of each class", of: text), codes: codes)
    }
    let parts = size.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return .probe(
      probe, labels: try number(parts[0], in: 2...1_000_000, "labels", of: text), codes: codes,
      subsets: parts.count == 1 ? nil : try number(parts[1], in: 1...10_000, "subsets", of: text))
  }
}
