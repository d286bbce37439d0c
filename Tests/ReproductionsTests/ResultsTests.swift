import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Reproductions

@Suite("Results over seeds and examples")
struct ResultsTests {
  private let mi = Measure("mi")

  @Test("the mean over seeds comes with the standard error that they show")
  func seeds() throws {
    let found = try #require(made(["vae mi": [1, 2, 3]]).mean(of: "mi", "vae"))
    #expect(found.value == 2 && found.seeds == 3 && found.errorOverExamples == nil)
    expectClose([try #require(found.errorOverSeeds)], [(1.0 / 3).squareRoot()], absolute: 1e-12)
    #expect(found.standardError == found.errorOverSeeds)
    let one = try #require(made(["vae mi": [1]]).mean(of: "mi", "vae"))
    #expect(one.value == 1 && one.seeds == 1 && one.standardError == nil)
    #expect(made(["vae mi": [1]]).mean(of: "mi", "ae") == nil)
  }

  @Test("a difference is paired by seed: what two systems have in common is no part of its error")
  func pairedBySeed() throws {
    let results = made(["vae mi": [1, 5, 9], "ae mi": [2.1, 6, 9.9]])
    let found = try #require(results.mean(mi("ae") - mi("vae")))
    expectClose([found.value], [1], absolute: 1e-12)
    expectClose([try #require(found.errorOverSeeds)], [0.1 / Double(3).squareRoot()], absolute: 1e-12)
  }

  @Test("medians over the seeds do not see one that is far away, and their error is that of resampled seeds")
  func medians() throws {
    let results = made(["vae mi": [1, 2, 3, 4, 100], "ae mi": [0, 1, 2, 3, 99]])
    let found = try #require(results.median(mi("vae")))
    #expect(found.value == 3 && found.seeds == 5)
    // The median of 5 draws out of these is at most 1, 2, 3, 4 with probabilities of .058, .317, .683, .942 (binomial), so
    // that the middle two thirds of resamples go from 2 to 4.
    #expect(found.errorOverSeeds == 1)
    // What both have in common is no part of the error.
    let difference = try #require(results.median(mi("vae") - mi("ae")))
    #expect(difference.value == 1 && difference.errorOverSeeds == 0)
    #expect(results.median(mi("pm")) == nil)
    #expect(try #require(made(["vae mi": [1]]).median(mi("vae"))).errorOverSeeds == nil)
    let claim = Experiment.Claim("By medians.", (mi("vae") < 50).ofMedians)
    let judged = claim.judged(made(["vae mi": [1, 2, 3, 4, 5, 6, 7, 8, 9, 1e4]]), at: .cpu)
    #expect(judged.verdict == .holds && judged.numbers[0].here?.value == 5.5)
  }

  @Test("only seeds that have all numbers count")
  func missingSeeds() throws {
    let found = try #require(made(["vae mi": [1, 2, 3], "ae mi": [2, 3]]).mean(mi("ae") - mi("vae")))
    #expect(found.seeds == 2 && found.value == 1)
  }

  @Test("a difference is paired by example, after the mean over seeds")
  func pairedByExample() throws {
    // Images differ by tens of nats, the two systems by one on each of them, give or take a half.
    let images = [80.0, 100, 120, 90]
    let results = made([
      "vae mi": [mean(of: images), mean(of: images.map { $0 + 1 })],
      "ae mi": [mean(of: zip(images, [0.5, 1.5, 0.5, 1.5]).map { $0 + $1 }), mean(of: images.map { $0 + 2 })],
    ])
    let found = try #require(results.mean(mi("ae") - mi("vae")))
    expectClose([found.value], [1], absolute: 1e-12)
    // The mean over seeds of the four differences: .75, 1.25, .75, 1.25.
    expectClose([try #require(found.errorOverExamples)], [(0.25 / 3 / 4).squareRoot()], absolute: 1e-12)
    #expect(try #require(results.mean(of: "mi", "vae")?.errorOverExamples) > 8)
  }

  @Test("an example without a number counts for nothing")
  func unlabelled() throws {
    let results = made(["vae mi": [Results.Number(value: 2, error: 1, examples: [1, .nan, 3])]])
    expectClose([try #require(results.mean(of: "mi", "vae")?.errorOverExamples)], [1], absolute: 1e-12)
  }

  @Test("errors of metrics without examples add as if they were independent, times their factors")
  func unpaired() throws {
    let results = made(["vae mi": [1, 1, 1], "ae mi": [2, 2, 2]], error: 0.3)
    let found = try #require(results.mean(mi("ae") - 2 * mi("vae")))
    expectClose([try #require(found.errorOverExamples)], [(0.09 + 4 * 0.09).squareRoot()], absolute: 1e-12)
    #expect(found.errorOverSeeds == 0)
  }

  @Test("a curve has the steps that all seeds have, their mean and their spread")
  func curves() {
    func cell(_ seed: UInt64, _ steps: [Int], _ values: [Double]) -> Results.CellResult {
      .init(
        name: "vae", seed: seed, steps: 9, seconds: 1, numbers: [:],
        trajectory: ["mi": values.map { .init(value: $0) }], trajectorySteps: steps)
    }
    // One seed has lost a checkpoint.
    let results = Results(cells: [cell(1, [3, 6, 9], [1, 2, 3]), cell(2, [3, 9], [3, 5])])
    let curve = results.curve("mi", of: "vae")
    #expect(curve.steps == [3, 9] && curve.values == [2, 4])
    expectClose(curve.deviations ?? [], [Double(2).squareRoot(), Double(2).squareRoot()], absolute: 1e-12)
    #expect(results.curve("kl", of: "vae").steps.isEmpty && results.curve("mi", of: "ae").steps.isEmpty)
  }

  @Test("arithmetic of measures reads as a reader says it")
  func words() {
    #expect("\(3 * mi("vae") + 0.1)" == "3 x mi of vae + 0.1")
    #expect("\(mi("ae") - mi("vae"))" == "mi of ae - mi of vae")
    #expect("\(0 - mi("vae"))" == "-mi of vae" && "\(Quantity(2))" == "2")
    #expect((mi("ae") > 5).comparisons.map(\.text) == ["mi of ae > 5"])
    #expect(
      Measure("mi", paper: ["vae": 2]).isAsInPaper(within: 0.5).comparisons.map(\.text)
        == ["mi of vae is 2, give or take 0.5"])
  }
}
