/// Which example has which class, as a person writes it down.
///
/// A table has two columns, a file name or an index from 0 and a label, or one, a label per example in their order.
/// Labels are whole numbers from 0 or names. The first line is taken for a header if its last cell is one of
/// "label", "class", "target" and the like, or is not a number although all others in its column are.
public struct LabelTable: Sendable, Equatable {
  /// A line of the table.
  struct Entry: Sendable, Equatable {
    let line: Int
    /// A file name or an index; nil in a table of one column.
    let example: String?
    let label: String
  }

  private let file: String
  private let entries: [Entry]

  private static let headerWords: Set = [
    "label", "labels", "class", "classes", "target", "targets", "category", "categories", "y",
  ]
  /// More classes than any table of classes should be built for.
  private static let mostClasses = 1_000_000

  /// Reads comma-separated text.
  ///
  /// - Parameter file: the name used in messages.
  public static func decode(
    _ text: consuming [UInt8], file: String
  ) throws(DatasetError) -> LabelTable {
    var reader = CSVReader(text, file: file)
    var entries: [Entry] = []
    while !reader.isAtBlankLine || !reader.isAtEnd {
      let line = reader.line
      let cells = try reader.record()
      let columns = entries.first.map { $0.example == nil ? 1 : 2 }
      guard (1...2).contains(cells.count), cells.count == columns ?? cells.count else {
        throw .malformed(
          file: file, place: "line \(line)",
          expected: columns.map { "\($0) columns as in line 1" }
            ?? "a file name or an index and a label, or a label alone", got: "\(cells.count) columns")
      }
      guard !cells[cells.count - 1].isEmpty else {
        throw .malformed(
          file: file, place: "line \(line), column \(cells.count)", expected: "a label",
          got: "an empty cell")
      }
      entries.append(
        Entry(line: line, example: cells.count == 2 ? cells[0] : nil, label: cells[cells.count - 1]))
    }
    let rest = entries.dropFirst()
    if let first = entries.first,
      headerWords.contains(first.label.lowercased())
        || !rest.isEmpty && !first.isNumber && rest.allSatisfy(\.isNumber)
    {
      entries.removeFirst()
    }
    guard !entries.isEmpty else {
      throw .malformed(
        file: file, place: "line 1", expected: "a line for each labelled example",
        got: "the end of the file")
    }
    return LabelTable(file: file, entries: entries)
  }

  /// Whether labels are names; otherwise they are numbers of classes.
  var isNamed: Bool { !entries[0].isNumber }

  /// A class for each of `count` examples, -1 for those the table does not speak of, and the classes' names.
  ///
  /// Named labels get classes in natural order ("part 2" before "part 10"); numbers are classes already.
  ///
  /// - Parameter names: the examples' names, all different; nil if the table has to give indices.
  public func classes(
    for names: [String]?, count: Int
  ) throws(DatasetError) -> (labels: [Int32], classNames: [String]) {
    precondition(
      names == nil || names!.count == count, "LabelTable: expected \(count) names")
    let indices = try indices(names, count)
    let (classes, classNames) = try numberedClasses()
    var labels = [Int32](repeating: -1, count: count)
    var speakers = [Int](repeating: -1, count: count)  // which entry spoke of an example
    for (position, (index, label)) in zip(indices, classes).enumerated() {
      guard speakers[index] < 0 || labels[index] == label else {
        let (entry, earlier) = (entries[position], entries[speakers[index]])
        throw .malformed(
          file: file, place: "line \(entry.line)",
          expected:
            "label \(quoted(earlier.label.utf8)) for \(quoted((entry.example ?? "").utf8)) as in line \(earlier.line)",
          got: quoted(entry.label.utf8))
      }
      if speakers[index] < 0 { (labels[index], speakers[index]) = (label, position) }
    }
    return (labels, classNames)
  }

  /// The example each entry speaks of.
  private func indices(_ names: [String]?, _ count: Int) throws(DatasetError) -> [Int] {
    guard entries[0].example != nil else {
      guard entries.count == count else {
        throw .malformed(
          file: file, place: "line \(entries[min(count, entries.count - 1)].line)",
          expected: "\(count) labels, one per example", got: "\(entries.count)")
      }
      return Array(0..<count)
    }
    let known = names.map(NameIndex.init)
    var indices: [Int] = []
    for entry in entries {
      let example = entry.example ?? ""
      let index = known.map { $0[example] } ?? Int(example).flatMap { (0..<count).contains($0) ? $0 : nil }
      guard let index else {
        throw .malformed(
          file: file, place: "line \(entry.line)",
          expected: known == nil ? "an index in 0..<\(count)" : "the name of an example",
          got: quoted(example.utf8))
      }
      indices.append(index)
    }
    return indices
  }

  /// The class of each entry, and the names of all classes.
  private func numberedClasses() throws(DatasetError) -> ([Int32], [String]) {
    let first = entries[0]
    if let other = entries.first(where: { $0.isNumber != first.isNumber }) {
      throw .malformed(
        file: file, place: "line \(other.line)",
        expected: "a \(first.isNumber ? "whole number" : "class name") as in line \(first.line)",
        got: quoted(other.label.utf8))
    }
    if first.isNumber {
      let classes = try entries.map { (entry) throws(DatasetError) -> Int32 in
        guard let number = Int32(entry.label), (0..<Int32(Self.mostClasses)).contains(number) else {
          throw .malformed(
            file: file, place: "line \(entry.line)", expected: "a class in 0..<\(Self.mostClasses)",
            got: quoted(entry.label.utf8))
        }
        return number
      }
      return (classes, (0...classes.max()!).map(String.init))
    }
    let names = Set(entries.map(\.label)).sorted(by: precedes)
    guard names.count <= Self.mostClasses else {
      throw .malformed(
        file: file, place: "labels", expected: "at most \(Self.mostClasses) classes",
        got: "\(names.count)")
    }
    let classes = Dictionary(uniqueKeysWithValues: zip(names, Int32(0)...))
    return (entries.map { classes[$0.label]! }, names)
  }
}

extension LabelTable.Entry {
  /// Whether the label is a whole number, of any size and sign.
  fileprivate var isNumber: Bool {
    let digits = label.utf8.first == 0x2D ? label.utf8.dropFirst() : label.utf8[...]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}

/// Natural order: runs of digits compare as numbers, all else byte by byte.
func precedes(_ a: String, _ b: String) -> Bool {
  var (left, right) = (a.utf8[...], b.utf8[...])
  while let x = left.first, let y = right.first {
    let (m, n) = (digits(left), digits(right))
    if let m, let n, !m.elementsEqual(n) {
      return m.count == n.count ? m.lexicographicallyPrecedes(n) : m.count < n.count
    }
    if m != nil, n != nil {
      left = left.drop(while: isDigit)
      right = right.drop(while: isDigit)
    } else {
      if x != y { return x < y }
      left = left.dropFirst()
      right = right.dropFirst()
    }
  }
  // "a01" and "a1" are the same number; their bytes decide.
  if left.isEmpty, right.isEmpty { return a.utf8.lexicographicallyPrecedes(b.utf8) }
  return left.isEmpty
}

/// The digits a text begins with, without leading zeros; nil if it begins with none.
private func digits(_ text: Substring.UTF8View) -> Substring.UTF8View? {
  text.first.map(isDigit) == true ? text.prefix(while: isDigit).drop { $0 == 0x30 } : nil
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
