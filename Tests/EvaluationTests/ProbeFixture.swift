import Evaluation
import Foundation
import Testing
import Torch

/// What scikit-learn and NumPy answer; `Tests/References/probes.py` made it.
struct ProbeFixture: Decodable {
  struct Logistic: Decodable {
    let l2: Double
    let weights: [[Double]]
    let bias: [Double]
    let error: Double
  }
  struct PCA: Decodable {
    let scores: [[Double]]
    let fraction: Double
  }
  struct Lasso: Decodable {
    let alpha: Double
    let target: [Double]
    let weights: [Double]
  }

  let trainX, testX: [[Double]]
  let trainY, testY: [Int]
  let knn1: Double
  let svm: [String: [Int]]
  let svmGamma: Double
  let logistic: Logistic
  let pca: PCA
  let trustworthiness: [String: Double]
  let lasso: Lasso

  static func load() throws -> ProbeFixture {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/probes/probes.json")
    return try JSONDecoder().decode(ProbeFixture.self, from: Data(contentsOf: url))
  }

  func train() throws -> LabelledRows { try labelled(trainX, trainY) }
  func test() throws -> LabelledRows { try labelled(testX, testY) }
}

/// Rows with classes.
func labelled(_ rows: [[Double]], _ classes: [Int]) throws -> LabelledRows {
  try LabelledRows(x: matrix(rows), y: Tensor(classes.map(Int64.init)), name: "probe")
}
