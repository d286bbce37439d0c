import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("1-Wasserstein distance")
struct Wasserstein1Tests {
  let rng = RandomSource(seed: 3)

  private func normal(_ shape: Int...) -> Tensor { rng.normal(shape, dtype: .float64) }

  private func simplex(_ x: Tensor, _ y: Tensor) -> NetworkSimplex {
    NetworkSimplex(costs: x.distances(to: y).array(Double.self), sources: x.size(0), targets: y.size(0))
  }

  @Test("it is the one of POT and of SciPy's linear programming and assignment")
  func reference() throws {
    let fixtures = try Reference.load().transport
    #expect(fixtures.count == 6 && fixtures.count { $0.assignment != nil } == 2)
    for fixture in fixtures {
      let (x, y) = (matrix(fixture.x), matrix(fixture.y))
      expectClose(try wasserstein1(x, y), fixture.emd2, absolute: 0, relative: 1e-12)
      expectClose(simplex(x, y).cost, fixture.linprog, absolute: 0, relative: 1e-12)
      if let assignment = fixture.assignment {
        expectClose(try wasserstein1(x, y), assignment, absolute: 0, relative: 1e-12)
      }
    }
  }

  @Test("on six points a side it is the best of 720 permutations")
  func permutations() throws {
    for _ in 0..<5 {
      let (x, y) = (normal(6, 2), normal(6, 2))
      let costs = x.distances(to: y).array(Double.self)
      func best(_ row: Int, _ free: [Int]) -> Double {
        if free.isEmpty { return 0 }
        return free.map { column in costs[row * 6 + column] + best(row + 1, free.filter { $0 != column }) }.min() ?? 0
      }
      expectClose(try wasserstein1(x, y), best(0, Array(0..<6)) / 6, absolute: 0, relative: 1e-12)
    }
  }

  @Test(
    "on the line the simplex method agrees with sorted quantiles", arguments: [(50, 50), (30, 47), (1, 20), (60, 20)])
  func line(n: Int, m: Int) throws {
    let (x, y) = (normal(n, 1), normal(m, 1) + 0.5)
    expectClose(try wasserstein1(x, y), simplex(x, y).cost, absolute: 0, relative: 1e-11)
    // Three points against two: quantile by quantile.
    let (few, fewer) = (Tensor([3.0, 0, 1], shape: [3, 1]), Tensor([2.0, 1], shape: [2, 1]))
    expectClose(try wasserstein1(few, fewer), (1 * 2 + 0 + 1 + 1 * 2) / 6.0, absolute: 1e-15)
  }

  /// Feasibility of plan and duals and equality of their values prove that both are optimal.
  private func expectOptimal(
    _ solved: NetworkSimplex, _ costs: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (n, m) = (solved.sources, solved.targets)
    var rows = [Double](repeating: 0, count: n)
    var columns = [Double](repeating: 0, count: m)
    var cost = 0.0
    let scale = costs.max() ?? 0
    for move in solved.moves {
      rows[move.from] += move.mass
      columns[move.to] += move.mass
      cost += move.mass * costs[move.from * m + move.to]
      // Complementary slackness.
      let slack = costs[move.from * m + move.to] - solved.sourceDuals[move.from] - solved.targetDuals[move.to]
      #expect(move.mass > 0 && abs(slack) <= 1e-11 * scale, sourceLocation: sourceLocation)
    }
    expectClose(rows, [Double](repeating: 1 / Double(n), count: n), absolute: 1e-14, sourceLocation: sourceLocation)
    expectClose(columns, [Double](repeating: 1 / Double(m), count: m), absolute: 1e-14, sourceLocation: sourceLocation)
    let least = (0..<n * m).map { costs[$0] - solved.sourceDuals[$0 / m] - solved.targetDuals[$0 % m] }.min() ?? 0
    #expect(least >= -1e-11 * scale, sourceLocation: sourceLocation)
    let dual = solved.sourceDuals.reduce(0, +) / Double(n) + solved.targetDuals.reduce(0, +) / Double(m)
    expectClose(dual, cost, absolute: 1e-11 * scale, relative: 1e-9, sourceLocation: sourceLocation)
    expectClose(solved.cost, cost, absolute: 1e-15, relative: 1e-12, sourceLocation: sourceLocation)
  }

