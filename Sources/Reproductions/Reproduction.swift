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

/// Runs an experiment in a directory: every cell once, whatever was killed in between.
public struct Reproduction {
  /// What is written to `result.json`.
  public struct Summary: Codable, Sendable {
    /// The experiment as it is declared, and the scale it was run at.
    public let experiment, scale, summary, notes: String
    /// The paper's claims beside what came out.
    public let claims: [Verdict]
    /// What came out of every cell.
    public let cells: [Results.CellResult]
    /// What the numbers were obtained with.
    public let machine, commit, version: String
    /// Wall time of all cells.
    public let seconds: Double

    /// A claim beside what came out.
    public struct Verdict: Codable, Sendable {
      /// The sentence.
      public let claim: String
      /// The paper's numbers by the names of cells, and those that came out.
      public let paper, found: [String: Double]
      /// Nil where the results do not say.
      public let holds: Bool?
    }
  }

  private let experiment: Experiment
  private let scale: Experiment.Scale
  private let directory: String
  private let place: DatasetOptions
  private let threads: Int?

  /// - Parameters:
  ///   - directory: of the results; what is finished in it is not done again.
  ///   - threads: of training; nil is one for each core.
  public init(
    _ experiment: Experiment, scale: Experiment.Scale, in directory: String, place: DatasetOptions, threads: Int? = nil
  ) {
    self.experiment = experiment
    self.scale = scale
    self.directory = directory
    self.place = place
    self.threads = threads
  }

  /// Called with a cell's name before it is worked on, its number and how many there are.
  public typealias Announcement = (String, Int, Int) -> any TrainingObserver

  /// Trains and measures all cells, draws the charts and writes `result.json`; nil if `shouldStop` came first.
  public func run(
    version: String, announcing announce: Announcement, shouldStop: () -> Bool = { false }
  ) throws -> Summary? {
    let cells = experiment.cells(scale)
    var results = Results(cells: [])
    for (index, cell) in cells.enumerated() {
      let observer = announce(cell.name, index + 1, cells.count)
      let run = RunDirectory(path(cell))
      if run.exists, let settings = cell.settings { try check(run, settings) }
      guard let result = try finished(cell) ?? result(of: cell, run, observer, shouldStop) else { return nil }
      results.cells.append(result)
    }
    return try report(results, version)
  }

  // MARK: Cells

  private func path(_ cell: Experiment.Cell) -> String {
    directory + "/" + cell.name.replacing("/", with: "-") + "-seed\(cell.seed)"
  }

