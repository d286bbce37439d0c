import Configuration
import Evaluation
import Generative
import Torch

/// Densities by mixtures of Gaussians.
public struct MixtureDesign: Design {
  public var components = 10

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public var reasonForOneProcess: String? { "its steps are those of expectation maximization on all rows at once" }

  public static var fields: [Field<Self>] {
    [Field("components", "Gaussians, each with a covariance of its own", \.components, .integer(1...65_536))]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("model", "gmm") }
  public var headline: [Metric] { [.logDensity] }
  public var learnsByGradients: Bool { false }
  public var fewestExamples: (count: Int, reason: String)? { (components, "one for each component") }

  public func validate(_ facts: Facts) throws(SettingsError) {
    let dimension = Double(facts.shape.reduce(1, *))
    let numbers = Double(components) * dimension * dimension
    guard numbers <= NetworkLimits.largest else {
      throw SettingsError(
        path: "components",
        "expected covariances of at most \(Int(NetworkLimits.largest)) numbers in all, got \(Int(numbers))")
    }
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    MixtureModel(facts.shape, components: components, rows: facts.examples, device: rng.device)
  }
}
