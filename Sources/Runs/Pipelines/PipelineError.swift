/// Why stages are no pipeline.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
  case noStages
  /// A name that is not one of a directory.
  case name(String)
  /// A name that two stages have.
  case duplicate(String)
  /// A stage that there is none of, before one that there is.
  case unknown(String, after: String, has: [String])
  /// Stages each of which waits for the next, and the last for the first.
  case circle([String])

  public var description: String {
    switch self {
    case .noStages: "expected stages, got none"
    case .name(let name): "stage '\(name)': expected a name of letters, digits, '-' and '_'"
    case .duplicate(let name): "stage '\(name)': expected one of this name, got two"
    case .unknown(let name, let stage, let names):
      "stage '\(stage)' comes after '\(name)': expected one of \(names.joined(separator: ", "))"
    case .circle(let names):
      "expected stages that can be put in an order, got a circle: " + (names + [names[0]]).joined(separator: " after ")
    }
  }
}

/// The errors of the stages that failed, the first one first.
public struct PipelineFailure: Error, CustomStringConvertible {
  /// Which stage failed of what.
  public let failures: [(stage: String, error: any Error)]

  init(_ failures: [(stage: String, error: any Error)]) { self.failures = failures }
  init(_ stage: String, _ error: any Error) { self.init([(stage, error)]) }

  public var description: String {
    failures.map { "stage '\($0.stage)': \($0.error)" }.joined(separator: "\n")
  }
}
