import Foundation
import Torch

/// Everything a run needs to go on bit for bit: parameters, moments, random state and progress.
public struct Checkpoint {
  /// The run's past.
  public let progress: TrainingProgress
  /// All tensors, under `model.`, `optimizer.`, `average.` and `random.`.
  let tensors: [String: Tensor]
  private let path: String

  /// The version of the layout of names and manifest.
  private static let version = "helmholtz-checkpoint-1"

  /// A model that is done: it can be opened, and has nothing to go on with.
  public init(of model: any Module, progress: TrainingProgress) {
    self.init(
      progress: progress,
      tensors: Dictionary(uniqueKeysWithValues: model.namedTensors.map { ("model.\($0.name)", $0.tensor.detached()) }))
  }

  init(progress: TrainingProgress, tensors: [String: Tensor]) {
    self.progress = progress
    self.tensors = tensors
    path = ""
  }

  /// Reads a checkpoint.
  public init(contentsOf path: String) throws {
    let file = try Safetensors(contentsOf: path)
    guard file.metadata["format"] == Self.version else {
      throw TrainingError.mismatch(
        path, expected: "a checkpoint of format '\(Self.version)'",
        found: file.metadata["format"].map { "'\($0)'" } ?? "no format in the metadata")
    }
    do {
      progress = try JSONDecoder().decode(
        TrainingProgress.self, from: Data((file.metadata["progress"] ?? "").utf8))
    } catch {
      throw TrainingError.mismatch(
        path, expected: "a progress manifest",
        found: file.metadata["progress"].map { "'\($0.prefix(60))'" } ?? "none in the metadata")
    }
    guard progress.isPossible else {
      throw TrainingError.mismatch(
        path, expected: "progress with counts of at least 0 and finite numbers", found: "\(progress)")
    }
    tensors = file.tensors
    self.path = path
  }

  /// Writes it whole or not at all.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let manifest = String(decoding: try encoder.encode(progress), as: UTF8.self)
    try Safetensors(
      tensors: tensors,
      metadata: [
        "format": Self.version, "progress": manifest, "libtorch": Runtime.libtorchVersion,
      ]
    ).write(to: path)
  }

  /// The tensors below a prefix, without it.
  func tensors(under prefix: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: tensors.compactMap { name, tensor in
        name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), tensor) : nil
      })
  }

  /// Puts the parameters and buffers into `model`, which must be built alike.
  ///
  /// - Parameter averaged: takes the moving averages of weights where the run keeps some.
  public func load(into model: any Module, averaged: Bool = false) throws {
    let averages = averaged ? tensors(under: "average.") : [:]
    try model.load(tensors(under: "model.").merging(averages) { $1 }, from: path)
  }

  /// Copies the stored tensors into `targets`, which are named without the prefix.
  func restore(_ targets: [(name: String, tensor: Tensor)], under prefix: String) throws {
    let stored = tensors(under: prefix)
    let names = Set(targets.map(\.name))
    if let extra = stored.keys.sorted().first(where: { !names.contains($0) }) {
      throw LoadError.unexpected(prefix + extra, path)
    }
    for (name, tensor) in targets {
      guard let source = stored[name] else { throw LoadError.missing(prefix + name, path, has: nil) }
      guard source.shape == tensor.shape else {
        throw LoadError.shape(prefix + name, path, expected: tensor.shape, found: source.shape)
      }
      withoutGradients { tensor.copyInPlace(source) }
    }
  }

  /// Puts `rng` where it stood.
  func restore(_ rng: RandomSource) throws {
    let name = "random.state"
    guard let state = tensors[name] else { throw LoadError.missing(name, path, has: nil) }
    let expected = rng.state
    guard state.shape == expected.shape, state.dtype == expected.dtype else {
      throw LoadError.shape(name, path, expected: expected.shape, found: state.shape)
    }
    do {
      try withTensorErrors { rng.state = state }
    } catch {
      throw TrainingError.mismatch(path, expected: "the state of a random stream", found: "\(error)")
    }
  }
}
