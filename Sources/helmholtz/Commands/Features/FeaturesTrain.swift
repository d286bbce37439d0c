import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Runs
import Torch

/// `helmholtz features train --data mnist`
struct FeaturesTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a small residual classifier as a feature network.",
    discussion: """
      Example:  helmholtz features train --data mnist --threads 2

      Without --out, the network is then found by --features NAME, such as --features mnist. To continue a training \
      that was stopped or killed, run the same command again.

      Settings of --set:
      \(FeatureSettings(data: "mnist").yaml())
      """)

  @Option(help: "Labelled data: a data set, a file, or a folder of images with a sub-folder for each class.")
  var data: String
  @Option(help: "File for the network (.safetensors; default: features/NAME.safetensors in the user's cache).")
  var out: String?
  @Option(help: "Number of passes over the training set.") var epochs: Int?
  @Option(help: "Seed for weights, data order and noise.") var seed: UInt64?
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads = 0
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key=value"))
  var changes: [String] = []
  @OptionGroup var place: DataPlace
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    try check(threads, "--threads", in: 0...4096)
    if let out { try checkOutput(out, ".safetensors") }
  }

  func run() throws {
    Runtime.tuneAllocator()
    if threads > 0 { Runtime.threads = threads }
    let (options, signals, bar) = (place.options, Signals(), ProgressBar(isSilent: quiet))
    let file = out ?? FeatureNetworks.defaultFile(for: data, cache: options.cacheDirectory)
    let result = try FeatureTraining(try settings(), to: file, options)
      .train(observer: bar) { signals.received != nil }
    bar.finish()
    if json { try printJSON(result) } else { say(result) }
    if result.file == nil, let signal = signals.received { throw ExitCode(128 + signal) }
  }

  private func settings() throws -> FeatureSettings {
    var settings = FeatureSettings(data: data)
    if let epochs { try settings.set("epochs=\(epochs)") }
    if let seed { try settings.set("seed=\(seed)") }
    for change in changes { try settings.set(change) }
    return settings
  }

  private func say(_ result: FeatureTraining.Summary) {
    guard let file = result.file, let name = result.name, let hash = result.hash, let accuracy = result.accuracy else {
      return print("stopped at step \(result.step); the same command goes on")
    }
    print("network   \(name), hash \(hash.prefix(12))\nfile      \(file)")
    let percent = String(format: "%.2f %%", 100 * accuracy)
    print("accuracy  \(percent) of \(result.examples ?? 0) \(result.split ?? "") examples")
    print("training  \(result.epochs) epochs in \(String(format: "%.0f", result.seconds)) s, seed \(result.seed)")
  }
}
