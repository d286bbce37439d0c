import Configuration
import Datasets
import Torch
import Training

/// Everything that decides a run: the system, the data, the family's own settings, and the training.
///
/// Keys of the family stand beside `model`, `data` and `training` in a file. What a system does not have is no key of
/// its settings, and what has no effect with the others is refused.
public struct RunSettings: Sendable, Equatable {
  /// A system of the catalog.
  public let model: String
  /// Which examples the run sees.
  public var data = DataSettings()
  /// The family's own settings.
  public var design: any Design
  /// How the model is trained.
  public var training = TrainingSettings()
  /// The keys that somebody gave a value.
  private var given = Given()

  /// Settings of a family, whose keys count as not given by anybody.
  public init(
    model: String, design: any Design, data: DataSettings = DataSettings(),
    training: TrainingSettings = TrainingSettings()
  ) {
    self.model = model
    self.design = design
    self.data = data
    self.training = training
    self.training.isOfGradients = design.learnsByGradients
  }

  /// Settings that print alike are alike.
  public static func == (a: RunSettings, b: RunSettings) -> Bool { a.yaml() == b.yaml() }

  /// For the trainer.
  public var trainingOptions: TrainingOptions { training.options(adversary: design.adversarySide) }

  // MARK: Reading and writing

  /// Changes what the document names and leaves the rest, or throws and changes nothing.
  public mutating func apply(_ document: SettingsDocument) throws(SettingsError) {
    var changed = self
    // The papers say critic, discriminator, adversary; the keys of an adversary may be given as a critic's too.
    let document = designKeys.contains("adversary") ? document.calling("critic", "adversary") : document
    let reading = Reading(source: document.source)
    var own: [(key: SettingsNode, value: SettingsNode)] = []
    for (key, value) in try document.root.pairs(allowed: keys, reading) {
      switch key.text {
      case "model":
        guard value.text == model else {
          throw reading.inside("model").refusal(
            value, "expected \(model), which the settings are of, got \(value.described)")
        }
      case "data": try changed.data.read(value, reading.inside("data"))
      case "training": try changed.training.read(value, reading.inside("training"))
      case let name? where designKeys.contains(name): own.append((key, value))
      default: throw unknownKey(key, allowed: keys, reading)
      }
    }
    let node = SettingsNode(.section(own), line: document.root.line)
    changed.design = try Self.read(changed.design, node, reading)
    changed.given.add(document)
    self = changed
  }

  /// Changes one value, given as `key.path=value` with YAML behind the equals sign.
  public mutating func set(_ assignment: String) throws(SettingsError) {
    try apply(SettingsDocument(assignment: assignment))
  }

  private static func read<D: Design>(
    _ design: D, _ node: SettingsNode, _ reading: Reading
  ) throws(SettingsError) -> any Design {
    var design = design
    try design.read(node, reading)
    return design
  }

  private var keys: [String] { ["model", "data"] + designKeys + ["training"] }
  private var designKeys: [String] { Self.keys(of: design) }
  private static func keys<D: Design>(of design: D) -> [String] { D.fields.map(\.key) }

  /// The settings as YAML: every key that has an effect, with what it means and what is allowed.
  ///
  /// - Parameter heading: lines put in front as a comment.
  public func yaml(heading: String? = nil) -> String {
    var page = YAMLPage()
    if let heading { page.comment(heading) }
    page.value("model", model, comment: "a system of `helmholtz models`")
    write(design, to: &page)
    page.section("data", comment: "The examples.") { data.write(to: &$0) }
    page.section("training", comment: "The training.") { training.write(to: &$0) }
    return page.text
  }

  private func write(_ design: some Design, to page: inout YAMLPage) { design.write(to: &page) }

  // MARK: Checking

  /// Refuses keys that somebody gave and that have no effect with the others.
  func checkEffects() throws(SettingsError) {
    try training.checkEffects(given, ["training"])
    try data.checkEffects(given, ["data"])
    try design.checkEffects(given)
    if let adversary = design.adversarySide { try training.checkEffects(adversary: adversary, given) }
  }

  /// Lets all keys count as not given by anybody: what is changed from here on may leave them without effect.
  mutating func forgetGiven() { given = Given() }

  /// Refuses settings that contradict each other, and keys that somebody gave and that have no effect.
  public func validate() throws(SettingsError) {
    try checkEffects()
    try data.validate()
    try training.validate(adversary: design.adversarySide)
    try design.validate()
    try design.validate(batchSize: training.batchSize)
    if !design.isScored {
      try refuseScores(because: "\(model) has no score on validation examples; the last checkpoint is the best")
    }
  }

