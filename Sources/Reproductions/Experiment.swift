import Configuration
import Datasets
import Evaluation
import Figures
import Systems
import Training

/// A table or a figure of a paper, as a declaration: what is trained and measured, and what the paper says of it.
///
/// To add one, write it in a file of its own and list it in `Experiment.all`. Cells are declared once; each is worked
/// on with every seed.
///
///     static let mine = Experiment(
///       name: "paper/table-1", summary: "the likelihood of two models", notes: "What a reader should know.",
///       cells: { scale in
///         ["vae", "avae"].map { Cell($0, settings($0, scale), metrics: [.iwae(samples: 5000)]) }
///       },
///       claims: { _ in
///         let nats = Measure(.iwae(samples: 5000), paper: ["avae": -84.59])
///         return [
///           Claim("An auxiliary variable helps.", nats("avae") > nats("vae")),
///           Claim("The paper's number, give or take a nat.", nats.isAsInPaper(within: 1), needsPaperBudget: true),
///         ]
///       })
public struct Experiment: Sendable {
  /// The paper's key and the table or figure, such as `info/table-1`.
  public let name: String
  /// Raised when what is trained or measured changes although no setting and no metric's name does, so that nothing
  /// that was begun before is taken for it.
  public let version: Int
  /// What it shows, in one line.
  public let summary: String
  /// What a reader should know of the protocol: budgets, choices where the paper is silent.
  public let notes: String
  /// How many seeds a scale has, where it is not `Scale.seeds`.
  public let seeds: [Scale: Int]
  /// What is trained and measured at a scale, with every seed.
  public let cells: @Sendable (Scale) -> [Cell]
  /// What the paper says, in numbers that the cells have at a scale.
  public let claims: @Sendable (Scale) -> [Claim]
  /// The charts of the results, with the names of their files.
  public let charts: @Sendable (Results) -> [(name: String, chart: any Chart)]

  /// A declaration; see the properties for what its parts mean.
  public init(
    name: String, version: Int = 1, summary: String, notes: String, seeds: [Scale: Int] = [:],
    cells: @escaping @Sendable (Scale) -> [Cell], claims: @escaping @Sendable (Scale) -> [Claim] = { _ in [] },
    charts: @escaping @Sendable (Results) -> [(name: String, chart: any Chart)] = { _ in [] }
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.notes = notes
    self.seeds = seeds
    self.cells = cells
    self.claims = claims
    self.charts = charts
  }

  /// How much of the paper's budget is spent.
  public enum Scale: String, Codable, Sendable, CaseIterable {
    /// Seconds: that everything runs.
    case smoke
    /// At most two hours a seed on two cores.
    case cpu
    /// The paper's.
    case paper

    /// How many seeds an experiment has unless it says otherwise.
    var seeds: Int { self == .smoke ? 1 : 3 }
  }

  /// One system with its data, or other work; what varies with the seed is not its business.
  public struct Cell: Sendable {
    /// Names its directory and its results: the system, then what is varied, such as `mmd-vae/10`.
    public let name: String
    /// The system, its data and its training, whole but for the seed; nil for work without a system.
    public let settings: RunSettings?
    /// Measured on the test split at the last step.
    public let metrics: [Metric]
    /// Measured at each checkpoint that is kept on the way, and at the last step.
    public let trajectory: [Metric]
    /// Test examples that are measured on; nil is all.
    public let limit: Int?
    /// Whether it is measured with batch norm's statistics over the whole training set.
    public let gathersNorms: Bool
    /// How `ais` anneals, where it is measured.
    public let annealing: AnnealingOptions
    /// What is drawn among the figures of its run.
    public let drawings: [Drawing]
    /// What is done instead of training a system on data; its result, or nil if it was stopped.
    let work: PlacedWork?
    /// The data that such work reads; nil for none.
    public let data: String?
    /// Whether the cell is left out, which is said, where its data are not there.
    public let isOptional: Bool
    /// What such work trains, by names of its own; nothing of other settings is gone on with.
    let trains: [String: RunSettings]
    /// Whether `data` takes the place of what is declared.
    var isOnOtherData = false

    /// Work with a seed in a run directory of its own, which goes on where it was killed.
    public typealias Work =
      @Sendable (UInt64, RunDirectory, any TrainingObserver, () -> Bool) throws -> (
        numbers: [String: Results.Number], steps: Int
      )?

    /// What work on data is given.
    public struct Job {
      /// The seed.
      public let seed: UInt64
      /// A directory of its own, which it goes on in where it was killed.
      public let run: RunDirectory
      /// The data set's name, and where it is found.
      public let data: String
      public let place: DatasetOptions
      /// Hears of progress, and says when to stop.
      public let observer: any TrainingObserver
      public let shouldStop: () -> Bool
    }

    /// A cell without a system or data.
    public init(_ name: String, work: @escaping Work) {
      self.init(
        name, on: nil, isOptional: false,
        placed: { seed, run, _, _, observer, stop in
          try work(seed, run, observer, stop)
        })
    }