  @Test(
    "plan and duals are feasible, complementary and of one value",
    arguments: [
      (1, 1), (1, 40), (40, 1), (60, 60), (37, 64), (90, 30), (128, 96),
    ])
  func duality(n: Int, m: Int) {
    for spread in [1.0, 1e6] {
      let costs = (normal(n, 3) * spread).distances(to: normal(m, 3)).array(Double.self)
      expectOptimal(NetworkSimplex(costs: costs, sources: n, targets: m), costs)
    }
    // Small integers: most steps move nothing, which is where a careless choice of the leaving arc goes round forever.
    let ties = (rng.uniform([n, m], dtype: .float64) * 3).floor().array(Double.self)
    expectOptimal(NetworkSimplex(costs: ties, sources: n, targets: m), ties)
    let free = [Double](repeating: 0, count: n * m)
    expectOptimal(NetworkSimplex(costs: free, sources: n, targets: m), free)
  }

  @Test("a shifted set is at the length of the shift, an equal one at 0, one point at the mean distance")
  func shifts() throws {
    let x = normal(80, 3)
    let shift = Tensor([1.0, -2, 2])
    expectClose(try wasserstein1(x, x + shift), 3, absolute: 0, relative: 1e-12)
    #expect(try wasserstein1(x, x.flipped(0)) == 0)
    #expect(try wasserstein1(x, Tensor.concatenated([x, x])) == 0)
    let point = normal(1, 3)
    expectClose(try wasserstein1(x, point), x.distances(to: point).mean(0).item(), absolute: 0, relative: 1e-12)
    let ones = Tensor.ones([5, 1], dtype: .float64)
    let flat = Tensor.concatenated([normal(5, 1), ones], axis: 1)
    let other = Tensor.concatenated([normal(5, 1), ones], axis: 1)
    expectClose(
      try wasserstein1(flat, other), try wasserstein1(flat.narrowed(1, 0..<1), other.narrowed(1, 0..<1)),
      absolute: 0, relative: 1e-12)
  }

