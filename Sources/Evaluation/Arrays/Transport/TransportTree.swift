/// The spanning tree of the network simplex method.
///
/// Nodes are the sources, then the targets, then an artificial root. Arcs lead from a source to a target, from a
/// source to the root and from the root to a target; so a source's arc to its parent always points up and a
/// target's always down.
final class TransportTree {
  let costs: UnsafeBufferPointer<Double>
  let sources: Int
  let targets: Int
  let root: Int
  /// The cost of an arc at the root. Two of them are dearer than any real arc, so none is left in an optimal plan.
  let artificialCost: Double
  /// Reduced costs above minus this count as 0, so the plan is within this of the optimum.
  let tolerance: Double

  let parent: UnsafeMutablePointer<Int>
  let depth: UnsafeMutablePointer<Int>
  /// The mass on the arc to the parent.
  let flow: UnsafeMutablePointer<Int>
  let dual: UnsafeMutablePointer<Double>
  // The children of a node are a doubly linked list; `none` ends it.
  private let firstChild: UnsafeMutablePointer<Int>
  private let next: UnsafeMutablePointer<Int>
  private let previous: UnsafeMutablePointer<Int>
  private let none = -1

  /// The tree in which every point is a child of the root.
  init(costs: UnsafeBufferPointer<Double>, sources: Int, targets: Int, supply: Int, demand: Int) {
    (self.costs, self.sources, self.targets, root) = (costs, sources, targets, sources + targets)
    let largest = costs.max() ?? 0
    artificialCost = largest > 0 ? largest : 1
    tolerance = 1e-12 * largest
    func integers() -> UnsafeMutablePointer<Int> {
      let pointer = UnsafeMutablePointer<Int>.allocate(capacity: sources + targets + 1)
      pointer.initialize(repeating: -1, count: sources + targets + 1)
      return pointer
    }
    (parent, depth, flow) = (integers(), integers(), integers())
    (firstChild, next, previous) = (integers(), integers(), integers())
    dual = .allocate(capacity: root + 1)
    dual.initialize(repeating: artificialCost, count: root + 1)
    (dual[root], depth[root]) = (0, 0)
    for node in 0..<root {
      flow[node] = node < sources ? supply : demand
      depth[node] = 1
      attach(node, to: root)
    }
  }

  deinit {
    for pointer in [parent, depth, flow, firstChild, next, previous] { pointer.deallocate() }
    dual.deallocate()
  }

  // MARK: Links

  private func attach(_ node: Int, to above: Int) {
    parent[node] = above
    previous[node] = none
    next[node] = firstChild[above]
    if next[node] != none { previous[next[node]] = node }
    firstChild[above] = node
  }

  private func detach(_ node: Int) {
    if previous[node] == none { firstChild[parent[node]] = next[node] } else { next[previous[node]] = next[node] }
    if next[node] != none { previous[next[node]] = previous[node] }
  }

  /// Calls `body` with `top` and everything below it, parents first.
  @inline(__always)
  private func descend(from top: Int, _ body: (Int) -> Void) {
    var node = top
    while true {
      body(node)
      if firstChild[node] != none {
        node = firstChild[node]
        continue
      }
      while node != top && next[node] == none { node = parent[node] }
      if node == top { return }
      node = next[node]
    }
  }

  // MARK: Steps

  /// Makes the plan optimal.
  func optimize() {
    enterCheapest()
    // A block is a few rows, about the square root of all arcs, as in LEMON: the best arc of a block enters.
    let blockRows = max(1, Int(Double(sources * targets).squareRoot()) / targets)
    var (row, rowsWithoutArc, steps, fresh) = (0, 0, 0, false)
    while true {
      var (best, source, target) = (-tolerance, none, none)
      for _ in 0..<blockRows {
        search(row, &best, &source, &target)
        row = row + 1 == sources ? 0 : row + 1
      }
      if source != none {
        step(source, target)
        steps += 1
        (rowsWithoutArc, fresh) = (0, false)
        // Additions to the duals round; this keeps the error below the tolerance and costs little.
        if steps % 1000 == 0 { recomputeDuals() }
        continue
      }
      rowsWithoutArc += blockRows
      if rowsWithoutArc < sources { continue }
      if fresh { break }
      recomputeDuals()
      (rowsWithoutArc, fresh) = (0, true)
    }
    var node = firstChild[root]
    while node != none {
      precondition(flow[node] == 0, "NetworkSimplex: mass is left at the artificial root")
      node = next[node]
    }
  }

