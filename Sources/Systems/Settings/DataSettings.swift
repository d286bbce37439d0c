import Configuration
import Datasets
import Torch

/// How pixels become the examples of a batch, or that the model decides.
public enum BinarizationChoice: String, Sendable, CaseIterable {
  case auto, none, threshold, dynamic, fixed
}

/// How the pixels of examples that are not learned from become 0 or 1.
public enum TestBinarization: String, Sendable, CaseIterable {
  case auto, none, threshold, fixed
}

/// What examples are taken for.
public enum Purpose: Sendable {
  /// To be learned from: augmented, with draws that are fresh at every reading.
  case training
  /// To be measured on: with one draw, which is a function of the picture, so that all models see the same.
  case measuring
  /// To be encoded, reconstructed or classified: without draws, so that one picture has one code wherever it stands.
  case coding
}

/// What of another run's codes a run sees.
public enum CodeUse: String, Sendable, CaseIterable {
  /// Their means, instead of the examples.
  case means
  /// Draws, anew at each reading, instead of the examples.
  case draws
  /// Draws, anew at each reading, beside the examples.
  case beside
}

/// Which examples a run sees.
public struct DataSettings: Settings {
  public var name = "mnist"
  public var key: String?
  public var header = false
  public var labels: String?
  public var codes: String?
  public var codeUse = CodeUse.means
  public var imageSize: Int?
  public var channels: Int?
  public var skipBad = false
  public var stream = false
  public var flips = false
  public var shift = 0
  public var dequantize = false
  public var scaling = PixelScaling.Kind.unit
  public var binarization = BinarizationChoice.auto
  public var testBinarization = TestBinarization.auto
  public var validation: Int?
  public var limit: Int?
  public var perClass: Int?
  public var seed: UInt64 = 0

  public init() {}

  private static let largestImage = 4096

  public static var fields: [Field<Self>] {
    let largest = SettingType<Int>.largestInteger
    return [
      Field("name", "a set of `helmholtz data`, a file or a folder of images", \.name, .text),
      Field("key", "the array in a file of several", \.key, .optional(.text)),
      Field("header", "whether the first line of a CSV file names its columns", \.header, .flag),
      Field("labels", "a CSV file of names or indices and labels", \.labels, .optional(.text)),
      Field(
        "codes", "a run whose codes are the examples, as RUN or RUN@best", \.codes, .optional(.text)),
      Field(
        "codeUse", "their means, draws that are fresh at each reading, or such draws beside the examples", \.codeUse,
        .choice, unless: { $0.codes == nil ? "data.codes is null" : nil }),
      Field(
        "imageSize", "side that images are scaled and cropped to; null takes them as they are",
        \.imageSize, .optional(.integer(1...largestImage))),
      Field(
        "channels", "1 is grey, 3 is RGB; null takes images as they are", \.channels,
        .optional(.integer(1...4))),
      Field("skipBad", "go on without images that cannot be decoded", \.skipBad, .flag),
      Field("stream", "read examples from disk, batch by batch", \.stream, .flag),
      Field("flips", "mirror images left to right at random, in training", \.flips, .flag),
      Field(
        "shift", "move images by up to N pixels at random, in training", \.shift,
        .integer(0...largestImage)),
      Field(
        "dequantize", "add uniform noise of one level to pixels, then divide by 256, not 255", \.dequantize, .flag),
      Field(
        "scaling",
        "what pixels become that are not binarized: [0, 1]; [-1, 1]; divided by their channel's deviation; "
          + "256ths less their place's mean", \.scaling, .choice),
      Field(
        "binarization",
        "how pixels become 0 or 1; auto is dynamic for images with a bernoulli likelihood, none otherwise",
        \.binarization, .choice),
      Field(
        "testBinarization",
        "the same for examples that are not learned from; auto is fixed, one draw, for what is measured, and threshold "
          + "for what is encoded or classified (none in a model that learns from labels)",
        \.testBinarization, .choice),
      Field(
        "validation",
        "examples held out of the training set; null is a twelfth, 5000 of 60000. Not used where the "
          + "set has a validation split", \.validation, .optional(.integer(0...largest))),
      Field(
        "limit", "training examples used, all if null", \.limit, .optional(.integer(1...largest))),
      Field(
        "perClass", "training examples used of each class, chosen by the seed; all if null", \.perClass,
        .optional(.integer(1...largest))),
      Field("seed", "seed of the choice of held-out examples, and of a generated set", \.seed, .seed),
    ]
  }

  /// Refuses two numbers of training examples.
  func validate() throws(SettingsError) {
    guard let limit, let perClass else { return }
    throw SettingsError(
      path: "data.perClass",
      "expected data.limit or data.perClass, got \(limit) and \(perClass) (set one of them to null)")
  }

  /// The same for other examples: what was said of one file does not hold for another.
  ///
  /// A size and channels of images stay where the others are pictures, too.
  public func moved(to other: String) -> DataSettings {
    var settings = self
    settings.name = other
    (settings.key, settings.header, settings.labels, settings.stream) = (nil, false, nil, false)
    settings.perClass = nil
    if !Dataset.isMadeOfPictures(other) {
      (settings.imageSize, settings.channels, settings.skipBad) = (nil, nil, false)
    }
    return settings
  }

  /// The share of the training set that is held out if no number is given.
  private static let heldOut = Portion.fraction(1.0 / 12)

  /// The data set as it is, before a run makes codes of it, with a validation split unless the settings want none.
  public func examples(_ options: DatasetOptions) throws(DatasetError) -> Dataset {
    var options = options
    options.seed = seed
    options.part.key = key
    options.part.hasHeader = header
    options.labelFile = labels
    options.streams = stream
    options.images.size = imageSize
    options.images.channels = channels
    options.images.skipBad = skipBad
    let bringsItsOwn =
      Dataset.isFile(name) ? false : try DataCatalog.info(name).counts[.validation] != nil
    options.validation =
      bringsItsOwn || validation == 0 ? nil : validation.map(Portion.count) ?? Self.heldOut
    return try Dataset.named(name, options)
  }

  /// Gives files and folders, and the run of `codes`, by their absolute paths, so that the settings mean the same in
  /// every directory.
  public mutating func makeAbsolute() {
    if Dataset.isFile(name) { name = absolutePath(name) }
    labels = labels.map(absolutePath)
    codes = codes.map(absolutePath)
  }

  /// The training examples that are used.
  public func trainingExamples(of dataset: Dataset) throws(DatasetError) -> Examples {
    let all = try dataset.train
    if let perClass { return try all.balanced(perClass: perClass, seed: seed) }
    return limit.map(all.prefix) ?? all
  }
}
