import Configuration
import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Runs
import Systems
import Torch
import Training

/// Runs an experiment in a directory: every cell with every seed once, whatever was killed in between.
///
/// A finished cell is taken again where the same recipe made it. One that was trained by the same version of the
/// experiment with the same settings, and measured otherwise, is measured again. Anything else is refused, finished or
/// not: nothing of another scale, experiment, version or setting is mixed in.
public struct Reproduction: Sendable {
  /// What is repeated.
  public let experiment: Experiment
  /// The budget.
  public let scale: Experiment.Scale
  /// The directory of the results.
  public let directory: String
  let seeds: [UInt64]
  let place: DatasetOptions
  private let threads: Int?
  private let data: String?
  /// Held while a run begins, as two must not download the same file or write it to the cache.
  private let beginning = NSLock()
  /// Held while a feature network is looked for, so that one that is missing is trained once.
  let lookingForFeatures = NSLock()

  /// - Parameters:
  ///   - seeds: how many; nil is as many as the experiment declares for the scale.
  ///   - directory: of the results; what is finished in it is not done again.
  ///   - threads: of training; nil is one for each core.
  ///   - data: a set, a file or a folder in the place of the experiment's own; nil for that.
  public init(
    _ experiment: Experiment, scale: Experiment.Scale, seeds: Int? = nil, in directory: String,
    place: DatasetOptions, threads: Int? = nil, data: String? = nil
  ) {
    self.experiment = experiment
    self.scale = scale
    self.seeds = experiment.seeds(at: scale, count: seeds)
    self.directory = directory
    var place = place
    // All that is made for it is looked at no further.
    if scale == .smoke, data == nil { (place.trainCount, place.testCount) = (1000, 500) }
    self.place = place
    self.threads = threads
    self.data = data
  }

  /// Called with the name of a cell and its seed before it is worked on, its number and how many there are.
  public typealias Announcement = @Sendable (String, Int, Int) -> any TrainingObserver

  /// How a call ends.
  public enum Outcome: Sendable {
    /// It was stopped; the same call goes on.
    case stopped
    /// The share of one machine is finished; of all cells and seeds so many are.
    case shared(finished: Int, of: Int)
    /// All is finished.
    case finished(ReproductionSummary)
  }

  /// A cell with a seed.
  struct Piece: Sendable {
    let cell: Experiment.Cell
    let seed: UInt64
    /// Its number among those that this call works on, from 1.
    var number = 0
  }

  /// How many cells with their seeds it has, those without data among them.
  public var count: Int { pieces.count }

  /// Seed after seed: what is stopped early has compared all cells.
  private var pieces: [Piece] { pieces(seeds: seeds) }

  func pieces(seeds: [UInt64]) -> [Piece] { seeds.flatMap { seed in cells.map { Piece(cell: $0, seed: seed) } } }

  private var cells: [Experiment.Cell] { experiment.cells(scale).map { cell in data.map(cell.on) ?? cell } }

