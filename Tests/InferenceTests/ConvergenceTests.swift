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

  @Test(
    "stuck chains tell nothing: their effective sample sizes are NaN, `undefined` as text and null in JSON",
    arguments: [[[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]], [[0, 0, 0, 5, 0, 0, 0]], [[1, 1, 1, 1], [2, 2, 2, 2]]])
  func stuck(_ chains: [[Double]]) throws {
    let found = Convergence(chains)
    #expect(found.bulkESS.isNaN && found.tailESS.isNaN && found.meanESS.isNaN)
    #expect(chains[0] == chains[chains.count - 1] ? found.rHat.isNaN : found.rHat == .infinity)
    #expect("\(found)" == "R-hat undefined, bulk ESS undefined, tail ESS undefined, mean ESS undefined")
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(found), as: UTF8.self)
    #expect(json == #"{"bulkESS":null,"meanESS":null,"rHat":null,"tailESS":null}"#)
  }

  @Test("one stuck chain among others leaves a number, as the others do move; small numbers are not stuck")
  func partlyStuck() {
    let chain = [0.3, -0.2, 1.1, 0.4, -0.9, 0.1, 0.6, -0.4]
    #expect(Convergence([chain, [Double](repeating: 0.1, count: 8)]).bulkESS.isFinite)
    let (small, plain) = (Convergence([chain.map { $0 * 1e-30 }]), Convergence([chain]))
    expectClose(small.meanESS, plain.meanESS, absolute: 1e-9)
    #expect("\(plain)".hasPrefix("R-hat "))
  }

  /// It is copied into programs that have nothing else of this library.
  @Test("the file of R-hat and effective sample sizes compiles by itself, with Foundation alone")
  func alone() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    let file = root.appendingPathComponent("Sources/Inference/Convergence.swift").standardizedFileURL.path
    let imports = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").filter {
      $0.hasPrefix("import ")
    }
    #expect(imports == ["import Foundation"])
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["swiftc", "-typecheck", "-parse-as-library", file]
    try compiler.run()
    compiler.waitUntilExit()
    #expect(compiler.terminationStatus == 0)
  }

  @Test("a draw that is not finite makes all numbers NaN", arguments: [Double.nan, .infinity])
  func notANumber(_ draw: Double) {
    let found = Convergence([[1, 2, draw, 3, 4, 2]])
    #expect([found.rHat, found.bulkESS, found.tailESS, found.meanESS].allSatisfy { $0.isNaN })
  }

  @Test(
    "the normal quantile is the inverse of erfc", arguments: [1e-300, 1e-12, 0.001, 0.02425, 0.3, 0.5, 0.9, 1 - 1e-9])
  func quantile(_ p: Double) {
    let z = normalQuantile(p)
    expectClose(0.5 * erfc(-z / 2.0.squareRoot()), p, absolute: 0, relative: p > 0.5 ? 1e-15 : 1e-12)
  }
}
