import CTorch

/// Adam with bias correction, in one fused call a step. Kingma & Ba 2015, Algorithm 1.
public final class Adam: Optimizer {
  /// The options of the algorithm; the learning rate is given at each step.
  public struct Options: Sendable, Equatable {
    /// Decay of the first moment.
    public var beta1 = 0.9
    /// Decay of the second moment.
    public var beta2 = 0.999
    /// Added to the root of the second moment.
    public var epsilon = 1e-8
    /// An L2 penalty added to the gradient.
    public var weightDecay = 0.0

    public init() {}
  }

  private let options: Options
  private let parameters: [Parameter]
  private let first: [Tensor]
  private let second: [Tensor]
  private let stepCount: Tensor

  /// Moments start at zero, on the parameters' device.
  public init(_ parameters: [Parameter], options: Options = Options()) {
    self.options = options
    self.parameters = parameters
    first = parameters.zeros()
    second = parameters.zeros()
    stepCount = .zeros([], device: parameters.first?.value.device ?? .cpu)
  }

  /// Moves the parameters against `gradients`, in their order, by the step size `rate` (alpha).
  public func step(_ gradients: [Tensor], rate: Double) {
    parameters.expect(gradients.count, "gradients", by: "Adam")
    if parameters.isEmpty { return }
    withoutGradients {
      stepCount.addInPlace(1)
      let steps = [Tensor](repeating: stepCount, count: parameters.count)
      let succeeded = withHandles(parameters.map(\.value)) { p, count in
        withHandles(gradients) { g, _ in
          withHandles(first) { m, _ in
            withHandles(second) { v, _ in
              withHandles(steps) { t, _ in
                torch_fused_adam(
                  p, g, m, v, t, count, rate, options.beta1, options.beta2, options.weightDecay,
                  options.epsilon)
              }
            }
          }
        }
      }
      check(succeeded, "Adam.step")
    }
  }

  /// The running mean squares of the gradients, in the order of the parameters; shared storage.
  ///
  /// A gradient of 1e21 is finite and its square is not: it would hold its parameter still for good, with finite means.
  public var traces: [Tensor] { second }

  /// The moments, `first` and `second`, and the count `steps`; shared storage.
  public func state(
    _ names: [String]
  ) -> (tensors: [(name: String, tensor: Tensor)], counts: [(name: String, tensor: Tensor)]) {
    let moments = [("first", first), ("second", second)]
    return (moments.flatMap { parameters.named(names, $0, $1, by: "Adam") }, [("steps", stepCount)])
  }
}
