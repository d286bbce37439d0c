import ArgumentParser
import Foundation
import Torch

/// The tool. Exit codes: 0 success, 1 an error of the world, 2 a wrong call, 130 and 143 after a signal.
@main
struct Helmholtz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "helmholtz",
    abstract: "Deep generative models: train, sample, infer, measure.",
    discussion: """
      Try:  helmholtz train vae --data strokes --epochs 5
      """,
    version: "0.1.0",
    subcommands: [
      Train.self, Resume.self, Sample.self, Reconstruct.self, Interpolate.self, Traverse.self, Encode.self, Decode.self,
      Classify.self, Translate.self, Evaluate.self, DensityCommand.self, LogLikelihood.self, Infer.self, Reproduce.self,
      ReportCommand.self, WatchCommand.self, Verify.self,
      Models.self, Describe.self, Config.self, DataCommand.self, MetricCommand.self, FeaturesCommand.self,
    ])

  static func main() {
    var called: any ParsableCommand.Type = Helmholtz.self
    do {
      var command = try parseAsRoot(joiningNumbers(Array(CommandLine.arguments.dropFirst())))
      called = type(of: command)
      // What libtorch cannot do, such as find memory, is an error like any other.
      try withTensorErrors { try command.run() }
    } catch {
      leave(after: error, of: called)
    }
  }

  /// Arguments in which a number below 0, such as the `-3:3` of `--range -3:3`, is part of the option before it.
  ///
  /// ArgumentParser would take it for an option.
  private static func joiningNumbers(_ arguments: [String]) -> [String] {
    arguments.reduce(into: []) { joined, argument in
      let isNumber = argument.wholeMatch(of: /-\.?[0-9].*/) != nil || ["-inf", "-nan"].contains(argument)
      if isNumber, let option = joined.last, option.hasPrefix("--"), !option.contains("="), option != "--" {
        joined[joined.count - 1] += "=" + argument
      } else {
        joined.append(argument)
      }
    }
  }

  /// ArgumentParser's own code for a wrong call is 64; this tool promises 2. What a command says of its call while it
  /// runs looks like what the parser says before.
  private static func leave(after error: any Error, of command: any ParsableCommand.Type) -> Never {
    let code = exitCode(for: error)
    if let silent = error as? ExitCode { Foundation.exit(silent.rawValue) }
    if code == .success {
      print(fullMessage(for: error))
      Foundation.exit(0)
    }
    let isUsage = code == .validationFailure
    let wrongCall = (error as? ValidationError).map { "Error: \($0.message)\n\(usage(of: command))" }
    let text = isUsage ? wrongCall ?? fullMessage(for: error) : "Error: \(error)"
    FileHandle.standardError.write(Data((text + "\n").utf8))
    Foundation.exit(isUsage ? 2 : 1)
  }

  /// How a command is called, and where to read more.
  private static func usage(of command: any ParsableCommand.Type) -> String {
    let usage = usageString(for: command)
    let name = usage.split(separator: " ").prefix { $0.first?.isLetter ?? false }.joined(separator: " ")
    return "Usage: \(usage)\n  See '\(name) --help' for more information."
  }
}
