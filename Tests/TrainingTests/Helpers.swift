import Datasets
import Foundation
import TestSupport
import Torch

@testable import Generative
@testable import Training

/// The words of the error that `body` throws, or a note that it threw none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// Runs `body` with a run directory that has been created, unlocked.
func withRun<Result>(_ body: (RunDirectory) throws -> Result) throws -> Result {
  try withTemporaryDirectory { directory in
    let run = RunDirectory(directory + "/run")
    _ = try run.create(configuration: "model: toy\n")
    return try body(run)
  }
}

/// Keeps what a run tells.
final class Listener: TrainingObserver {
  private(set) var records: [LogRecord] = []
  private(set) var steps: [Int] = []
  /// Called after every round.
  var onStep: (Int) -> Void = { _ in }

  func completed(step: Int, of total: Int) {
    steps.append(step)
    onStep(step)
  }

  func logged(_ record: LogRecord) { records.append(record) }

  /// The numbers of one key in lines of one kind.
  func values(_ key: String, _ kind: LogRecord.Kind = .train) -> [Double] {
    records.filter { $0.kind == kind }.flatMap(\.values).filter { $0.key == key }.map(\.value)
  }
}

/// The numbers 0, 1, ..., as examples of one number.
func numbers(_ count: Int) throws -> DeviceExamples {
  DeviceExamples(
    try Examples(name: "numbers", storage: .floats((0..<count).map(Float.init)), shape: [1]),
    binarization: .none)
}

/// Options for tiny runs: one round is one epoch unless said otherwise.
func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
  var options = TrainingOptions()
  options.logEvery = 1
  change(&options)
  return options
}

/// A game over two numbers, whose round and validation score are what the test says.
final class Toy: Game {
  let weights: Weights
  let players: [Player]
  let batchesPerRound: Int
  var bounds: [Double]
  private let round: (Toy, any Table) throws -> Void
  private var validations = 0

  /// The parameters, under their names.
  final class Weights: Module {
    let a: Parameter
    let b: Parameter

    init(_ a: Double, _ b: Double, _ dtype: DType) {
      self.a = Parameter(Tensor(a, dtype: dtype))
      self.b = Parameter(Tensor(b, dtype: dtype))
    }
  }

  /// One parameter as a module, for a player to own.
  final class Single: Module {
    let value: Parameter
    init(_ value: Parameter) { self.value = value }
  }

  /// - Parameters:
  ///   - bounds: what validations find, in order; the last one stays.
  ///   - players: names, and which of `a` and `b` they own; a name that begins with `critic` is on the adversary's side,
  ///     one that begins with `free` moves itself.
  init(
    a: Double = 0, b: Double = 0, dtype: DType = .float32, bounds: [Double] = [0],
    players: [(name: String, owns: String)] = [("toy", "ab")], batchesPerRound: Int = 1,
    _ round: @escaping (Toy, any Table) throws -> Void
  ) {
    let weights = Weights(a, b, dtype)
    self.weights = weights
    self.players = players.map { name, owns in
      Player(
        name, side: name.hasPrefix("critic") ? .adversary : .model, movesItself: name.hasPrefix("free"),
        owns.map { Single($0 == "a" ? weights.a : weights.b) })
    }
    self.bounds = bounds
    self.round = round
    self.batchesPerRound = batchesPerRound
  }

  func play(_ table: any Table) throws { try round(self, table) }

  var score: Score? {
    .bound { [self] batch, _ in
      defer { validations += 1 }
      return .full([batch.count], bounds[min(validations, bounds.count - 1)])
    }
  }

  var a: Tensor { weights.a.value }
  var b: Tensor { weights.b.value }

  subscript(name: String) -> Player { players.first { $0.name == name }! }

  /// One player that goes down in `a` by the learning rate at every step: Adam's step on a constant gradient.
  static func slope(bounds: [Double] = [0]) -> Toy {
    Toy(bounds: bounds) { toy, table in try table.move(toy["toy"], Loss(toy.a * 1)) }
  }
}

extension Trainer {
  /// A trainer over `count` numbers with a validation set of one, in batches of 100 unless said otherwise.
  convenience init(
    _ game: any Game, numbers count: Int = 4, batchSize: Int = 100, validates: Bool = true, _ options: TrainingOptions,
    _ run: RunDirectory, from checkpoint: Checkpoint? = nil, observer: any TrainingObserver = Listener()
  ) throws {
    try self.init(
      game, feeds: [.main: ExampleBatches(numbers(count), batchSize: batchSize, seed: options.seed)],
      validation: validates ? numbers(1) : nil, options: options, device: .cpu, run: run, from: checkpoint,
      observer: observer)
  }
}

/// Adam as Kingma & Ba write it, in doubles. Algorithm 1.
struct ReferenceAdam {
  var m = 0.0
  var v = 0.0
  var t = 0.0

  /// What is added to the parameter.
  mutating func step(_ gradient: Double, rate: Double) -> Double {
    t += 1
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient * gradient
    return -rate * (m / (1 - pow(0.9, t))) / ((v / (1 - pow(0.999, t))).squareRoot() + 1e-8)
  }
}
