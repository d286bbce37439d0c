import ArgumentParser
import Experiments
import Foundation
import Torch
import Training

/// `helmholtz train MODEL|recipe.yaml`
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on data.",
    discussion: "Example:  helmholtz train vae --data mnist --epochs 20 --set latent.dimensions=20")

  @OptionGroup var choice: ModelChoice
  @Option(help: "A data set (see 'helmholtz data list'), a file or a folder of images.")
  var data: String?
  @OptionGroup var form: DataForm
  @OptionGroup var place: DataPlace
  @Option(help: "Passes over the training set.") var epochs: Int?
  @Option(help: "Rounds, in place of epochs.") var steps: Int?
  @Option(help: "The run is a function of this number.") var seed: UInt64?
  @Option(help: "Format of matrix products: float32 or bf16.") var precision: String?
  @Option(help: "cpu, cuda or mps.") var device: String?
  @Option(help: "Threads; 0 takes all cores.") var threads: Int?
  @Option(help: "Use the first so many training examples.") var limit: Int?
  @Option(help: "Use the labels of so many examples of every class.") var labelsPerClass: Int?
  @Option(
    name: .customLong("run"), help: "Directory of the run (default: runs/MODEL-DATA-N).")
  var directory: String?
  @Flag(help: "Check everything and show the model, but do not train.") var dryRun = false
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "No progress.") var quiet = false

  func run() throws {
    let settings = try completeSettings()
    if dryRun { return try TrainingJob.describe(settings, place.options) }
    let run = RunDirectory(directory ?? TrainingJob.freeName(settings))
    let job = try TrainingJob.start(settings, in: run, place.options)
    try job.play(quiet: quiet, json: json)
  }

  func validate() throws {
    if epochs != nil && steps != nil { throw ValidationError("Give --epochs or --steps, not both.") }
  }

  /// The model's or the recipe's settings, changed by the options, then by `--set`.
  private func completeSettings() throws -> RunSettings {
    let changes: [(String, String?)] = [
      ("data.name", data), ("training.epochs", epochs.map(String.init)),
      ("training.steps", steps.map(String.init)), ("training.seed", seed.map(String.init)),
      ("training.precision", precision), ("training.device", device),
      ("training.threads", threads.map(String.init)), ("data.limit", limit.map(String.init)),
      // A file of labels has those that are known.
      ("labels.perClass", labelsPerClass.map(String.init) ?? form.labels.map { _ in "null" }),
    ]
    return try choice.settings(
      before: (changes + form.changes).compactMap { key, value in value.map { "\(key)=\($0)" } })
  }
}

/// `helmholtz resume RUN`
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run that was stopped or killed.",
    discussion: "Example:  helmholtz resume runs/vae-mnist-1 --epochs 200")

  @Argument(help: ArgumentHelp("The run's directory.", valueName: "run")) var directory: String
  @OptionGroup var place: DataPlace
  @Option(help: "Extend the run to so many epochs.") var epochs: Int?
  @Option(help: "Extend the run to so many steps.") var steps: Int?
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "No progress.") var quiet = false

  func run() throws {
    var settings = try Catalog.settings(
      SettingsDocument(file: RunDirectory(directory).existing().configuration))
    if let epochs { try settings.set("training.epochs=\(epochs)") }
    if let steps { try settings.set("training.steps=\(steps)") }
    let job = try TrainingJob.resume(settings, in: RunDirectory(directory), place.options)
    try job.play(quiet: quiet, json: json)
  }
}
