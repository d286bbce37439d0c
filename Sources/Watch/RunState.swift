import Foundation
import Runs
import Systems
import Training

/// How a run stands, as far as its directory tells.
public enum RunState: String, Codable, Sendable, CaseIterable {
  /// A trainer has it in its hands.
  case running
  /// A trainer has it in its hands, and has written nothing for long.
  case stalled
  /// All its rounds are done.
  case finished
  /// Its validation score has not improved for long enough.
  case stoppedEarly
  /// It was stopped or killed, and can go on.
  case interrupted
  /// It ended with an error.
  case failed
}

/// What a run's directory tells of its state.
public struct RunEvidence: Sendable {
  /// Whether a trainer has the run in its hands.
  public var isHeld = false
  /// What it failed with.
  public var failure: String?
  /// The last checkpoint.
  public var progress: TrainingProgress?
  /// The rounds it is to have, if that is how its length is told.
  public var steps: Int?
  /// The epochs it is to have, if that is how its length is told.
  public var epochs: Int?
  /// Validations it waits for a better score.
  public var patience: Int?
  /// The last line of its log.
  public var loggedStep: Int?
  /// Seconds between the last two lines of its log.
  public var pace: Double?
  /// Seconds since it has written anything.
  public var idle: Double?
  /// Its stages, if it is made of such.
  public var stages: [PipelineRecord.Entry]?
  /// Whether it is inference for a density, and whether that has its result.
  public var inference: (isIt: Bool, isDone: Bool) = (false, false)
  /// Whether it has its report.
  public var hasReport = false

  public init() {}

  /// All rounds of the run; nil as long as the length of an epoch is not known.
  public var totalSteps: Int? {
    // Stages have lengths of their own.
    guard stages == nil else { return nil }
    return steps ?? progress.flatMap { progress in epochs.map { $0 * progress.stepsPerEpoch } }
  }

  /// A run whose lines come slowly is not stalled before that many of them are missing.
  private static let (leastIdle, missingLines) = (300.0, 10.0)

  /// The state, with a reason where there is more to say.
  public var state: (state: RunState, reason: String?) {
    if isHeld { return held }
    if let failure { return (.failed, failure) }
    if let stages { return Self.state(of: stages) }
    if inference.isIt { return inference.isDone ? (.finished, nil) : (.interrupted, "it has no result yet") }
    guard let progress else { return (.interrupted, "it has no checkpoint yet") }
    let isDone = totalSteps.map { progress.step >= $0 } ?? hasReport
    let unreported = hasReport ? nil : "its report has not been written"
    if isDone { return (.finished, unreported) }
    if let patience, progress.validationsSinceBest >= patience { return (.stoppedEarly, unreported) }
    let step = "the last checkpoint is of step \(progress.step)"
    guard let loggedStep, loggedStep > progress.step else { return (.interrupted, step) }
    return (.interrupted, "it was killed: its log goes on to step \(loggedStep), \(step)")
  }

  private var held: (RunState, String?) {
    let limit = max(Self.leastIdle, Self.missingLines * (pace ?? 0))
    let isAtEnd = totalSteps.map { (loggedStep ?? 0) >= $0 } ?? false
    // A run without a line of its own reads data, or is made of others.
    guard loggedStep != nil, stages == nil, !isAtEnd, let idle, idle > limit else {
      return (.running, isAtEnd ? "it is measured" : nil)
    }
    return (.stalled, "it has written nothing for \(Int(idle / 60)) minutes")
  }

  private static func state(of stages: [PipelineRecord.Entry]) -> (RunState, String?) {
    if let failed = stages.first(where: { $0.state == .failed }) {
      return (.failed, "stage \(failed.name): \(failed.error ?? "it failed")")
    }
    let left = stages.filter { !$0.state.isOver }.map(\.name)
    return left.isEmpty ? (.finished, nil) : (.interrupted, "not over: \(left.joined(separator: ", "))")
  }
}
