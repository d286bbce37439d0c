import Foundation
import Testing

@testable import Reproductions

@Suite("Verdicts")
struct VerdictTests {
  private let mi = Measure("mi", paper: ["vae": 2])

  private func judge(
    _ statement: Statement, _ results: Results, at scale: Experiment.Scale = .cpu, paperBudget: Bool = false
  ) -> (Verdict?, String?) {
    let found = Experiment.Claim("It is so.", statement, needsPaperBudget: paperBudget).judged(results, at: scale)
    return (found.verdict, found.reason)
  }

  @Test("an order takes two standard errors, either way")
  func order() {
    let order = mi("ae") > mi("vae")
    // A standard error of 0.1 / sqrt(3) = 0.058.
    func results(_ difference: Double) -> Results {
      made(["vae mi": [1, 1, 1], "ae mi": [0.9, 1, 1.1].map { $0 + difference }])
    }
    #expect(judge(order, results(0.12)) == (.holds, nil))
    #expect(judge(order, results(-0.12)) == (.doesNotHold, "expected mi of ae > mi of vae"))
    #expect(
      judge(order, results(0.11))
        == (.notDecided, "the difference of 0.11 is within two standard errors of 0.05774"))
    #expect(judge(order, results(-0.11)).0 == .notDecided)
    #expect(judge(order, results(0)).0 == .notDecided)
  }

  @Test("what examples leave open is not decided, however well seeds agree")
  func examples() {
    let results = made(["vae mi": [1, 1, 1], "ae mi": [1.5, 1.5, 1.5]], error: 0.2)
    #expect(judge(mi("ae") > mi("vae"), results).0 == .notDecided)
    #expect(judge(mi("ae") > mi("vae") - 0.5, results).0 == .holds)
  }

  @Test("scale cpu takes three seeds, scale paper takes one that has an error over examples")
  func seeds() {
    let order = mi("ae") > mi("vae")
    let two = made(["vae mi": [1, 1.1], "ae mi": [9, 9]], error: 0.1)
    #expect(judge(order, two) == (.notDecided, "2 seeds, at scale cpu it takes 3"))
    #expect(judge(order, two, at: .paper).0 == .holds)
    let one = made(["vae mi": [1], "ae mi": [9]])
    #expect(judge(order, one) == (.notDecided, "1 seed, at scale cpu it takes 3"))
    #expect(judge(order, one, at: .paper) == (.notDecided, "one seed, and no standard error over examples"))
    #expect(judge(order, made(["vae mi": [1], "ae mi": [9]], error: 0.1), at: .paper).0 == .holds)
  }

  @Test("there is no verdict at scale smoke, but numbers are shown")
  func smoke() {
    let results = made(["vae mi": [1, 1, 1], "ae mi": [9, 9, 9]])
    let found = Experiment.Claim("It is so.", mi("ae") > mi("vae")).judged(results, at: .smoke)
    #expect(found.verdict == nil && found.reason == nil && found.words == "no verdict")
    #expect(found.numbers.map(\.here?.value) == [9, 1] && found.numbers.map(\.paper) == [nil, 2])
    #expect(found.comparisons.map(\.verdict) == [nil])
  }

  @Test("numbers of the paper have a tolerance, and are judged with the paper's budget")
  func tolerance() {
    let same = mi.isAsInPaper(within: 0.5)
    func results(_ value: Double) -> Results { made(["vae mi": [value - 0.1, value, value + 0.1]]) }
    #expect(judge(same, results(2.3)).0 == .holds && judge(same, results(1.7)).0 == .holds)
    #expect(judge(same, results(2.7)) == (.doesNotHold, "expected mi of vae is 2, give or take 0.5"))
    #expect(judge(same, results(1.3)).0 == .doesNotHold && judge(same, results(2.45)).0 == .notDecided)
    #expect(
      judge(same, results(2), paperBudget: true) == (.notDecided, "it asks for the paper's budget, --scale paper"))
    #expect(judge(same, results(2), at: .paper, paperBudget: true).0 == .holds)
  }

  @Test("missing and undefined numbers decide nothing; infinite ones of every seed do")
  func bad() {
    let order = mi("ae") > mi("vae")
    func against(_ values: [Double]) -> (Verdict?, String?) {
      judge(order, made(["vae mi": [1, 2, 3], "ae mi": values]))
    }
    #expect(judge(order, made(["ae mi": [1, 2, 3]])) == (.notDecided, "there is no mi of vae"))
    #expect(against([.nan, 9, 9]) == (.notDecided, "a number is not defined (nan)"))
    #expect(against([.infinity, .infinity, .infinity]).0 == .holds)
    #expect(against([-.infinity, -.infinity, -.infinity]).0 == .doesNotHold)
    #expect(against([.infinity, 9, 9]) == (.notDecided, "a number is infinite for some seeds or examples"))
    #expect(against([.infinity, -.infinity, 9]) == (.notDecided, "a number is not defined (nan)"))
  }

  @Test("a claim of several comparisons is as true as the falsest of them")
  func several() {
    let both = mi("ae") > 5 && mi("ae") > 3 * mi("vae")
    func results(_ vae: [Double], _ ae: [Double]) -> Results { made(["vae mi": vae, "ae mi": ae]) }
    #expect(judge(both, results([1, 1, 1], [7, 7, 7])).0 == .holds)
    #expect(judge(both, results([1, 1, 1], [4, 4, 4])) == (.doesNotHold, "expected mi of ae > 5"))
    #expect(judge(both, results([3, 3, 3], [7, 7, 7])) == (.doesNotHold, "expected mi of ae > 3 x mi of vae"))
    #expect(judge(both, results([0, 2, 4], [7, 7, 7])).0 == .notDecided)
    // One is false, so it does not matter what the other is.
    #expect(judge(both, results([0, 2, 4], [4, 4, 4])).0 == .doesNotHold)
  }

  @Test("numbers rise in order, and are alike within a share of each other")
  func forms() {
    let rising = Statement.rising(mi("a"), mi("b"), mi("c"))
    #expect(rising.comparisons.map(\.text) == ["mi of a < mi of b", "mi of b < mi of c"])
    let alike = Statement.alike([mi("a"), mi("b")], within: 0.1)
    func results(_ b: Double) -> Results { made(["a mi": [10, 10, 10], "b mi": [b, b, b]]) }
    #expect(judge(alike, results(10.9)).0 == .holds && judge(alike, results(9.2)).0 == .holds)
    #expect(judge(alike, results(11.1)).0 == .doesNotHold && judge(alike, results(9)).0 == .doesNotHold)
  }
}

/// Pairs of optionals compare.
private func == (a: (Verdict?, String?), b: (Verdict?, String?)) -> Bool { a.0 == b.0 && a.1 == b.1 }
