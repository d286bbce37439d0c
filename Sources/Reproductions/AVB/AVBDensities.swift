import Figures
import Foundation
import Inference
import Runs
import Torch
import Training

/// What the figures on densities share: inference for one, with numbers beside exact draws of it.
enum AVBDensities {
  /// The fits' rounds at a scale. The authors' take some 20 minutes on one core.
  static func rounds(_ scale: Experiment.Scale) -> Int { scale == .smoke ? 20 : 10_000 }
  /// Draws that are compared, on either side.
  static func draws(_ scale: Experiment.Scale) -> Int { scale == .smoke ? 200 : 10_000 }

  /// Keeps exact draws apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x6578_6163_7400

  /// Exact draws of a target that has them, a function of the seed.
  static func exact(_ target: Target, _ scale: Experiment.Scale, seed: UInt64) -> Tensor {
    guard let draw = target.reference else { preconditionFailure("\(target.name): expected exact draws") }
    return withoutGradients { draw(draws(scale), .derived(seed: seed, stream)) }
  }

  /// Settings of a method at a scale: fits take the authors' rounds, Gaussians Stan's rule.
  static func settings(_ method: InferenceMethod, _ scale: Experiment.Scale, seed: UInt64) -> InferenceSettings {
    var settings = InferenceSettings(method)
    settings.seed = seed
    settings.samples = draws(scale)
    if method.isImplicit {
      settings.iterations = rounds(scale)
      settings.keepEvery = max(1, rounds(scale) / 10)
      if scale == .smoke { (settings.implicit.batchSize, settings.implicit.criticWidth) = (64, 32) }
    }
    if method.isGaussian {
      settings.rule = .stan
      if scale == .smoke { settings.iterations = 200 }
    }
    if method.hasChains, scale == .smoke { (settings.iterations, settings.thinning) = (40, 2) }
    return settings
  }

  /// Numbers of a result beside exact draws.
  static func numbers(_ result: InferenceResult) -> [String: Results.Number] {
    var numbers: [String: Results.Number] = [:]
    func add(_ name: String, _ value: Double?) { if let value { numbers[name] = .init(value: value) } }
    add("kl", result.klToReference)
    add("kl-from", result.klFromReference)
    if let bound = result.bound.value { numbers["bound"] = .init(value: bound, error: result.bound.standardError) }
    add("imbalance", result.modes.map { modes in modes.map { abs($0.mass - 1 / Double(modes.count)) }.max() ?? 0 })
    add("ks", result.ks?.values.max())
    add("ks-tau", result.ks?["|tau|"])
    add("ks-theta", result.ks.flatMap { ks in (1...8).compactMap { ks["theta\($0)"] }.max() })
    return numbers
  }

  /// A column of draws `[n, d]`.
  static func column(_ index: Int, of draws: Tensor) -> [Double] { draws.at(index, axis: 1).array(Double.self) }
}
