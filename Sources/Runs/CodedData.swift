import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Systems
import Torch
import Training

// With `data.codes` a model is stacked on another: it sees mean codes instead of examples, as M1+M2 does
// (Kingma et al. 2014, section 2.2), or draws of codes, as the stages behind an encoder do.
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
    let encoder = try Self.naming { try run.model(as: .codes) }
    let dataset = try below(run).dataset(options, below: runs + [directory])
    guard dataset.info.shape == run.facts.shape else {
      throw SettingsError(
        path: "data.codes",
        "'\(codes)' takes examples of shape \(run.facts.shape), \(dataset.info.name) has \(dataset.info.shape)")
    }
    guard codeUse != .beside else { return dataset }
    let length = try Self.naming { try withTensorErrors { encoder.codeLength(of: run.facts.shape) } }
    return dataset.mapped(
      summary: "codes of \(codes): \(dataset.info.summary)", shape: [length]
    ) { [codeUse] (examples) throws(DatasetError) in
      do {
        // Opened again, as a model is not to be shared by threads.
        return try Run.open(reference, place: options).coded(examples, as: codeUse)
      } catch {
        throw .invalid(subject: "data.codes", expected: "a run that encodes \(examples.name)", got: "\(error)")
      }
    }
  }

  /// The same examples as the run of the codes sees them: what it is itself stacked on comes first.
  func below(_ run: Run) -> DataSettings {
    var below = self
    (below.codes, below.codeUse) = (run.settings.data.codes, run.settings.data.codeUse)
    return below
  }

  /// Says of an error in another run which setting led there.
  fileprivate static func naming<Result>(_ body: () throws -> Result) throws(SettingsError) -> Result {
    do { return try body() } catch { throw SettingsError(path: "data.codes", "\(error)") }
  }
}

extension Encoder {
  /// The length of a code of examples of a shape.
  func codeLength(of shape: [Int]) -> Int {
    if let decoder = self as? any Decoder { return decoder.prior.dimension }
    let x = Tensor.zeros([1] + shape, device: device)
    return withoutGradients { encode(x, using: RandomSource(seed: 0, device: device)) }.size(1)
  }
}

extension Run {
  /// Codes that are drawn, for want of means or by wish, have a stream of their own.
  private static let codeStream: UInt64 = 21

  private func codes(_ examples: Examples, for purpose: Purpose) throws -> Codes {
    let rng = RandomSource.derived(seed: settings.training.seed, Self.codeStream, device: device)
    return try Codes(model(as: .codes), onDevice(examples, for: purpose), keepsClass: true, using: rng)
  }

  /// Codes instead of examples, with the same labels: the same at every call.
  fileprivate func coded(_ examples: Examples, as use: CodeUse) throws -> Examples {
    let found = try codes(examples, for: .coding)
    let codes = use == .means ? found.means : found.draws
    return try Examples(
      name: "\(examples.name), codes", storage: .floats(codes.to(.float32).array()), shape: [codes.size(1)],
      labels: examples.labels, classCount: examples.classCount, classNames: examples.classNames,
      exampleNames: examples.exampleNames, factors: examples.factors)
  }

  /// The run whose codes stand beside this one's examples, or in their place; nil where there is none.
  ///
  /// It is opened at every call, as a model is not to be shared by threads.
  ///
  /// - Throws: `SettingsError` of `data.codes` for a run that prepares its examples in another way than this one, which
  ///   sees them too.
  func encoderRun() throws -> Run? {
    guard let codes = settings.data.codes else { return nil }
    let run = try DataSettings.naming { try Run.open(RunReference(codes), place: place) }
    guard settings.data.codeUse == .beside else { return run }
    let (own, other) = (settings.seen(facts), run.settings.seen(run.facts))
    guard own == other, scaling == run.scaling else {
      throw SettingsError(
        path: "data.codes", "'\(codes)' sees its examples \(other), this run sees them \(own); both have to be one")
    }
    return run
  }

  /// One draw of a code for each of some examples, always the same, `[n, latent]`; nil where codes do not stand beside
  /// examples.
  func codesBeside(_ examples: Examples) throws -> Tensor? {
    guard settings.data.codeUse == .beside, let run = try encoderRun() else { return nil }
    return try run.codes(examples, for: .measuring).draws.to(.float32)
  }

  /// Batches of fresh codes of training examples, in the place of the examples or beside them; nil where the main feed
  /// is not made of such.
  func drawnCodes(_ dataset: Dataset, batchSize: Int, smallest: Int, seed: UInt64) throws -> (any Batches)? {
    guard settings.data.codeUse != .means, let run = try encoderRun() else { return nil }
    let encoder = try run.model(as: .codes)
    let keepsExamples = settings.data.codeUse == .beside
    let examples =
      try keepsExamples
      ? trainingExamples(of: dataset, settings.data, codes: false)
      : run.trainingExamples(of: settings.data.below(run).dataset(place), settings.data)
    return CodeBatches(
      ExampleBatches(examples, batchSize: batchSize, smallest: smallest, seed: seed), keepsExamples: keepsExamples
    ) { encoder.draw($0, using: $1) }
  }
}

extension RunSettings {
  /// How examples are seen that are learned from, in words.
  fileprivate func seen(_ facts: Facts) -> String {
    var words = [hasBinaryValues(facts) ? "as zeros and ones (\(data.binarization.rawValue))" : "as numbers"]
    if facts.isImage, !hasBinaryValues(facts) { words.append("scaled \(scaling(of: facts.shape).rawValue)") }
    if data.dequantize { words.append("with noise of a level") }
    return words.joined(separator: ", ")
  }
}
