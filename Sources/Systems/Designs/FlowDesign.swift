import Configuration
import Evaluation
import Generative
import Networks
import Torch

/// The flows that a file can name.
public enum FlowKind: String, Sendable, CaseIterable {
  case affine, additive, autoregressive
}

/// Densities by flows: every choice is a value of the one `FlowModel`.
public struct FlowDesign: Design {
  public var flow = FlowKind.affine
  public var couplings = 16
  public var hidden = [256, 256]

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field(
        "flow",
        "couplings that scale and shift (affine), that shift (additive), or layers that take dimensions one by one",
        \.flow, .choice),
      Field("couplings", "couplings, or autoregressive layers", \.couplings, .integer(1...1000)),
      Field("hidden", "widths of the hidden layers of each, with ReLU6", \.hidden, NetworkLimits.widths(atLeast: 1)),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("flow", flow.rawValue) }
  public var headline: [Metric] { [.logDensity] }

  public func validate(_ facts: Facts) throws(SettingsError) {
    let dimension = facts.shape.reduce(1, *)
    guard flow == .autoregressive || dimension >= 2 else {
      throw SettingsError(
        path: "flow",
        "a coupling moves one half of the dimensions by the other and needs at least 2, got examples of shape \(facts.shape); "
          + "autoregressive takes one")
    }
    let (inputs, outputs) =
      switch flow {
      case .affine: ((dimension + 1) / 2, 2 * ((dimension + 1) / 2))
      case .additive: ((dimension + 1) / 2, (dimension + 1) / 2)
      case .autoregressive: (dimension, 2 * dimension)
      }
    let weights = Double(couplings) * NetworkLimits.dense([inputs] + hidden + [outputs])
    try NetworkLimits.check("hidden", kind: flow.rawValue, isMLP: true, weights: weights, shape: facts.shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let dimension = facts.shape.reduce(1, *)
    func coupled(_ kind: CouplingFlow.Kind) -> CouplingFlow {
      CouplingFlow(dimension, kind: kind, couplings: couplings, hidden: hidden, using: rng)
    }
    let bijection: any LearnedBijection =
      switch flow {
      case .affine: coupled(.affine)
      case .additive: coupled(.additive)
      case .autoregressive: MaskedAutoregressiveFlow(dimension, layers: couplings, hidden: hidden, using: rng)
      }
    return FlowModel(facts.shape, bijection)
  }
}
