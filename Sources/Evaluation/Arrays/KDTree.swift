/// Points in a tree of boxes, for exact nearest neighbours in few dimensions. Bentley 1975; Friedman et al. 1977.
struct KDTree: Sendable {
  private let points: [Double]
  private let dimension: Int
  /// Row numbers in the order of the leaves.
  private let order: [Int]
  private let nodes: [Node]

  private struct Node: Sendable {
    var rows: Range<Int>
    var axis = 0
    var split = 0.0
    /// The nodes of either side; 0 in a leaf, for no node has the root below it.
    var left = 0
    var right = 0
  }

  private static let leafSize = 12

  /// - Parameter points: row-major, `dimension` numbers each.
  init(_ points: [Double], dimension: Int) {
    self.points = points
    self.dimension = dimension
    var order = Array(0..<points.count / dimension)
    var nodes = [Node(rows: 0..<order.count)]
    var open = [0]
    while let index = open.popLast() {
      let rows = nodes[index].rows
      guard rows.count > Self.leafSize else { continue }
      var widest = (axis: 0, width: -1.0)
      for axis in 0..<dimension {
        var (low, high) = (Double.infinity, -Double.infinity)
        for row in rows {
          let value = points[order[row] * dimension + axis]
          low = min(low, value)
          high = max(high, value)
        }
        if high - low > widest.width { widest = (axis, high - low) }
      }
      // All points are equal: no axis separates them.
      guard widest.width > 0 else { continue }
      order[rows].sort { points[$0 * dimension + widest.axis] < points[$1 * dimension + widest.axis] }
      let middle = (rows.lowerBound + rows.upperBound) / 2
      nodes[index].axis = widest.axis
      nodes[index].split = points[order[middle] * dimension + widest.axis]
      (nodes[index].left, nodes[index].right) = (nodes.count, nodes.count + 1)
      open += [nodes.count, nodes.count + 1]
      nodes += [Node(rows: rows.lowerBound..<middle), Node(rows: middle..<rows.upperBound)]
    }
    self.order = order
    self.nodes = nodes
  }

  /// The Euclidean distance from `query` to its `k`-th nearest point, leaving out the row `excluded`.
  func distance(toNeighbour k: Int, of query: [Double], excluding excluded: Int? = nil) -> Double {
    var nearest = [Double](repeating: .infinity, count: k)
    points.withUnsafeBufferPointer { points in
      query.withUnsafeBufferPointer { query in visit(0, points, query, excluded ?? -1, &nearest) }
    }
    return nearest[k - 1].squareRoot()
  }

  private func visit(
    _ index: Int, _ points: UnsafeBufferPointer<Double>, _ query: UnsafeBufferPointer<Double>, _ excluded: Int,
    _ nearest: inout [Double]
  ) {
    let node = nodes[index]
    guard node.left > 0 else {
      for row in node.rows where order[row] != excluded {
        var square = 0.0
        for axis in 0..<dimension {
          let difference = points[order[row] * dimension + axis] - query[axis]
          square += difference * difference
        }
        guard square < nearest[nearest.count - 1] else { continue }
        var place = nearest.count - 1
        while place > 0, nearest[place - 1] > square {
          nearest[place] = nearest[place - 1]
          place -= 1
        }
        nearest[place] = square
      }
      return
    }
    let offset = query[node.axis] - node.split
    visit(offset < 0 ? node.left : node.right, points, query, excluded, &nearest)
    if offset * offset < nearest[nearest.count - 1] {
      visit(offset < 0 ? node.right : node.left, points, query, excluded, &nearest)
    }
  }
}
