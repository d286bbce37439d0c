/// Points of the plane in nested squares, for sums over all points of which far ones are taken together.
///
/// - Source: Barnes & Hut 1986; van der Maaten 2014, section 4.
struct Quadtree {
  /// A square, stored before the squares within it.
  private struct Node {
    /// Centre of mass.
    var x, y: Double
    /// How many points.
    var mass: Double
    var squaredWidth: Double
    /// The node after all squares within this one.
    var next: Int
    /// Its points, if it is not divided; else empty.
    var points: Range<Int>
  }

  private var nodes: [Node] = []
  /// The points' numbers, those of a square together.
  private(set) var order: [Int]
  /// Coordinates in that order, x and y in turn.
  private var coordinates: [Double] = []

  /// The most points of a square that is not divided: their exact sum costs less.
  private static let capacity = 8
  /// Points closer than 2^-48 of the whole count as one.
  private static let mostDepth = 48

  /// The tree of points whose coordinates x and y alternate; at least one.
  init(_ y: [Double]) {
    let count = y.count / 2
    order = Array(0..<count)
    nodes.reserveCapacity(count)
    var (lowX, highX, lowY, highY) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
    for i in 0..<count {
      (lowX, highX) = (min(lowX, y[2 * i]), max(highX, y[2 * i]))
      (lowY, highY) = (min(lowY, y[2 * i + 1]), max(highY, y[2 * i + 1]))
    }
    var spare = order
    y.withUnsafeBufferPointer { y in
      divide(
        0..<count, y, x: (lowX + highX) / 2, y: (lowY + highY) / 2, half: max(highX - lowX, highY - lowY) / 2,
        depth: 0, spare: &spare)
    }
    coordinates = order.flatMap { [y[2 * $0], y[2 * $0 + 1]] }
  }

  private mutating func divide(
    _ range: Range<Int>, _ points: UnsafeBufferPointer<Double>, x: Double, y: Double, half: Double, depth: Int,
    spare: inout [Int]
  ) {
    var (sumX, sumY) = (0.0, 0.0)
    var sizes = (0, 0, 0, 0)
    for i in range {
      let (px, py) = (points[2 * order[i]], points[2 * order[i] + 1])
      sumX += px
      sumY += py
      switch (px > x, py > y) {
      case (false, false): sizes.0 += 1
      case (true, false): sizes.1 += 1
      case (false, true): sizes.2 += 1
      case (true, true): sizes.3 += 1
      }
    }
    let node = nodes.count
    let mass = Double(range.count)
    let isLeaf = range.count <= Self.capacity || depth == Self.mostDepth
    nodes.append(
      Node(
        x: sumX / mass, y: sumY / mass, mass: mass, squaredWidth: 4 * half * half, next: 0,
        points: isLeaf ? range : 0..<0))
    if !isLeaf {
      let first = range.lowerBound
      var ends = (first, first + sizes.0, first + sizes.0 + sizes.1, first + sizes.0 + sizes.1 + sizes.2)
      let starts = ends
      for i in range {
        let point = order[i]
        switch (points[2 * point] > x, points[2 * point + 1] > y) {
        case (false, false): (spare[ends.0], ends.0) = (point, ends.0 + 1)
        case (true, false): (spare[ends.1], ends.1) = (point, ends.1 + 1)
        case (false, true): (spare[ends.2], ends.2) = (point, ends.2 + 1)
        case (true, true): (spare[ends.3], ends.3) = (point, ends.3 + 1)
        }
      }
      for i in range { order[i] = spare[i] }
      let quarter = half / 2
      for (start, end, right, up) in [
        (starts.0, ends.0, -1.0, -1.0), (starts.1, ends.1, 1.0, -1.0), (starts.2, ends.2, -1.0, 1.0),
        (starts.3, ends.3, 1.0, 1.0),
      ] where end > start {
        divide(
          start..<end, points, x: x + right * quarter, y: y + up * quarter, half: quarter, depth: depth + 1,
          spare: &spare)
      }
    }
    nodes[node].next = nodes.count
  }

  /// What the other points do to the one at `position` of `order`, with q = 1 / (1 + distance^2).
  ///
  /// A square whose width is below `theta` times its distance counts as its mass at its centre; `theta` is below
  /// 0.7, so that no point meets itself in one.
  /// - Returns: the sum of q^2 (y_i - y_j) in `x` and `y`, and the sum of q.
  func repulsion(at position: Int, theta: Double) -> (x: Double, y: Double, q: Double) {
    nodes.withUnsafeBufferPointer { nodes in
      coordinates.withUnsafeBufferPointer { points in
        let (x, y) = (points[2 * position], points[2 * position + 1])
        let squaredTheta = theta * theta
        var (forceX, forceY, sum) = (0.0, 0.0, 0.0)
        var i = 0
        while i < nodes.count {
          let node = nodes[i]
          let (dx, dy) = (x - node.x, y - node.y)
          let squared = dx * dx + dy * dy
          if node.squaredWidth < squaredTheta * squared {
            let q = 1 / (1 + squared)
            sum += node.mass * q
            forceX += node.mass * q * q * dx
            forceY += node.mass * q * q * dy
            i = node.next
          } else if node.points.isEmpty {
            i += 1
          } else {
            for j in node.points where j != position {
              let (dx, dy) = (x - points[2 * j], y - points[2 * j + 1])
              let q = 1 / (1 + dx * dx + dy * dy)
              sum += q
              forceX += q * q * dx
              forceY += q * q * dy
            }
            i = node.next
          }
        }
        return (forceX, forceY, sum)
      }
    }
  }
}
