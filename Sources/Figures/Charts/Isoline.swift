/// The lines along which a field has one value.
enum Isoline {
  /// The pieces of the line, as pairs of points in fractions of the rectangle from its bottom left.
  ///
  /// Cells with a corner that is not finite have no line.
  ///
  /// - Source: Lorensen & Cline 1987 in two dimensions; saddles are decided by the mean of the
  ///   corners.
  static func segments(
    of field: Field, level: Double
  ) -> [(start: (x: Double, y: Double), end: (x: Double, y: Double))] {
    var segments: [(start: (x: Double, y: Double), end: (x: Double, y: Double))] = []
    for row in 0..<field.rows - 1 {
      for column in 0..<field.columns - 1 {
        // Corners counterclockwise from the bottom left.
        let corners = [
          field[row, column], field[row, column + 1], field[row + 1, column + 1],
          field[row + 1, column],
        ]
        guard corners.allSatisfy(\.isFinite) else { continue }
        let crossings = (0..<4).filter {
          (corners[$0] > level) != (corners[($0 + 1) % 4] > level)
        }
        guard !crossings.isEmpty else { continue }
        let points = crossings.map { edge -> (x: Double, y: Double) in
          let (from, to) = (corners[edge], corners[(edge + 1) % 4])
          let weight = (level - from) / (to - from)
          let place = [(weight, 0), (1, weight), (1 - weight, 1), (0, 1 - weight)][edge]
          return (
            (Double(column) + place.0) / Double(field.columns - 1),
            (Double(row) + place.1) / Double(field.rows - 1)
          )
        }
        if points.count == 2 {
          segments.append((points[0], points[1]))
        } else {
          // All four edges are crossed. The two corners on the centre's side are joined through
          // it, and the line cuts off the other two; edge 0 ends at corner 1, and edges 0 and 1
          // cut that off.
          let center = corners.reduce(0, +) / 4
          let cutsOffCorner1 = (corners[1] > level) != (center > level)
          segments.append((points[0], points[cutsOffCorner1 ? 1 : 3]))
          segments.append((points[2], points[cutsOffCorner1 ? 3 : 1]))
        }
      }
    }
    return segments
  }
}
