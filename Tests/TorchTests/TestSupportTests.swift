import TestSupport
import Testing
import Torch

private final class Idle: Module {
  let used = Parameter(Tensor([1.0]))
  let unused = Parameter(Tensor([1.0]))
}

private final class Unstable: Module {
  let weight = Parameter(Tensor([Float(1)]))
}

/// The helpers must fail where they should, or every test that uses them says nothing.
@Suite("Test helpers") struct TestSupportTests {
  @Test("a wrong gradient is noticed")
  func gradients() {
    expectNoticed("input 0, element 0: the gradient is 4, differences give 8") {
      checkGradients(of: [Tensor([4.0])]) { ($0[0] * $0[0].detached()).sum() }
    }
    expectNoticed("expected a float64 scalar, got float64 of shape [2]") {
      checkGradients(of: [Tensor([2.0, 3])]) { $0[0].square() }
    }
  }

  @Test("numbers, shapes and NaN that disagree are noticed")
  func closeness() {
    expectNoticed("element 1: expected 2.1, got 2.0, 3.23e+04 tolerances off") { expectClose([1, 2], [1, 2.1]) }
    expectNoticed("expected 2 numbers, got 1") { expectClose([1], [1, 2]) }
    expectNoticed("element 0: expected nan, got nan, inf tolerances off") { expectClose([.nan], [.nan]) }
    expectNoticed("element 0: expected 1.0, got inf, inf tolerances off") { expectClose([.infinity], [1]) }
    expectNoticed("element 0: expected inf, got 1.0, inf tolerances off") { expectClose([1], [.infinity]) }
    expectNoticed("expected shape [1, 1], got [1]") { expectClose(Tensor([1.0]), Tensor([1.0], shape: [1, 1])) }
    expectClose([.infinity, 1 + 1e-9], [.infinity, 1])
  }

  @Test("a tensor that is kept is noticed")
  func leaks() {
    var kept: [Tensor] = []
    expectNoticed("1 tensors were not freed") { requireNoLeaks { kept.append(Tensor(1)) } }
  }

  @Test("a parameter without gradient, a wrong count and an unstable evaluation are noticed")
  func modules() throws {
    let idle = ModuleCase("idle", parameters: 2) { _ in
      Idle()
    } inputs: { _ in
      []
    } apply: { module, _ in
      module.used.value * 2
    }
    try expectNoticed("idle.unused receives no gradient") { try idle.check() }
    let miscounted = ModuleCase("linear", parameters: 7) {
      Linear(2, 2, using: $0)
    } inputs: {
      [$0.normal([3, 2])]
    } apply: {
      $0($1[0])
    }
    try expectNoticed("linear: expected 7 parameters, got 6") { try miscounted.check() }
    let unstable = ModuleCase("unstable", parameters: 1) { _ in
      Unstable()
    } inputs: {
      [$0.normal([3])]
    } apply: { module, inputs in
      let output = module.weight.value * inputs[0]
      // What it is given must not change; in float64 gradients are checked.
      if inputs[0].dtype == .float32 { inputs[0].multiplyInPlace(2) }
      return output
    }
    try expectNoticed("unstable: a second evaluation differs") { try unstable.check() }
  }

  @Test("a temporary directory is gone afterwards, also after a throw")
  func directories() throws {
    struct Stop: Error {}
    var path = ""
    #expect(throws: Stop.self) {
      try withTemporaryDirectory { directory in
        path = directory
        try AtomicFile.write([1], to: path + "/x")
        throw Stop()
      }
    }
    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path + "/x") }
    #expect(error?.problem == "cannot open the file: No such file or directory")
  }
}
