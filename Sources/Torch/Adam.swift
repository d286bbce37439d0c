import CTorch

/// Adam with bias correction, in one fused call a step. Kingma & Ba 2015, Algorithm 1.
public final class Adam {
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
    let zeros = {
      parameters.map {
        Tensor.zeros($0.value.shape, dtype: $0.value.dtype, device: $0.value.device)
      }
    }
    first = zeros()
    second = zeros()
    stepCount = .zeros([], device: parameters.first?.value.device ?? .cpu)
  }

  /// Moves the parameters against `gradients`, in their order.
  ///
  /// - Parameters:
  ///   - rate: the step size alpha.
  ///   - skip: a scalar on the device; where it is 1 nothing changes, without the host having to know.
  public func step(_ gradients: [Tensor], rate: Double, skip: Tensor? = nil) {
    precondition(
      gradients.count == parameters.count,
      "Adam: expected \(parameters.count) gradients, got \(gradients.count)")
    if parameters.isEmpty { return }
    withoutGradients {
      stepCount.addInPlace(skip.map { 1 - $0 } ?? Tensor(1, device: stepCount.device))
      let steps = [Tensor](repeating: stepCount, count: parameters.count)
      let succeeded = withHandles(parameters.map(\.value)) { p, count in
        withHandles(gradients) { g, _ in
          withHandles(first) { m, _ in
            withHandles(second) { v, _ in
              withHandles(steps) { t, _ in
                update(skip, p, g, m, v, t, count, rate)
              }
            }
          }
        }
      }
      check(succeeded, "Adam.step")
    }
  }

  private func update(
    _ skip: Tensor?, _ p: UnsafePointer<torch_tensor?>, _ g: UnsafePointer<torch_tensor?>,
    _ m: UnsafePointer<torch_tensor?>, _ v: UnsafePointer<torch_tensor?>,
    _ t: UnsafePointer<torch_tensor?>, _ count: Int32, _ rate: Double
  ) -> Bool {
    torch_fused_adam(
      p, g, m, v, t, count, rate, options.beta1, options.beta2, options.weightDecay,
      options.epsilon, skip?.handle)
  }

  /// The moments and the step count under names, for a checkpoint; shared storage.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    first.enumerated().map { ("first.\($0)", $1) } + second.enumerated().map { ("second.\($0)", $1) }
      + [("steps", stepCount)]
  }
}
