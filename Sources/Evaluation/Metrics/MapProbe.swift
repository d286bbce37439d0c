import Datasets
import Torch

extension Metric {
  /// The error rate of a vote of nearest neighbours on a t-SNE map of draws of q(z|x): how well the map parts the classes.
  ///
  /// Each half of the points is told by the five nearest of the other half.
  public static let mapProbe = Metric("tsne:knn", unit: "error rate", needs: .codes) { model, subject, rng in
    let examples = try subject.examples()
    let count = min(examples.count, mostMapped)
    let codes = try Codes(model, examples, rows: Array(0..<count), using: rng)
    guard let labels = codes.labels?.array(Int.self) else {
      throw MetricError("tsne:knn: expected labels in the \(subject.split.rawValue) split, got none")
    }
    let map = try TSNE()(codes.draws, using: rng)
    let known = labels.indices.filter { labels[$0] >= 0 }
    // Two folds, so that no point votes on itself.
    let folds = [0, 1].map { fold in known.enumerated().filter { $0.offset % 2 == fold }.map(\.element) }
    var wrong: [Double] = []
    for (train, test) in [(folds[0], folds[1]), (folds[1], folds[0])] {
      func rows(_ chosen: [Int]) throws(MetricError) -> LabelledRows {
        try LabelledRows(
          x: map.points.gathered(Tensor(chosen.map(Int64.init))), y: Tensor(chosen.map { Int64(labels[$0]) }),
          name: "tsne:knn")
      }
      let tested = try rows(test)
      let predicted = try knnPredictions(train: rows(train), test: tested, k: mapNeighbours)
      wrong += zip(predicted, tested.y).map { $0 == $1 ? 0 : 1 }
    }
    return [
      Finding(
        Estimate(wrong),
        [("k", .count(mapNeighbours)), ("codes", .text("draws of q(z|x)")), ("divergence", .number(map.divergence))])
    ]
  }

  /// Codes on a map at most.
  private static let mostMapped = 5000
  private static let mapNeighbours = 5
}

extension MetricForm {
  static let mapProbe = MetricForm(
    "tsne:knn", "error rate of a vote of neighbours on a t-SNE map of codes", example: .mapProbe, advice: "tsne:knn"
  ) { $0 == ["knn"] ? .mapProbe : nil }
}
