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
    [
      .mnist, .fashionMNIST, .binarizedMNIST, .cifar10, .svhn, .norb, .strokes,
    ] + PointSet.all.map(Entry.points)

  /// The names of all sets.
  public static var names: [String] { entries.map(\.info.name) }

  /// What a set is, without reading it.
  public static func info(_ name: String) throws(DatasetError) -> DatasetInfo {
    try entry(named: name).info
  }

  static func entry(named name: String) throws(DatasetError) -> Entry {
    if let entry = entries.first(where: { $0.info.name == name }) { return entry }
    throw .unknownSet(name: name, known: names, closest: nearest(to: name, among: names))
  }
}
