import Datasets
import Torch

extension DataSettings {
  /// Fixed binarization and splits draw from streams of their own.
  private static let stream: UInt64 = 20

  /// The data set these settings name, its files from where `options` say.
  public func dataset(_ options: DatasetOptions) throws -> Dataset {
    var options = options
    options.seed = seed
    let named = try Dataset.named(name, options)
    guard validation > 0, !named.has(.validation) else { return named }
    options.validation = .count(validation)
    return try Dataset.named(name, options)
  }

  /// Examples on the device, binarized as these settings and the likelihood want it.
  func deviceExamples(
    _ examples: Examples, likelihood: LikelihoodSettings, seed: UInt64, device: Device
  ) -> DeviceExamples {
    DeviceExamples(
      examples, binarization: resolvedBinarization(for: likelihood, shape: examples.shape),
      device: device, using: .derived(seed: seed, Self.stream, device: device))
  }
}
