import TestSupport
import Testing
import Torch

@Suite("Tensors") struct TensorTests {
  @Test("a tensor gives back the numbers it was made of, in every element type")
  func roundTrip() {
    #expect(Tensor([UInt8(0), 255]).array() == [UInt8(0), 255])
    #expect(Tensor([Int16.min, 7]).array() == [Int16.min, 7])
    #expect(Tensor([Int32.min, 7]).array() == [Int32.min, 7])
    #expect(Tensor([Int64.min, 7]).array() == [Int64.min, 7])
    #expect(Tensor([Int.max, 7]).array() == [Int.max, 7])
    #expect(Tensor([Float.pi]).array() == [Float.pi])
    #expect(Tensor([Double.pi]).array() == [Double.pi])
    #expect(Tensor([true, false]).array() == [true, false])
    #expect(Tensor([Double](), shape: [0, 3]).shape == [0, 3])
    #expect(Tensor([Double]()).array() == [Double]())
  }

  @Test("makers fill their shape")
  func makers() {
    #expect(Tensor.full([2], 3).array() == [Float(3), 3])
    #expect(Tensor.zeros([2, 2]).array() == [Float](repeating: 0, count: 4))
    #expect(Tensor.ones([2], dtype: .int64).array() == [1, 1])
    #expect(Tensor.range(3).array() == [0, 1, 2])
    #expect(Tensor(2.5).shape == [])
    #expect(Tensor(2.5).item() == 2.5)
  }

  @Test("a tensor knows its form")
  func form() {
    let x = Tensor.zeros([2, 3], dtype: .bfloat16)
    #expect(
      x.rank == 2 && x.count == 6 && x.size(-1) == 3 && x.dtype == .bfloat16 && x.device == .cpu)
    #expect(Tensor([Float(1), 2]).description == "Tensor([2], float32: 1.0, 2.0)")
    #expect(Tensor.range(9).description.hasSuffix("7.0, ...)"))
  }

  @Test("every element type has the size of its bytes", arguments: DType.allCases)
  func bytes(_ dtype: DType) {
    let x = Tensor.ones([3], dtype: dtype)
    #expect(x.bytes().count == 3 * dtype.byteCount)
    let copy = x.bytes().withUnsafeBytes { Tensor(bytes: $0, shape: [3], dtype: dtype) }
    #expect(copy.isEqual(to: x))
  }

  @Test("conversions keep the values and views keep the bytes")
  func conversions() {
    #expect(Tensor([1.9, -1.9]).to(.int64).array() == [1, -1])
    #expect(Tensor([Float(1)]).viewed(as: .int32).array() == [Int32(0x3F80_0000)])
    #expect(Tensor([Int64(0x0102)]).viewed(as: .uint8).array() == [UInt8(2), 1, 0, 0, 0, 0, 0, 0])
    #expect(Tensor([Float(1.00390625)]).to(.bfloat16).to(.float32).item() == 1)
    #expect(Tensor([1.0]).to(.cpu).device == .cpu)
  }

  @Test("a clone has storage of its own")
  func clones() {
    let x = Tensor([1.0])
    let y = x.clone()
    x.fillInPlace(2)
    #expect(y.item() == 1)
  }

  @Test("equality wants shape, type and every element, and NaN equals nothing")
  func equality() {
    let x = Tensor([1.0, 2])
    #expect(x.isEqual(to: Tensor([1.0, 2])))
    #expect(!x.isEqual(to: Tensor([1.0, 3])))
    #expect(!x.isEqual(to: Tensor([Float(1), 2])))
    #expect(!x.isEqual(to: Tensor([1.0, 2], shape: [2, 1])))
    #expect(!Tensor([Double.nan]).isEqual(to: Tensor([Double.nan])))
  }

  @Test("every tensor is freed, with and without a graph")
  func leaks() {
    requireNoLeaks {
      let w = Parameter(Tensor.ones([3, 3]))
      let loss = (Tensor.ones([2, 3]).matmul(w.value)).square().sum()
      _ = gradients(of: loss, in: [w.value])
      _ = RandomSource(seed: 1).normal([4]).array(Float.self)
      _ = try? withTensorErrors { Tensor([1.0, 2]) + Tensor([1.0, 2, 3]) }
    }
  }

  @Test("a kept tensor counts as live")
  func live() {
    let before = Runtime.liveTensorsOfThread
    let kept = [Tensor(1), Tensor(2)]
    #expect(Runtime.liveTensorsOfThread == before + 2)
    #expect(Runtime.liveTensors >= 2)
    withExtendedLifetime(kept) {}
  }

  @Test("the runtime is the libtorch it was compiled against")
  func runtime() {
    #expect(Runtime.libtorchVersion.hasPrefix("2."))
    #expect(Runtime.threads >= 1)
    #expect(Device.cpu.isAvailable && Device.cuda.name == "cuda")
  }
}

@Suite("Errors of libtorch") struct TensorErrorTests {
  @Test("inside withTensorErrors the first failure is thrown with its operation")
  func throwing() throws {
    let error = try #require(throws: TensorError.self) {
      try withTensorErrors {
        let sum = Tensor([1.0, 2]) + Tensor([1.0, 2, 3])
        return sum.matmul(Tensor([1.0, 2])).reshaped([7])
      }
    }
    #expect(error.operation == "+(_:_:)")
    #expect(
      error.message
        == "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0"
    )
    #expect(error.description == "\(error.operation): \(error.message)")
  }

  @Test("an axis that does not exist is such a failure")
  func axis() throws {
    let error = try #require(throws: TensorError.self) {
      try withTensorErrors { Tensor([1.0]).size(3) }
    }
    #expect(
      error.description
        == "size(_:): Dimension out of range (expected to be in range of [-1, 0], but got 3)")
  }

  @Test("the failure of the body that follows from a tensor failure gives way to its cause")
  func cause() {
    struct Later: Error {}
    #expect(throws: TensorError.self) {
      try withTensorErrors {
        _ = Tensor([1.0, 2]).reshaped([3])
        throw Later()
      }
    }
    #expect(throws: Later.self) { try withTensorErrors { throw Later() } }
  }

  @Test("a scope without failure returns the body's result")
  func success() throws { #expect(try withTensorErrors { 7 } == 7) }

  @Test("scopes nest: the inner one takes its failure")
  func nesting() throws {
    let inner = try withTensorErrors { () -> Bool in
      do {
        _ = try withTensorErrors { Tensor([1.0, 2]).reshaped([3]) }
        return false
      } catch { return error is TensorError }
    }
    #expect(inner)
  }

  @Test("a size that no machine has is refused and not fatal")
  func memory() {
    #expect(throws: TensorError.self) { try withTensorErrors { Tensor.zeros([1 << 50]) } }
  }

  @Test("outside such a scope a failure ends the process with its message")
  func trapping() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor([1.0, 2]).reshaped([3]) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("reshaped(_:): shape '[3]' is invalid for input of size 2"))
  }

  @Test("a wrong number of values ends the process with its message")
  func preconditions() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor([1.0, 2], shape: [3]) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("Tensor: expected 3 values for shape [3], got 2"))
  }
}
