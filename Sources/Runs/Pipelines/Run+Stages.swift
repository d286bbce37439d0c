import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Systems
import Torch
import Training

// A run that is made of runs: its stages are ordinary runs below its directory, and its model is put together of theirs.
extension Run {
  /// The stage whose codes the others learn from; also where a copy of a run lies that stands in for it.
  static let encoderStage = "encoder"

  /// Trains all stages that are not over, and makes one model of them.
  ///
  /// - Parameters:
  ///   - serial: one stage after the other, also where two could run side by side; the results are the same.
  ///   - observer: asked for when a stage starts, by its name; used by that stage's thread alone.
  ///   - shouldStop: asked by the threads of all stages.
  public func trainStages(
    serial: Bool = false, observer: (String) -> any TrainingObserver,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    guard let directory, let design = settings.design as? any StagedDesign else {
      preconditionFailure("Run: expected a run of stages in a directory")
    }
    try copyGiven()
    let pipeline = try Pipeline(stages(design), isOfRun: true)
    let record = try pipeline.run(
      in: directory, place: place, serial: serial, observer: observer, shouldStop: shouldStop)
    let runs = pipeline.runs(in: directory)
    var progress = TrainingProgress()
    (progress.seed, progress.threads) = (settings.training.seed, record.threads)
    for stage in record.stages {
      guard let done = try runs[stage.name]!.newest()?.progress else { continue }
      progress.step += done.step
      progress.seconds += done.seconds
    }
    guard record.isOver else { return (.interrupted, progress) }
    if try directory.newest()?.progress != progress { try assemble(progress) }
    return (.finished, progress)
  }

  /// The stages, with the directories that they read codes of.
  private func stages(_ design: any StagedDesign) -> [Stage] {
    let plans = design.stages(settings, facts)
    let names = plans.map(\.name)
    let codes = directory!.path + "/" + Self.encoderStage
    return plans.map { plan in
      Stage(plan.name, after: plan.codesOf.map { names.contains($0) ? [$0] : [] } ?? []) { _ in
        var settings = plan.settings
        if plan.codesOf != nil { settings.data.codes = absolutePath(codes) }
        return settings
      }
    }
  }

  /// Loads the weights of all stages, estimates what the regression leaves, and keeps the whole as this run's checkpoint.
  private func assemble(_ progress: TrainingProgress) throws {
    guard let directory, let whole = model as? AuxiliarySupervisedModel else {
      preconditionFailure("Run: expected a model of stages")
    }
    func load(_ name: String, into part: (any Module)?) throws {
      guard let part else { return }
      let stage = try Run.open(RunReference(RunDirectory(directory.path + "/" + name)), place: place)
      let parts = Dictionary(uniqueKeysWithValues: stage.model.inUse.namedTensors.map { ($0.name, $0.tensor) })
      try part.load(parts, from: directory.path + "/" + name)
    }
    try load(Self.encoderStage, into: whole.encoder)
    try load("density", into: whole.density)
    try load("regression", into: whole.regression)
    try estimateNoise(of: whole)
    try Checkpoint(of: whole, progress: progress).write(to: directory.checkpoint(.last))
  }

  /// Training examples whose residuals are looked at.
  private static let residualExamples = 10_000
  private static let (residualStream, residualBatch): (UInt64, Int) = (24, 500)

  /// The residuals of training examples at fresh codes, at most 10,000 of them.
  private func estimateNoise(of whole: AuxiliarySupervisedModel) throws {
    guard let regression = whole.regression, whole.noise.kind != .none else { return }
    let examples = try onDevice(
      settings.data.trainingExamples(of: dataset()).prefix(Self.residualExamples), for: .measuring)
    let rng = RandomSource.derived(seed: settings.training.seed, Self.residualStream, device: device)
    var sums = ResidualNoise.Sums()
    try withTensorErrors {
      for start in stride(from: 0, to: examples.count, by: Self.residualBatch) {
        let x = try examples.batch(start..<min(examples.count, start + Self.residualBatch), using: rng).x
        withoutGradients {
          whole.noise.add(x - regression.predict(whole.drawnCodes(x, using: rng)), to: &sums)
        }
      }
    }
    whole.noise.estimate(sums)
  }

  // MARK: A run that stands in for a stage

