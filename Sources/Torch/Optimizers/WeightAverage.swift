import CTorch

/// A running average of parameters, which samples better than the last ones of a noisy training.
///
/// It averages parameters alone: statistics of batch norm and vectors of spectral norm stay those of the last step.
///
///     let average = WeightAverage(model.parameters, decay: 0.999)
///     average.update()                                  // after each step
///     average.swap(); defer { average.swap() }          // the model computes with the averages
///
/// - Source: Polyak & Juditsky 1992, who take the plain mean; here an exponential one, which forgets the start.
public final class WeightAverage {
  private let parameters: [Parameter]
  private let decay: Double
  /// The averages, in the order of the parameters; shared storage, for a checkpoint.
  public let tensors: [Tensor]

  /// Starts at the parameters' values, in storage of its own.
  ///
  /// - Parameter decay: the weight, between 0 and 1, that an update leaves to the average.
  public init(_ parameters: [Parameter], decay: Double) {
    precondition((0...1).contains(decay), "WeightAverage: expected a decay between 0 and 1, got \(decay)")
    self.parameters = parameters
    self.decay = decay
    tensors = parameters.map { $0.value.detached().clone() }
  }

  /// Moves the averages to decay * average + (1 - decay) * parameter, in one call.
  public func update() {
    onAll("WeightAverage.update") { torch_lerp_all($0, $1, $2, 1 - decay) }
  }

  /// Exchanges parameters and averages, to the bit; a second call undoes the first.
  ///
  /// In a scope of bf16 call it by `outsidePrecision`, as casts of the parameters are stale afterwards.
  public func swap() {
    onAll("WeightAverage.swap") { torch_swap_all($0, $1, $2) }
  }

  private func onAll(
    _ operation: StaticString,
    _ body: (UnsafePointer<torch_tensor?>, UnsafePointer<torch_tensor?>, Int32) -> Bool
  ) {
    if parameters.isEmpty { return }
    withoutGradients {
      let succeeded = withHandles(tensors) { averages, count in
        withHandles(parameters.map(\.value)) { values, _ in body(averages, values, count) }
      }
      check(succeeded, operation)
    }
  }
}
