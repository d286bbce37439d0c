// Train a system of the catalog as `helmholtz train` does: the same files, the same numbers, the same report.
//
//     swift run -c release TrainRun runs/mine

import Datasets
import Runs
import Systems
import Training

// snippet.settings
let settings = try Catalog.settings(
  "vae", setting: ["data.name=strokes", "data.limit=6000", "latent.dimensions=10", "training.epochs=5"])
// snippet.end

// snippet.observer
/// Prints the score of every validation.
final class Printer: TrainingObserver {
  func completed(step: Int, of total: Int) {}

  func logged(_ record: LogRecord) {
    guard record.kind == .validation, let score = record.values.first else { return }
    print("step \(record.step): \(score.key) \(score.value)")
  }
}
// snippet.end

// snippet.run
let directory = RunDirectory(CommandLine.arguments.dropFirst().first ?? "runs/mine")
let place = DatasetOptions.fromEnvironment()
// A program that was killed goes on where it was.
let run =
  try directory.exists
  ? Run.resume(directory, place: place) : Run.begin(settings, in: directory, place: place)
let (outcome, progress) = try run.train(observer: Printer())
// Test metrics of the best checkpoint, figures and report.html.
try run.finish()
print("\(outcome.rawValue) after \(progress.step) steps: \(directory.report)")
// snippet.end
