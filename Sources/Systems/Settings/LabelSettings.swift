import Configuration

/// Few labels among many examples.
public struct LabelSettings: Settings {
  public var perClass: Int?
  public var batchSize = 100

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "perClass", "labelled examples used of each class; null uses all", \.perClass,
        .optional(.integer(1...SettingType<Int>.largestInteger))),
      Field("batchSize", "labelled examples in a step", \.batchSize, .integer(1...1_000_000)),
    ]
  }
}

/// The labels of a model that sees examples without one beside them.
public struct SemiSupervisedSettings: Settings {
  public var labels = LabelSettings()
  public var draws: Int?
  public var beta = 0.1
  public var alpha: Double?
  public var weight: Double? = 1

  public init() {}

  public static var fields: [Field<Self>] {
    LabelSettings.fields.map { $0.lifted(to: \.labels) } + [
      Field(
        "draws", "classes drawn for each unlabelled example and `a`; null sums over all classes",
        \.draws, .optional(.integer(1...65_536))),
      Field(
        "beta", "beta of the formula under alpha; N_l of N examples are labelled", \.beta, .number(.atLeast(0)),
        unless: { $0.alpha == nil ? nil : "alpha is given" }),
      Field(
        "alpha", "weight of the classification loss beside the bound of the labelled examples; null means beta N / N_l",
        \.alpha, .optional(.number(.atLeast(0)))),
      Field(
        "weight",
        "factor on bound and classification loss of the labelled examples, means over a batch; null means N_l / N, "
          + "which counts each as much as an unlabelled one", \.weight, .optional(.number(.atLeast(0)))),
    ]
  }

  /// The weight for data with these counts.
  func alpha(_ facts: Facts) -> Double { alpha ?? beta * Double(facts.examples) / Double(facts.labelled ?? 1) }

  /// The factor on the labelled examples for data with these counts.
  func weight(_ facts: Facts) -> Double { weight ?? Double(facts.labelled ?? 1) / Double(facts.examples) }
}
