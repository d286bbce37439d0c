/// The lines along which a field has one value.
enum Isoline {
  /// A point, in fractions of the field's rectangle from its bottom left corner.
  typealias Point = (x: Double, y: Double)

  /// The lines, each as its points in order; a closed one ends where it begins.
  ///
  /// Cells with a corner that is not finite have no line.
  ///
  /// - Source: Lorensen & Cline 1987 in two dimensions; saddles are decided by the mean of the
  ///   corners.
  static func lines(of field: ScalarField, level: Double) -> [[Point]] {
    var crossings = Crossings()
    for row in 0..<field.rows - 1 {
      for column in 0..<field.columns - 1 {
        crossings.add(cell(of: field, row: row, column: column, level: level))
      }
    }
    return crossings.chains()
  }

  /// Where the line crosses one edge of the grid; the number tells the edge from all others.
  private typealias Crossing = (edge: Int, point: Point)

  /// The pieces of the line inside one cell, each between two of its edges.
  private static func cell(
    of field: ScalarField, row: Int, column: Int, level: Double
  ) -> [(Crossing, Crossing)] {
    // Corners counterclockwise from the bottom left; edge 0 is the bottom.
    let corners = [
      field[row, column], field[row, column + 1], field[row + 1, column + 1],
      field[row + 1, column],
    ]
    guard corners.allSatisfy(\.isFinite) else { return [] }
    let node = row * field.columns + column
    // Even numbers lie, odd ones stand: an edge has one number in both cells that share it.
    let numbers = [2 * node, 2 * (node + 1) + 1, 2 * (node + field.columns), 2 * node + 1]
    let found = (0..<4).compactMap { edge -> Crossing? in
      let (from, to) = (corners[edge], corners[(edge + 1) % 4])
      guard (from > level) != (to > level) else { return nil }
      let weight = (level - from) / (to - from)
      let place = [(weight, 0), (1, weight), (1 - weight, 1), (0, 1 - weight)][edge]
      return (
        numbers[edge],
        (
          (Double(column) + place.0) / Double(field.columns - 1),
          (Double(row) + place.1) / Double(field.rows - 1)
        )
      )
    }
    guard found.count == 4 else { return found.count == 2 ? [(found[0], found[1])] : [] }
    // The two corners on the centre's side are joined through it, and the line cuts off the other
    // two; edges 0 and 1 meet in corner 1.
    let center = corners.reduce(0, +) / 4
    let cutsOffCorner1 = (corners[1] > level) != (center > level)
    return cutsOffCorner1
      ? [(found[0], found[1]), (found[2], found[3])]
      : [(found[0], found[3]), (found[2], found[1])]
  }

  /// Pieces of lines, on their way to being joined where they share an edge.
  private struct Crossings {
    private var points: [Int: Point] = [:]
    private var neighbours: [Int: [Int]] = [:]

    mutating func add(_ pieces: [(Crossing, Crossing)]) {
      for (start, end) in pieces {
        points[start.edge] = start.point
        points[end.edge] = end.point
        neighbours[start.edge, default: []].append(end.edge)
        neighbours[end.edge, default: []].append(start.edge)
      }
    }

    /// All lines: the open ones from their ends first, then the closed ones.
    func chains() -> [[Point]] {
      var left = neighbours
      let edges = neighbours.keys.sorted()
      let ends = edges.filter { neighbours[$0]?.count == 1 }
      var chains: [[Point]] = []
      for start in ends + edges {
        var chain = [start]
        while let next = left[chain[chain.count - 1]]?.first {
          let here = chain[chain.count - 1]
          left[here]?.removeFirst()
          if let back = left[next]?.firstIndex(of: here) { left[next]?.remove(at: back) }
          chain.append(next)
        }
        if chain.count > 1 { chains.append(chain.compactMap { points[$0] }) }
      }
      return chains
    }
  }
}
