import Foundation

/// How much is measured.
struct Plan {
  let rounds: Int
  let steps: Int
  let threads: Int

  /// Steps before the first round: libtorch picks its kernels and the allocator reaches its high-water mark.
  static let warmup = 50
}

/// One thing that a user feels.
protocol Benchmark {
  /// What it is, as a user would say it.
  var name: String { get }
  /// Measures it.
  ///
  /// - Parameter earlier: what has been measured before in this run, to put numbers in proportion.
  func run(_ earlier: [Finding]) throws -> Finding
}

/// What one contender took, a number per round.
struct Row: Encodable {
  enum Kind: String, Encodable {
    /// This library.
    case ours
    /// The same work in another one.
    case peer
    /// What the machine can do.
    case limit
  }

  let name: String
  let kind: Kind
  /// One per round, in the unit of the benchmark.
  let values: [Double]
  /// Floating-point operations behind one value, where they are counted.
  var flops: Double?

  /// The middle of the rounds.
  var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The rate at the median, for values in milliseconds.
  var gigaflops: Double? { flops.map { $0 / median / 1e6 } }

  private enum Keys: String, CodingKey { case name, kind, median, values, gigaflops }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    try container.encode(median, forKey: .median)
    try container.encode(values, forKey: .values)
    try container.encodeIfPresent(gigaflops, forKey: .gigaflops)
  }
}

/// What a benchmark found.
struct Finding: Encodable {
  let name: String
  /// The unit of every value.
  let unit: String
  let rows: [Row]
  /// What to know about the numbers: proportions, and what could not be measured and why.
  let notes: [String]

  /// Our own row; nil where the benchmark could not run.
  var ours: Row? { rows.first { $0.kind == .ours } }
}

/// Rounds of several contenders in turn.
struct Race {
  /// A contender: `round` takes its share and returns the time of one unit of work.
  struct Lane {
    let name: String
    let kind: Row.Kind
    var flops: Double?
    let round: () throws -> Double
  }

  let lanes: [Lane]
  private var values: [[Double]]
  private var failed: Set<Int> = []
  /// Which peers failed, and why.
  private(set) var notes: [String] = []

  init(_ lanes: [Lane]) {
    self.lanes = lanes
    values = Array(repeating: [], count: lanes.count)
  }

  /// One round of every lane; a peer that fails is out of the race.
  mutating func turn() throws {
    for (index, lane) in lanes.enumerated() where !failed.contains(index) {
      do {
        values[index].append(try lane.round())
      } catch let error as PeerError where lane.kind == .peer {
        failed.insert(index)
        notes.append("not measured: \(error)")
      }
    }
  }

  /// What the rounds gave.
  var rows: [Row] {
    zip(lanes, values).enumerated().filter { !failed.contains($0.offset) }.map { _, lane in
      Row(name: lane.0.name, kind: lane.0.kind, values: lane.1, flops: lane.0.flops)
    }
  }
}

/// Milliseconds that `body` takes.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let duration = try ContinuousClock().measure(body)
  return duration.milliseconds
}

extension Swift.Duration {
  var milliseconds: Double { self / .milliseconds(1) }
}
