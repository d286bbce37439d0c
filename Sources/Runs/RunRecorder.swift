import Datasets
import Figures
import Foundation
import Generative
import Torch
import Training

/// Keeps what a run shows while it goes on: TensorBoard events and pictures of samples.
public final class RunRecorder: TrainingObserver {
  private let model: any Module
  private let scaling: PixelScaling
  private let events: EventFile
  private let run: RunDirectory
  private let device: Device
  private let seed: UInt64
  private let domains: [Domain: Tensor]
  private let forward: any TrainingObserver
  /// The epoch of the last picture of a game without validations.
  private var picturedEpoch: Int?

  /// Samples in the picture that is logged at every validation.
  private static let sampleCount = 64
  /// The stream of the codes behind that picture: the same at every step, so that pictures compare.
  private static let stream: UInt64 = 3

  /// - Parameters:
  ///   - step: complete rounds of a run that goes on; nil for a new one.
  ///   - domains: a few examples of each domain, of a model that translates them.
  ///   - forward: hears of everything too; the terminal.
  public init(
    _ model: any Module, scaling: PixelScaling = .unit, run: RunDirectory,
    resumingAt step: Int?, seed: UInt64, device: Device, domains: [Domain: Tensor] = [:],
    forward: any TrainingObserver
  ) throws {
    self.model = model
    self.scaling = scaling
    self.run = run
    self.device = device
    self.seed = seed
    self.domains = domains
    self.forward = forward
    events = try EventFile(
      in: URL(fileURLWithPath: run.events), resumingAt: step.map { $0 + 1 })
  }

  public func completed(step: Int, of total: Int) { forward.completed(step: step, of: total) }

  public func logged(_ record: LogRecord) throws {
    try events.append(
      scalars: record.values.map { (tag: "\(record.kind.rawValue)/\($0.key)", value: Float($0.value)) },
      step: record.step)
    if isForPictures(record) {
      if let image = try samples() { try events.append(image: image, tag: "samples", step: record.step) }
      for (tag, image) in try translations() { try events.append(image: image, tag: tag, step: record.step) }
    }
    try events.flush()
    try forward.logged(record)
  }

  /// Validations have a picture; where there are none, the first line of each epoch.
  private func isForPictures(_ record: LogRecord) -> Bool {
    if record.kind == .validation { return true }
    guard record.kind == .train, (model as? any Game)?.score == nil, let epoch = record.epoch.map({ Int($0) }) else {
      return false
    }
    defer { picturedEpoch = epoch }
    return epoch != picturedEpoch
  }

  /// A grid of samples of the model as it is now, or nil if it draws none or they are not images.
  public func samples() throws -> PixelImage? {
    guard let model = model.inUse as? any Generator, Pictures.canShow(model.exampleShape) else { return nil }
    let rng = RandomSource.derived(seed: seed, Self.stream, device: device)
    return try withTensorErrors {
      let x = Pictures.samples(of: model, count: Self.sampleCount, using: rng)
      return ImageGrid(try Pictures.images(scaling.intensities(x)), columns: 16).render()
    }
  }

  /// Examples beside their translations by the model as it is now, a grid for each direction, if they are images.
  private func translations() throws -> [(tag: String, image: PixelImage)] {
    guard let model = model as? any Translator else { return [] }
    return try model.destinations.compactMap { domain in
      guard let x = domains[domain.other], Pictures.canShow(Array(x.shape.dropFirst())) else { return nil }
      let rng = RandomSource.derived(seed: seed, Self.stream, device: device)
      let grid = try Pictures.translations(
        of: x, to: domain, by: model, { try Pictures.images(scaling.intensities($0)) }, using: rng)
      return ("\(domain.other.rawValue)-to-\(domain.rawValue)", grid.render())
    }
  }
}
