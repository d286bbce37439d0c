import Configuration

/// The data sets that have a name.
///
/// To add one: write its ``Entry`` in a file of its own, as `MNIST.swift` does, and list it here.
public enum DataCatalog {
  /// A named set: what it is, and how a split of it is made.
  public struct Entry: Sendable {
    /// What the set is.
    public let info: DatasetInfo
    /// What becomes of the user's wishes for pictures; nil for a set that is not made of picture files.
    var imageOptions: (@Sendable (ImageOptions) -> ImageOptions)?
    /// Whether the set is made of many files, of which bad ones can be skipped.
    var takesBadFiles = false
    /// What takes its place where some of its files are not there; nil for the set itself.
    var standIn: (@Sendable (DatasetOptions) -> Entry?)?
    /// Reads or generates one of the splits in ``DatasetInfo/counts``.
    let load: @Sendable (Split, DatasetOptions) throws(DatasetError) -> Examples

    /// What the set is once the user's wishes are heard, or an error if it cannot obey.
    func info(_ options: DatasetOptions) throws(DatasetError) -> DatasetInfo {
      let info = try info.counted(options)
      try options.part.check(nil, of: info.name)
      if let file = options.labelFile {
        throw .invalid(
          subject: "'\(info.name)', --labels",
          expected: "none, because the set \(info.classCount == nil ? "has no classes" : "brings its own")",
          got: "'\(file)'")
      }
      if options.streams {
        throw .invalid(
          subject: "'\(info.name)', --stream",
          expected: "none, because only a folder of images, a .npy or an IDX file is read batch by batch", got: "one")
      }
      guard let imageOptions else {
        guard options.images == ImageOptions() else {
          throw .invalid(
            subject: "\(info.name), images",
            expected: "no options, because the set is not made of picture files",
            got: "crop, size, channels or skipping")
        }
        return info
      }
      try options.images.check()
      let images = imageOptions(options.images)
      // A wish that becomes something else would have had no effect.
      guard
        [(options.images.channels, images.channels), (options.images.crop, images.crop)].allSatisfy({
          $0 == nil || $0 == $1
        }), takesBadFiles || !options.images.skipBad
      else {
        throw .invalid(
          subject: "\(info.name), images", expected: "no options but a size", got: "crop, channels or skipping")
      }
      let sides = (images.size ?? images.crop).map { [$0, $0] } ?? Array(info.shape.dropFirst())
      return info.shaped([images.channels ?? info.shape[0]] + sides)
    }
  }

  /// All sets, those of files first.
  public static let entries: [Entry] =
    [
      .mnist, .fashionMNIST, .binarizedMNIST, .cifar10, .svhn, .norb, .celebA, .strokes, .shiftedMNIST, .shiftedStrokes,
    ] + PointSet.all.map(Entry.points) + [
      HalfMoons.entry("half-moons", "two half circles, labels for six points", noise: 0.2),
      HalfMoons.entry("half-moons-clear", "the same with half the noise", noise: 0.1),
      FourPoints.entry,
    ]

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
