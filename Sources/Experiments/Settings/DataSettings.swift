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
  /// Known once the data have been seen; from it the model is made again without them.
  public var shape: [Int]?

  public init() {}

  private static let longestSide = 16_777_216

  public static var fields: [Field<Self>] {
    let largest = SettingType<Int>.largestInteger
    return [
      Field("name", "a set of `helmholtz data`, or a path ending in .npy", \.name, .text),
      Field(
        "binarization",
        "of pixels; auto is dynamic for images with a bernoulli likelihood and none otherwise",
        \.binarization, .choice),
      Field(
        "validation",
        "examples held out of the training set; 0 is none; null is a twelfth, 5000 of 60000. Not "
          + "used where the set brings its own", \.validation, .optional(.integer(0...largest))),
      Field(
        "limit", "training examples used, all if null", \.limit, .optional(.integer(1...largest))),
      Field("seed", "of the choice of held-out examples, and of a generated set", \.seed, .seed),
      Field(
        "shape", "of one example; null until a run writes it down", \.shape,
        .optional(
          .list(
            of: .integer(1...longestSide), plural: "whole numbers from 1 to \(longestSide)",
            count: 1...3))),
    ]
  }

  /// The share of the training set that is held out if no number is given.
  private static let heldOut = Portion.fraction(1.0 / 12)

  /// The data set, with a validation split unless the settings want none.
  public func dataset(_ options: DatasetOptions = .fromEnvironment()) throws(DatasetError)
    -> Dataset
  {
    var options = options
    options.seed = seed
    let bringsItsOwn =
      name.hasSuffix(".npy") ? false : try DataCatalog.info(name).counts[.validation] != nil
    options.validation =
      bringsItsOwn || validation == 0 ? nil : validation.map(Portion.count) ?? Self.heldOut
    return try Dataset.named(name, options)
  }

  /// The training examples that are used.
  public func trainingExamples(of dataset: Dataset) throws(DatasetError) -> Examples {
    let all = try dataset.train
    return limit.map(all.prefix) ?? all
  }
}
