import CTorch

/// RMSProp, not centred: steps in units of the gradient's running root mean square. Tieleman & Hinton 2012,
/// Lecture 6.5.
///
/// The lecture has neither momentum nor `epsilon`; both are those of PyTorch: epsilon stands outside the root, and
/// the momentum gathers the scaled gradients before `rate` multiplies them.
public final class RMSProp: Optimizer {
  /// The options of the algorithm; the learning rate is given at each step.
  public struct Options: Sendable, Equatable {
    /// Decay of the mean square.
    public var decay = 0.99
    /// Added to the root of the mean square.
    public var epsilon = 1e-8
    /// Decay of the sum of earlier steps; 0 takes each step by itself.
    public var momentum = 0.0
    /// An L2 penalty added to the gradient.
    public var weightDecay = 0.0

    public init() {}
  }

  private let options: Options
  private let parameters: [Parameter]
  private let squares: [Tensor]
  /// Empty without momentum.
  private let moments: [Tensor]

  /// Mean squares and moments start at zero, on the parameters' device.
  public init(_ parameters: [Parameter], options: Options = Options()) {
    precondition(options.momentum >= 0, "RMSProp: expected a momentum of 0 or more, got \(options.momentum)")
    self.options = options
    self.parameters = parameters
    squares = parameters.zeros()
    moments = options.momentum == 0 ? [] : parameters.zeros()
  }

  /// Moves the parameters against `gradients`, in their order, by the step size `rate`.
  public func step(_ gradients: [Tensor], rate: Double) {
    parameters.expect(gradients.count, "gradients", by: "RMSProp")
    if parameters.isEmpty { return }
    withoutGradients {
      let succeeded = withHandles(parameters.map(\.value)) { p, count in
        withHandles(gradients) { g, _ in
          withHandles(squares) { v, _ in
            withHandles(moments) { b, _ in
              torch_rmsprop(
                p, g, v, b, count, rate, options.decay, options.epsilon, options.momentum, options.weightDecay)
            }
          }
        }
      }
      check(succeeded, "RMSProp.step")
    }
  }

  /// The running mean squares of the gradients, in the order of the parameters; shared storage.
  public var traces: [Tensor] { squares }

  /// The mean squares, `square`, and with momentum the sums of earlier steps, `momentum`; shared storage.
  public func state(
    _ names: [String]
  ) -> (tensors: [(name: String, tensor: Tensor)], counts: [(name: String, tensor: Tensor)]) {
    let kinds = [("square", squares), ("momentum", moments)]
    return (kinds.flatMap { parameters.named(names, $0, $1, by: "RMSProp") }, [])
  }
}
