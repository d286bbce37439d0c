import TestSupport
import Testing
import Torch

/// Tensors that no machine has room for: 64 TiB of float32, of which an expanded one holds a single number.
@Suite("Failures within withTensorErrors") struct FailureTests {
  private static let side = 1 << 22
  private static let large = Tensor(1).expanded([side, side])

  /// The error of `body`, and what it made.
  private func failure(_ body: () throws -> Tensor) -> (error: TensorError?, shape: [Int]) {
    var shape: [Int] = []
    do {
      try withTensorErrors { shape = try body().shape }
      return (nil, shape)
    } catch {
      return (error as? TensorError, shape)
    }
  }

  @Test("a lack of memory is told with the operation and the bytes")
  func memory() throws {
    let (error, _) = failure { Self.large.exp() }
    #expect(error?.isOutOfMemory == true)
    #expect(error?.description == "exp(): not enough memory for a result of 70368744177664 bytes")
    let (other, _) = failure { Tensor([1.0, 2]) + Tensor([1.0, 2, 3]) }
    #expect(other?.isOutOfMemory == false)
  }

  @Test("what stands for a failed result has the shape that it would have had, so that what follows can run out")
  func shapes() {
    let side = Self.side
    let image = Tensor(1).expanded([1 << 20, 1, 1 << 12, 1 << 12])
    let cases: [(name: String, shape: [Int], make: () -> Tensor)] = [
      ("zeros", [side, side], { .zeros([side, side]) }),
      ("normal", [side, side], { RandomSource(seed: 1).normal([side, side]) }),
      ("unary", [side, side], { Self.large.exp() }),
      ("binary", [2, side, side], { Self.large + Tensor.ones([2, 1, 1]) }),
      ("matmul", [side, side], { Tensor(1).expanded([side, 3]).matmul(Tensor(1).expanded([3, side])) }),
      ("linear", [side, 7], { Self.large.exp().linear(weight: Tensor(1).expanded([7, side]), bias: nil) }),
      (
        "conv2d", [1 << 20, 8, 1 << 11, 1 << 11],
        { image.conv2d(weight: .ones([8, 1, 4, 4]), bias: nil, stride: 2, padding: 1) }
      ),
      (
        "convTranspose2d", [1 << 20, 8, 1 << 13, 1 << 13],
        { image.convTranspose2d(weight: .ones([1, 8, 4, 4]), bias: nil, stride: 2, padding: 1, outputPadding: 0) }
      ),
      ("classes", [side, side], { Tensor(1).expanded([side, side]).logSoftmax(-1) }),
      ("a sum behind it", [side], { Self.large.exp().square().sum(-1) }),
    ]
    for (name, shape, make) in cases {
      let (error, found) = failure(make)
      #expect(error?.isOutOfMemory == true, "\(name)")
      #expect(found == shape, "\(name)")
    }
  }

  @Test("integers that are not there are 0, an index that something has")
  func integers() {
    var first = -1.0
    let (error, _) = failure {
      let classes = Self.large.exp().argmax(-1).unsqueezed(0) + Tensor.zeros([Self.side, 1], dtype: .int64)
      first = classes.at(0).at(0).item()
      return classes
    }
    #expect(error != nil && first == 0)
  }

  @Test("rows of a block follow the memory of one; a last row of its own joins the block before")
  func rows() {
    let few = RowBlocks.rows(upTo: 500) { _ = Tensor.zeros([1 << 20]) * 2 }
    #expect(few == RowBlocks.bytes / (2 << 22))
    #expect(RowBlocks.rows(upTo: 500) { _ = Tensor.zeros([10]) } == 500)
    #expect(RowBlocks.rows(upTo: 500) { _ = Tensor.zeros([1 << 20]).expanded([512, 1 << 20]) } == 1)
    #expect(RowBlocks.ranges(5, size: 2) == [0..<2, 2..<5])
    #expect(RowBlocks.ranges(6, size: 4) == [0..<4, 4..<6])
    #expect(RowBlocks.ranges(1, size: 4) == [0..<1])
    #expect(RowBlocks.ranges(3, size: 1) == [0..<1, 1..<2, 2..<3])
    #expect(RowBlocks.ranges(0, size: 4).isEmpty)
  }

  @Test("a call outside the averages of batch norm leaves them to the bit, and uses the batch's moments")
  func averages() {
    let (norm, other) = (BatchNorm(3), BatchNorm(3))
    let x = RandomSource(seed: 1).normal([8, 3]) * 3 + 2
    let before = [norm.mean.value.clone(), norm.variance.value.clone()]
    let y = TrainingMode.run { TrainingMode.withoutAverages { norm(x) } }
    #expect(norm.mean.value.isEqual(to: before[0]) && norm.variance.value.isEqual(to: before[1]))
    #expect(y.isEqual(to: TrainingMode.run { other(x) }))
    #expect(!other.mean.value.isEqual(to: before[0]))
  }
}
