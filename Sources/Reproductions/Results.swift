import Evaluation
import Figures
import Foundation
import Torch

/// What came out of an experiment's cells.
public struct Results: Sendable {
  /// One number with its standard error, where it is a mean over examples.
  public struct Number: Codable, Sendable {
    /// In the unit of its metric.
    public let value: Double
    /// Its standard error in that unit; nil where it is not a mean over examples.
    public let error: Double?
    /// The number of each example in order, NaN where it has none; nil where it is not a mean over examples. It is kept
    /// beside the JSON.
    public var examples: [Double]?

    private enum CodingKeys: String, CodingKey { case value, error }

    /// A number.
    public init(value: Double, error: Double? = nil, examples: [Double]? = nil) {
      self.value = value
      self.error = error
      self.examples = examples
    }
  }

  /// One cell's numbers with one seed.
  public struct CellResult: Codable, Sendable {
    /// As the declaration has it.
    public let name: String
    /// Seed of weights, data order, noise and the choice of examples.
    public let seed: UInt64
    /// Steps that were trained.
    public let steps: Int
    /// Wall time of training.
    public let seconds: Double
    /// By metric, at the last step.
    public var numbers: [String: Number]
    /// By metric, a value for each of `trajectorySteps`.
    public let trajectory: [String: [Number]]
    /// The steps of the trajectory; the last one is that of `numbers`.
    public let trajectorySteps: [Int]
    /// What it was worked on with; nil where that was not kept.
    public var machine: String?

    /// A cell's numbers.
    public init(
      name: String, seed: UInt64, steps: Int, seconds: Double, numbers: [String: Number],
      trajectory: [String: [Number]] = [:], trajectorySteps: [Int] = []
    ) {
      self.name = name
      self.seed = seed
      self.steps = steps
      self.seconds = seconds
      self.numbers = numbers
      self.trajectory = trajectory
      self.trajectorySteps = trajectorySteps
    }
  }

  /// A mean over seeds, and what it may be wrong by.
  public struct Mean: Codable, Sendable, Equatable {
    /// The mean.
    public let value: Double
    /// How many seeds it is a mean over.
    public let seeds: Int
    /// The standard error that the seeds show; nil for one seed.
    public let errorOverSeeds: Double?
    /// The standard error that the choice of test examples leaves, by paired differences where metrics have a number
    /// for each example; nil where no metric is a mean over examples.
    public let errorOverExamples: Double?

    /// Both errors together; nil where there is neither.
    ///
    /// All seeds see the same examples, so that seeds do not show what these do. What both have in common, the chance
    /// of one seed on one example, counts twice, which errs on the safe side.
    public let standardError: Double?

