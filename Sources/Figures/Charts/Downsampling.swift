/// The choice of a few points of a long curve that draw the same picture.
package enum Downsampling {
  /// Which points to draw, in order; nil stands for a gap.
  ///
  /// A curve of more points than the limit is cut into equal runs, and each run keeps its first,
  /// lowest, highest and last point, so that no spike is lost. A run without a single number is a
  /// gap; a gap shorter than a run is finer than the paper and is drawn over.
  ///
  /// - Parameters:
  ///   - count: the number of points.
  ///   - limit: the most points to keep, at least 4.
  ///   - value: the height of a point; nil where it has none.
  package static func indices(count: Int, limit: Int, value: (Int) -> Double?) -> [Int?] {
    guard count > limit else {
      return (0..<count).map { value($0) == nil ? nil : $0 }
    }
    let runs = max(1, limit / 4)
    return (0..<runs).flatMap { run -> [Int?] in
      let members = (run * count / runs..<(run + 1) * count / runs).compactMap { index in
        value(index).map { (index: index, value: $0) }
      }
      guard let first = members.first, let last = members.last,
        let lowest = members.min(by: { $0.value < $1.value }),
        let highest = members.max(by: { $0.value < $1.value })
      else { return [nil] }
      return Set([first.index, lowest.index, highest.index, last.index]).sorted()
    }
  }
}