  @Test("Sinkhorn's plan costs no less than the exact one, and comes close to it as epsilon falls")
  func sinkhorn() throws {
    for (n, m) in [(40, 40), (30, 45)] {
      let (x, y) = (normal(n, 2), normal(m, 2) + 1)
      let exact = try wasserstein1(x, y)
      let found = try [0.3, 0.1, 0.03, 0.01].map { try SinkhornDistance(x, y, epsilon: $0) }
      #expect(found.allSatisfy { $0.value >= exact * (1 - 1e-12) && $0.marginalError <= SinkhornDistance.tolerance })
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.value > $1.value })
      expectClose(found[3].value, exact, absolute: 0, relative: 0.02)
      expectClose(found[0].epsilon, 0.3 * x.distances(to: y).mean(0, 1).item(), relative: 1e-12)
    }
    let ones = Tensor.ones([5, 2], dtype: .float64)
    #expect(try SinkhornDistance(ones, ones, epsilon: 0.1).value == 0)
    let point = normal(1, 3)
    let x = normal(9, 3)
    expectClose(
      try SinkhornDistance(x, point, epsilon: 0.1).value, x.distances(to: point).mean(0).item(), relative: 1e-9)
  }

  @Test("after any number of updates the rounded plan is feasible and costs what is said", arguments: [0, 1, 2, 20])
  func rounding(updates: Int) throws {
    // A small epsilon and few updates: what is fitted last has exact sums, the other side is far off.
    let (x, y) = (normal(30, 2), normal(45, 2) * 0.5 + 1)
    let (exact, distances) = (try wasserstein1(x, y), x.distances(to: y))
    var scaling = SinkhornScaling(CostBlocks(x, y))
    scaling.restart(epsilon: 0.01)
    for _ in 0..<updates { _ = scaling.update() }
    let plan = scaling.roundedPlan()
    #expect(plan.min().item() >= 0)
    expectClose(plan.sum(1), [Double](repeating: 1 / 30.0, count: 30), absolute: 1e-15)
    expectClose(plan.sum(0), [Double](repeating: 1 / 45.0, count: 45), absolute: 1e-15)
    expectClose(scaling.roundedCost(), (plan * distances).sum().item(), relative: 1e-12)
    #expect(scaling.roundedCost() >= exact)
    // Rounding moves at most twice the mass that is misplaced (Altschuler et al. 2017, Lemma 7).
    let raw = scaling.rawPlan()
    let misplaced = (raw.sum(1) - 1 / 30.0).abs().sum().item() + (raw.sum(0) - 1 / 45.0).abs().sum().item()
    #expect((plan - raw).abs().sum().item() <= 2 * misplaced + 1e-12)
    #expect(updates > 2 || misplaced > 0.1, "the plan before rounding is too good to test anything")
    #expect(updates > 0 || (raw * distances).sum().item() < exact, "without rounding the cost is below the distance")
  }

  @Test("the value is within the bound of a plan of this epsilon and error")
  func bound() throws {
    for (n, m, epsilon) in [(40, 40, 0.1), (30, 45, 0.01)] {
      let (x, y) = (normal(n, 3), normal(m, 3) + 1)
      let found = try SinkhornDistance(x, y, epsilon: epsilon)
      let exact = try wasserstein1(x, y)
      // Altschuler et al. 2017, proof of Theorem 1: entropies differ by at most log(nm), and costs by the moved mass.
      let largest = x.distances(to: y).max().item()
      #expect(found.value >= exact * (1 - 1e-12))
      #expect(
        found.value <= exact + found.epsilon * log(Double(n * m)) + 4 * found.marginalError * largest)
    }
  }

  @Test("a point at a thousand times the others' distance is carried too")
  func outlier() throws {
    let x = normal(40, 2)
    let y = Tensor.concatenated([normal(39, 2), Tensor([4000.0, 3000], shape: [1, 2])])
    let exact = try wasserstein1(x, y)
    let value = try SinkhornDistance(x, y, epsilon: 0.001).value
    #expect(value >= exact * (1 - 1e-12))
    expectClose(value, exact, relative: 0.01)
    // Blocks of distances that are not kept give the same.
    var (kept, anew) = (SinkhornScaling(CostBlocks(x, y)), SinkhornScaling(CostBlocks(x, y, mostKept: 0)))
    for epsilon in [10, 1.0] {
      kept.restart(epsilon: epsilon)
      anew.restart(epsilon: epsilon)
      for _ in 0..<30 { expectClose(kept.update(), anew.update(), absolute: 1e-12) }
    }
    expectClose(kept.roundedCost(), anew.roundedCost(), relative: 1e-10)
  }

  @Test("what is no pair of sets of points is refused")
  func refused() {
    let x = normal(5, 2)
    #expect(throws: MetricError("wasserstein1: expected at least 1 row of at least 1 number, got shape [0, 2]")) {
      try wasserstein1(x, normal(0, 2))
    }
    #expect(throws: MetricError("wasserstein1: expected rows of equal length, got shapes [5, 2] and [5, 1]")) {
      try wasserstein1(x, normal(5, 1))
    }
    #expect(throws: MetricError("wasserstein1: expected finite numbers, got some that are not")) {
      try wasserstein1(x, x * .nan)
    }
    #expect(throws: MetricError("wasserstein1: expected an epsilon above 0, got 0.0")) {
      try SinkhornDistance(x, x, epsilon: 0)
    }
  }
}