  /// What a copy of such a run consists of, so that this directory needs no other.
  private func copyGiven() throws {
    guard let directory, let design = settings.design as? any StagedDesign, let given = design.givenRun else { return }
    let copy = RunDirectory(directory.path + "/" + Self.encoderStage)
    guard !copy.exists else { return }
    let reference = try RunReference(given)
    let source = RunDirectory(reference.path)
    let files = FileManager.default
    let partial = copy.path + ".partial"
    do {
      if files.fileExists(atPath: partial) { try files.removeItem(atPath: partial) }
      try files.createDirectory(atPath: partial + "/checkpoints", withIntermediateDirectories: true)
      try files.copyItem(atPath: reference.file(), toPath: partial + "/checkpoints/last.safetensors")
      for (from, name) in [
        (source.configuration, "config.yaml"), (source.facts, "facts.json"), (source.scaling, "scaling.safetensors"),
        (source.metrics, "metrics.jsonl"), (source.path + "/" + Self.encoderStage, Self.encoderStage),
      ] where files.fileExists(atPath: from) {
        try files.copyItem(atPath: from, toPath: partial + "/" + name)
      }
      try files.moveItem(atPath: partial, toPath: copy.path)
    } catch let error as CocoaError {
      throw FileError(copy.path, "cannot copy the run '\(given)': \(error.localizedDescription)")
    }
  }
}

extension RunSettings {
  /// The same with what is known of a run that stands in for a stage.
  ///
  /// - Parameter directory: where a copy of it lies, of a run that has begun; nil reads the run itself.
  /// - Throws: `SettingsError` of `encoder.from` for a run that is missing, has not come to its end, or has no encoder.
  public func knowing(below directory: RunDirectory? = nil, place: DatasetOptions) throws -> RunSettings {
    guard var design = design as? any StagedDesign, let text = design.givenRun else { return self }
    let copy = directory.map { RunDirectory($0.path + "/" + Run.encoderStage) }
    let run: Run
    do {
      let reference = if let copy, copy.exists { RunReference(copy) } else { try RunReference(text) }
      run = try Run.open(reference, place: place)
      if reference.path != copy?.path { try reference.refuseUnfinished(run.settings) }
      let encoder = try run.model(as: .codes)
      design.given = try GivenRun(
        run.settings, run.facts, codeLength: withTensorErrors { encoder.codeLength(of: run.facts.shape) })
    } catch { throw SettingsError(path: "encoder.from", "\(error)") }
    var known = self
    known.design = design
    return known
  }
}

extension RunSettings {
  /// Refuses stages that cannot learn from these data, by the keys that they have here.
  func validateStages(_ facts: Facts, validation: Int?) throws(SettingsError) {
    guard let design = design as? any StagedDesign else { return }
    for plan in design.stages(self, facts) {
      var settings = plan.settings
      if plan.codesOf != nil { settings.data.codes = Run.encoderStage }
      do throws(SettingsError) {
        try settings.validate()
        try settings.validateCounts(facts, validation: validation)
      } catch {
        throw SettingsError(path: error.path.replacing(/^training/, with: plan.name), error.reason)
      }
    }
  }

  /// Refuses fresh codes of a run that has not come to its end, unless one of its checkpoints is named.
  public func refuseUnfinishedCodes() throws {
    guard let codes = data.codes, data.codeUse != .means else { return }
    let reference = try RunReference(codes)
    do {
      try reference.refuseUnfinished(
        Catalog.settings(SettingsDocument(file: RunDirectory(reference.path).existing().configuration)))
    } catch { throw SettingsError(path: "data.codes", "\(error)") }
  }
}

extension RunReference {
  /// Refuses a run that has not come to its end, unless a checkpoint is named.
  fileprivate func refuseUnfinished(_ settings: RunSettings) throws {
    guard checkpoint == nil, !(settings.design is any StagedDesign),
      try RunDirectory(path).end(settings) == nil
    else { return }
    throw TrainingError.missing(
      path, "the run has not come to its end; go on with: helmholtz resume \(path), or name a checkpoint (\(path)@last)"
    )
  }
}

extension Run {
  /// Gives a regression the weights of the decoder that it starts at.
  ///
  /// - Throws: `SettingsError` of `start` where the run of the codes has no such decoder.
  func startAtDecoder() throws {
    guard let design = settings.design as? RegressionDesign, let model = model as? CodeRegression else { return }
    guard let codes = settings.data.codes, let other = try encoderRun() else { return }
    let length = try withTensorErrors { try other.model(as: .codes).codeLength(of: other.facts.shape) }
    guard length == design.latent.dimensions else {
      throw SettingsError(
        path: "latent.dimensions",
        "expected the \(length) of the codes of '\(codes)', got \(design.latent.dimensions)")
    }
    guard design.start == .encoder else { return }
    let known = Dictionary(uniqueKeysWithValues: other.model.inUse.namedTensors.map { ($0.name, $0.tensor) })
    for (name, tensor) in model.namedTensors {
      guard let source = known[name], source.shape == tensor.shape else {
        throw SettingsError(
          path: "start",
          "\(other.settings.model) has no decoder like this one (\(name) is "
            + (known[name].map { "\($0.shape), not \(tensor.shape)" } ?? "missing") + "); set it to fresh, got encoder")
      }
      withoutGradients { tensor.copyInPlace(source) }
    }
  }
}
