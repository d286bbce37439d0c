import Datasets

/// How pixels become the examples of a batch, or that the likelihood shall decide.
public enum BinarizationChoice: String, Sendable, CaseIterable {
  case auto, none, threshold, dynamic, fixed
}

/// Which examples a run sees.
public struct DataSettings: Settings {
  public var name = "mnist"
  public var binarization = BinarizationChoice.auto
  public var validation: Int?
  public var limit: Int?
  public var seed: UInt64 = 0
  public var shape: [Int]?

  public init() {}

  public static var fields: [Field<Self>] {
    let largest = SettingType<Int>.largestInteger
    return [
      Field("name", "a set of `helmholtz data`, or a path ending in .npy", \.name, .text),
      Field(
        "binarization", "of pixels; auto is dynamic for a bernoulli likelihood of images, else none",
        \.binarization, .choice),
      Field(
        "validation", "examples held out of the training set; null is a twelfth (5000 of 60000), 0 none; ignored "
          + "where the set brings its own", \.validation, .optional(.integer(0...largest))),
      Field("limit", "training examples used; null is all", \.limit, .optional(.integer(1...largest))),
      Field(
        "shape", "of one example; filled in when a run starts", \.shape,
        .optional(.list(of: .integer(1...largest), plural: "lengths", count: 1...4))),
      Field("seed", "the choice of held-out examples, and a generated set's edition", \.seed, .seed),
    ]
  }

  /// The share of the training set that is held out if no number is given.
  private static let heldOut = Portion.fraction(1.0 / 12)

  /// The data set, with a validation split unless the settings want none.
  public func dataset(_ options: DatasetOptions = .fromEnvironment()) throws(DatasetError) -> Dataset {
    var options = options
    options.seed = seed
    let bringsItsOwn = name.hasSuffix(".npy") ? false : try DataCatalog.info(name).counts[.validation] != nil
    options.validation = bringsItsOwn || validation == 0 ? nil : validation.map(Portion.count) ?? Self.heldOut
    return try Dataset.named(name, options)
  }

  /// The training examples that are used.
  public func trainingExamples(of dataset: Dataset) throws(DatasetError) -> Examples {
    let all = try dataset.train
    return limit.map(all.prefix) ?? all
  }
}