    init(_ value: Double, seeds: Int, errorOverSeeds: Double?, errorOverExamples: Double?) {
      self.value = value
      self.seeds = seeds
      self.errorOverSeeds = errorOverSeeds
      self.errorOverExamples = errorOverExamples
      let errors = [errorOverSeeds, errorOverExamples].compactMap(\.self)
      standardError = errors.isEmpty ? nil : errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// In the order in which they were worked on.
  public var cells: [CellResult]
  /// Why cells were left out, by name: their data were not there.
  public var skipped: [String: String] = [:]

  /// Some cells' results.
  public init(cells: [CellResult]) { self.cells = cells }

  /// The names of the cells, each once.
  public var names: [String] {
    cells.reduce(into: []) { names, cell in if !names.contains(cell.name) { names.append(cell.name) } }
  }

  /// A metric of a cell over its seeds; nil where it is missing.
  public func mean(of metric: String, _ cell: String) -> Mean? { mean(Measure(metric)(cell)) }

  /// A quantity over the seeds that have all of its numbers; nil where there are none.
  ///
  /// Numbers of one seed belong together: the quantity is worked out for each seed, and for each example where it can
  /// be, so that what two systems have in common is no part of the error of their difference.
  public func mean(_ quantity: Quantity) -> Mean? {
    guard let rows = rows(quantity) else { return nil }
    let factors = quantity.terms.map(\.factor)
    let values = rows.map { numbers in zip(factors, numbers).reduce(quantity.constant) { $0 + $1.0 * $1.1.value } }
    let (value, error) = Self.meanAndError(values)
    return Mean(
      value, seeds: rows.count, errorOverSeeds: error, errorOverExamples: Self.errorOverExamples(rows, factors))
  }

  /// A quantity of the medians of its terms over the seeds that have all of them, as box plots show them; its standard
  /// error is what resampling these seeds shows.
  public func median(_ quantity: Quantity) -> Mean? {
    guard let rows = rows(quantity) else { return nil }
    func value(_ rows: [[Number]]) -> Double {
      quantity.terms.indices.reduce(quantity.constant) { sum, term in
        sum + quantity.terms[term].factor * Self.median(rows.map { $0[term].value })
      }
    }
    guard rows.count > 1 else {
      return Mean(value(rows), seeds: 1, errorOverSeeds: nil, errorOverExamples: nil)
    }
    let draws: [Double] = RandomSource(seed: 1).uniform([Self.resamples, rows.count], dtype: .float64).array()
    let values = (0..<Self.resamples).map { sample in
      value(rows.indices.map { rows[min(Int(draws[sample * rows.count + $0] * Double(rows.count)), rows.count - 1)] })
    }
    // Half of what two thirds of them span: a few resamples may have a far value in the middle.
    let sorted = values.sorted()
    let span = Self.standardShares.map { sorted[Int($0 * Double(Self.resamples))] }
    let error = (span[1] - span[0]) / 2
    return Mean(value(rows), seeds: rows.count, errorOverSeeds: error, errorOverExamples: nil)
  }

  private static let resamples = 2000
  /// Shares of a normal distribution below one standard deviation under and above its mean.
  private static let standardShares = [0.1587, 0.8413]

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The numbers of a quantity's terms for each seed that has all of them; nil where there are none.
  private func rows(_ quantity: Quantity) -> [[Number]]? {
    let rows = seeds.compactMap { seed in
      let numbers = quantity.terms.compactMap { term in
        cells.first { $0.seed == seed && $0.name == term.cell }?.numbers[term.metric]
      }
      return numbers.count == quantity.terms.count ? numbers : nil
    }
    return rows.isEmpty || quantity.terms.isEmpty ? nil : rows
  }

  private var seeds: [UInt64] { Set(cells.map(\.seed)).sorted() }

  /// Of the mean over seeds of each example's number; without such numbers, as if those of the terms were independent.
  private static func errorOverExamples(_ rows: [[Number]], _ factors: [Double]) -> Double? {
    let examples = rows.map { $0.compactMap(\.examples) }
    if let count = examples[0].first?.count,
      examples.allSatisfy({ $0.count == factors.count && $0.allSatisfy { $0.count == count } })
    {
      let means = (0..<count).map { index in
        examples.reduce(0) { $0 + zip(factors, $1).reduce(0) { $0 + $1.0 * $1.1[index] } } / Double(rows.count)
      }
      // An example without a number, such as one without a label, counts for nothing.
      return meanAndError(means.filter { !$0.isNaN }).error
    }
    let squares = factors.indices.compactMap { term -> Double? in
      let errors = rows.compactMap { $0[term].error }
      guard !errors.isEmpty else { return nil }
      let error = factors[term] * errors.reduce(0, +) / Double(errors.count)
      return error * error
    }
    return squares.isEmpty ? nil : squares.reduce(0, +).squareRoot()
  }

  /// The mean of values and its standard error; that of one value is not known, that of equal ones, also infinite, is 0.
  private static func meanAndError(_ values: [Double]) -> (mean: Double, error: Double?) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    guard values.count > 1 else { return (mean, nil) }
    if values.allSatisfy({ $0 == values[0] }) { return (values[0], 0) }
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count).squareRoot())
  }

  /// A metric of a cell over training: the mean of its seeds, and their standard deviation where there are several.
  ///
  /// - Returns: the steps that all seeds have; empty where there are none.
  public func curve(_ metric: String, of cell: String) -> (steps: [Int], values: [Double], deviations: [Double]?) {
    let seeds = cells.filter { $0.name == cell }.map { cell in
      Dictionary(zip(cell.trajectorySteps, cell.trajectory[metric] ?? [])) { first, _ in first }
    }
    let steps = (seeds.first?.keys.sorted() ?? []).filter { step in seeds.allSatisfy { $0[step] != nil } }
    let spread = steps.map { step in Self.meanAndError(seeds.map { $0[step]!.value }) }
    let root = Double(seeds.count).squareRoot()
    return (steps, spread.map(\.mean), seeds.count > 1 ? spread.map { ($0.error ?? 0) * root } : nil)
  }

  /// The same as a line of a chart, under the cell's name or another.
  func series(_ metric: Metric, of cell: String, named name: String? = nil, times factor: Double = 1)
    -> LineChart.Series
  {
    let curve = curve(metric.name, of: cell)
    return LineChart.Series(
      name ?? cell, x: curve.steps.map(Double.init), y: curve.values.map { factor * $0 },
      deviation: curve.deviations?.map { factor * $0 }, marksPoints: true)
  }
}
