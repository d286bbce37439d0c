import Datasets
import Foundation

/// The experiments of all papers in one directory, each in one of its own under it.
public struct AllExperiments: Sendable {
  /// The directory that has them.
  public let directory: String
  private let place: DatasetOptions

  /// - Parameter directory: of the experiments' directories; `reproductions` unless one says otherwise.
  public init(in directory: String = "reproductions", place: DatasetOptions) {
    self.directory = directory
    self.place = place
  }

  /// Where an experiment has its results at a scale.
  public func path(of experiment: String, _ scale: Experiment.Scale) -> String {
    "\(directory)/\(experiment.replacing("/", with: "-"))-\(scale.rawValue)"
  }

  /// All of them at a scale.
  ///
  /// - Parameters:
  ///   - seeds: how many; nil is as many as each declares.
  ///   - threads: of training; nil is one for each core.
  public func reproductions(
    _ scale: Experiment.Scale, seeds: Int? = nil, threads: Int? = nil
  ) -> [Reproduction] {
    Experiment.all.map {
      Reproduction(
        $0, scale: scale, seeds: seeds, in: path(of: $0.name, scale), place: place, threads: threads)
    }
  }

  /// The call that works on an experiment in this directory.
  func command(_ experiment: String, _ scale: Experiment.Scale) -> String {
    let out = directory == "reproductions" ? "" : " --out \(quoted(path(of: experiment, scale)))"
    return "helmholtz reproduce \(experiment) --scale \(scale.rawValue)\(out)"
  }

  /// A path as a shell takes it for one word.
  private func quoted(_ path: String) -> String {
    path.contains { " '\"$&();".contains($0) } ? "'" + path.replacing("'", with: "'\\''") + "'" : path
  }

  /// What there is of everything at a scale; with nil, of each experiment what has the larger budget, `paper` before
  /// `cpu`.
  public func collected(_ scale: Experiment.Scale? = nil, version: String) -> CollectedResults {
    let entries = Experiment.all.map { experiment in
      let states = (scale.map { [$0] } ?? [.paper, .cpu]).map { scale in
        let found = Reproduction(experiment, scale: scale, in: path(of: experiment.name, scale), place: place)
        return (scale: scale, state: Result { try found.state(version: version) })
      }
      func rows(_ state: Result<Reproduction.State, any Error>) -> Int {
        (try? state.get())?.summary?.rows.count ?? 0
      }
      // The larger budget counts once it has every cell with a seed.
      let whole = states.first { rows($0.state) >= experiment.cells($0.scale).count }
      let chosen = whole ?? states.last { rows($0.state) > 0 } ?? states.last!
      let state = try? chosen.state.get()
      return CollectedResults.Entry(
        experiment: experiment.name, shows: experiment.summary, scale: chosen.scale, state: words(chosen.state),
        finished: state?.finished ?? 0, cells: state?.count ?? 0, seconds: state?.seconds ?? 0,
        command: command(experiment.name, chosen.scale), result: state?.summary)
    }
    return CollectedResults(entries, version: version)
  }

  /// A line of the list.
  public struct ListEntry: Codable, Sendable {
    /// Its name, and what it shows.
    public let experiment, shows: String
    /// The budget.
    public let scale: Experiment.Scale
    /// About how long all of its seeds take on two cores; nil where nobody has measured it.
    public let minutes: Int?
    /// `finished`, `not run`, or how many cells are finished.
    public let state: String
    /// Cells with their seeds that are finished, and how many there are to be.
    public let finished, cells: Int
  }

  /// Every experiment with what there is of it at a scale.
  public func list(_ scale: Experiment.Scale, version: String) -> [ListEntry] {
    reproductions(scale).map { reproduction in
      let found = Result { try reproduction.state(version: version) }
      let state = try? found.get()
      return ListEntry(
        experiment: reproduction.experiment.name, shows: reproduction.experiment.summary, scale: scale,
        minutes: reproduction.experiment.minutes(at: scale), state: words(found), finished: state?.finished ?? 0,
        cells: state?.count ?? reproduction.count)
    }
  }

  /// A state in words; one damaged file does not hide all others.
  private func words(_ state: Result<Reproduction.State, any Error>) -> String {
    switch state {
    case .success(let state): state.words
    case .failure(let error): "unreadable: \(error)"
    }
  }

  /// Writes what was collected as `results.json` and, for people, `results.html`.
  public func write(_ results: CollectedResults) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try ResultFile.write(results, to: directory + "/results.json")
    try results.page.write(to: URL(fileURLWithPath: directory + "/results.html"))
  }
}

