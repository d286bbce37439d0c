import CTorch

/// Stochastic gradient descent with momentum, in one fused call a step. Sutskever et al. 2013, section 2.
///
/// As in PyTorch the momentum gathers gradients before `rate` multiplies them, so that a schedule scales earlier
/// gradients too; Sutskever et al. gather steps. Nesterov's form is theirs after the change of variables that has the
/// gradient taken at the parameters.
public final class SGD: Optimizer {
  /// The options of the algorithm; the learning rate is given at each step.
  public struct Options: Sendable, Equatable {
    /// Decay of the sum of earlier gradients; 0 keeps no state.
    public var momentum = 0.9
    /// Whether the step looks ahead along the momentum, which must be above 0.
    public var nesterov = false
    /// An L2 penalty added to the gradient.
    public var weightDecay = 0.0

    public init() {}
  }

  private let options: Options
  private let parameters: [Parameter]
  /// Empty without momentum.
  private let moments: [Tensor]

  /// Moments start at zero, on the parameters' device.
  public init(_ parameters: [Parameter], options: Options = Options()) {
    precondition(options.momentum >= 0, "SGD: expected a momentum of 0 or more, got \(options.momentum)")
    precondition(
      !options.nesterov || options.momentum > 0, "SGD: expected a momentum above 0 with nesterov, got 0.0")
    self.options = options
    self.parameters = parameters
    moments = options.momentum == 0 ? [] : parameters.zeros()
  }

  /// Moves the parameters against `gradients`, in their order, by the step size `rate`.
  public func step(_ gradients: [Tensor], rate: Double) {
    parameters.expect(gradients.count, "gradients", by: "SGD")
    if parameters.isEmpty { return }
    withoutGradients {
      let succeeded = withHandles(parameters.map(\.value)) { p, count in
        withHandles(gradients) { g, _ in
          withHandles(moments) { b, buffers in
            torch_fused_sgd(
              p, g, b, count, buffers, rate, options.momentum, options.nesterov, options.weightDecay)
          }
        }
      }
      check(succeeded, "SGD.step")
    }
  }

  /// The sums of earlier gradients, in the order of the parameters, shared storage; empty without momentum.
  public var traces: [Tensor] { moments }

  /// With momentum the sums of earlier gradients, `momentum`; shared storage.
  public func state(
    _ names: [String]
  ) -> (tensors: [(name: String, tensor: Tensor)], counts: [(name: String, tensor: Tensor)]) {
    (parameters.named(names, "momentum", moments, by: "SGD"), [])
  }
}
