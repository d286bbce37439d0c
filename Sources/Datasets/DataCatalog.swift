/// The data sets that have a name.
///
/// To add one: write its ``Entry`` in a file of its own, as `MNIST.swift` does, and list it here.
public enum DataCatalog {
  /// A named set: what it is, and how a split of it is made.
  public struct Entry: Sendable {
    /// What the set is.
    public let info: DatasetInfo
    /// Reads or generates one of the splits in ``DatasetInfo/counts``.
    let load: @Sendable (Split, DatasetOptions) throws(DatasetError) -> Examples
  }

  /// All sets, those of files first.
  public static let entries: [Entry] =
    [.mnist, .fashionMNIST, .binarizedMNIST, .strokes] + PointSet.all.map(Entry.points)

  /// The names of all sets.
  public static var names: [String] { entries.map(\.info.name) }

  /// What a set is, without reading it.
  public static func info(_ name: String) throws(DatasetError) -> DatasetInfo {
    try entry(named: name).info
  }

  static func entry(named name: String) throws(DatasetError) -> Entry {
    if let entry = entries.first(where: { $0.info.name == name }) { return entry }
    throw .unknownSet(name: name, known: names, closest: closest(to: name))
  }

  /// The name that differs least from `name`; nil if all differ in more than half of its letters.
  private static func closest(to name: String) -> String? {
    let distances = names.map { (name: $0, distance: editDistance(name.lowercased(), $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return 2 * best.distance <= name.count ? best.name : nil
  }

  /// The least number of inserted, deleted and replaced letters (Levenshtein 1966).
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.prefix(64)), Array(b))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
