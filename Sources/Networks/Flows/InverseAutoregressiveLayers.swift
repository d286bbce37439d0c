import Foundation
import Probability
import Torch

/// Layers that move each dimension of z towards a function of those before it. Kingma et al. 2016, Algorithm 1.
///
/// A layer maps z to (sigma z + (1 - sigma) m) / sigmoid(1), with m and sigma near 0 and sigmoid(1) at first. The divisor is not in
/// the paper, and other weights make up for it: without it eight layers would shrink z to a twelfth at first, which training has
/// to undo. A draw takes one pass through each layer, the inverse a pass for each dimension.
public struct InverseAutoregressiveFlow: Bijection {
  private let layers: [AutoregressiveLayer]
  private let injected: [Tensor]

  /// Factors on what a network gives, which keep m and sigma near where they start.
  private static let (shiftFactor, gateFactor, gateOffset) = (0.1, 0.01, 1.0)
  private static let firstGate = 1 / (1 + exp(-gateOffset))

  /// - Parameters:
  ///   - layers: first to last.
  ///   - injected: what the hidden units of each layer are given, `[batch, hidden]`.
  public init(_ layers: [AutoregressiveLayer], injected: [Tensor]) {
    precondition(
      layers.count == injected.count,
      "InverseAutoregressiveFlow: expected \(layers.count) injections, got \(injected.count)")
    (self.layers, self.injected) = (layers, injected)
  }

  /// m, and what sigma is the sigmoid of, for a layer.
  private func step(_ index: Int, at z: Tensor) -> (shift: Tensor, gate: Tensor) {
    let (shift, gate) = layers[index](z, injected: injected[index])
    return (shift * Self.shiftFactor, gate * Self.gateFactor + Self.gateOffset)
  }

  public func callAsFunction(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    var value = z
    var logGates: Tensor?
    for index in layers.indices {
      let (shift, gate) = step(index, at: value)
      value = shift.addingProduct(gate.sigmoid(), value - shift) * (1 / Self.firstGate)
      let logGate = gate.logSigmoid()
      logGates = logGates.map { $0 + logGate } ?? logGate
    }
    return (value, logGates!.sum(-1) - Double(layers.count * value.size(-1)) * log(Self.firstGate))
  }

  /// Dimension by dimension: after k passes the first k in order are right.
  public func inverse(_ value: Tensor) -> Tensor {
    layers.indices.reversed().reduce(value) { value, index in
      (0..<value.size(-1)).reduce(value) { z, _ in
        let (shift, gate) = step(index, at: z)
        return shift + (value * Self.firstGate - shift) / gate.sigmoid()
      }
    }
  }
}

/// Inverse autoregressive layers that are given a context, affine in an encoder's features.
///
/// The order of the dimensions is reversed in every second layer, which saves turning z around.
public final class InverseAutoregressiveLayers: FlowNetwork {
  private let context: Linear
  /// The context's part in the hidden units of all layers, from one product.
  private let injection: Linear
  private let layers: [AutoregressiveLayer]

  /// - Parameters:
  ///   - features: how many there are.
  ///   - dimension: the length of z, at least 2.
  ///   - hidden: the width of a layer.
  ///   - context: the length of the context.
  public init(
    _ features: Int, dimension: Int, layers count: Int, hidden: Int, context: Int, using rng: RandomSource
  ) {
    self.context = Linear(features, context, using: rng)
    injection = Linear(context, count * hidden, using: rng)
    layers = (0..<count).map {
      AutoregressiveLayer(dimension, hidden: hidden, isReversed: !$0.isMultiple(of: 2), using: rng)
    }
  }

  public var summary: String {
    let count = layers.count
    return "\(count) inverse autoregressive \(count == 1 ? "layer" : "layers") of \(layers[0].hidden), "
      + "context \(context.weight.value.size(0))"
  }

  public func callAsFunction(_ features: Tensor) -> InverseAutoregressiveFlow {
    InverseAutoregressiveFlow(layers, injected: injection(context(features)).split(layers.count))
  }
}
