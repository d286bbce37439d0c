import Configuration
import Datasets
import Torch

/// The second set of examples of a system between two domains. What is done to pixels is said under `data` for both.
public struct TargetSettings: Settings {
  public var name: String
  public var key: String?
  public var header = false
  public var labels: String?
  public var imageSize: Int?
  public var channels: Int?
  public var skipBad = false
  public var stream = false
  public var validation: Int? = 0
  public var limit: Int?
  public var seed: UInt64 = 0

  /// - Parameter name: the set where nobody names one.
  public init(_ name: String) { self.name = name }

  public static var fields: [Field<Self>] {
    let largest = SettingType<Int>.largestInteger
    return [
      Field("name", "a set of `helmholtz data`, a file or a folder of images", \.name, .text),
      Field("key", "the array in a file of several", \.key, .optional(.text)),
      Field("header", "whether the first line of a CSV file names its columns", \.header, .flag),
      Field(
        "labels", "a CSV file of names or indices and labels, which training does not use", \.labels,
        .optional(.text)),
      Field(
        "imageSize",
        "side that images are scaled and cropped to; null means as under data, where it is made of pictures",
        \.imageSize, .optional(.integer(1...4096))),
      Field(
        "channels", "1 is grey, 3 is RGB; null means as under data, where it is made of pictures", \.channels,
        .optional(.integer(1...4))),
      Field("skipBad", "go on without images that cannot be decoded", \.skipBad, .flag),
      Field("stream", "read examples from disk, batch by batch", \.stream, .flag),
      Field("validation", "examples held out; null is a twelfth", \.validation, .optional(.integer(0...largest))),
      Field("limit", "training examples used, all if null", \.limit, .optional(.integer(1...largest))),
      Field("seed", "seed of the choice of held-out examples, and of a generated set", \.seed, .seed),
    ]
  }

  /// The settings of these examples, whose pixels become what those of the source do.
  public func data(beside source: DataSettings) -> DataSettings {
    var data = source.moved(to: name)
    (data.key, data.header, data.labels, data.codes) = (key, header, labels, nil)
    (data.skipBad, data.stream, data.validation, data.limit, data.seed) = (skipBad, stream, validation, limit, seed)
    data.imageSize = imageSize ?? data.imageSize
    data.channels = channels ?? data.channels
    return data
  }

  /// Gives files and folders by their absolute paths, so that the settings mean the same in every directory.
  public mutating func makeAbsolute() {
    if Dataset.isFile(name) { name = absolutePath(name) }
    labels = labels.map(absolutePath)
  }
}