  /// The result of a cell that was finished before, with these very settings.
  private func finished(_ cell: Experiment.Cell) throws -> Results.CellResult? {
    let file = path(cell) + "/cell.json"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do {
      return try JSONDecoder().decode(Results.CellResult.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      throw FileError(file, "expected the result of a finished cell, got something else; remove the file")
    }
  }

  /// Refuses a run that was begun with other settings: at another scale, or by an earlier version of the experiment.
  private func check(_ run: RunDirectory, _ settings: RunSettings) throws {
    var begun = try Catalog.settings(SettingsDocument(file: run.configuration))
    // The number of threads is the machine's, not the experiment's.
    begun.training.threads = settings.training.threads
    guard begun == settings else {
      throw FileError(
        run.path,
        "was trained with other settings than \(experiment.name) at scale \(scale.rawValue) has; "
          + "choose another --out")
    }
  }

  private func result(
    of cell: Experiment.Cell, _ run: RunDirectory, _ observer: any TrainingObserver, _ shouldStop: () -> Bool
  ) throws -> Results.CellResult? {
    guard let work = cell.work else {
      guard let settings = cell.settings else { return nil }
      return try trained(cell, settings, run, observer, shouldStop)
    }
    let begin = Date()
    guard let (numbers, steps) = try work(run, observer, shouldStop) else { return nil }
    let result = Results.CellResult(
      name: cell.name, seed: cell.seed, steps: steps, seconds: Date().timeIntervalSince(begin),
      numbers: numbers, trajectory: [:], trajectorySteps: [])
    try Self.write(result, to: path(cell) + "/cell.json")
    return result
  }

  private func trained(
    _ cell: Experiment.Cell, _ settings: RunSettings, _ run: RunDirectory, _ observer: any TrainingObserver,
    _ shouldStop: () -> Bool
  ) throws -> Results.CellResult? {
    var settings = settings
    if let threads { settings.training.threads = threads }
    let training =
      run.exists
      ? try Run.resume(settings, in: run, place: place) : try Run.begin(settings, in: run, place: place)
    let (outcome, progress) = try training.train(observer: observer, shouldStop: shouldStop)
    if outcome == .interrupted { return nil }
    let dataset = try training.dataset()
    try prepareFeatures(cell, settings.data.name, observer, shouldStop)
    let numbers = try measure(cell.metrics, RunReference(run), dataset, cell)
    var trajectory: [String: [Results.Number]] = [:]
    let steps = cell.trajectory.isEmpty ? [] : try keptSteps(run)
    for step in steps {
      for (name, number) in try measure(cell.trajectory, RunReference(run, .step(step)), dataset, cell) {
        trajectory[name, default: []].append(number)
      }
    }
    try draw(cell, RunReference(run), dataset)
    let result = Results.CellResult(
      name: cell.name, seed: cell.seed, steps: progress.step, seconds: progress.seconds, numbers: numbers,
      trajectory: trajectory, trajectorySteps: steps)
    try Self.write(result, to: path(cell) + "/cell.json")
    return result
  }

  private func measure(
    _ metrics: [Metric], _ reference: RunReference, _ dataset: Dataset, _ cell: Experiment.Cell
  ) throws -> [String: Results.Number] {
    var options = MeasuringOptions(place: place)
    options.limit = cell.limit
    options.samples = cell.limit
    let selection = Selection(dataset.has(.test) ? .test : .validation, of: dataset)
    let values = try Run.open(reference, place: place)
      .measure(metrics, on: selection, options, gathersNorms: cell.gathersNorms).values
    return Dictionary(
      uniqueKeysWithValues: values.map { ($0.metric, Results.Number(value: $0.value, error: $0.standardError)) })
  }

  /// Draws what the cell wants drawn, on test examples.
  private func draw(_ cell: Experiment.Cell, _ reference: RunReference, _ dataset: Dataset) throws {
    let run = try Run.open(reference, place: place)
    let scene = Drawing.Scene(
      run: run,
      test: try run.examples(dataset.has(.test) ? .test : .validation, of: dataset, limit: cell.limit),
      figures: RunDirectory(reference.path).figures, seed: cell.seed)
    for drawing in cell.drawings { try withoutGradients { try drawing.draw(scene) } }
  }

  /// The steps whose checkpoints were kept, in order.
  private func keptSteps(_ run: RunDirectory) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints").compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
      return Int(name.dropFirst(5).dropLast(12))
    }.sorted()
  }

  /// Trains the feature network of the cell's data where a metric needs it and there is none yet.
  private func prepareFeatures(
    _ cell: Experiment.Cell, _ data: String, _ observer: any TrainingObserver, _ shouldStop: () -> Bool
  ) throws {
    guard cell.metrics.contains(where: \.need.features) else { return }
    let file = FeatureNetworks.defaultFile(for: data, cache: place.cacheDirectory)
    guard !FileManager.default.fileExists(atPath: file) else { return }
    var settings = FeatureSettings(data: data)
    if scale == .smoke { (settings.epochs, settings.limit) = (1, 500) }
    _ = try FeatureTraining(settings, to: file, place).train(observer: observer, shouldStop: shouldStop)
  }

  // MARK: Results

  private func report(_ results: Results, _ version: String) throws -> Summary {
    for (name, chart) in experiment.charts(results) {
      try chart.write(to: URL(fileURLWithPath: "\(directory)/\(name).svg"))
    }
    let verdicts = experiment.claims.map { claim in
      let found = claim.check(results)
      return Summary.Verdict(claim: claim.text, paper: claim.paper, found: found?.found ?? [:], holds: found?.holds)
    }
    let report = Summary(
      experiment: experiment.name, scale: scale.rawValue, summary: experiment.summary, notes: experiment.notes,
      claims: verdicts, cells: results.cells, machine: Machine.description, commit: Machine.commit, version: version,
      seconds: results.cells.reduce(0) { $0 + $1.seconds })
    try Self.write(report, to: directory + "/result.json")
    return report
  }

  private static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write([UInt8](encoder.encode(value)), to: path)
  }
}