  /// A start close to the optimum: every target takes what it can from its nearest source.
  private func enterCheapest() {
    for target in 0..<targets {
      var source = 0
      for other in 1..<max(1, sources) where costs[other * targets + target] < costs[source * targets + target] {
        source = other
      }
      if reducedCost(source, sources + target) < -tolerance { step(source, sources + target) }
    }
  }

  private func reducedCost(_ source: Int, _ target: Int) -> Double {
    costs[source * targets + target - sources] - dual[source] - dual[target]
  }

  /// Looks in a row for an arc with a reduced cost below `best`.
  @inline(__always)
  private func search(_ row: Int, _ best: inout Double, _ source: inout Int, _ target: inout Int) {
    let (cost, duals) = (costs.baseAddress! + row * targets, dual + sources)
    // Everything in the row is less its own dual, which is taken to the other side.
    var (bound, found) = (best + dual[row], none)
    for index in 0..<targets {
      let value = cost[index] - duals[index]
      if value < bound { (bound, found) = (value, index) }
    }
    if found != none { (best, source, target) = (bound - dual[row], row, sources + found) }
  }

  /// Lets the arc from `source` to `target` enter the tree.
  private func step(_ source: Int, _ target: Int) {
    let change = reducedCost(source, target)

    // Where the cycle closes.
    var (u, v) = (source, target)
    while u != v {
      if depth[u] >= depth[v] { u = parent[u] } else { v = parent[v] }
    }
    let join = u

    // Mass flows from the join down to the source, over the arc, and from the target up to the join; it is taken off
    // arcs against that sense. The last arc on the cycle of those that run empty first leaves: strong feasibility.
    var (amount, leaving, leavesAtSource) = (Int.max, none, true)
    u = source
    while u != join {
      if u < sources, flow[u] < amount { (amount, leaving) = (flow[u], u) }
      u = parent[u]
    }
    u = target
    while u != join {
      if u >= sources, flow[u] <= amount { (amount, leaving, leavesAtSource) = (flow[u], u, false) }
      u = parent[u]
    }
    u = source
    while u != join {
      flow[u] += u < sources ? -amount : amount
      u = parent[u]
    }
    u = target
    while u != join {
      flow[u] += u < sources ? amount : -amount
      u = parent[u]
    }

    // Hang what the leaving arc cuts off from the entering arc: turn the path between them upside down.
    let top = leavesAtSource ? source : target
    var (node, above, mass) = (top, leavesAtSource ? target : source, amount)
    while true {
      let (oldParent, oldMass) = (parent[node], flow[node])
      detach(node)
      attach(node, to: above)
      flow[node] = mass
      if node == leaving { break }
      (above, node, mass) = (node, oldParent, oldMass)
    }
    let (sourceChange, targetChange) = leavesAtSource ? (change, -change) : (-change, change)
    descend(from: top) { node in
      dual[node] += node < sources ? sourceChange : targetChange
      depth[node] = depth[parent[node]] + 1
    }
  }

  /// Duals from the tree alone, free of what has been added up.
  private func recomputeDuals() {
    descend(from: root) { node in
      if node == root { return }
      let above = parent[node]
      if above == root {
        dual[node] = artificialCost
      } else {
        let cost = node < sources ? costs[node * targets + above - sources] : costs[above * targets + node - sources]
        dual[node] = cost - dual[above]
      }
    }
  }
}
