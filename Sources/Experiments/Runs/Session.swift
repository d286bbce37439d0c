import Datasets
import Foundation
import Generative
import Torch
import Training

/// A configured model with its data at hand: what every command works on.
public struct Session {
  /// The complete configuration.
  public let settings: RunSettings
  /// What is trained, at its start or at a checkpoint.
  public let trained: any SystemModel
  /// The shape of one example.
  public let exampleShape: [Int]
  /// The numbers that the model sees in place of pixels.
  public let scaling: PixelScaling
  /// Where it computes.
  public let device: Device
  /// The run's past, if it comes out of a checkpoint.
  public let checkpoint: Checkpoint?
  /// The directory it came from, if it did.
  public let run: RunDirectory?

  /// A model at its start.
  ///
  /// - Parameters:
  ///   - shape: the shape of one example.
  ///   - scaling: what the training examples ask for.
  public init(
    _ settings: RunSettings, shape: [Int], scaling: PixelScaling = .unit
  ) throws {
    let model = try Catalog.system(named: settings.model)
      .model(for: settings, exampleShape: shape)
    self.init(
      settings: settings, trained: model, exampleShape: shape, scaling: scaling, device: settings.training.device,
      checkpoint: nil, run: nil)
  }

  private init(
    settings: RunSettings, trained: any SystemModel, exampleShape: [Int], scaling: PixelScaling, device: Device,
    checkpoint: Checkpoint?, run: RunDirectory?
  ) {
    self.settings = settings
    self.trained = trained
    self.exampleShape = exampleShape
    self.scaling = scaling
    self.device = device
    self.checkpoint = checkpoint
    self.run = run
  }

  /// The model of a system that draws examples: of all but the classifier. `requireGenerator` asks before.
  public var model: any GenerativeModel {
    guard let model = trained as? any GenerativeModel else {
      preconditionFailure("Session: \(SessionError.noGenerator(settings.model))")
    }
    return model
  }

  /// Refuses a model that draws no examples.
  public func requireGenerator() throws(SessionError) {
    guard trained is any GenerativeModel else { throw .noGenerator(settings.model) }
  }

  /// A model at a checkpoint of a run, written `RUN`, `RUN@best`, `RUN@last` or `RUN@STEP`.
  public static func open(_ reference: String) throws -> Session { try open(RunReference(reference)) }

  /// A model at a checkpoint of a run.
  public static func open(_ reference: RunReference) throws -> Session {
    let file = try reference.file()
    let run = RunDirectory(reference.path)
    let settings = try Catalog.settings(SettingsDocument(file: run.configuration))
    guard let shape = settings.data.shape else { throw SessionError.noShape(run.configuration) }
    return try Session(
      settings, shape: shape, scaling: scaling(settings, shape, run)
    )
    .at(try Checkpoint(contentsOf: file), run)
  }

  /// This session with the parameters of a checkpoint.
  public func at(_ checkpoint: Checkpoint, _ run: RunDirectory) throws -> Session {
    try checkpoint.load(into: trained)
    return Session(
      settings: settings, trained: trained, exampleShape: exampleShape, scaling: scaling, device: device,
      checkpoint: checkpoint, run: run)
  }

  private static func scaling(
    _ settings: RunSettings, _ shape: [Int], _ run: RunDirectory
  ) throws -> PixelScaling {
    if settings.data.scaling == .unit { return .unit }
    let kept = try Safetensors(contentsOf: run.scaling).tensors
    guard let scaling = PixelScaling(settings.data.scaling, tensors: kept, exampleShape: shape) else {
      throw FileError(run.scaling, "expected \(settings.data.scaling.rawValue) for examples of shape \(shape)")
    }
    return scaling
  }

  /// Fixed binarization draws from a stream of its own.
  private static let stream: UInt64 = 20

  /// A stream for one command: a function of `seed` alone.
  public func random(_ seed: UInt64) -> RandomSource { RandomSource(seed: seed, device: device) }

  /// The examples of a split, on the device and binarized as the run wants it.
  ///
  /// - Parameters:
  ///   - limit: keeps the first so many; nil keeps all.
  ///   - isTraining: whether they are learned from, and so augmented.
  public func examples(
    _ split: Split, of dataset: Dataset, limit: Int? = nil, isTraining: Bool = false
  ) throws -> DeviceExamples {
    var examples = try dataset.examples(split)
    if let limit { examples = examples.prefix(limit) }
    return try onDevice(examples, of: dataset, isTraining: isTraining)
  }

  /// The labelled training examples, or nil where the system learns from none.
  public func labelledExamples(of dataset: Dataset) throws -> DeviceExamples? {
    guard try Catalog.system(named: settings.model).learnsClasses else { return nil }
    let examples = try settings.data.trainingExamples(of: dataset)
      .labelled(perClass: settings.labels.perClass, seed: settings.data.seed)
    return try onDevice(examples, of: dataset, isTraining: true)
  }

  private func onDevice(_ examples: Examples, of dataset: Dataset, isTraining: Bool) throws -> DeviceExamples {
    guard examples.shape == exampleShape else {
      throw SessionError.shape(dataset.info.name, expected: exampleShape, found: examples.shape)
    }
    return try onDevice(examples, isTraining: isTraining)
  }

  /// Examples of the model's shape, on the device and prepared as the run wants them.
  func onDevice(_ examples: Examples, isTraining: Bool) throws -> DeviceExamples {
    try settings.validate(examples)
    return DeviceExamples(
      examples,
      settings.preparation(of: examples, scaling: scaling, isTraining: isTraining), device: device,
      using: .derived(seed: settings.training.seed, Self.stream, device: device))
  }
}

/// A machine or a data set that does not fit the model.
public enum SessionError: Error, Equatable, CustomStringConvertible {
  case shape(String, expected: [Int], found: [Int])
  case noImages([Int])
  case noShape(String)
  case noClassifier(String)
  case noGenerator(String)
  case tooFew(String, expected: Int, found: Int)
  case noPictures(String, [Int])
  case noClasses(String, Int)

  public var description: String {
    switch self {
    case .shape(let name, let expected, let found):
      "data '\(name)': the model takes examples of shape \(expected), these have \(found)"
    case .noClassifier(let model):
      "\(model): expected a model that learns classes "
        + "(\(Catalog.systems.filter(\.learnsClasses).map(\.name).joined(separator: ", ")))"
    case .noGenerator(let model):
      "\(model): expected a model that draws examples, got one that only tells their classes"
    case .noShape(let path):
      "\(path): data.shape: expected the shape of an example, got null"
    case .tooFew(let name, let expected, let found):
      "\(name): expected at least \(expected) examples, got \(found)"
    case .noPictures(let name, let shape):
      "data '\(name)': expected images [channels, height, width], got examples of shape \(shape)"
    case .noClasses(let name, let count):
      "data '\(name)': expected labels of at least 2 classes, got \(count == 0 ? "none" : "\(count)")"
    case .noImages(let shape):
      "examples of shape \(shape) are no images; write arrays with --out x.npy"
    }
  }
}
