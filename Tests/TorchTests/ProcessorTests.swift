import Testing

@testable import Torch

@Suite("Processors") struct ProcessorTests {
  @Test("what Linux says of a processor tells whether it multiplies bfloat16 numbers")
  func bfloat16() {
    #expect(Runtime.hasBFloat16("processor\t: 0\nflags\t\t: fpu avx2 avx512_bf16 sse\n"))
    #expect(Runtime.hasBFloat16("Features\t: fp asimd bf16\n"))
    #expect(!Runtime.hasBFloat16("flags\t\t: fpu avx2 avx512f\nmodel name\t: bf16\n"))
    #expect(!Runtime.hasBFloat16(""))
  }
}
