import Configuration
import Datasets
import Evaluation
import Generative
import Torch
import Training

/// What every system can do: say what it is. All but those that are made of other runs' models can be trained.
public typealias SystemModel = Module & Described

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
  /// The same, less what these data cannot answer.
  func headline(_ facts: Facts) -> [Metric]
  /// The labels that training uses; nil for families that use none.
  var labels: LabelSettings? { get }
  /// Whether classes of the main feed are used, few of them or all.
  var usesClasses: Bool { get }
  /// The second set of examples, which the feed `.target` reads; nil for families of one set.
  var target: TargetSettings? { get }
  /// Changes the second set, of families that have one.
  mutating func setTarget(_ change: (inout TargetSettings) -> Void)
  /// The optimizer of the adversary, for games that have one.
  var adversarySide: SideSettings? { get }
  /// Whether validations of the game have a score.
  var isScored: Bool { get }
  /// Whether its players are moved by gradients, so that the optimizer's keys have an effect.
  var learnsByGradients: Bool { get }
  /// The fewest training examples that it can learn from, and what they are needed for, such as `one for each component`.
  var fewestExamples: (count: Int, reason: String)? { get }
  /// The values of a choice that is left to that score; empty where none is.
  var trials: [Trial] { get }
  /// Why a batch of training needs two examples, such as `batch norm has no variance of one`; nil where one will do.
  func needOfPairs(_ facts: Facts) -> String?
  /// Whether a validation needs two examples as well.
  var validatesPairs: Bool { get }
  /// Refuses choices that contradict each other, whatever the data are.
  func validate() throws(SettingsError)
  /// Refuses choices that batches of so many examples cannot have.
  func validate(batchSize: Int) throws(SettingsError)
  /// Refuses choices that examples of this shape, or this many classes, cannot have.
  func validate(_ facts: Facts) throws(SettingsError)
  /// The same choices with what the data decide filled in, so that keys without effect are known.
  func resolved(_ facts: Facts) -> Self
  /// The model with fresh parameters; the facts have been validated.
  func make(_ facts: Facts, using rng: RandomSource) throws -> any SystemModel
  /// Why it cannot be trained by several processes together; nil where it can.
  var reasonForOneProcess: String? { get }
  /// Whether it learns from examples with codes beside them.
  var learnsFromPairs: Bool { get }
}

extension Design {
  public var feeds: [Feed] { [] }
  public var labels: LabelSettings? { nil }
  public var usesClasses: Bool { labels != nil }
  public var reasonForOneProcess: String? { nil }
  public var target: TargetSettings? { nil }
  public mutating func setTarget(_ change: (inout TargetSettings) -> Void) {}
  public var adversarySide: SideSettings? { nil }
  public var isScored: Bool { true }
  public var learnsByGradients: Bool { true }
  public var fewestExamples: (count: Int, reason: String)? { nil }
  public var trials: [Trial] { [] }
  public func headline(_ facts: Facts) -> [Metric] { headline }
  public func needOfPairs(_ facts: Facts) -> String? { nil }
  public var validatesPairs: Bool { false }
  public func validate() throws(SettingsError) {}
  public func validate(batchSize: Int) throws(SettingsError) {}
  public func validate(_ facts: Facts) throws(SettingsError) {}
  public func resolved(_ facts: Facts) -> Self { self }
  public var learnsFromPairs: Bool { false }
}

/// One run of a pipeline: its name, the runs that have to be finished before it, and its settings.
///
/// Nothing but directories and settings crosses from one stage to another. A stage finds those it comes after by their
/// directories:
///
///     Stage("m1", vae)
///     Stage("m2", after: ["m1"]) { runs in
///       var settings = m2
///       settings.data.codes = runs["m1"]!.path
///       return settings
///     }
public struct Stage: Sendable {
  /// The name, which is that of its directory too.
  public let name: String
  /// The stages that have to be finished before it starts.
  public let after: [String]
  /// Its settings, given the directories of the stages in `after`, by their names. Called before any of them exists.
  public let settings: @Sendable (_ runs: [String: RunDirectory]) throws -> RunSettings

  public init(
    _ name: String, after: [String] = [],
    settings: @escaping @Sendable (_ runs: [String: RunDirectory]) throws -> RunSettings
  ) {
    self.name = name
    self.after = after
    self.settings = settings
  }

  /// A stage whose settings name no other one.
  public init(_ name: String, after: [String] = [], _ settings: RunSettings) {
    self.init(name, after: after) { _ in settings }
  }
}
