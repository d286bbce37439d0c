import TestSupport
import Testing
import Torch

private final class Idle: Module {
  let used = Parameter(Tensor([1.0]))
  let unused = Parameter(Tensor([1.0]))
}

private final class Unstable: Module {
  let weight = Parameter(Tensor([1.0]))
  var calls = 0.0
}

/// The helpers must fail where they should, or every test that uses them says nothing.
@Suite("Test helpers") struct TestSupportTests {
  @Test("a wrong gradient is noticed")
  func gradients() {
    withKnownIssue {
      checkGradients(of: [Tensor([2.0])]) { ($0[0] * $0[0].detached()).sum() }
    } matching: {
      $0.comments.first?.rawValue.hasPrefix(
        "input 0, element 0: the gradient is 2.0, differences give ") == true
    }
    withKnownIssue { checkGradients(of: [Tensor([2.0, 3])]) { $0[0].square() } }
  }

  @Test("numbers, shapes and NaN that disagree are noticed")
  func closeness() {
    withKnownIssue { expectClose([1, 2], [1, 2.1]) }
    withKnownIssue { expectClose([1], [1, 2]) }
    withKnownIssue { expectClose([.nan], [.nan]) }
    withKnownIssue { expectClose([.infinity], [1]) }
    withKnownIssue { expectClose([1], [.infinity]) }
    withKnownIssue { expectClose(Tensor([1.0]), Tensor([1.0], shape: [1, 1])) }
    expectClose([.infinity, 1 + 1e-9], [.infinity, 1])
  }

  @Test("a tensor that is kept is noticed")
  func leaks() {
    var kept: [Tensor] = []
    withKnownIssue { requireNoLeaks { kept.append(Tensor(1)) } }
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
    try withKnownIssue {
      try idle.check()
    } matching: {
      $0.comments.map(\.rawValue) == ["idle.unused receives no gradient"]
    }
    let miscounted = ModuleCase("linear", parameters: 7) {
      Linear(2, 2, using: $0)
    } inputs: {
      [$0.normal([3, 2])]
    } apply: {
      $0($1[0])
    }
    withKnownIssue { try miscounted.check() }
    let unstable = ModuleCase("unstable", parameters: 1) { _ in
      Unstable()
    } inputs: { _ in
      []
    } apply: { module, _ in
      module.calls += 1
      return module.weight.value + module.calls
    }
    withKnownIssue { try unstable.check() }
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