  /// Refuses codes beside examples to a system that has no use for them, and none to one that learns from both.
  public func validatePairs() throws(SettingsError) {
    let isBeside = data.codes != nil && data.codeUse == .beside
    if design.learnsFromPairs, !isBeside {
      throw SettingsError(
        path: "data.codes",
        "\(model) learns from examples with codes beside them: expected a run, and data.codeUse beside, got "
          + (data.codes == nil ? "null" : "data.codeUse \(data.codeUse.rawValue)"))
    }
    if isBeside, !design.learnsFromPairs {
      throw SettingsError(path: "data.codeUse", "\(model) has no use for codes beside its examples, got beside")
    }
  }

  /// Refuses what goes by a score on validation examples, where there is none.
  public func refuseScores(because why: String) throws(SettingsError) {
    if training.patience != nil { throw SettingsError(path: "training.patience", why) }
    for (path, schedule) in [("training", training.schedule), ("adversary", design.adversarySide?.schedule)]
    where schedule?.kind == .plateau { throw SettingsError(path: "\(path).schedule.kind", why) }
    if let trial = design.trials.first { throw SettingsError(path: trial.path, why) }
  }

  /// Refuses several processes where the run cannot share its batches among them.
  public func refuseProcesses(_ count: Int) throws(SettingsError) {
    if let reason = design.reasonForOneProcess {
      throw SettingsError(path: "model", "\(model) is trained by one process: \(reason)")
    }
    if let trial = design.trials.first {
      throw SettingsError(
        path: trial.path, "a run that chooses this by trials is trained by one process; give a number")
    }
    guard training.device == .cpu else {
      throw SettingsError(
        path: "training.device", "several processes train on CPUs, over Gloo; got \(training.device.name)")
    }
    guard training.batchSize % count == 0 else {
      throw SettingsError(
        path: "training.batchSize",
        "expected a multiple of the \(count) processes, which take equal parts of a batch, got \(training.batchSize)")
    }
  }

  /// Refuses networks and likelihoods that these data cannot have, and keys that have no effect with them.
  public func validate(_ facts: Facts) throws(SettingsError) {
    try validate()
    try facts.validate()
    try design.validate(facts)
    try design.resolved(facts).checkEffects(given)
    guard !facts.isImage else { return }
    for key in ["flips", "shift", "dequantize", "scaling"] {
      try given.refuse(["data", key], because: "examples of shape \(facts.shape) are no images")
    }
  }

  /// The fewest examples that a batch of training can have.
  public func smallestBatch(_ facts: Facts) -> Int { design.needOfPairs(facts) == nil ? 1 : 2 }

  /// Refuses sets of fewer examples than the design needs, and batches and sets of a single one, where the model cannot
  /// learn of one.
  ///
  /// - Parameter validation: the number of validation examples; nil where there are none.
  public func validateCounts(_ facts: Facts, validation: Int?) throws(SettingsError) {
    if let (count, reason) = design.fewestExamples, facts.examples < count {
      throw SettingsError(
        path: "data", "expected at least \(count) training examples, \(reason), got \(facts.examples)")
    }
    guard let need = design.needOfPairs(facts) else { return }
    var feeds = [("training.batchSize", training.batchSize, "data", "training examples", facts.examples)]
    if let labels = design.labels {
      feeds.append(("labels.batchSize", labels.batchSize, "labels", "labelled examples", facts.labelled ?? 0))
    }
    for (path, size, set, examples, count) in feeds {
      if size < 2 { throw SettingsError(path: path, "expected at least 2 examples in a batch, got \(size): \(need)") }
      if count < 2 { throw SettingsError(path: set, "expected at least 2 \(examples), got \(count): \(need)") }
    }
    if design.validatesPairs, validation == 1 {
      throw SettingsError(path: "data.validation", "expected at least 2 validation examples, or 0, got 1: \(need)")
    }
  }

