import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Divergences by a critic")
struct CriticEstimateTests {
  /// The games that tell log q/p; `non-saturating` and `minimax` are that of `jensen-shannon` for the critic.
  private static let logRatios = [AdversarialObjective.jensenShannon, .kl, .reverseKL, .pearson, .hellinger]

  /// Draws of N(mean, scale^2).
  private func draws(_ seed: UInt64, _ count: Int, mean: Double = 0, scale: Double = 1, columns: Int = 1) -> Tensor {
    RandomSource(seed: seed).normal([count, columns], dtype: .float64) * scale + mean
  }

  /// By a smaller network and a shorter training than a user's.
  private func estimate(
    _ x: Tensor, _ y: Tensor, _ objective: AdversarialObjective, steps: Int = 600
  ) throws -> CriticEstimate {
    var design = CriticEstimate.Design()
    (design.width, design.steps) = (48, steps)
    return try CriticEstimate("kl-critic", x, y, by: objective, design, using: RandomSource(seed: 1))
  }

  /// KL(N(1, .5^2), N(0, 1)) = log 2 + (.25 + 1 - 1) / 2.
  private let kl = log(2) + 0.125

  @Test("KL of N(1, .25) to N(0, 1) is .818147 within .03, and log q/p in the bulk within .2", arguments: logRatios)
  func gaussians(objective: AdversarialObjective) throws {
    let (x, y) = (draws(1, 40_000, mean: 1, scale: 0.5), draws(2, 40_000))
    // q has hardly a row where a quarter of p's lie.
    let found = try estimate(x, y, objective, steps: objective == .reverseKL ? 1500 : 600)
    let kl = try #require(found.kl)
    #expect(abs(kl.value - self.kl) < 0.03, "\(objective): \(kl.value)")
    #expect(kl.standardError > 0.003 && kl.standardError < 0.006)
    #expect(!found.isSaturated)
    // 95 % of q's mass.
    let points = Tensor([0, 0.5, 1, 1.5, 2.0]).unsqueezed(1)
    let exact = points.array(Double.self).map { log(2) - 2 * ($0 - 1) * ($0 - 1) + $0 * $0 / 2 }
    let logRatio = try #require(found.logRatio(points))
    expectClose(logRatio, exact, absolute: 0.2, relative: 0)
  }

  @Test("V of the objective kl is log q/p + 1, so that its mean alone is off by 1")
  func offset() throws {
    let found = try estimate(draws(1, 4000, mean: 1), draws(2, 4000), .kl, steps: 50)
    let points = draws(3, 20)
    expectClose(found.critic(points), try #require(found.logRatio(points)) + 1, absolute: 1e-5)
  }

  @Test(
    "an objective's own divergence of N(1, 1) and N(0, 1) is the closed form within 4 standard errors and 3 %",
    arguments: [
      (AdversarialObjective.jensenShannon, 0.111421), (.kl, 0.5), (.hellinger, 2 - 2 * exp(-0.125)),
      (.pearson, exp(1) - 1),
    ])
  func divergences(objective: AdversarialObjective, exact: Double) throws {
    let found = try estimate(draws(4, 60_000, mean: 1), draws(5, 60_000), objective)
    #expect(
      abs(found.divergence.value - exact) < 4 * found.divergence.standardError + 0.03 * exact,
      "\(objective): \(found.divergence)")
    #expect(found.divergence.standardError < 0.06 * exact)
    // log q/p is x - 1/2.
    let points = Tensor([-0.5, 0, 0.5, 1, 1.5, 2.0]).unsqueezed(1)
    let logRatio = try #require(found.logRatio(points))
    expectClose(logRatio, (points - 0.5).squeezed(1), absolute: 0.2, relative: 0)
  }

