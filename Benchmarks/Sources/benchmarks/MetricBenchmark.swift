import Evaluation
import Foundation
import Probability
import Torch

/// One measurement of arrays in memory, beside the Python library that people use for it.
struct MetricBenchmark: Benchmark {
  /// A metric on data of a size, and who else has it.
  struct Case: Sendable {
    /// As in `helmholtz metric`, with the sizes.
    let name: String
    /// Makes the data, and returns the measurement.
    let make: @Sendable () throws -> () throws -> Void
    /// Names for `--metric` of `metrics.py`, and what to call them.
    let peers: [(name: String, metric: String)]
  }

  private let plan: Plan
  private let team: PeerTeam
  private let metric: Case

  var name: String { "metric \(metric.name)" }

  init(_ plan: Plan, _ team: PeerTeam, _ metric: Case) {
    (self.plan, self.team, self.metric) = (plan, team, metric)
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let (peers, notes) = team.start(
      metric.peers.map { .init(name: $0.name, script: "metrics.py", arguments: ["--metric", $0.metric]) },
      steps: 1, warmup: 1)
    defer { for peer in peers { peer.stop() } }
    let measure = try metric.make()
    try measure()
    var race = Race(
      [Race.Lane(name: "Helmholtz", kind: .ours) { try milliseconds(measure) }] + peers.map { $0.lane() })
    for _ in 0..<plan.rounds { try race.turn() }
    return Finding(name: name, unit: "ms", rows: race.rows, notes: notes + race.notes)
  }

  /// All metrics that have a peer.
  static func all(_ plan: Plan, _ team: PeerTeam) -> [any Benchmark] {
    MetricCases.all.map { MetricBenchmark(plan, team, $0) }
  }
}
