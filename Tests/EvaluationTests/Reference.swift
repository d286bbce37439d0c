import Foundation
import Testing
import Torch

/// `Fixtures/metrics.json`, which `Tests/References/metrics.py` wrote with POT, SciPy and NumPy.
struct Reference: Decodable {
  struct Transport: Decodable {
    let x, y: [[Double]]
    let emd2, linprog: Double
    let assignment: Double?
  }
  struct Features: Decodable {
    let x, y: [[Double]]
    let fid, kid: Double
    let prdc, prdc1: [Double]
  }
  struct Probabilities: Decodable {
    let p: [[Double]]
    let score10, score1: [Double]
  }
  let transport: [Transport]
  let features: Features
  let probabilities: Probabilities

  static func load() throws -> Reference {
    let directory = try #require(Bundle.module.resourceURL)
    return try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: directory.appendingPathComponent("Fixtures/metrics.json")))
  }
}

/// Rows as a tensor of type `float64`.
func matrix(_ rows: [[Double]]) -> Tensor { Tensor(rows.flatMap(\.self), shape: [rows.count, rows.first?.count ?? 0]) }
