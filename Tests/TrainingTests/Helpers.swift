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
    binarization: .none, using: RandomSource(seed: 0))
}

/// Options for tiny runs: one round is one epoch unless said otherwise.
func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
  var options = TrainingOptions()
  options.logEvery = 1
  change(&options)
  return options
}

/// A game over named numbers, whose moves and validation bound are what the test says.
final class Toy: Trainable {
  let weights: Weights
  var rounds: (Toy) -> [Move]
  var bounds: [Double]
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

  /// - Parameter bounds: what validations find, in order; the last one stays.
  init(
    a: Double = 0, b: Double = 0, dtype: DType = .float32, bounds: [Double] = [0],
    _ rounds: @escaping (Toy) -> [Move]
  ) {
    weights = Weights(a, b, dtype)
    self.bounds = bounds
    self.rounds = rounds
  }

  var moves: [Move] { rounds(self) }

  func bound(_ batch: Batch, using rng: RandomSource) -> Tensor {
    defer { validations += 1 }
    return .full([batch.count], bounds[min(validations, bounds.count - 1)])
  }

  var a: Tensor { weights.a.value }
  var b: Tensor { weights.b.value }

  func player(_ name: String, _ key: String) -> Player {
    Player(name, namedParameters.filter { $0.name == "weights." + key })
  }

  /// One player that goes down in `a` by the learning rate at every step: Adam's step on a constant gradient.
  static func slope(bounds: [Double] = [0]) -> Toy {
    Toy(bounds: bounds) { toy in
      [Move([toy.player("toy", "a")]) { _, _ in [Loss(toy.a * 1)] }]
    }
  }
}

extension Trainer {
  /// A trainer over `count` numbers with a validation set of one, in batches that make one epoch a round.
  convenience init(
    _ game: any Trainable, numbers count: Int = 4, validates: Bool = true, _ options: TrainingOptions,
    _ run: RunDirectory, from checkpoint: Checkpoint? = nil, observer: any TrainingObserver = Listener()
  ) throws {
    try self.init(
      game, train: numbers(count), validation: validates ? numbers(1) : nil, options: options,
      device: .cpu, run: run, from: checkpoint, observer: observer)
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
