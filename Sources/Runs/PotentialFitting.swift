import Datasets
import Foundation
import Generative
import Inference
import Torch
import Training

extension AuxiliaryFit {
  /// Keeps initial weights apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x0070_6f74_656e_7469
  /// Steps between two looks at the numbers with a checkpoint.
  private static let checkpointSteps = 1000

  /// Fits a new model to a target, or goes on where the same fit was stopped or killed.
  ///
  /// A run like any other, with log and checkpoints in its directory: a function of all arguments but the last three.
  /// There are no data and no validation: an epoch is a step, and `metrics.jsonl` has the bound as `bound_nats`.
  ///
  /// - Parameters:
  ///   - target: known by its name: a run is not resumed for another one.
  ///   - design: the model.
  ///   - steps: steps of Adam, in all.
  ///   - learningRate: Adam's step size by step.
  ///   - run: a directory that does not exist yet, or one of a fit with the same arguments.
  ///   - shouldStop: asked before every step.
  /// - Returns: the model after its last step, and whether that was the last of all.
  /// - Throws: `FileError` for a directory of another run, and the errors of trainer and checkpoints.
  public static func fit(
    _ target: Target, _ design: Design = Design(), steps: Int,
    learningRate: Schedule = .constant(1e-3), seed: UInt64 = 1, in run: RunDirectory,
    observer: any TrainingObserver, shouldStop: () -> Bool = { false }
  ) throws -> (model: AuxiliaryFit, outcome: Outcome) {
    precondition(steps >= 1, "AuxiliaryFit: expected steps, got \(steps)")
    let configuration = """
      # A fit to a target.
      target: \(target.name)
      design: "\(design)"
      steps: \(steps)
      learningRate: "\(learningRate)"
      seed: \(seed)

      """
    let lock = try run.opened(configuration: configuration)
    defer { withExtendedLifetime(lock) {} }
    let model = AuxiliaryFit(target, design, using: .derived(seed: seed, stream))
    var options = TrainingOptions()
    options.duration = .steps(steps)
    options.model.learningRate = learningRate
    options.seed = seed
    options.validationEvery = checkpointSteps
    let trainer = try Trainer(
      model, feeds: [:], validation: nil, options: options, device: .cpu, run: run,
      from: run.newest(), observer: observer)
    return (model, try trainer.run(shouldStop: shouldStop))
  }
}

extension RunDirectory {
  /// Makes the run, or takes hold of one with exactly this configuration.
  fileprivate func opened(configuration text: String) throws -> RunLock {
    guard exists else { return try create(configuration: text) }
    let lock = try lock()
    guard try String(contentsOfFile: configuration, encoding: .utf8) == text else {
      throw FileError(path, "expected a fit with these settings, found a run with others")
    }
    return lock
  }
}
