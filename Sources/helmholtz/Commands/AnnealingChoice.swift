import ArgumentParser
import Evaluation
import Inference

/// How annealed importance sampling is done.
struct AnnealingChoice: ParsableArguments {
  /// How step sizes follow the acceptance.
  enum Adaptation: String, ExpressibleByArgument, CaseIterable {
    case steady, avb, wu, none

    var rule: StepSizeRule {
      switch self {
      case .steady: .steady
      case .avb: .avb
      case .wu: .wu
      case .none: .fixed
      }
    }
  }

  @Option(help: "Number of temperatures of ais and bdmc.") var temperatures = defaults.temperatures
  @Option(help: "Number of chains of ais and bdmc for each example.") var chains = defaults.chains
  @Option(help: "Schedule of the temperatures: linear or sigmoid.") var schedule = defaults.schedule
  @Option(help: "Start of the chains: prior, or posterior (a Gaussian with its moments).")
  var start = defaults.start
  @Option(help: "Number of leapfrog steps at each temperature.") var leapfrog = defaults.leapfrog
  @Option(help: "First step size in units of the start's deviations (default: a quarter of its period).")
  var stepSize: Double?
  @Option(help: "Adaptation of each chain's step size: steady, avb, wu or none.") var adaptation = defaults.adaptation

  func validate() throws {
    try check(temperatures, "--temperatures")
    try check(chains, "--chains", in: 1...10_000)
    try check(leapfrog, "--leapfrog", in: 1...1000)
    if let stepSize, !(stepSize > 0 && stepSize.isFinite) {
      throw ValidationError("--step-size: expected a number above 0, got \(stepSize)")
    }
  }

  /// Refuses options that are not as by default, where nothing anneals.
  func refuse(because why: String) throws {
    let plain = AnnealingChoice.defaults
    let given = [
      ("--temperatures", temperatures != plain.temperatures), ("--chains", chains != plain.chains),
      ("--schedule", schedule != plain.schedule), ("--start", start != plain.start),
      ("--leapfrog", leapfrog != plain.leapfrog), ("--step-size", stepSize != nil),
      ("--adaptation", adaptation != plain.adaptation),
    ]
    if let first = given.first(where: \.1) { throw ValidationError("\(first.0) has no effect: \(why)") }
  }

  private static var defaults:
    (
      temperatures: Int, chains: Int, schedule: TemperatureSchedule, start: AnnealingOptions.Start, leapfrog: Int,
      adaptation: Adaptation
    )
  { (1000, 16, .linear, .posterior, 10, .steady) }

  var options: AnnealingOptions {
    var options = AnnealingOptions()
    options.temperatures = temperatures
    options.chains = chains
    options.schedule = schedule
    options.start = start
    options.leapfrogSteps = leapfrog
    options.stepSize = stepSize
    options.rule = adaptation.rule
    return options
  }
}

extension TemperatureSchedule: ExpressibleByArgument {}
extension AnnealingOptions.Start: ExpressibleByArgument {}
