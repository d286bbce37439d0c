import TestSupport
import Testing
import Torch

@Suite("Shapes") struct ShapeTests {
  /// 0 ... 23 in shape [2, 3, 4]; the element at (i, j, k) is 12 i + 4 j + k.
  let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])

  @Test("reshaping and flattening keep the row-major order")
  func reshaping() {
    #expect(x.reshaped([4, -1]).shape == [4, 6])
    #expect(x.reshaped([4, 6]).array(Double.self) == x.array())
    #expect(x.flattened().shape == [24])
    #expect(x.flattened(from: 1).shape == [2, 12])
    #expect(x.flattened(to: 1).shape == [6, 4])
    #expect(x.flattened(from: 0, to: -2).shape == [6, 4])
  }

  @Test("permuting moves element (i, j, k) where its axes go")
  func permuting() {
    let y = x.permuted(2, 0, 1)
    #expect(y.shape == [4, 2, 3])
    var expected: [Double] = []
    for k in 0..<4 {
      for i in 0..<2 { for j in 0..<3 { expected.append(Double(12 * i + 4 * j + k)) } }
    }
    #expect(y.array() == expected)
    #expect(x.transposed.shape == [2, 4, 3])
    #expect(x.transposed.transposed.isEqual(to: x))
    #expect(x.transposed.contiguous().isEqual(to: x.permuted(0, 2, 1)))
  }

  @Test("axes of length 1 come, go and expand")
  func ones() {
    #expect(x.unsqueezed(1).shape == [2, 1, 3, 4])
    #expect(x.unsqueezed(-1).shape == [2, 3, 4, 1])
    #expect(x.unsqueezed(1).squeezed(1).isEqual(to: x))
    #expect(Tensor([1.0, 2], shape: [2, 1]).expanded([-1, 3]).array() == [1.0, 1, 1, 2, 2, 2])
  }

  @Test("parts are the elements of their range")
  func parts() {
    #expect(x.narrowed(2, 1..<3).shape == [2, 3, 2])
    #expect(x.narrowed(2, 1..<3).at(0).at(0).array() == [1.0, 2])
    #expect(x.at(1).array() == (12..<24).map(Double.init))
    #expect(x.at(-1, axis: 2).array() == [3.0, 7, 11, 15, 19, 23])
    let halves = x.split(2)
    #expect(halves.map(\.shape) == [[2, 3, 2], [2, 3, 2]])
    #expect(Tensor.concatenated(halves, axis: 2).isEqual(to: x))
    #expect(x.flipped(0).at(0).isEqual(to: x.at(1)))
  }

  @Test("gathering takes whole entries, taking takes single elements")
  func indexing() {
    #expect(x.gathered(Tensor([1, 0, 1])).shape == [3, 3, 4])
    #expect(x.gathered(Tensor([2]), axis: 1).array() == [8.0, 9, 10, 11, 20, 21, 22, 23])
    let m = Tensor([1.0, 2, 3, 4], shape: [2, 2])
    #expect(m.taken(Tensor([1, 0], shape: [2, 1]), along: 1).array() == [2.0, 3])
    #expect(m.rows(Tensor([1, 1, 0])).array() == [3.0, 4, 3, 4, 1, 2])
    #expect(m.rows(Tensor([1, 0], shape: [1, 2])).shape == [1, 2, 2])
  }

  @Test("one-hot rows have their one at the class")
  func oneHot() {
    let hot = Tensor([2, 0]).oneHot(3)
    #expect(hot.array() == [0, 0, 1, 1, 0, 0])
    #expect(hot.dtype == .int64)
  }

  @Test("tensors are joined along an old or a new axis")
  func joining() {
    let a = Tensor([1.0, 2])
    let b = Tensor([3.0, 4])
    #expect(Tensor.concatenated([a, b]).array() == [1.0, 2, 3, 4])
    #expect(Tensor.stacked([a, b]).shape == [2, 2])
    #expect(Tensor.stacked([a, b], axis: 1).array() == [1.0, 3, 2, 4])
  }

  @Test("gradients of reshapings equal central differences")
  func gradients() {
    let w = RandomSource(seed: 1).normal([2, 3, 4], dtype: .float64)
    checkGradients(of: [x]) { ($0[0].permuted(1, 2, 0) * w.permuted(1, 2, 0)).square().sum() }
    checkGradients(of: [x]) { ($0[0].flipped(1) * w).sum() }
    checkGradients(of: [x]) { $0[0].narrowed(1, 1..<3).square().sum() * 0.01 }
    checkGradients(of: [x]) { ($0[0].gathered(Tensor([1, 1])) * w).sum() }
    checkGradients(of: [x]) {
      ($0[0].taken(Tensor.zeros([2, 3, 1], dtype: .int64), along: 2)).sum()
    }
    checkGradients(of: [w.at(0)]) { ($0[0].rows(Tensor([2, 0, 2])) * w.at(1)).square().sum() }
    checkGradients(of: [w.at(0), w.at(1)]) { (Tensor.stacked($0, axis: 0) * w).square().sum() }
    checkGradients(of: [w.at(0), w.at(1)]) {
      (Tensor.concatenated($0, axis: 1) * w.reshaped([3, 8])).sum()
    }
    checkGradients(of: [w.at(0, axis: 2)]) { ($0[0].unsqueezed(2).expanded([2, 3, 4]) * w).sum() }
  }
}
