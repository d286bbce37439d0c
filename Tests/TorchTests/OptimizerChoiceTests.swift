import TestSupport
import Testing
import Torch

/// What every optimizer has to keep, over a table of all of them.
@Suite("Optimizers") struct OptimizerChoiceTests {
  static let choices: [OptimizerChoice] =
    AdamTests.options.map { .adam($0) } + RMSPropTests.options.map { .rmsProp($0) }
    + SGDTests.options.map { .sgd($0) }

  private func make(seed: UInt64) -> [Parameter] {
    let rng = RandomSource(seed: seed)
    return [Parameter(rng.normal([3, 5])), Parameter(rng.normal([2]))]
  }

  /// A gradient that is a function of the step alone.
  private func gradients(_ step: UInt64) -> [Tensor] {
    let rng = RandomSource(seed: 100 + step)
    return [rng.normal([3, 5]), rng.normal([2])]
  }

  @Test(
    "a fresh optimizer with a copied state goes on to the bit, also before the first step",
    arguments: choices, [UInt64(0), 1, 3])
  func resuming(_ choice: OptimizerChoice, _ steps: UInt64) {
    let parameters = make(seed: 1)
    let optimizer = choice.optimizer(for: parameters)
    for step in 0..<steps { optimizer.step(gradients(step), rate: 0.1) }

    let resumedParameters = make(seed: 2)
    let resumed = choice.optimizer(for: resumedParameters)
    let (saved, restored) = (optimizer.state(["a", "b"]), resumed.state(["a", "b"]))
    withoutGradients {
      for (own, other) in zip(resumedParameters, parameters) { own.value.copyInPlace(other.value) }
      for (own, other) in zip(restored.tensors + restored.counts, saved.tensors + saved.counts) {
        #expect(own.name == other.name)
        own.tensor.copyInPlace(other.tensor)
      }
    }
    for step in steps..<steps + 3 {
      optimizer.step(gradients(step), rate: 0.1)
      resumed.step(gradients(step), rate: 0.1)
      for (own, other) in zip(resumedParameters, parameters) { #expect(own.value.isEqual(to: other.value)) }
    }
  }

  @Test(
    "a gradient whose square alone is not finite marks the trace where squares are kept",
    arguments: [OptimizerChoice.adam(Adam.Options()), .rmsProp(RMSProp.Options())])
  func hugeGradient(_ choice: OptimizerChoice) {
    let optimizer = choice.optimizer(for: make(seed: 1))
    let gradients = gradients(0)
    gradients[1].copyInPlace(Tensor([Float(1e30), 0]))
    optimizer.step(gradients, rate: 0.1)
    #expect(optimizer.traces.map { $0.isFinite().all().item() == 1 } == [true, false])
  }

  @Test("a gradient that is not finite marks the trace of its parameter, later steps included", arguments: choices)
  func traces(_ choice: OptimizerChoice) {
    for bad in [Double.nan, .infinity, -.infinity] {
      let optimizer = choice.optimizer(for: make(seed: 1))
      for step in 0..<UInt64(3) {
        let gradients = gradients(step)
        if step == 1 { gradients[1].copyInPlace(Tensor([Float(bad), 0])) }
        optimizer.step(gradients, rate: 0.1)
      }
      if case .sgd(let options) = choice, options.momentum == 0 {
        #expect(optimizer.traces.isEmpty)
        continue
      }
      let isFinite = optimizer.traces.map { $0.isFinite().all().item() == 1 }
      #expect(isFinite == [true, false])
    }
  }

  @Test("the state is shared storage of one tensor per name", arguments: choices)
  func state(_ choice: OptimizerChoice) {
    let optimizer = choice.optimizer(for: make(seed: 1))
    let state = optimizer.state(["a.weight", "b"])
    let before = state.tensors.map { $0.tensor.clone() }
    optimizer.step(gradients(0), rate: 0.1)
    for (found, before) in zip(state.tensors, before) { #expect(!found.tensor.isEqual(to: before)) }
    let names = state.tensors.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.hasPrefix("a.weight.") || $0.hasPrefix("b.") })
  }

  @Test("a step frees what it makes and leaves its gradients as they were", arguments: choices)
  func leaks(_ choice: OptimizerChoice) {
    let parameters = make(seed: 1)
    let optimizer = choice.optimizer(for: parameters)
    let given = gradients(0)
    requireNoLeaks {
      optimizer.step(given, rate: 0.1)
      _ = (optimizer.state(["a", "b"]), optimizer.traces)
    }
    for (given, fresh) in zip(given, gradients(0)) { #expect(given.isEqual(to: fresh)) }
    #expect(parameters.allSatisfy { $0.value.requiresGradient })
    choice.optimizer(for: []).step([], rate: 1)
  }

  @Test("a wrong number of gradients or names ends the process with its message")
  func counts() async throws {
    let rmsProp = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { RMSProp([Parameter(Tensor([1.0]))]).step([], rate: 1) }
    var output = String(decoding: try #require(rmsProp).standardErrorContent, as: UTF8.self)
    #expect(output.contains("RMSProp: expected 1 gradients, got 0"))
    let sgd = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { SGD([Parameter(Tensor([1.0]))]).step([], rate: 1) }
    output = String(decoding: try #require(sgd).standardErrorContent, as: UTF8.self)
    #expect(output.contains("SGD: expected 1 gradients, got 0"))
    let names = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Adam([Parameter(Tensor([1.0]))]).state(["a", "b"]) }
    output = String(decoding: try #require(names).standardErrorContent, as: UTF8.self)
    #expect(output.contains("Adam: expected 1 names, got 2"))
  }
}
