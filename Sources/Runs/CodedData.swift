import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Systems
import Torch
import Training

// With `data.codes` a model is stacked on another: it sees mean codes instead of examples, as M1+M2 does
// (Kingma et al. 2014, section 2.2).
extension DataSettings {
  /// The data set, with a validation split unless the settings want none; of codes where `codes` names a run.
  ///
  /// Labels and splits are those of the examples. A split is encoded when it is first asked for.
  ///
  /// - Throws: `SettingsError` of `data.codes` for a run that is missing, is of other examples, has no codes, or is
  ///   stacked on itself; else `DatasetError`.
  public func dataset(_ options: DatasetOptions = .fromEnvironment()) throws -> Dataset {
    try dataset(options, below: [])
  }

  /// - Parameter runs: the directories that this set is encoded for, so that a circle of them is seen.
  private func dataset(_ options: DatasetOptions, below runs: [String]) throws -> Dataset {
    guard let codes else { return try examples(options) }
    let reference = try Self.naming { try RunReference(codes) }
    let directory = URL(fileURLWithPath: reference.path).resolvingSymlinksInPath().standardizedFileURL.path
    guard !runs.contains(directory) else {
      throw SettingsError(
        path: "data.codes", "expected runs that lead to examples, got '\(codes)', which leads to itself")
    }
    let run = try Self.naming { try Run.open(reference, place: options) }
    let model = try Self.naming { try run.model(as: .codesAndPrior) }
    // What the run itself is stacked on comes first.
    var below = self
    below.codes = run.settings.data.codes
    let dataset = try below.dataset(options, below: runs + [directory])
    guard dataset.info.shape == run.facts.shape else {
      throw SettingsError(
        path: "data.codes",
        "'\(codes)' takes examples of shape \(run.facts.shape), \(dataset.info.name) has \(dataset.info.shape)")
    }
    return dataset.mapped(
      summary: "codes of \(codes): \(dataset.info.summary)", shape: [model.prior.dimension]
    ) { (examples) throws(DatasetError) in
      do {
        // Opened again, as a model is not to be shared by threads.
        return try Run.open(reference, place: options).coded(examples)
      } catch {
        throw .invalid(subject: "data.codes", expected: "a run that encodes \(examples.name)", got: "\(error)")
      }
    }
  }

  /// Says of an error in another run which setting led there.
  private static func naming<Result>(_ body: () throws -> Result) throws(SettingsError) -> Result {
    do { return try body() } catch { throw SettingsError(path: "data.codes", "\(error)") }
  }
}

extension Run {
  /// Codes that are drawn, for want of means, have a stream of their own.
  private static let codeStream: UInt64 = 21

  /// Mean codes instead of examples, with the same labels: the same at every call.
  fileprivate func coded(_ examples: Examples) throws -> Examples {
    let rng = RandomSource.derived(seed: settings.training.seed, Self.codeStream, device: device)
    let codes = try Codes(model(as: .codes), onDevice(examples, for: .coding), keepsClass: true, using: rng).means
    return try Examples(
      name: "\(examples.name), codes", storage: .floats(codes.to(.float32).array()), shape: [codes.size(1)],
      labels: examples.labels, classCount: examples.classCount, classNames: examples.classNames,
      exampleNames: examples.exampleNames, factors: examples.factors)
  }
}