  @Test("the Wasserstein distance of N(1, 1) and N(0, 1) is 1 within 10 %, and grows with the unit of the rows")
  func wasserstein() throws {
    let (x, y) = (draws(6, 20_000, mean: 1), draws(7, 20_000))
    let found = try estimate(x, y, .wasserstein, steps: 700)
    #expect(abs(found.divergence.value - 1) < 0.1, "\(found.divergence)")
    #expect(found.kl == nil && found.logRatio(draws(8, 3)) == nil && !found.isSaturated)
    // V rises by the distance.
    let ends = found.critic(Tensor([0, 1]).unsqueezed(1)).array(Double.self)
    #expect(abs(ends[1] - ends[0] - 1) < 0.15, "\(ends)")
    let few = try [1.0, 8].map { try estimate(x * $0, y * $0, .wasserstein, steps: 50) }
    expectClose(few[1].divergence.value, 8 * few[0].divergence.value, relative: 1e-4)
    expectClose(few[1].critic(x.narrowed(0, 0..<9) * 8), few[0].critic(x.narrowed(0, 0..<9)) * 8, relative: 1e-4)
  }

  @Test("least squares and hinge know their divergences: 1/8 of the integral of (q - p)^2 / (q + p), twice TV")
  func withoutLink() throws {
    let (x, y) = (draws(9, 30_000, mean: 1), draws(10, 30_000))
    // By a sum over a fine grid.
    let grid = (0..<20_000).map { -10 + (Double($0) + 0.5) * 1e-3 }
    let densities = grid.map { z in (exp(-(z - 1) * (z - 1) / 2), exp(-z * z / 2)) }
    let weight = 1e-3 / (2 * Double.pi).squareRoot()
    let squares = densities.reduce(0) { $0 + pow($1.0 - $1.1, 2) / ($1.0 + $1.1) } * weight / 8
    let variation = densities.reduce(0) { $0 + abs($1.0 - $1.1) } * weight
    for (objective, exact) in [(AdversarialObjective.leastSquares, squares), (.hinge, variation)] {
      let found = try estimate(x, y, objective).divergence
      #expect(abs(found.value - exact) < 4 * found.standardError + 0.03 * exact, "\(objective): \(found), not \(exact)")
    }
  }

  @Test("sets far apart give a finite KL and say that the critic saturates", arguments: logRatios)
  func disjoint(objective: AdversarialObjective) throws {
    let found = try estimate(draws(1, 600, mean: 50, columns: 2), draws(2, 600, columns: 2), objective)
    let kl = try #require(found.kl)
    #expect(kl.value.isFinite && kl.value > 3 && found.divergence.value.isFinite && found.isSaturated, "\(kl)")
    if objective == .jensenShannon { #expect(found.divergence.value <= log(2)) }
  }

  @Test("sets of one distribution have a KL near 0; a seed gives the same numbers again, and no row is left out")
  func alike() throws {
    let (x, y) = (draws(1, 1001, columns: 3), draws(2, 1500, columns: 3))
    let found = try (0..<2).map { _ in try estimate(x, y, .jensenShannon, steps: 100) }
    let kls = try found.map { try #require($0.kl) }
    #expect(kls[0] == kls[1])
    #expect(abs(kls[0].value) < 0.03 && !found[0].isSaturated, "\(kls[0])")
  }

  @Test("rows that no critic can learn from are refused")
  func refusals() {
    func message(_ x: Tensor, _ y: Tensor) -> String {
      do {
        _ = try estimate(x, y, .kl)
        return ""
      } catch { return "\(error)" }
    }
    let rows = draws(1, 100, columns: 2)
    #expect(
      message(draws(1, 99, columns: 2), rows)
        == "kl-critic: expected at least 100 rows of at least 1 number, got shape [99, 2]")
    #expect(
      message(rows, draws(1, 100, columns: 3))
        == "kl-critic: expected rows of equal length, got shapes [100, 2] and [100, 3]")
    #expect(message(rows / (rows - rows), rows) == "kl-critic: expected finite numbers, got some that are not")
    let constant = Tensor.concatenated([rows, .ones([100, 1], dtype: .float64)], axis: 1)
    #expect(
      message(constant, constant)
        == "kl-critic: expected columns that vary, got one number in all rows of column 2 of x and y; leave it out")
  }
}