  /// Refuses a preparation that these examples cannot have, or examples that the model cannot take.
  public func validate(_ examples: Examples) throws(SettingsError) {
    let wish = design.pixels(examples.shape)
    let binarization = binarization(of: examples)
    let values = examples.isBinary ? "0 and 1" : "other numbers"
    if data.dequantize, !examples.arePixels {
      throw SettingsError(
        path: "data.dequantize", "noise is for pixels of 0 to 255, got \(values) in \(examples.name)")
    }
    // 0 and 1 become -1 and 1.
    if data.scaling != .unit, !examples.arePixels, !(data.scaling == .symmetric && examples.isBinary) {
      throw SettingsError(
        path: "data.scaling",
        "\(data.scaling.rawValue) is for pixels of 0 to 255, got \(values) in \(examples.name)")
    }
    if data.testBinarization != .auto, !binarization.isDrawn, !examples.isBinary {
      throw SettingsError(
        path: "data.testBinarization",
        "has no effect: the pixels that are learned from are not drawn (data.binarization "
          + "\(data.binarization.rawValue), which is \(binarization.rawValue) here)")
    }
    if data.dequantize, binarization != .none {
      throw SettingsError(
        path: "data.dequantize",
        "noise is for pixels that are not binarized, got data.binarization \(binarization.rawValue)")
    }
    if data.scaling != .unit {
      guard wish.range == nil, binarization == .none else {
        throw SettingsError(
          path: "data.scaling",
          "\(data.scaling.rawValue) needs a model of any numbers and pixels that are not binarized, got \(wish.because.value)"
        )
      }
    }
    guard case .floats(let values) = examples.storage, let low = values.min(), let high = values.max() else { return }
    if let range = wish.range, Double(low) < range.lowerBound || Double(high) > range.upperBound {
      throw SettingsError(
        path: wish.because.path,
        "\(wish.because.value) needs values from \(Self.written(range.lowerBound)) to \(Self.written(range.upperBound)), "
          + "got numbers from \(low) to \(high) in \(examples.name)")
    }
    if binarization != .none, low < 0 || high > 1 {
      throw SettingsError(
        path: "data.binarization",
        "\(data.binarization.rawValue) needs values from 0 to 1, got numbers from \(low) to \(high) in \(examples.name)"
      )
    }
  }

  private static func written(_ bound: Double) -> String { "\(Int(bound))" }

  // MARK: Preparation

  /// What is done to batches of these examples.
  ///
  /// - Parameter scaling: that of the training examples.
  public func preparation(of examples: Examples, scaling: PixelScaling, for purpose: Purpose) -> Preparation {
    let dequantization: Dequantization =
      switch purpose {
      case .training: .dynamic
      case .measuring: .fixed
      case .coding: .middle
      }
    return Preparation(
      binarization: binarization(of: examples, for: purpose),
      augmentation: purpose == .training ? Augmentation(flips: data.flips, shift: data.shift) : Augmentation(),
      dequantization: data.dequantize ? dequantization : nil, scaling: scaling,
      needsUnitInterval: design.pixels(examples.shape).range == 0...1)
  }

  /// How the pixels of these examples become 0 or 1 for a purpose.
  private func binarization(of examples: Examples, for purpose: Purpose) -> Binarization {
    let learned = binarization(of: examples)
    guard purpose != .training, learned.isDrawn else { return learned }
    switch (data.testBinarization, purpose) {
    case (.none, _): return .none
    case (.threshold, _): return .threshold
    case (_, .measuring): return .fixed
    case (.auto, _) where design.pixels(examples.shape).isGreyInUse: return .none
    default: return .threshold
    }
  }

  /// How the pixels of these examples become 0 or 1: as the settings say, else as the design wishes.
  public func binarization(of examples: Examples) -> Binarization {
    switch data.binarization {
    case .none: .none
    case .threshold: .threshold
    case .dynamic: .dynamic
    case .fixed: .fixed
    case .auto:
      design.pixels(examples.shape).isBinarized && examples.shape.count == 3 && !examples.isBinary ? .dynamic : .none
    }
  }

  /// Whether the model sees zeros and ones: pixels that are binarized, or data that were binary when they came.
  public func hasBinaryValues(_ facts: Facts) -> Bool {
    switch data.binarization {
    case .none: facts.isBinary == true
    case .threshold, .dynamic, .fixed: true
    case .auto: facts.isBinary == true || (design.pixels(facts.shape).isBinarized && facts.isImage)
    }
  }

  /// The numbers that pixels become which are not binarized: as the settings say, else as the design wishes.
  public func scaling(of shape: [Int]) -> PixelScaling.Kind {
    data.scaling == .unit && shape.count == 3 && design.pixels(shape).isCentred ? .symmetric : data.scaling
  }
}
