import Configuration
import Datasets
import Evaluation
import Generative
import Torch

/// What every system can do: be trained, and say what it is.
public typealias SystemModel = Game & Described

/// A family's own settings: its sections of a recipe, their checks, and the model they make.
///
/// `helmholtz config`, `--set` and the errors of a recipe come out of `fields`; a run asks for the model, and for what
/// it needs of the data. The design of the game in the comment of `Game`:
///
///     struct MeanDesign: Design {
///       var start = 0.0
///       static var fields: [Field<Self>] { [Field("start", "where it starts", \.start, .number(.any))] }
///       func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("model", "mean") }
///       var headline: [Metric] { [] }
///       func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
///         Mean(Offset(start, shape: facts.shape, device: rng.device))
///       }
///     }
///
/// To add a family, write its design in `Designs/` and its systems as lines of the catalog; `ClassifierDesign` is the
/// simplest. Every choice is a value of the model's own types: no design is a copy of another with edits.
public protocol Design: Settings {
  /// The feeds that the game reads beside `.main`.
  var feeds: [Feed] { get }
  /// What examples of a shape should be.
  func pixels(_ shape: [Int]) -> PixelWish
  /// What a finished run reports of its test examples.
  var headline: [Metric] { get }
  /// The labels that training uses; nil for families that use none.
  var labels: LabelSettings? { get }
  /// The optimizer of the adversary, for games that have one.
  var adversarySide: SideSettings? { get }
  /// Whether validations of the game have a score.
  var isScored: Bool { get }
  /// Refuses choices that contradict each other, whatever the data are.
  func validate() throws(SettingsError)
  /// Refuses choices that examples of this shape, or this many classes, cannot have.
  func validate(_ facts: Facts) throws(SettingsError)
  /// The model with fresh parameters; the facts have been validated.
  func make(_ facts: Facts, using rng: RandomSource) throws -> any SystemModel
}

extension Design {
  public var feeds: [Feed] { [] }
  public var labels: LabelSettings? { nil }
  public var adversarySide: SideSettings? { nil }
  public var isScored: Bool { true }
  public func validate() throws(SettingsError) {}
  public func validate(_ facts: Facts) throws(SettingsError) {}
}
