import Foundation
import TestSupport
import Testing

@testable import Inference

@Suite("Convergence of chains")
struct ConvergenceTests {
  private struct Case: Decodable {
    let name: String
    let chains: [[Double]]
    let rhat: Double?
    let bulk, tail, mean: Double
  }

  @Test("R-hat and effective sample sizes are ArviZ's")
  func reference() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/convergence.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    #expect(cases.count == 10 && cases.count { $0.rhat != nil } == 9)
    for reference in cases {
      let found = Convergence(reference.chains)
      let (own, expected) = (
        [found.bulkESS, found.tailESS, found.meanESS], [reference.bulk, reference.tail, reference.mean]
      )
      for (own, expected) in zip(own, expected) {
        #expect(abs(own - expected) <= 1e-9 * expected, "\(reference.name): expected \(expected), got \(own)")
      }
      if let rhat = reference.rhat {
        #expect(abs(found.rHat - rhat) <= 1e-9, "\(reference.name): expected \(rhat), got \(found.rHat)")
      }
    }
  }

  @Test("draws that do not vary have no R-hat")
  func constant() {
    let found = Convergence([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]])
    #expect(found.rHat.isNaN)
    #expect(found.bulkESS == 12)
  }

  @Test("a draw that is NaN makes effective sample sizes NaN")
  func notANumber() { #expect(Convergence([[1, 2, .nan, 3, 4, 2]]).meanESS.isNaN) }

  @Test(
    "the normal quantile is the inverse of erfc", arguments: [1e-300, 1e-12, 0.001, 0.02425, 0.3, 0.5, 0.9, 1 - 1e-9])
  func quantile(_ p: Double) {
    let z = normalQuantile(p)
    expectClose(0.5 * erfc(-z / 2.0.squareRoot()), p, absolute: 0, relative: p > 0.5 ? 1e-15 : 1e-12)
  }
}
