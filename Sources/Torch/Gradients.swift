import CTorch

/// What is done to a player's gradients before its step.
public struct GradientClipping: Sendable, Equatable {
  /// Gradients whose joint 2-norm exceeds this are scaled down to it.
  public var norm: Double?
  /// Then every element is limited to [-value, value].
  public var value: Double?

  /// - Parameters:
  ///   - norm: the largest joint 2-norm; nil for no limit.
  ///   - value: the largest absolute value of an element; nil for no limit.
  public init(norm: Double? = nil, value: Double? = nil) {
    self.norm = norm
    self.value = value
  }
}

/// The 2-norm of each tensor, stacked to `[count]`, in one call.
public func norms(_ tensors: [Tensor]) -> Tensor {
  withHandles(tensors) { Tensor(torch_norms($0, $1), "norms(_:)") }
}

extension GradientClipping {
  /// Keeps the norm finite where all gradients vanish.
  private static let smallestNorm = 1e-6

  /// Clips in place.
  ///
  /// - Parameter given: the norms of the gradients, where they are known already.
  public func apply(to gradients: [Tensor], norms given: Tensor? = nil) {
    withoutGradients {
      if let norm {
        let total = (given ?? norms(gradients)).square().sum().sqrt()
        (norm / (total + Self.smallestNorm)).clamped(0, 1).scale(gradients)
      }
      if let value {
        check(withHandles(gradients) { torch_clamp_all($0, $1, -value, value) })
      }
    }
  }
}

extension Tensor {
  fileprivate static func / (x: Double, y: Tensor) -> Tensor { x * y.pow(-1) }

  fileprivate func scale(_ tensors: [Tensor]) {
    check(withHandles(tensors) { torch_scale_all($0, $1, handle) })
  }
}