  /// Trains and measures all cells, draws the charts and writes `result.json` and `report.html`.
  ///
  /// - Parameters:
  ///   - jobs: cells at a time. Each has `threads` threads, whose number alone decides the last bits of its results.
  ///   - shard: does a share of the cells and writes no report; nil does all.
  ///   - before: how many cells of other experiments are counted before these, for `shard`.
  public func run(
    version: String, jobs: Int = 1, shard: Shard? = nil, before: Int = 0, announcing announce: @escaping Announcement,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> Outcome {
    if data != nil, !cells.contains(where: { $0.settings != nil || $0.data != nil }) {
      throw MetricError("--data has no effect: \(experiment.name) reads no examples")
    }
    try ReproductionDirectory(path: directory).prepare(for: experiment.name, scale)
    let absent = Dictionary(
      uniqueKeysWithValues: try cells.compactMap { cell in try missing(cell).map { (cell.name, $0) } })
    func isFinished(_ piece: Piece) -> Bool { CellFile.exists(in: path(piece.cell, piece.seed)) }
    // What another machine has finished is taken where this one lacks the data.
    func isThere(_ piece: Piece) -> Bool { absent[piece.cell.name] == nil || isFinished(piece) }
    // Shares are of all pieces: machines need not have the same data.
    var mine = pieces.enumerated().filter { shard?.takes(before + $0.offset) ?? true }.map(\.element).filter(isThere)
    for index in mine.indices { mine[index].number = index + 1 }
    let (total, isShared) = (mine.count, shard != nil)
    let found = try sideBySide(mine, jobs: jobs, shouldStop: shouldStop) { piece, stops in
      let observer = announce("\(piece.cell.name), seed \(piece.seed)", piece.number, total)
      return try withTensorErrors {
        try result(of: piece.cell, seed: piece.seed, isShared: isShared, observer, stops)
      }
    }
    guard found.allSatisfy({ $0 != nil }) else { return .stopped }
    if isShared { return .shared(finished: pieces.count(where: isFinished), of: pieces.count(where: isThere)) }
    var results = Results(cells: [])
    let worked = Set(mine.map(\.cell.name))
    results.skipped = absent.filter { !worked.contains($0.key) }
    results.cells = found.compactMap(\.self)
    return .finished(try report(results, version))
  }

  /// Why a cell that may be left out is: its data are not there. Nil for one that is worked on.
  private func missing(_ cell: Experiment.Cell) throws -> String? {
    guard cell.isOptional, let name = cell.settings?.data.name ?? cell.data else { return nil }
    do throws(DatasetError) {
      let dataset = try Dataset.named(name, place)
      for split in [Split.train, .test] where dataset.has(split) { _ = try dataset.examples(split) }
    } catch {
      guard case .unavailable = error else { throw error }
      return "\(error)"
    }
    return nil
  }

  // MARK: Cells

  func path(_ cell: Experiment.Cell, _ seed: UInt64) -> String {
    directory + "/" + cell.name.replacing("/", with: "-") + "-seed\(seed)"
  }

  func recipe(_ cell: Experiment.Cell, _ seed: UInt64) throws -> Recipe {
    Recipe(
      experiment: experiment.name, cell: cell.name, version: experiment.version, scale: scale, seed: seed,
      settings: try cell.settings(seed: seed)?.byPath() ?? cell.declared(), metrics: cell.metrics.map(\.name),
      trajectory: cell.trajectory.map(\.name), limit: cell.limit, gathersNorms: cell.gathersNorms)
  }

  private func result(
    of cell: Experiment.Cell, seed: UInt64, isShared: Bool, _ observer: any TrainingObserver,
    _ shouldStop: @escaping () -> Bool
  ) throws -> Results.CellResult? {
    // The number is that of the calling thread.
    if let threads, threads > 0, threads != Runtime.threads { Runtime.threads = threads }
    var recipe = try recipe(cell, seed)
    let run = RunDirectory(path(cell, seed))
    try begin(cell, recipe, in: run)
    let finished = try CellFile(in: run.path)
    if let finished { try check(finished.recipe, recipe, run.path) }
    if let settings = cell.settings, (cell.metrics + cell.trajectory).contains(where: \.need.features) {
      guard let network = try features(of: settings.data.name, isShared, observer, shouldStop) else { return nil }
      recipe.features = network
    }
    if let finished, finished.recipe == recipe { return finished.result }
    guard var result = try made(cell, seed, run, observer, shouldStop) else { return nil }
    result.machine = Machine.description
    try CellFile(recipe, result).write(in: run.path)
    return result
  }

  /// Refuses what was begun as something else; otherwise says what is begun, where nothing has been.
  private func begin(_ cell: Experiment.Cell, _ recipe: Recipe, in run: RunDirectory) throws {
    let isEmpty = !run.exists && !CellFile.exists(in: run.path)
    switch try Recipe.begun(in: run.path) {
    // Where data were missing there is a recipe and no run. Work need not have one.
    case let begun? where !isEmpty || cell.work != nil:
      try check(begun, recipe, run.path)
      if let settings = cell.settings(seed: recipe.seed), run.exists { try check(run, settings, recipe) }
    case nil where !isEmpty:
      throw FileError(
        run.path,
        "expected recipe.json, which says what a cell was begun by, got a cell without; choose another --out, or "
          + "remove \(run.path) to do it again")
    default: try recipe.begin(in: run.path)
    }
  }

  private func made(
    _ cell: Experiment.Cell, _ seed: UInt64, _ run: RunDirectory, _ observer: any TrainingObserver,
    _ shouldStop: @escaping () -> Bool
  ) throws -> Results.CellResult? {
    if let settings = cell.settings(seed: seed) { return try trained(cell, settings, run, observer, shouldStop) }
    let begin = Date()
    guard let (numbers, steps) = try cell.work?(seed, run, cell.data, featurePlace, observer, shouldStop) else {
      return nil
    }
    return Results.CellResult(
      name: cell.name, seed: seed, steps: steps, seconds: Date().timeIntervalSince(begin), numbers: numbers)
  }

  /// Refuses a cell that something else made, unless measuring it again is all that it takes.
  private func check(_ found: Recipe, _ recipe: Recipe, _ path: String) throws {
    guard found.name == recipe.name else {
      throw FileError(path, "is \(found.name), expected \(recipe.name); choose another --out")
    }
    guard found.settings == recipe.settings else { throw otherSettings(path, found.settings, recipe.settings) }
    guard found.version == recipe.version else {
      throw FileError(
        path,
        "was made by version \(found.version) of \(recipe.experiment), which is version \(recipe.version) now; "
          + "choose another --out, or remove \(path) to do it again")
    }
  }

  /// Refuses a run that was begun with other settings, or trained on with others since.
  private func check(_ run: RunDirectory, _ settings: RunSettings, _ recipe: Recipe) throws {
    let begun = try Catalog.settings(SettingsDocument(file: run.configuration)).byPath()
    // A run that leaves a setting to validations becomes one of its trials.
    let isTrial = try settings.trials.contains { try $0.settings.byPath() == begun }
    if begun != recipe.settings, !isTrial { throw otherSettings(run.path, begun, recipe.settings) }
  }

  private func otherSettings(_ path: String, _ found: [String: String], _ expected: [String: String]) -> FileError {
    FileError(
      path,
      "was trained with other settings than \(experiment.name) has at scale \(scale.rawValue): "
        + "\(differences(found, from: expected)); choose another --out, or remove \(path) to train it again")
  }

  private func trained(
    _ cell: Experiment.Cell, _ settings: RunSettings, _ run: RunDirectory, _ observer: any TrainingObserver,
    _ shouldStop: () -> Bool
  ) throws -> Results.CellResult? {
    var settings = settings
    if let threads { settings.training.threads = threads }
    let (training, dataset) = try beginning.withLock {
      let training =
        run.exists
        ? try Run.resume(settings, in: run, place: place) : try Run.begin(settings, in: run, place: place)
      let dataset = try training.dataset()
      // A split that nobody asks for may be missing; where one is needed it says so.
      for split in Split.allCases where dataset.has(split) { _ = try? dataset.examples(split) }
      return (training, dataset)
    }
    let (outcome, progress) = try training.train(observer: observer, shouldStop: shouldStop)
    if outcome == .interrupted { return nil }
    // Numbers, the end of the trajectory and pictures are of one checkpoint, the last.
    let last = RunReference(run, .last)
    let onTheWay = cell.trajectory.filter { !cell.metrics.contains($0) }
    let seed = settings.training.seed
    let numbers = try measure(cell.metrics + onTheWay, last, dataset, cell, seed)
    var trajectory: [String: [Results.Number]] = [:]
    let steps = cell.trajectory.isEmpty ? [] : try keptSteps(run).filter { $0 < progress.step } + [progress.step]
    for step in steps {
      let found =
        step == progress.step
        ? numbers : try measure(cell.trajectory, RunReference(run, .step(step)), dataset, cell, seed)
      for metric in cell.trajectory {
        if let number = found[metric.name] { trajectory[metric.name, default: []].append(number) }
      }
    }
    try draw(cell, last, dataset, seed)
    return Results.CellResult(
      name: cell.name, seed: seed, steps: progress.step, seconds: progress.seconds,
      numbers: numbers, trajectory: trajectory, trajectorySteps: steps)
  }

  private func measure(
    _ metrics: [Metric], _ reference: RunReference, _ dataset: Dataset, _ cell: Experiment.Cell, _ seed: UInt64
  ) throws -> [String: Results.Number] {
    var options = MeasuringOptions(place: cell.settings.map { featurePlace(of: $0.data.name) } ?? featurePlace)
    // The error over seeds is to show what draws change, too.
    options.seed = seed
    options.limit = cell.limit
    options.annealing = cell.annealing
    options.samples = cell.limit
    let values = try Run.open(reference, place: place)
      .measure(metrics, on: Selection(reportedOf: dataset), options, gathersNorms: cell.gathersNorms).values
    return Dictionary(
      values.map { ($0.metric, .init(value: $0.value, error: $0.standardError, examples: $0.examples)) }
    ) { first, _ in first }
  }

  /// Draws what the cell wants drawn, on test examples.
  private func draw(_ cell: Experiment.Cell, _ reference: RunReference, _ dataset: Dataset, _ seed: UInt64) throws {
    let run = try Run.open(reference, place: place)
    let scene = Drawing.Scene(
      run: run, test: try run.examples(Selection(reportedOf: dataset).split, of: dataset, limit: cell.limit),
      figures: RunDirectory(reference.path).figures, seed: seed)
    for drawing in cell.drawings { try withoutGradients { try drawing.draw(scene) } }
  }

  /// The steps whose checkpoints were kept, in order.
  private func keptSteps(_ run: RunDirectory) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints").compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
      return Int(name.dropFirst(5).dropLast(12))
    }.sorted()
  }

  // MARK: Results

  private func report(_ results: Results, _ version: String) throws -> ReproductionSummary {
    let charts = experiment.charts(results)
    for (name, chart) in charts { try chart.write(to: URL(fileURLWithPath: "\(directory)/\(name).svg")) }
    let summary = ReproductionSummary(experiment, scale, results, version: version)
    try ResultFile.write(summary, to: directory + "/result.json")
    try summary.page(charts.map(\.chart)).write(to: URL(fileURLWithPath: directory + "/report.html"))
    return summary
  }
}
