import Foundation
import Generative
import Torch
import Training

/// Work in steps, other than the training of a game, that a run directory keeps: chains, particles, a fit by a rule of
/// its own.
///
/// To conform, let `tensors` hold everything that decides how the work goes on, with its random stream among them:
/// killed at any instant it then ends with the same bits. `ParticleWork` is the simplest conformer.
protocol SteppedWork: AnyObject {
  /// Steps that are done.
  var step: Int { get }
  /// Steps in all, or at most.
  var totalSteps: Int { get }
  /// Whether there is nothing left to do.
  var isOver: Bool { get }
  /// One step.
  func advance() throws
  /// Where it stands, for a line of the log.
  var numbers: [(key: String, value: Double)] { get }
  /// All that it goes on from, by name.
  var tensors: [String: Tensor] { get }
  /// Takes up where `tensors` were written.
  ///
  /// - Parameter source: the file's name, for messages.
  func restore(_ tensors: [String: Tensor], from source: String) throws
}

extension SteppedWork {
  /// Works to the end or until `shouldStop` says so; leaves a checkpoint either way.
  ///
  /// - Parameter run: a directory that has been created; work that it holds is gone on with.
  /// - Returns: how it ended, and the seconds of work in all.
  func carryOut(
    in run: RunDirectory, observer: any TrainingObserver, shouldStop: () -> Bool
  ) throws -> (outcome: Outcome, seconds: Double) {
    let file = run.checkpoint(.last)
    var seconds = 0.0
    if FileManager.default.fileExists(atPath: file) {
      let kept = try Safetensors(contentsOf: file)
      guard kept.metadata["format"] == SteppedWorkFile.format,
        let before = kept.metadata["seconds"].flatMap(Double.init)
      else {
        throw TrainingError.mismatch(
          file, expected: "a checkpoint of format '\(SteppedWorkFile.format)'",
          found: kept.metadata["format"].map { "'\($0)'" } ?? "no format in the metadata")
      }
      try withTensorErrors { try restore(kept.tensors, from: file) }
      seconds = before
    }
    let log = try MetricsLog(run.metrics, keepingThrough: step)
    var (started, lastCheckpoint) = (Date(), Date())
    func keep() throws {
      let now = Date()
      seconds += now.timeIntervalSince(started)
      try Safetensors(
        tensors: tensors, metadata: ["format": SteppedWorkFile.format, "seconds": "\(seconds)", "step": "\(step)"]
      ).write(to: file)
      (started, lastCheckpoint) = (Date(), Date())
    }
    while !isOver {
      if shouldStop() {
        try keep()
        return (.interrupted, seconds)
      }
      do { try withTensorErrors { try advance() } } catch let error as TensorError {
        throw TrainingError.failed(error, step: step, isKept: run.hasCheckpoints)
      }
      observer.completed(step: step, of: totalSteps)
      if step.isMultiple(of: SteppedWorkFile.logEvery) || isOver {
        let now = seconds + Date().timeIntervalSince(started)
        let record = LogRecord(
          kind: .train, step: step, epoch: Double(step), values: numbers + [("training_seconds", now)])
        try log.append(record)
        try observer.logged(record)
      }
      if isOver || Date().timeIntervalSince(lastCheckpoint) > SteppedWorkFile.checkpointSeconds { try keep() }
    }
    return (.finished, seconds)
  }
}

/// What files of such work have in common.
enum SteppedWorkFile {
  /// The version of the layout of a checkpoint.
  static let format = "helmholtz-inference-1"
  /// Steps between two lines of the log.
  static let logEvery = 50
  /// Seconds between two checkpoints.
  static let checkpointSeconds = 10.0
  /// The stream's place in a checkpoint.
  static let randomState = "random.state"
}

/// Takes tensors out of a checkpoint, strictly: each must be there with its shape, and none be left over.
struct TensorReader {
  private var rest: [String: Tensor]
  private let source: String

  init(_ tensors: [String: Tensor], from source: String) { (rest, self.source) = (tensors, source) }

  /// A tensor of this shape and type.
  mutating func take(_ name: String, _ shape: [Int], _ type: DType) throws(LoadError) -> Tensor {
    let tensor = try take(name, type)
    guard tensor.shape == shape else { throw .shape(name, source, expected: shape, found: tensor.shape) }
    return tensor
  }

  /// A tensor of this type and any shape.
  mutating func take(_ name: String, _ type: DType) throws(LoadError) -> Tensor {
    guard let tensor = rest.removeValue(forKey: name) else { throw .missing(name, source, has: nil) }
    guard tensor.dtype == type else { throw .type(name, source, expected: type, found: tensor.dtype) }
    return tensor
  }

  /// The tensors below a prefix, without it.
  mutating func take(under prefix: String) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for name in rest.keys where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = rest.removeValue(forKey: name)
    }
    return found
  }

  /// Puts `rng` where it stood.
  mutating func restore(_ rng: RandomSource) throws(LoadError) {
    rng.state = try take(SteppedWorkFile.randomState, rng.state.shape, .uint8)
  }

  /// Refuses what nobody has taken.
  func finish() throws(LoadError) {
    if let extra = rest.keys.sorted().first { throw .unexpected(extra, source) }
  }
}
