import TestSupport
import Testing
import Torch

@Suite("Expecting a check to fail") struct ExpectNoticedTests {
  @Test("no failure, another one and several are told from the one that is expected")
  func others() {
    expectNoticed("expected one failure, 'x', got none") { expectNoticed("x") {} }
    expectNoticed(#"expected one failure, 'x', got ["expected 2 numbers, got 1"]"#) {
      expectNoticed("x") { expectClose([1], [1, 2]) }
    }
    let message = "expected 2 numbers, got 1"
    expectNoticed(#"expected one failure, '\#(message)', got ["\#(message)", "\#(message)"]"#) {
      expectNoticed(message) { for _ in 0..<2 { expectClose([1], [1, 2]) } }
    }
  }

  @Test("an error passes through, and a gradient by nothing is noticed")
  func edges() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { try expectNoticed("x") { throw Stop() } }
    expectNoticed("expected something to differentiate by, got nothing") {
      checkGradients(of: []) { _ in Tensor(1.0, dtype: .float64) }
    }
  }
}
