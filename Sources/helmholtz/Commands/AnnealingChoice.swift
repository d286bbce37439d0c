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

  @Option(help: "Number of temperatures of ais and bdmc.") var temperatures = 1000
  @Option(help: "Number of chains of ais and bdmc for each example.") var chains = 16
  @Option(help: "Schedule of the temperatures: linear or sigmoid.") var schedule = TemperatureSchedule.linear
  @Option(help: "Start of the chains: prior, or posterior (a Gaussian with its moments).")
  var start = AnnealingOptions.Start.posterior
  @Option(help: "Number of leapfrog steps at each temperature.") var leapfrog = 10
  @Option(help: "First step size in units of the start's deviations (default: a quarter of its period).")
  var stepSize: Double?
  @Option(help: "Adaptation of each chain's step size: steady, avb, wu or none.") var adaptation = Adaptation.steady

  func validate() throws {
    try check(temperatures, "--temperatures")
    try check(chains, "--chains", in: 1...10_000)
    try check(leapfrog, "--leapfrog", in: 1...1000)
    if let stepSize, !(stepSize > 0 && stepSize.isFinite) {
      throw ValidationError("--step-size: expected a number above 0, got \(stepSize)")
    }
  }

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
