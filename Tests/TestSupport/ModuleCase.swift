import Testing
import Torch

/// One line in a table of modules that all must pass `check()`:
///
///     @Test("every layer is a good module", arguments: [
///       ModuleCase("Linear", parameters: 8) { Linear(3, 2, using: $0) }
///         inputs: { [$0.normal([4, 3])] } apply: { $0($1[0]) }
///     ])
///     func conformance(_ module: ModuleCase) throws { try module.check() }
public struct ModuleCase: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  private let body: @Sendable () throws -> Void

  /// - Parameters:
  ///   - parameters: the number of trained numbers, worked out by hand.
  ///   - training: gradients are taken in `TrainingMode`.
  ///   - tolerance: of the gradients, relative to 1 + |gradient|.
  ///   - limit: elements whose gradient is checked, per parameter and input.
  ///   - make: the module; equal random sources must give equal modules.
  ///   - inputs: what `apply` gets; floating-point inputs are converted to float64.
  ///   - apply: the module's output, without new randomness from call to call.
  public init<M: Module & SendableMetatype>(
    _ name: String, parameters: Int, training: Bool = false, tolerance: Double = 1e-6,
    limit: Int = 8,
    sourceLocation: SourceLocation = #_sourceLocation,
    make: @escaping @Sendable (RandomSource) -> M,
    inputs: @escaping @Sendable (RandomSource) -> [Tensor],
    apply: @escaping @Sendable (M, [Tensor]) -> Tensor
  ) {
    testDescription = name
    body = {
      let check = ModuleCheck(
        name: name, training: training, make: make, inputs: inputs, apply: apply,
        sourceLocation: sourceLocation)
      check.names(count: parameters)
      check.gradients(tolerance: tolerance, limit: limit)
      check.evaluation()
      try check.saving()
    }
  }

  /// Checks that names are unique, that the parameters number what was worked out, that each receives a
  /// gradient, that gradients agree with central differences in float64, that evaluation is
  /// repeatable and that saving and loading changes nothing.
  public func check() throws { try body() }
}

private struct ModuleCheck<M: Module> {
  let name: String
  let training: Bool
  let make: (RandomSource) -> M
  let inputs: (RandomSource) -> [Tensor]
  let apply: (M, [Tensor]) -> Tensor
  let sourceLocation: SourceLocation

  private func made(seed: UInt64 = 1) -> M { make(RandomSource(seed: seed)) }
  private func input() -> [Tensor] { inputs(RandomSource(seed: 2)) }

  func names(count: Int) {
    let module = made()
    let names = module.namedTensors.map(\.name)
    check(Set(names).count == names.count, "\(name): expected different names, got \(names)", sourceLocation)
    check(
      module.parameterCount == count, "\(name): expected \(count) parameters, got \(module.parameterCount)",
      sourceLocation)
  }

  func gradients(tolerance: Double, limit: Int) {
    let module = made()
    module.convert(to: .float64)
    let input = input().map { input in
      input.dtype.isFloatingPoint ? input.to(.float64).clone().requiringGradient() : input
    }
    // Random weights on the outputs: their plain sum has no gradient behind a normalization.
    let weights = RandomSource(seed: 3).normal(apply(module, input).shape, dtype: .float64)
    func loss() -> Tensor {
      let output = training ? TrainingMode.run { apply(module, input) } : apply(module, input)
      return (output * weights).sum()
    }
    let named = module.namedParameters.map {
      (name: "\(name).\($0.name)", tensor: $0.parameter.value)
    }
    for ((name, _), gradient) in zip(named, Torch.gradients(of: loss(), in: named.map(\.tensor))) {
      let isZero = gradient.abs().max().item() == 0
      check(!isZero, "\(name) receives no gradient", sourceLocation)
    }
    let differentiable = input.enumerated().filter { $1.dtype.isFloatingPoint }
    compareWithDifferences(
      named + differentiable.map { (name: "\(name), input \($0)", tensor: $1) },
      tolerance: tolerance, limit: limit, sourceLocation, loss)
  }

  func evaluation() {
    let module = made()
    let input = input()
    let first = apply(module, input)
    let isRepeated = first.isEqual(to: apply(module, input))
    check(isRepeated, "\(name): a second evaluation differs", sourceLocation)
  }

  func saving() throws {
    let module = made()
    // A step in training, so that running statistics are not those of a new module.
    _ = TrainingMode.run { apply(module, input()) }
    let other = made(seed: 4)
    try withTemporaryDirectory { directory in
      let path = directory + "/module.safetensors"
      let saved = Dictionary(uniqueKeysWithValues: module.namedTensors.map { ($0.name, $0.tensor) })
      try Safetensors(tensors: saved).write(to: path)
      try other.load(Safetensors(contentsOf: path).tensors, from: path)
    }
    for (own, loaded) in zip(module.namedTensors, other.namedTensors) {
      let isSame = own.name == loaded.name && own.tensor.isEqual(to: loaded.tensor)
      check(isSame, "\(own.name) changed in the file", sourceLocation)
    }
    let isSame = apply(module, input()).isEqual(to: apply(other, input()))
    check(isSame, "\(name): the loaded module differs", sourceLocation)
  }
}