    /// A cell without a system that works on data.
    ///
    /// - Parameter trains: what it trains, by names of its own.
    public init(
      _ name: String, on data: String, isOptional: Bool = false, trains: [String: RunSettings] = [:],
      work: @escaping @Sendable (Job) throws -> (numbers: [String: Results.Number], steps: Int)?
    ) {
      self.init(
        name, on: data, isOptional: isOptional, trains: trains,
        placed: { seed, run, data, place, observer, stop in
          try work(Job(seed: seed, run: run, data: data!, place: place, observer: observer, shouldStop: stop))
        })
    }

    fileprivate init(
      _ name: String, on data: String?, isOptional: Bool, trains: [String: RunSettings] = [:],
      placed work: @escaping PlacedWork
    ) {
      self.name = name
      settings = nil
      (metrics, trajectory, limit, gathersNorms, drawings) = ([], [], nil, false, [])
      annealing = AnnealingOptions()
      self.work = work
      (self.data, self.isOptional, self.trains) = (data, isOptional, trains)
    }

    /// `Work` that is told its data, if it has some, and where they are.
    typealias PlacedWork =
      @Sendable (UInt64, RunDirectory, String?, DatasetOptions, any TrainingObserver, @escaping () -> Bool) throws -> (
        numbers: [String: Results.Number], steps: Int
      )?

    /// A system that is trained on data, measured and drawn.
    public init(
      _ name: String, _ settings: RunSettings, metrics: [Metric], trajectory: [Metric] = [], limit: Int? = nil,
      gathersNorms: Bool = false, annealing: AnnealingOptions = AnnealingOptions(), drawings: [Drawing] = [.samples],
      isOptional: Bool = false
    ) {
      self.name = name
      self.settings = settings
      self.metrics = metrics
      self.trajectory = trajectory
      self.limit = limit
      self.gathersNorms = gathersNorms
      self.annealing = annealing
      self.drawings = drawings
      self.isOptional = isOptional
      (work, data, trains) = (nil, nil, [:])
    }
  }

  /// The seeds at a scale: 1, 2, and so on.
  ///
  /// - Parameter count: how many; nil is as many as are declared.
  public func seeds(at scale: Scale, count: Int? = nil) -> [UInt64] {
    (1...(count ?? seeds[scale] ?? scale.seeds)).map(UInt64.init)
  }

  /// Those that can be reproduced.
  public static let all: [Experiment] = [
    .infoFigure1, .infoFigure2, .infoFigure3, .infoFigure4, .infoFigure5, .infoTable1,
    .adgmFigure2ab, .adgmFigure2cd, .adgmTable1, .adgmTable2MNIST, .adgmTable2SVHN, .adgmTable2NORB, .adgmFigure3,
    .adgmFigure4,
    .adgmFigure5, .avbFigure1, .avbFigure3, .avbFigure4, .avbTable1, .avbFigure5, .avbFigure6, .avbTable2, .avbFigure7,
    .avbFixedDecoder, .avbFigure9, .avbFigure10, .uniFigure2,
    .uniEvaluation, .uniTable2Left, .uniTable2Middle, .uniTable3, .uniTable4,
    .aslFigure2, .aslFigure3, .aslFigure4, .aslFigure5, .aslFigure6, .aslTable1, .aslFigure7, .aslFigure8, .aslFigure9,
    .aslFigure10, .aslFigure11, .aslFigure12,
  ]

  /// The experiment of this name.
  public static func named(_ name: String) throws -> Experiment {
    if let found = all.first(where: { $0.name == name }) { return found }
    let hint = nearest(to: name, among: all.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
    throw MetricError("unknown experiment '\(name)'; there are \(all.map(\.name).joined(separator: ", "))\(hint)")
  }
}

extension Experiment.Cell {
  /// The same cell on other data: a set, a file or a folder, with all of its examples. A cell that holds none of them
  /// out goes on so.
  func on(_ data: String) -> Experiment.Cell {
    guard var settings else {
      guard self.data != nil, let work else { return self }
      var cell = Experiment.Cell(name, on: data, isOptional: isOptional, trains: trains, placed: work)
      cell.isOnOtherData = true
      return cell
    }
    settings.data.name = data
    settings.data.limit = nil
    if settings.data.validation != 0 { settings.data.validation = nil }
    return Experiment.Cell(
      name, settings, metrics: metrics, trajectory: trajectory, limit: limit, gathersNorms: gathersNorms,
      annealing: annealing, drawings: drawings, isOptional: isOptional)
  }

  /// What a recipe says of work: the settings of what it trains, and data that are not the declared ones.
  func declared() throws -> [String: String] {
    var values: [String: String] = isOnOtherData ? ["data": data ?? ""] : [:]
    for (name, settings) in trains {
      for (path, value) in try settings.byPath() { values["\(name).\(path)"] = value }
    }
    return values
  }

  /// The settings with a seed: of weights, order and noise, and of which examples are labelled and held out.
  func settings(seed: UInt64) -> RunSettings? {
    guard var settings else { return nil }
    settings.training.seed = seed
    settings.data.seed = seed
    return settings
  }
}
