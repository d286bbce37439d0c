/// The cheapest plan that moves equal masses at n points to equal masses at m points, by the network simplex method.
///
/// Only a spanning tree of the n + m points carries mass. A step takes an arc outside it whose reduced cost c - f - g
/// is negative, sends as much mass as possible around the cycle that the arc closes, and drops the arc that ran empty.
/// The duals f and g are the ones for which every arc of the tree has the reduced cost 0; when no arc is below 0 they
/// prove that the plan is optimal. Masses are integers (m / gcd at each x, n / gcd at each y), so no mass is lost to
/// rounding, and trees stay "strongly feasible", which rules out endless sequences of steps that move nothing.
///
/// - Source: Cunningham 1976; Bonneel et al. 2011, section 4; the choice of arcs follows the block search of LEMON.
struct NetworkSimplex {
  /// The plan's entries with mass, which is a fraction of 1.
  struct Move: Equatable {
    let from: Int
    let to: Int
    let mass: Double
  }

  let sources: Int
  let targets: Int
  /// What moves where.
  private(set) var moves: [Move] = []
  /// The cost of the plan, per unit of mass.
  private(set) var cost = 0.0
  /// f of the dual problem: f[i] + g[j] <= costs[i, j], and mean f + mean g is the cost.
  private(set) var sourceDuals: [Double] = []
  /// g of the dual problem.
  private(set) var targetDuals: [Double] = []

  /// Solves for `costs`, not negative, of shape `[sources, targets]` in row-major order.
  init(costs: [Double], sources: Int, targets: Int) {
    precondition(
      costs.count == sources * targets && sources >= 1 && targets >= 1,
      "NetworkSimplex: expected \(sources) x \(targets) costs, got \(costs.count)")
    self.sources = sources
    self.targets = targets
    let (divisor, total) = (gcd(sources, targets), Double(sources * targets / gcd(sources, targets)))
    costs.withUnsafeBufferPointer { costs in
      let tree = TransportTree(
        costs: costs, sources: sources, targets: targets, supply: targets / divisor, demand: sources / divisor)
      tree.optimize()
      sourceDuals = (0..<sources).map { tree.dual[$0] }
      targetDuals = (sources..<sources + targets).map { tree.dual[$0] }
      for node in 0..<tree.root where tree.parent[node] != tree.root && tree.flow[node] > 0 {
        let (from, to) = (min(node, tree.parent[node]), max(node, tree.parent[node]) - sources)
        moves.append(Move(from: from, to: to, mass: Double(tree.flow[node]) / total))
        cost += costs[from * targets + to] * Double(tree.flow[node]) / total
      }
    }
  }
}

private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
