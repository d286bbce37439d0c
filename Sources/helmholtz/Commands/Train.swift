import ArgumentParser
import Configuration
import Datasets
import Foundation
import Runs
import Systems
import Torch
import Training

/// `helmholtz train MODEL|recipe.yaml`
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on data.",
    discussion: """
      Example:  helmholtz train vae --data mnist --epochs 20 --set latent.dimensions=20

      Systems between two domains take any two sets:

        helmholtz train ada --source mnist --target mnist-shifted
        helmholtz train cyclegan --source photos/horses --target photos/zebras --image-size 64

      Systems of stages take an encoder, which may be a run of your own, and a density of its codes:

        helmholtz train asl --encoder mi --density flow --data fashion-mnist
        helmholtz train asl --encoder runs/infomax-photos-1 --density gmm --data photos
      """)

  @OptionGroup var choice: ModelChoice
  @Option(help: "A data set (see 'helmholtz data list'), a file or a folder of images.")
  var data: String?
  @Option(help: "The first of two data sets, another name of --data: the labelled one of ada, domain a of cyclegan.")
  var source: String?
  @Option(help: "The second of two data sets: the one without labels of ada, domain b of cyclegan.")
  var target: String?
  @Option(help: "The encoder of a system of stages: vae, mi, infomax, or a run that can encode.") var encoder: String?
  @Option(help: "The density of its codes: flow, nice, maf, gmm, vae or gan.") var density: String?
  @OptionGroup var form: DataForm
  @OptionGroup var place: DataPlace
  @Option(help: "Number of passes over the training set.") var epochs: Int?
  @Option(help: "Number of rounds, instead of epochs.") var steps: Int?
  @Option(help: "Seed for weights, data order and noise.") var seed: UInt64?
  @Option(help: "Number format of matrix products: float32 or bf16.") var precision: String?
  @Option(help: "Where to compute: cpu, cuda or mps.") var device: String?
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads: Int?
  @Option(help: "Use only the first N training examples.") var limit: Int?
  @Option(help: "Use the labels of N examples of every class.") var labelsPerClass: Int?
  @Option(
    name: .customLong("run"), help: "Directory of the run (default: runs/MODEL-DATA-N).")
  var directory: String?
  @Flag(help: "Check everything and show the model, but do not train.") var dryRun = false
  @OptionGroup var output: TrainingOutput

  func run() throws {
    if let seat = try output.seat(), seat.rank > 0, !dryRun { return try output.follow(seat, place: place.options) }
    let settings = try choice.settings(options)
    try refuseTwoSets(settings, [("--source", source), ("--target", target)])
    if !(settings.design is any StagedDesign),
      let (option, _) = [("--encoder", encoder), ("--density", density)].first(where: { $0.1 != nil })
    {
      throw ValidationError("\(option) has no effect: \(settings.model) is not made of stages; asl is")
    }
    try refuseHalfAPair(settings)
    try output.check(settings)
    try settings.refuseUnfinishedCodes()
    if dryRun { return try show(Run.prepare(settings, place: place.options)) }
    guard let directory else {
      return try output.play(Run.begin(settings, numbered: Self.baseName(settings), place: place.options))
    }
    try output.play(Run.begin(settings, in: RunDirectory(directory), place: place.options))
  }

  func validate() throws {
    if epochs != nil && steps != nil { throw ValidationError("Give --epochs or --steps, not both.") }
    if data != nil && source != nil { throw ValidationError("Give --data or --source, not both.") }
  }

  /// Refuses a file or a folder of the user's own beside a set that is there by default.
  private func refuseHalfAPair(_ settings: RunSettings) throws {
    guard let second = settings.design.target, !choice.model.contains("/"), !choice.model.hasSuffix(".yaml") else {
      return
    }
    func isSaid(_ given: String?, _ path: String) -> Bool {
      given != nil || choice.changes.contains { $0.hasPrefix(path + "=") }
    }
    let sets = [
      (
        option: source == nil && data != nil ? "--data" : "--source", name: settings.data.name,
        isSaid: isSaid(source ?? data, "data.name")
      ),
      (option: "--target", name: second.name, isSaid: isSaid(target, "target.name")),
    ]
    for (own, other) in [(sets[0], sets[1]), (sets[1], sets[0])]
    where own.isSaid && !other.isSaid && Dataset.isFile(own.name) {
      throw ValidationError(
        "\(own.option) '\(own.name)' is alone: give \(other.option) too, which would be \(other.name)")
    }
  }

  private func options(_ settings: RunSettings) -> [SettingsDocument?] {
    // A file of labels has those that are known: all of them are used.
    let all = form.labels != nil && settings.design.labels != nil ? "null" : nil
    return [
      setting("data.name", data, isText: true, option: "--data"),
      setting("data.name", source, isText: true, option: "--source"), targetSetting(settings, target),
    ]
      + (settings.design is any StagedDesign
        ? [
          setting("encoder.from", encoder, isText: true, option: "--encoder"),
          setting("density.kind", density, isText: true, option: "--density"),
        ] : []) + [
        setting("training.epochs", epochs, option: "--epochs"), setting("training.steps", steps, option: "--steps"),
      ] + stageLengths(settings) + [
        setting("training.seed", seed, option: "--seed"),
        setting("training.precision", precision, option: "--precision"),
        setting("training.device", device, option: "--device"),
        setting("training.threads", threads, option: "--threads"),
        setting("data.limit", limit, option: "--limit"),
        setting("labels.perClass", labelsPerClass.map(String.init) ?? all, option: "--labels-per-class"),
      ] + form.changes
  }

  /// Where the command line has a length, stages have it too, unless `--set` says otherwise.
  private func stageLengths(_ settings: RunSettings) -> [SettingsDocument?] {
    guard epochs != nil || steps != nil, let design = settings.design as? SupervisedDesign else { return [] }
    let stages = [
      ("encoder", design.encoder.training), ("density", design.density.training),
      ("regression", design.regression.training),
    ]
    return stages.filter { $0.1.epochs != nil }.map {
      setting("\($0.0).epochs", "null", option: epochs == nil ? "--steps" : "--epochs")
    }
  }

  /// Shows what would be trained.
  private func show(_ run: Run) throws {
    let (settings, info) = (run.settings, try run.dataset().info)
    printCard(run.model.card)
    print("\ndata    \(info.name): \(info.summary)")
    if let target = try run.targetDataset()?.info { print("target  \(target.name): \(target.summary)") }
    let trials = settings.trials.map(\.trial)
    if let first = trials.first {
      print("trials  \(first.path) \(trials.map(\.value).joined(separator: ", ")): a run each, the best is kept")
    }
    if let design = settings.design as? any StagedDesign {
      for plan in design.stages(settings, run.facts) {
        print("stage   \(plan.name): \(plan.settings.model), \(Self.length(plan.settings.training))")
      }
      return print("length  that of each stage, out of \(run.facts.examples) examples")
    }
    print("length  \(Self.length(settings.training)) out of \(run.facts.examples) examples")
  }

  private static func length(_ training: TrainingSettings) -> String {
    let length =
      switch training.duration {
      case .epochs(let count): count == 1 ? "1 epoch" : "\(count) epochs"
      case .steps(let count): count == 1 ? "1 step" : "\(count) steps"
      }
    return "\(length) of batches of \(training.batchSize)"
  }

  /// `runs/MODEL-DATA-`, to be numbered.
  private static func baseName(_ settings: RunSettings) -> String {
    let file = (settings.data.name as NSString).lastPathComponent
    let data = Dataset.isFile(settings.data.name) ? (file as NSString).deletingPathExtension : file
    return "runs/\(settings.model)-\(data)-"
  }
}

