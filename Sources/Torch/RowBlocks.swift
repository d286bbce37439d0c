/// How many rows go through a model at once where nothing is learned: as many as are fast, and fewer where one row is large.
public enum RowBlocks {
  /// The tensors that the rows of a block may make. Those of a decoder that sees pixels are millions of numbers a row.
  public static let bytes = 1 << 30

  /// As many rows as tensors of `bytes` belong to, from 1 to `most`.
  ///
  /// - Parameter one: what is done to a block, done to one row; what it makes is counted.
  public static func rows(upTo most: Int, _ one: () throws -> Void) rethrows -> Int {
    guard most > 1 else { return most }
    let made = try Runtime.bytesMade { try withoutGradients(one) }
    return max(1, min(most, bytes / max(1, made)))
  }

  /// Ranges of `size` that cover `0..<count`; a last one of a single row joins the one before, as there are means over
  /// pairs of rows.
  public static func ranges(_ count: Int, size: Int) -> [Range<Int>] {
    let starts = stride(from: 0, to: count, by: size).filter { $0 == 0 || size == 1 || count - $0 > 1 }
    return zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
  }
}
