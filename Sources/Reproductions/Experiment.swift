import Evaluation
import Figures
import Systems
import Training

/// A table or a figure of a paper, as a declaration: what is trained and measured, and what the paper says of it.
///
/// To add one, write it in a file of its own, as `InfoTable1.swift` does, and list it in `Experiment.all`.
public struct Experiment: Sendable {
  /// The paper's key and the table or figure, such as `info/table-1`.
  public let name: String
  /// What it shows, in one line.
  public let summary: String
  /// What is trained and measured at a scale.
  public let cells: @Sendable (Scale) -> [Cell]
  /// What the paper says, each beside what came out.
  public let claims: [Claim]
  /// The charts of the results, with the names of their files.
  public let charts: @Sendable (Results) -> [(name: String, chart: any Chart)]
  /// What a reader should know of the protocol: budgets, choices where the paper is silent.
  public let notes: String

  /// A declaration; see the properties for what its parts mean.
  public init(
    name: String, summary: String, notes: String, cells: @escaping @Sendable (Scale) -> [Cell], claims: [Claim],
    charts: @escaping @Sendable (Results) -> [(name: String, chart: any Chart)] = { _ in [] }
  ) {
    self.name = name
    self.summary = summary
    self.notes = notes
    self.cells = cells
    self.claims = claims
    self.charts = charts
  }

  /// How much of the paper's budget is spent.
  public enum Scale: String, Sendable, CaseIterable {
    /// Seconds: that everything runs.
    case smoke
    /// At most two hours on two cores.
    case cpu
    /// The paper's.
    case paper
  }

  /// One model with one seed.
  public struct Cell: Sendable {
    /// Names its directory and its results: the system, then what is varied, such as `mmd-vae/10`.
    public let name: String
    /// The system, its data and its training, whole; nil for work without a system.
    public let settings: RunSettings?
    /// The seed of weights, order and noise.
    public let seed: UInt64
    /// Measured on the test split at the end.
    public let metrics: [Metric]
    /// Measured at each checkpoint that is kept on the way.
    public let trajectory: [Metric]
    /// Test examples that are measured on; nil is all.
    public let limit: Int?
    /// Whether it is measured with batch norm's statistics over the whole training set.
    public let gathersNorms: Bool
    /// What is drawn among the figures of its run.
    public let drawings: [Drawing]
    /// What is done instead of training a system on data; its result, or nil if it was stopped.
    public let work: Work?

    /// Work in a run directory of its own, which goes on where it was killed.
    public typealias Work =
      @Sendable (RunDirectory, any TrainingObserver, () -> Bool) throws -> (
        numbers: [String: Results.Number], steps: Int
      )?

    /// A cell without a system or data.
    public init(_ name: String, seed: UInt64, work: @escaping Work) {
      self.name = name
      self.seed = seed
      settings = nil
      (metrics, trajectory, limit, gathersNorms, drawings) = ([], [], nil, false, [])
      self.work = work
    }

    /// A system that is trained on data, measured and drawn.
    public init(
      _ name: String, _ settings: RunSettings, metrics: [Metric], trajectory: [Metric] = [], limit: Int? = nil,
      gathersNorms: Bool = false, drawings: [Drawing] = [.samples]
    ) {
      self.name = name
      self.settings = settings
      seed = settings.training.seed
      self.metrics = metrics
      self.trajectory = trajectory
      self.limit = limit
      self.gathersNorms = gathersNorms
      self.drawings = drawings
      work = nil
    }
  }

  /// A sentence of the paper, its numbers, and whether the results bear it out.
  public struct Claim: Sendable {
    /// The sentence.
    public let text: String
    /// The paper's numbers, by the names of cells.
    public let paper: [String: Double]
    /// The numbers that came out beside them, and whether the sentence holds; nil where cells are missing.
    public let check: @Sendable (Results) -> (found: [String: Double], holds: Bool)?

    /// A sentence with what bears it out.
    public init(
      _ text: String, paper: [String: Double] = [:],
      check: @escaping @Sendable (Results) -> (found: [String: Double], holds: Bool)?
    ) {
      self.text = text
      self.paper = paper
      self.check = check
    }
  }

  /// Those that can be reproduced.
  public static let all: [Experiment] = [
    .infoFigure1, .infoFigure2, .infoFigure3, .infoFigure4, .infoFigure5, .infoTable1,
    .adgmFigure2ab, .adgmFigure2cd, .adgmTable1, .adgmTable2MNIST, .adgmTable2SVHN, .adgmTable2NORB, .adgmFigure3,
    .adgmFigure4,
    .adgmFigure5,
  ]

  /// The experiment of this name.
  public static func named(_ name: String) throws -> Experiment {
    if let found = all.first(where: { $0.name == name }) { return found }
    throw MetricError("unknown experiment '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
  }
}

/// What came out of an experiment's cells.
public struct Results: Codable, Sendable {
  /// One number with its standard error, where it is a mean over examples.
  public struct Number: Codable, Sendable {
    /// In the unit of its metric.
    public let value: Double
    /// Its standard error in that unit; nil where it is not a mean over examples.
    public let error: Double?
  }

  /// One cell's numbers.
  public struct CellResult: Codable, Sendable {
    /// As the declaration has it.
    public let name: String
    /// Seed of weights, data order and noise.
    public let seed: UInt64
    /// Steps that were trained.
    public let steps: Int
    /// Wall time of training, measuring and drawing.
    public let seconds: Double
    /// By metric.
    public let numbers: [String: Number]
    /// By metric, a value for each of `steps`.
    public let trajectory: [String: [Number]]
    /// The steps of the trajectory.
    public let trajectorySteps: [Int]
  }

  /// In the order of the declaration.
  public var cells: [CellResult]

  /// The mean of a metric over the seeds of a cell, or nil where it is missing.
  public subscript(_ cell: String, _ metric: String) -> Double? {
    let values = cells.filter { $0.name == cell }.compactMap { $0.numbers[metric]?.value }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The same for several cells; nil if any is missing.
  func values(_ metric: String, of names: [String]) -> [String: Double]? {
    var found: [String: Double] = [:]
    for name in names {
      guard let value = self[name, metric] else { return nil }
      found[name] = value
    }
    return found
  }
}