/// The change of the second data set, of settings that have one.
private func targetSetting(_ settings: RunSettings, _ target: String?) -> SettingsDocument? {
  settings.design.target == nil ? nil : setting("target.name", target, isText: true, option: "--target")
}

/// Refuses options about two data sets, where a model has one.
private func refuseTwoSets(_ settings: RunSettings, _ options: [(name: String, value: String?)]) throws {
  guard settings.design.target == nil, let given = options.first(where: { $0.value != nil }) else { return }
  throw ValidationError("\(given.name) has no effect: \(settings.model) has one set of examples; give --data")
}

/// `helmholtz resume RUN`
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run that was stopped or killed.",
    discussion: """
      Example:  helmholtz resume runs/vae-mnist-1 --epochs 200

      The data have to be those that the run began with: their number, shape, classes and values are compared.
      """)

  @Argument(help: ArgumentHelp("The run's directory.", valueName: "run")) var directory: String
  @Option(help: "Where the run's data are now: a data set, a file or a folder (default: where they were).")
  var data: String?
  @Option(help: "Where the run's second data set is now (default: where it was).") var target: String?
  @Flag(help: "Train on data that have changed since the run began.") var acceptOtherData = false
  @OptionGroup var place: DataPlace
  @Option(help: "Extend the run to N epochs.") var epochs: Int?
  @Option(help: "Extend the run to N rounds.") var steps: Int?
  @OptionGroup var output: TrainingOutput

  func validate() throws {
    if epochs != nil && steps != nil { throw ValidationError("Give --epochs or --steps, not both.") }
  }

  func run() throws {
    if let seat = try output.seat(), seat.rank > 0 { return try output.follow(seat, place: place.options) }
    let run = try Run.resume(RunDirectory(directory), place: place.options, acceptsOtherData: acceptOtherData) {
      settings in
      try refuseTwoSets(settings, [("--target", target)])
      let changes = [
        setting("data.name", data, isText: true, option: "--data"), targetSetting(settings, target),
        setting("training.epochs", epochs, option: "--epochs"), setting("training.steps", steps, option: "--steps"),
      ]
      for case let change? in changes { try settings.apply(change) }
    }
    try output.check(run.settings)
    try output.play(run)
  }
}

