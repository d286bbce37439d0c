import Torch

/// The error rate on `test` of a vote of the `k` nearest training rows by Euclidean distance; a fraction.
///
/// A tie between classes goes to the one whose nearest voter is nearer; rows at equal distance count in their order.
///
/// - Source: Cover & Hart 1967; the vote of k as in Fix & Hodges 1951.
public func knnProbe(train: LabelledRows, test: LabelledRows, k: Int) throws(MetricError) -> Double {
  test.errorRate(try knnPredictions(train: train, test: test, k: k))
}

/// The class that this vote gives every row of `test`.
func knnPredictions(train: LabelledRows, test: LabelledRows, k: Int) throws(MetricError) -> [Int] {
  try train.checkFeatures(of: test, name: "knn-probe")
  guard k >= 1, k <= train.count else {
    throw MetricError("knn-probe: expected k from 1 to the \(train.count) training rows, got \(k)")
  }
  let neighbours = Neighbours(of: test.x, among: train.x, k: k)
  return (0..<test.count).map { i in vote(neighbours.indices[i * k..<(i + 1) * k].map { train.y[$0] }) }
}

/// The most frequent of `classes`, which are given nearest first; among equals the first to appear.
private func vote(_ classes: [Int]) -> Int {
  var counts: [Int: Int] = [:]
  for name in classes { counts[name, default: 0] += 1 }
  let most = counts.values.max() ?? 0
  guard let winner = classes.first(where: { counts[$0] == most }) else {
    preconditionFailure("knn-probe: a vote without voters")
  }
  return winner
}