/// What came out of all experiments, and every published number beside ours.
public struct CollectedResults: Codable, Sendable {
  /// One experiment.
  public struct Entry: Codable, Sendable {
    /// Its name, and what it shows.
    public let experiment, shows: String
    /// The budget.
    public let scale: Experiment.Scale
    /// `finished`, `not run`, or how many cells are finished.
    public let state: String
    /// Cells with their seeds that are finished, and how many there are to be.
    public let finished, cells: Int
    /// Wall time of training.
    public let seconds: Double
    /// What makes it or goes on with it.
    public let command: String
    /// What came out; nil where nothing did.
    public let result: ReproductionSummary?
  }

  /// A published number beside ours.
  public struct Number: Codable, Sendable {
    /// Where it is printed, and of what.
    public let paper, place, system, data, metric: String
    /// The number and the deviation over runs beside it, as printed.
    public let published: Double
    public let deviation: Double?
    /// Whose it is.
    public let origin: PublishedNumber.Origin
    /// Ours, in the paper's unit; nil where there is none.
    public let ours: Results.Mean?
    /// What ours is, or would be: the experiment and its cell; nil where none has it.
    public let experiment, cell: String?
    /// What was spent on it: the scale, steps of training, minutes of a seed, and on what machine.
    public let scale: Experiment.Scale?
    public let steps: Int?
    public let minutes: Double?
    public let machine: String?
    /// `as published` within two standard errors of both, `differs`, or why neither is said.
    public let verdict: String
    /// What makes ours; nil where nothing does.
    public let command: String?
  }

  /// How many there are of something.
  public struct Counts: Codable, Sendable {
    /// Numbers that papers print or draw, and those that have ours beside them.
    public let published, withOurs: Int
    /// Claims of the papers by verdict.
    public let holds, doesNotHold, notDecided, noVerdict: Int
  }

  /// What the numbers were obtained with.
  public let version: String
  public let counts: Counts
  /// In the order of the papers.
  public let numbers: [Number]
  public let experiments: [Entry]

  init(_ entries: [Entry], version: String) {
    self.version = version
    experiments = entries
    let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.experiment, $0) })
    numbers = PublishedNumber.all.map { number in Number(number, number.source.flatMap { byName[$0.experiment] }) }
    let verdicts = entries.compactMap(\.result).flatMap(\.claims).map(\.verdict)
    counts = Counts(
      published: numbers.count, withOurs: numbers.count { $0.ours != nil },
      holds: verdicts.count { $0 == .holds }, doesNotHold: verdicts.count { $0 == .doesNotHold },
      notDecided: verdicts.count { $0 == .notDecided }, noVerdict: verdicts.count { $0 == nil })
  }
}

extension CollectedResults.Number {
  fileprivate init(_ number: PublishedNumber, _ entry: CollectedResults.Entry?) {
    (paper, place, system) = (number.paper, number.place, number.system)
    (data, metric) = (number.data, number.metric)
    (published, deviation, origin) = (number.value, number.deviation, number.origin)
    (experiment, cell) = (number.source?.experiment, number.source?.cell)
    command = entry?.command
    let row = entry?.result?.rows.first { $0.cell == number.source?.cell }
    let found = row.flatMap { row in number.source?.name(among: row.numbers.keys).flatMap { row.numbers[$0] } }
    ours = found.flatMap { number.source?.converted($0) }
    let cells = ours == nil ? [] : entry?.result?.cells.filter { $0.name == number.source?.cell } ?? []
    scale = ours == nil ? nil : entry?.scale
    steps = cells.map(\.steps).max()
    minutes = cells.isEmpty ? nil : cells.reduce(0) { $0 + $1.seconds } / 60 / Double(cells.count)
    let machines = Set(cells.compactMap(\.machine)).sorted()
    machine = machines.isEmpty ? nil : machines.joined(separator: "; ")
    verdict = Self.verdict(number, ours, scale, entry?.result?.skipped[number.source?.cell ?? ""])
  }

  private static func verdict(
    _ number: PublishedNumber, _ ours: Results.Mean?, _ scale: Experiment.Scale?, _ leftOut: String?
  ) -> String {
    guard number.source != nil else {
      switch number.origin {
      case .setting: return "a setting"
      case .cited, .citedApproximately: return "cited only"
      case .own, .approximate, .script: return "no experiment"
      }
    }
    guard let ours, let scale else { return leftOut.map { "left out when last run: \($0)" } ?? "not run" }
    guard scale == .paper else { return "smaller budget" }
    if number.origin == .approximate || number.origin == .citedApproximately { return "printed as about so much" }
    // Theirs has less bias, as it is of more codes.
    if number.source?.metric == "mmd-prior" { return "biased by the number of codes" }
    guard let own = ours.standardError else { return "no standard error" }
    let error = (own * own + (number.deviation ?? 0) * (number.deviation ?? 0)).squareRoot()
    return abs(ours.value - number.value) <= 2 * error ? "as published" : "differs"
  }
}