/// A training on the terminal: a bar, signals, and the report at its end.
struct TrainingOutput: ParsableArguments {
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false
  @Flag(help: "Train stages one after the other, not side by side; the results are the same.") var serial = false

  @Option(help: "Train by N processes on this machine, each with a part of every batch.") var processes: Int?

  func validate() throws {
    if let processes, processes < 1 { throw ValidationError("--processes: expected at least 1, got \(processes)") }
  }

  /// The place that a launcher gave this process; nil for one that is alone, or is its own launcher.
  func seat() throws -> Seat? {
    let seat = try Seat.fromEnvironment()
    if let seat, let processes, processes != seat.count {
      throw ValidationError("--processes: expected the \(seat.count) of the environment, got \(processes)")
    }
    return seat
  }

  /// How many processes train.
  private func processCount() throws -> Int { try seat()?.count ?? processes ?? 1 }

  /// Refuses what has no effect on a run of these settings.
  func check(_ settings: RunSettings) throws {
    let count = try processCount()
    if count > 1 { try settings.refuseProcesses(count) }
    if serial, !(settings.design is any StagedDesign) {
      throw ValidationError("--serial has no effect: \(settings.model) is not made of stages")
    }
  }

  private struct Summary: Encodable {
    let run, report, outcome: String
    let step: Int
    let bestBound: Double?
  }

  /// Trains to the end or to a signal, then writes the report.
  func play(_ run: Run) throws {
    if run.settings.training.precision == .bf16, run.settings.training.device == .cpu, !Runtime.multipliesBFloat16 {
      note("bf16: this processor has no bfloat16 instructions; steps take longer than in float32")
    }
    let signals = Signals()
    let lines = ProgressLines()
    let count = try processCount()
    if let before = run.checkpoint?.progress, (before.processes ?? 1) != count {
      note(
        "processes: \(before.processes ?? 1) have trained this run so far, \(count) go on; the last bits may differ from "
          + "those of an unbroken run")
    }
    let (outcome, progress) =
      try run.settings.design is any StagedDesign
      ? run.trainStages(
        serial: serial, observer: { ProgressBar(isSilent: quiet, name: $0, in: lines) },
        shouldStop: { signals.received != nil })
      : train(run, count, signals, ProgressBar(isSilent: quiet, in: lines))
    lines.finish()
    if outcome != .interrupted { try run.finish() }
    let directory = run.directory!
    if json {
      try printJSON(
        Summary(
          run: directory.path, report: directory.report, outcome: outcome.rawValue, step: progress.step,
          bestBound: progress.bestScore))
    } else if outcome == .interrupted {
      print("stopped at step \(progress.step); go on with: helmholtz resume \(directory.path)")
    } else {
      print("run     \(directory.path)\nreport  \(directory.report)")
    }
    if outcome == .interrupted, let signal = signals.received { throw ExitCode(128 + signal) }
  }

  private func train(
    _ run: Run, _ count: Int, _ signals: Signals, _ observer: ProgressBar
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    guard count > 1 else { return try run.train(observer: observer) { signals.received != nil } }
    return try Crew.lead(run, seat: seat(), processes: count).work { peers in
      try run.train(observer: observer, peers: peers) { signals.received != nil }
    }
  }

  /// Trains as one of several processes that is not the first: silently, as that one speaks and writes.
  func follow(_ seat: Seat, place: DatasetOptions) throws {
    let signals = Signals()
    let (crew, run) = try Crew.follow(seat, place: place)
    let (outcome, _) = try crew.work { peers in
      try run.train(observer: SilentObserver(), peers: peers) { signals.received != nil }
    }
    if outcome == .interrupted, let signal = signals.received { throw ExitCode(128 + signal) }
  }
}
