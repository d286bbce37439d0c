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
      Train.self, Resume.self, Sample.self, Reconstruct.self, Interpolate.self, Encode.self,
      Classify.self, Evaluate.self, LogLikelihood.self, Reproduce.self, Models.self, Describe.self, Config.self,
      DataCommand.self, MetricCommand.self, FeaturesCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      // What libtorch cannot do, such as find memory, is an error like any other.
      try withTensorErrors { try command.run() }
    } catch {
      leave(after: error)
    }
  }

  /// ArgumentParser's own code for a wrong call is 64; this tool promises 2.
  private static func leave(after error: any Error) -> Never {
    let code = exitCode(for: error)
    if let silent = error as? ExitCode { Foundation.exit(silent.rawValue) }
    if code == .success {
      print(fullMessage(for: error))
      Foundation.exit(0)
    }
    let isUsage = code == .validationFailure
    let text = isUsage ? fullMessage(for: error) : "Error: \(error)"
    FileHandle.standardError.write(Data((text + "\n").utf8))
    Foundation.exit(isUsage ? 2 : 1)
  }
}
