/// Points in a tree of boxes, for exact nearest neighbours in few dimensions. Bentley 1975; Friedman et al. 1977.
struct KDTree: Sendable {
  /// Row-major, those of a leaf together.
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
    self.points = order.flatMap { points[$0 * dimension..<($0 + 1) * dimension] }
    self.order = order
    self.nodes = nodes
  }

  /// The Euclidean distance from `query` to its `k`-th nearest point, leaving out the row `excluded`.
  func distance(toNeighbour k: Int, of query: [Double], excluding excluded: Int? = nil) -> Double {
    points.withUnsafeBufferPointer { points in
      nodes.withUnsafeBufferPointer { nodes in
        order.withUnsafeBufferPointer { order in
          query.withUnsafeBufferPointer { query in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: k + dimension) { room in
              room.initialize(repeating: 0)
              for place in 0..<k { room[place] = .infinity }
              var search = Search(
                points: points, nodes: nodes, order: order, query: query, excluded: excluded ?? -1,
                nearest: UnsafeMutableBufferPointer(rebasing: room[..<k]),
                gaps: UnsafeMutableBufferPointer(rebasing: room[k...]))
              search.visit(0, squaredGap: 0)
              return search.furthest.squareRoot()
            }
          }
        }
      }
    }
  }

  /// One query on its way through the tree.
  private struct Search {
    let points: UnsafeBufferPointer<Double>
    let nodes: UnsafeBufferPointer<Node>
    let order: UnsafeBufferPointer<Int>
    let query: UnsafeBufferPointer<Double>
    let excluded: Int
    /// The squares of the k least distances so far, ascending.
    let nearest: UnsafeMutableBufferPointer<Double>
    /// How far the query is outside the node's box along every axis.
    let gaps: UnsafeMutableBufferPointer<Double>
    var furthest = Double.infinity

    /// - Parameter squaredGap: the squared distance of the query to the node's box.
    mutating func visit(_ index: Int, squaredGap: Double) {
      let node = nodes[index]
      guard node.left > 0 else { return look(node.rows) }
      let offset = query[node.axis] - node.split
      visit(offset < 0 ? node.left : node.right, squaredGap: squaredGap)
      let gap = gaps[node.axis]
      let further = squaredGap - gap * gap + offset * offset
      guard further < furthest else { return }
      gaps[node.axis] = abs(offset)
      visit(offset < 0 ? node.right : node.left, squaredGap: further)
      gaps[node.axis] = gap
    }

    private mutating func look(_ rows: Range<Int>) {
      let dimension = query.count
      for row in rows {
        var square = 0.0
        for axis in 0..<dimension {
          let difference = points[row * dimension + axis] - query[axis]
          square += difference * difference
        }
        guard square < furthest, order[row] != excluded else { continue }
        var place = nearest.count - 1
        while place > 0, nearest[place - 1] > square {
          nearest[place] = nearest[place - 1]
          place -= 1
        }
        nearest[place] = square
        furthest = nearest[nearest.count - 1]
      }
    }
  }
}
