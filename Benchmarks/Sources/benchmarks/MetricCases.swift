import Evaluation
import Foundation
import Probability
import Torch

/// What `MetricBenchmark` measures; the sizes are those of `metrics.py`.
enum MetricCases {
  static let all: [MetricBenchmark.Case] = [
    .init(
      name: "kl-knn, 10,000 x 10 a side",
      make: {
        let (x, y) = (normal(10_000, 10, 1), normal(10_000, 10, 2) * 1.1)
        return { _ = try neighbourKL(x, y) }
      }, peers: [("SciPy cKDTree", "kl-knn")]),
    .init(
      name: "mmd2, 20,000 and 10,000 x 10",
      make: {
        let (x, y) = (normal(20_000, 10, 1), normal(10_000, 10, 2) * 1.1)
        return { _ = try squaredMMD(x, y, kernel: .gaussian(sigma: 2), estimator: .unbiased) }
      }, peers: [("PyTorch, cdist in blocks", "mmd2")]),
    .init(
      name: "ksd, 10,000 x 10",
      make: {
        let x = normal(10_000, 10, 1)
        return { _ = try squaredKSD(x, beta: 0.5, estimator: .unbiased) }
      }, peers: [("PyTorch, cdist in blocks", "ksd")]),
    .init(
      name: "mutual-information, 5,000 x 10",
      make: {
        let (mean, logVariance) = (normal(5000, 10, 1), normal(5000, 10, 2) * 0.3 - 2)
        let z = mean + (logVariance * 0.5).exp() * normal(5000, 10, 3)
        return { _ = try mutualInformation(mean: mean, logVariance: logVariance, z: z) }
      }, peers: [("PyTorch, in blocks", "mutual-information")]),
    .init(
      name: "wasserstein1, 2,000 x 10 a side",
      make: {
        let (x, y) = (normal(2000, 10, 1), normal(2000, 10, 2) * 1.2 + 0.5)
        return { _ = try wasserstein1(x, y) }
      }, peers: [("POT emd2", "wasserstein1")]),
    .init(
      name: "wasserstein1 by Sinkhorn, 1,000 and 1,500 x 2",
      make: {
        let (x, y) = (normal(1000, 2, 1), normal(1500, 2, 2) * 1.2 + 0.5)
        return { _ = try SinkhornDistance(x, y, epsilon: 0.01) }
      }, peers: [("POT sinkhorn_log", "sinkhorn-log"), ("POT sinkhorn_stabilized", "sinkhorn-stabilized")]),
    .init(
      name: "tsne, 2,000 x 50, 1,000 steps",
      make: {
        let x = labelled(2000, 50, 3).x
        return { _ = try TSNE()(x, using: RandomSource(seed: 1)) }
      }, peers: [("scikit-learn, Barnes-Hut", "tsne")]),
    .init(
      name: "fid, 2,000 x 2,048 a side",
      make: {
        let (x, y) = (features(1), features(2))
        return { _ = try frechetDistance(x, y) }
      }, peers: [("SciPy sqrtm", "fid")]),
    .init(
      name: "kid, 2,000 x 2,048 a side",
      make: {
        let (x, y) = (features(1), features(2))
        return { _ = try kernelDistance(x, y) }
      }, peers: [("scikit-learn polynomial_kernel", "kid")]),
    .init(
      name: "prdc, 2,000 x 2,048 a side",
      make: {
        let (x, y) = (features(1), features(2))
        return { _ = try NeighbourhoodMetrics(real: x, generated: y, k: 5) }
      }, peers: [("as the package prdc, scikit-learn", "prdc")]),
    .init(
      name: "trustworthiness, 4,000 x 50 to 2",
      make: {
        let (x, y) = (normal(4000, 50, 1), normal(4000, 2, 2))
        return { _ = try trustworthiness(original: x, embedded: y, k: 12) }
      }, peers: [("scikit-learn", "trustworthiness")]),
    .init(
      name: "knn-probe, 5,000 x 50",
      make: {
        let (train, test) = try halves()
        return { _ = try knnProbe(train: train, test: test, k: 5) }
      }, peers: [("scikit-learn", "knn-probe")]),
    .init(
      name: "linear-probe, 5,000 x 50",
      make: {
        let (train, test) = try halves()
        return { _ = try LinearProbe(train: train).errorRate(test) }
      }, peers: [("scikit-learn LogisticRegression", "linear-probe")]),
    .init(
      name: "svm-probe, 5,000 x 50",
      make: {
        let (train, test) = try halves()
        return { _ = try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).errorRate(train: train, test: test) }
      }, peers: [("scikit-learn SVC", "svm-probe")]),
    .init(
      name: "pca, 20,000 x 200",
      make: {
        let x = labelled(20_000, 200, 1).x
        return { _ = try PrincipalComponents(x, dimension: 10) }
      }, peers: [("scikit-learn, full", "pca")]),
  ]

  private static func normal(_ n: Int, _ d: Int, _ seed: UInt64) -> Tensor {
    RandomSource(seed: seed).normal([n, d], dtype: .float64)
  }

  /// Rows around ten centres, and which.
  private static func labelled(_ n: Int, _ d: Int, _ spread: Double) -> (x: Tensor, y: Tensor) {
    let labels = (RandomSource(seed: 1).uniform([n], dtype: .float64) * 10).floor().to(.int64)
    return ((normal(10, d, 2) * spread).gathered(labels) + normal(n, d, 3), labels)
  }

  /// 5,000 rows to learn from and 3,000 to test on.
  private static func halves() throws -> (train: LabelledRows, test: LabelledRows) {
    let (x, y) = labelled(8000, 50, 0.5)
    func part(_ range: Range<Int>) throws -> LabelledRows {
      try LabelledRows(x: x.narrowed(0, range), y: y.narrowed(0, range), name: "benchmark")
    }
    return (try part(0..<5000), try part(5000..<8000))
  }

  /// Numbers like a network's features: 2,048, correlated, none below 0.
  private static func features(_ seed: UInt64) -> Tensor {
    (normal(2000, 64, seed).matmul(normal(64, 2048, 9)) + normal(2000, 2048, seed + 10) * 2).relu()
  }
}
