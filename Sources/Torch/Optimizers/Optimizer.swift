/// What moves parameters against their gradients: the state of an algorithm, and one step in one call.
///
/// To conform, keep one tensor per parameter and kind of state, hand all of them to one C call in `step`, and name
/// them in `state`. The simplest one is `SGD`.
///
///     let optimizer = OptimizerChoice.rmsProp(RMSProp.Options()).optimizer(for: model.parameters)
///     optimizer.step(gradients(of: loss, in: model.parameters.map(\.value)), rate: 1e-3)
public protocol Optimizer: AnyObject {
  /// Moves the parameters against `gradients`, in their order, by the step size `rate`.
  func step(_ gradients: [Tensor], rate: Double)

  /// One tensor per parameter in which a gradient that was not finite leaves its mark; shared storage.
  ///
  /// Empty where there is none, as in SGD without momentum.
  var traces: [Tensor] { get }

  /// The state for a checkpoint, shared storage.
  ///
  /// - Parameter names: the parameters' paths, in order.
  /// - Returns: in `tensors` those of each parameter, under `PATH.NAME` (`qz.heads.weight.first`); in `counts`
  ///   numbers of steps, under names that do not depend on a parameter.
  func state(
    _ names: [String]
  ) -> (tensors: [(name: String, tensor: Tensor)], counts: [(name: String, tensor: Tensor)])
}

/// An optimizer with its options, before it knows its parameters.
public enum OptimizerChoice: Sendable, Equatable {
  /// Adam. Kingma & Ba 2015.
  case adam(Adam.Options)
  /// RMSProp. Tieleman & Hinton 2012.
  case rmsProp(RMSProp.Options)
  /// Stochastic gradient descent, with or without momentum. Sutskever et al. 2013.
  case sgd(SGD.Options)

  /// A new optimizer of `parameters`, which has taken no step.
  public func optimizer(for parameters: [Parameter]) -> any Optimizer {
    switch self {
    case .adam(let options): Adam(parameters, options: options)
    case .rmsProp(let options): RMSProp(parameters, options: options)
    case .sgd(let options): SGD(parameters, options: options)
    }
  }
}

extension [Parameter] {
  /// One tensor of zeros per parameter, of its shape and type and on its device.
  func zeros() -> [Tensor] {
    map { .zeros($0.value.shape, dtype: $0.value.dtype, device: $0.value.device) }
  }

  /// Traps unless there is one item for each parameter.
  func expect(_ count: Int, _ items: String, by optimizer: String) {
    precondition(count == self.count, "\(optimizer): expected \(self.count) \(items), got \(count)")
  }

  /// `tensors`, one per parameter, under `PATH.suffix`.
  func named(
    _ names: [String], _ suffix: String, _ tensors: [Tensor], by optimizer: String
  ) -> [(name: String, tensor: Tensor)] {
    expect(names.count, "names", by: optimizer)
    return zip(names, tensors).map { ("\($0).\(suffix)", $1) }
  }
}
