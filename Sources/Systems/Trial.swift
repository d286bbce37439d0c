/// One value of a choice that is left to the score on validation examples.
///
/// A run whose design has trials trains a run for each, with the same seed and budget, and becomes the one with the best
/// score.
public struct Trial: Sendable {
  /// The setting that is chosen, such as `activation.temperature`.
  public let path: String
  /// Its value as it is written, such as `1.5`.
  public let value: String
  /// The choices of the family with that value.
  public let design: any Design

  /// - Parameters:
  ///   - path: the setting that is chosen.
  ///   - value: as a file has it.
  ///   - design: with that value, and so without trials.
  public init(_ path: String, _ value: String, _ design: any Design) {
    self.path = path
    self.value = value
    self.design = design
  }

  /// The value with the last word of its path: `temperature 1.5`.
  public var name: String { "\(key) \(value)" }

  /// The directory of its run, below that of the run that it is a trial of: `trials/temperature-1.5`.
  public var directory: String { "trials/\(key)-\(value)" }

  private var key: Substring { path.split(separator: ".").last ?? "" }
}

extension RunSettings {
  /// The settings of a run for each value of what is left to validations; empty where nothing is.
  public var trials: [(trial: Trial, settings: RunSettings)] {
    design.trials.map { trial in
      var settings = self
      settings.design = trial.design
      return (trial, settings)
    }
  }
}
