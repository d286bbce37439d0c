import Configuration
import Datasets
import Evaluation
import Generative
import Torch

/// A network from examples to classes that sees only the labelled examples.
public struct ClassifierDesign: Design {
  public var encoder = EncoderSettings()
  public var few = LabelSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("encoder", "The network of p(y|x).", \.encoder),
      Field("labels", "The labels that training uses.", \.few),
    ]
  }

  public var feeds: [Feed] { [.labelled] }
  public var labels: LabelSettings? { few }
  public func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("model", "classifier") }
  public var headline: [Metric] { [.classificationError] }

  public func needOfPairs(_ facts: Facts) -> String? {
    encoder.normalizesSingleValues(facts.shape) ? NetworkLimits.needOfNorm : nil
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try encoder.validate("encoder", shape: facts.shape, outputs: facts.classes ?? 1)
    try facts.requireClasses("labels")
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    Classifier(encoder.make(of: facts.shape, using: rng), classes: facts.classes!, feed: .labelled, using: rng)
  }
}
