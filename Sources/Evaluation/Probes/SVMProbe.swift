import CSVM
import Foundation
import Torch

/// The similarity a support vector machine compares rows by.
public enum SVMKernel: Equatable, Sendable {
  /// <a, b>.
  case linear
  /// exp(-gamma |a - b|^2); nil takes gamma from the training rows, see `SVMProbe.gamma`.
  case rbf(gamma: Double?)
}

/// A support vector classifier by libsvm: C-SVC, several classes one against one.
public struct SVMProbe {
  /// The kernel.
  public let kernel: SVMKernel
  /// The price of a violated margin; larger fits the training rows harder.
  public let cost: Double
  /// Whether features are brought to mean 0 and variance 1 of the training rows first.
  public let standardizes: Bool
  /// libsvm's tolerance of the optimality conditions, its default.
  public static let tolerance = 1e-3

  private static let cacheMegabytes = 200.0

  /// A classifier to be trained and tested by `errorRate`.
  public init(kernel: SVMKernel, cost: Double, standardizes: Bool = false) throws(MetricError) {
    guard cost > 0, cost.isFinite else { throw MetricError("svm-probe: expected C > 0, got \(cost)") }
    if case .rbf(let gamma?) = kernel, !(gamma > 0 && gamma.isFinite) {
      throw MetricError("svm-probe: expected gamma > 0, got \(gamma)")
    }
    (self.kernel, self.cost, self.standardizes) = (kernel, cost, standardizes)
  }

  /// The gamma used for these training features `[n, d]`, nil for a linear kernel.
  ///
  /// By default 1 / (d var(x)) with the variance over all numbers, 1 where that is zero: scikit-learn's `scale`.
  public func gamma(for x: Tensor) -> Double? {
    guard case .rbf(let chosen) = kernel else { return nil }
    let variance = (standardizes ? Standardization(x).callAsFunction(x) : x).variance(correction: 0).item()
    return chosen ?? (variance > 0 ? 1 / (Double(x.size(1)) * variance) : 1)
  }

  /// The fraction of `test` that libsvm's model of `train` gets wrong; a fraction.
  ///
  /// - Source: Cortes & Vapnik 1995; Chang & Lin 2011 (libsvm).
  public func errorRate(train: LabelledRows, test: LabelledRows) throws(MetricError) -> Double {
    try test.errorRate(predictions(train: train, test: test))
  }

  /// The class libsvm predicts for every row of `test`.
  public func predictions(train: LabelledRows, test: LabelledRows) throws(MetricError) -> [Int] {
    try train.checkFeatures(of: test, name: "svm-probe")
    // libsvm holds classes as C integers and features as doubles; class numbers may be larger, their ranks are not.
    let classes = train.classes
    let rank = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Double($0)) })
    // libsvm numbers classes as it meets them, and a tied vote goes to the first: in order, that is the smallest.
    let order = train.y.indices.sorted { (train.y[$0], $0) < (train.y[$1], $1) }
    var labels = order.map { rank[train.y[$0]] ?? .nan }
    let standardization = standardizes ? Standardization(train.x) : nil
    var trainNodes = SVMProbe.nodes(standardization?(train.x) ?? train.x)
    var testNodes = SVMProbe.nodes(standardization?(test.x) ?? test.x)
    let width = train.dimension + 1

    svm_set_print_string_function { _ in }
    var parameter = svm_parameter()
    parameter.svm_type = Int32(C_SVC)
    switch kernel {
    case .linear: parameter.kernel_type = Int32(LINEAR)
    case .rbf: parameter.kernel_type = Int32(RBF)
    }
    parameter.gamma = gamma(for: train.x) ?? 0
    parameter.C = cost
    parameter.eps = Self.tolerance
    parameter.cache_size = Self.cacheMegabytes
    parameter.shrinking = 1

    var answer: Result<[Int], MetricError> = .success([])
    trainNodes.withUnsafeMutableBufferPointer { nodes in
      var rows = order.map { i in nodes.baseAddress.map { $0 + i * width } }
      labels.withUnsafeMutableBufferPointer { labels in
        rows.withUnsafeMutableBufferPointer { rows in
          var problem = svm_problem(l: Int32(train.count), y: labels.baseAddress, x: rows.baseAddress)
          if let complaint = svm_check_parameter(&problem, &parameter) {
            answer = .failure(MetricError("svm-probe: \(String(cString: complaint))"))
            return
          }
          // The model points into the training nodes, so it must not outlive this closure.
          var model = svm_train(&problem, &parameter)
          defer { svm_free_and_destroy_model(&model) }
          answer = .success(
            testNodes.withUnsafeMutableBufferPointer { tests in
              (0..<test.count).map { i in
                classes[Int(svm_predict(model, tests.baseAddress.map { $0 + i * width }))]
              }
            })
        }
      }
    }
    return try answer.get()
  }

  /// Every row as libsvm wants it: index (from 1) and value, an index of -1 at the end.
  private static func nodes(_ x: Tensor) -> [svm_node] {
    let dimension = x.size(1)
    let values = x.array(Double.self)
    var nodes: [svm_node] = []
    nodes.reserveCapacity(values.count + values.count / dimension)
    for start in stride(from: 0, to: values.count, by: dimension) {
      for j in 0..<dimension { nodes.append(svm_node(index: Int32(j + 1), value: values[start + j])) }
      nodes.append(svm_node(index: -1, value: 0))
    }
    return nodes
  }
}
