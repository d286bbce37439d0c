import ArgumentParser
import Configuration
import Evaluation
import Generative
import Torch

/// The options that both metrics by a critic have.
struct CriticOptions: ParsableArguments {
  @Option(help: "Draws of the first distribution, one per row.") var x: String
  @Option(help: "Draws of the second distribution, one per row.") var y: String
  @Option(name: .customLong("objective"), help: "Game of the critic, such as jensen-shannon.")
  var objectiveName: String
  @Option(help: "Points to ask the critic at, one per row; belongs to --out.") var at: String?
  @Option(help: "File for its answers, one per point (.npy); belongs to --at.") var out: String?
  @Option(help: "Seed for halves of the rows, first weights and batches.") var seed: UInt64 = 1
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads = 0
  @OptionGroup var arrays: ArrayOptions

  func validate() throws {
    guard (at == nil) == (out == nil) else { throw ValidationError("--at and --out are given together") }
    if let out { try checkOutput(out, ".npy") }
    try check(threads, "--threads", in: 0...4096)
    _ = try objective
  }

  /// The game of that name.
  var objective: AdversarialObjective {
    get throws {
      if let found = AdversarialObjective(rawValue: objectiveName) { return found }
      let names = AdversarialObjective.allCases.map(\.rawValue)
      throw ValidationError(
        "--objective: expected one of \(names.joined(separator: ", ")), got '\(objectiveName)'"
          + (nearest(to: objectiveName, among: names).map { "; did you mean '\($0)'?" } ?? ""))
    }
  }

  /// Trains the critics, answers at the points, and says so.
  ///
  /// - Parameters:
  ///   - value: what of the estimate is shown.
  ///   - answers: the critics' numbers at points.
  fileprivate func result(
    _ metric: String, unit: String, value: (CriticEstimate) -> CriticEstimate.Value,
    answers: (CriticEstimate, Tensor) -> Tensor
  ) throws -> MetricResult {
    let objective = try objective
    if threads > 0 { Runtime.threads = threads }
    let input = try arrays.input([x, y] + [at].compactMap(\.self))
    let (q, p) = (try input.matrix(x), try input.matrix(y))
    let points = try at.map { try input.matrix($0) }
    if let points, let at, points.size(1) != q.size(1) {
      throw MetricError("'\(at)': expected points of \(q.size(1)) columns as x has, got \(points.size(1))")
    }
    let meter = Meter(metric)
    defer { meter.finish() }
    let design = CriticEstimate.Design()
    let found = try CriticEstimate(
      metric, q, p, by: objective, design, using: RandomSource(seed: seed), progress: meter.show)
    meter.finish()
    if let points, let out { try answers(found, points).writeNPY(to: out) }
    let warning =
      found.isSaturated
      ? "the critic saturates: it tells x from y all but always, and draws say no more about how large log x/y is; "
        + "a KL is a lower estimate" : nil
    if let warning { note("\(metric): \(warning)") }
    let shown = value(found)
    return MetricResult(
      metric: metric, value: shown.value,
      conventions: [
        ("standard_error", .number(shown.standardError)), ("unit", .text(unit)),
        ("objective", .text(objective.rawValue)), ("n", .count(q.size(0))), ("m", .count(p.size(0))),
        ("dimension", .count(q.size(1))), ("held_out", .count(q.size(0) + p.size(0))),
        ("folds", .text("2: each critic learns from one half of the rows and is asked about the other")),
        ("critic", .text("quadratic + residual MLP \(q.size(1))-\(design.width), \(design.blocks) blocks")),
        ("steps", .count(design.steps)),
        ("chosen_steps", .text(found.steps.map(String.init).joined(separator: ", "))),
        ("batch_size", .count(design.batchSize)), ("seed", .text("\(seed)")),
        ("saturated", .text(found.isSaturated ? "yes" : "no")),
      ] + (out.map { [("out", .text($0))] } ?? []) + (warning.map { [("note", .text($0))] } ?? []))
  }
}

extension MetricCommand {
  /// `helmholtz metric kl-critic --x q.npy --y p.npy --objective jensen-shannon`
  struct CriticKL: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "kl-critic", abstract: "KL(x, y) in nats, by a critic that learns to tell x from y.",
      discussion: """
        Examples:

          helmholtz metric kl-critic --x q.npy --y p.npy --objective jensen-shannon
          helmholtz metric kl-critic --x q.npy --y p.npy --objective kl --at points.npy --out ratios.npy

        --out takes log x/y at the points, [n].

        Objectives: \(Self.objectives.map(\.rawValue).joined(separator: ", ")).
        """)

    /// Those whose critic tells log q/p.
    private static let objectives = AdversarialObjective.allCases.filter(\.tellsLogRatio)

    @OptionGroup var options: CriticOptions
    @OptionGroup var output: MetricOutput

    func validate() throws {
      let objective = try options.objective
      guard objective.tellsLogRatio else {
        throw ValidationError(
          "--objective: expected one whose critic tells log x/y "
            + "(\(Self.objectives.map(\.rawValue).joined(separator: ", "))), got \(objective.rawValue); "
            + "divergence-critic gives its own divergence")
      }
    }

    func result() throws -> MetricResult {
      try options.result("kl-critic", unit: "nats") {
        $0.kl!
      } answers: {
        $0.logRatio($1)!
      }
    }
  }

  /// `helmholtz metric divergence-critic --x q.npy --y p.npy --objective wasserstein`
  struct CriticDivergence: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "divergence-critic",
      abstract: "An objective's own divergence of x and y, by a critic that learns to tell x from y.",
      discussion: """
        Example:  helmholtz metric divergence-critic --x q.npy --y p.npy --objective wasserstein

        --out takes the critic V at the points, [n].

        Objectives: \(AdversarialObjective.allCases.map(\.rawValue).joined(separator: ", ")).
        """)

    @OptionGroup var options: CriticOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let objective = try options.objective
      let unit = objective == .wasserstein ? "that of the rows" : objective.unit == .nats ? "nats" : "1"
      return try options.result("divergence-critic", unit: unit) {
        $0.divergence
      } answers: {
        $0.critic($1)
      }
    }
  }
}
