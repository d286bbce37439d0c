import TestSupport
import Testing
import Torch

@Suite("Linear operations") struct LinearTests {
  let rng = RandomSource(seed: 5)

  private func normal(_ shape: Int...) -> Tensor { rng.normal(shape, dtype: .float64) }

  @Test("the matrix product is the hand-computed one and broadcasts over leading axes")
  func matmul() {
    let x = Tensor([1.0, 2, 3, 4], shape: [2, 2])
    let y = Tensor([5.0, 6, 7, 8], shape: [2, 2])
    #expect(x.matmul(y).array() == [19.0, 22, 43, 50])
    let batch = normal(3, 2, 2)
    expectClose(batch.matmul(x).at(1), batch.at(1).matmul(x))
    checkGradients(of: [normal(2, 3), normal(3, 2)]) { $0[0].matmul($0[1]).square().sum() }
  }

  @Test("linear is x W^T + b")
  func linear() {
    let (x, w, b) = (normal(4, 3), normal(2, 3), normal(2))
    expectClose(x.linear(weight: w, bias: b), x.matmul(w.transposed) + b)
    expectClose(x.linear(weight: w, bias: nil), x.matmul(w.transposed))
  }

  @Test("distances are the hand-computed ones, and 0 for equal rows far from the origin")
  func distances() {
    let (x, y) = (Tensor([0.0, 0, 3, 4], shape: [2, 2]), Tensor([3.0, 4, 0, 0, 6, 8], shape: [3, 2]))
    #expect(x.distances(to: y).array() == [5.0, 0, 10, 0, 5, 5])
    let far = normal(40, 7) + 1e6
    let own = far.distances(to: far).array(Double.self)
    #expect((0..<40).allSatisfy { own[$0 * 41] == 0 })
  }

  @Test("a convolution is the hand-computed sum of products")
  func convolution() {
    let x = Tensor((1...9).map(Double.init), shape: [1, 1, 3, 3])
    let w = Tensor([1.0, 10, 100, 1000], shape: [1, 1, 2, 2])
    let b = Tensor([0.5])
    // Upper left: 1 + 10 * 2 + 100 * 4 + 1000 * 5.
    #expect(
      x.conv2d(weight: w, bias: b, stride: 1, padding: 0).array() == [
        5421.5, 6532.5, 8754.5, 9865.5,
      ])
    let padded = x.conv2d(weight: w, bias: nil, stride: 2, padding: 1)
    #expect(padded.array() == [1000.0, 3200, 7040, 9865])
  }

  @Test(
    "a transposed convolution is the adjoint of a convolution",
    arguments: [(1, 0, 0), (2, 1, 0), (2, 1, 1), (3, 0, 1)])
  func adjoint(_ stride: Int, _ padding: Int, _ outputPadding: Int) {
    let (y, w) = (normal(2, 3, 4, 4), normal(3, 2, 3, 3))
    let back = y.convTranspose2d(
      weight: w, bias: nil, stride: stride, padding: padding, outputPadding: outputPadding)
    #expect(back.size(-1) == 3 * stride - 2 * padding + 3 + outputPadding)
    let x = rng.normal(back.shape, dtype: .float64)
    let forth = x.conv2d(weight: w, bias: nil, stride: stride, padding: padding)
    expectClose((forth * y).sum().item(), (x * back).sum().item(), relative: 1e-12)
  }

  @Test("convolutions from and to one map, which go by products, equal those of two maps of which one is zero")
  func oneMap() {
    for (stride, padding) in [(1, 0), (2, 1), (2, 2), (3, 0)] {
      let (x, w, b) = (normal(3, 1, 7, 6), normal(4, 1, 3, 3), normal(4))
      let wide = Tensor.concatenated([x, .zeros(x.shape, dtype: x.dtype)], axis: 1)
      let alone = x.conv2d(weight: w, bias: b, stride: stride, padding: padding)
      let weights = Tensor.concatenated([w, normal(4, 1, 3, 3)], axis: 1)
      let among = wide.conv2d(weight: weights, bias: b, stride: stride, padding: padding)
      #expect(alone.shape == among.shape)
      expectClose((alone - among).abs().max().item(), 0, absolute: 1e-12)
      let (y, v, c) = (normal(3, 4, 5, 4), normal(4, 1, 3, 3), normal(1))
      let back = y.convTranspose2d(weight: v, bias: c, stride: stride, padding: padding, outputPadding: stride - 1)
      let both = y.convTranspose2d(
        weight: .concatenated([v, normal(4, 1, 3, 3)], axis: 1), bias: .concatenated([c, c]), stride: stride,
        padding: padding, outputPadding: stride - 1)
      #expect(Array(back.shape.suffix(2)) == Array(both.shape.suffix(2)))
      expectClose((back - both.narrowed(1, 0..<1)).abs().max().item(), 0, absolute: 1e-12)
    }
  }

  @Test("gradients of the convolutions equal central differences in all three arguments")
  func convolutionGradients() {
    checkGradients(of: [normal(2, 1, 5, 4), normal(3, 1, 3, 3), normal(3)]) {
      $0[0].conv2d(weight: $0[1], bias: $0[2], stride: 2, padding: 1).square().sum()
    }
    checkGradients(of: [normal(2, 3, 3, 4), normal(3, 1, 3, 3), normal(1)]) {
      $0[0].convTranspose2d(weight: $0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
        .square().sum()
    }
    checkGradients(of: [normal(1, 2, 4, 4), normal(3, 2, 3, 3), normal(3)]) {
      $0[0].conv2d(weight: $0[1], bias: $0[2], stride: 2, padding: 1).square().sum()
    }
    checkGradients(of: [normal(1, 2, 3, 3), normal(2, 3, 3, 3), normal(3)]) {
      $0[0].convTranspose2d(weight: $0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
        .square().sum()
    }
  }

  @Test("batch normalization standardizes by the batch in training and moves the running moments")
  func batchNorm() {
    let x = normal(6, 2, 3)
    let mean = Tensor([10.0, 20])
    let variance = Tensor([4.0, 9])
    let (w, b) = (Tensor([2.0, 3]), Tensor([-1.0, 1]))
    func normalize(training: Bool) -> Tensor {
      x.batchNorm(
        weight: w, bias: b, mean: mean, variance: variance, training: training, momentum: 0.25,
        epsilon: 1e-3)
    }
    func expected(_ mean: Tensor, _ variance: Tensor) -> Tensor {
      let column = [2, 1]
      return (x - mean.reshaped(column)) / (variance.reshaped(column) + 1e-3).sqrt()
        * w.reshaped(column) + b.reshaped(column)
    }
    expectClose(normalize(training: false), expected(mean, variance))
    #expect(mean.array() == [10.0, 20])
    expectClose(normalize(training: true), expected(x.mean(0, 2), x.variance(0, 2, correction: 0)))
    expectClose(mean, Tensor([7.5, 15]) + 0.25 * x.mean(0, 2))
    expectClose(variance, Tensor([3.0, 6.75]) + 0.25 * x.variance(0, 2))
  }
}

@Suite("Precision") struct PrecisionTests {
  @Test("a product in bf16 is close to float32's and gradients of parameters stay float32")
  func autocast() {
    let rng = RandomSource(seed: 3)
    let x = rng.normal([32, 64])
    let w = Parameter(rng.normal([64, 16]))
    let exact = x.matmul(w.value)
    withPrecision(.bf16, on: .cpu) {
      let product = x.matmul(w.value)
      #expect(product.dtype == .bfloat16)
      // Inputs and result are rounded to 8 bits; sums of 64 terms of variance 1 have size 8.
      expectClose(product, exact, absolute: 8 * 0.02, relative: 0.02)
      #expect(!product.to(.float32).isEqual(to: exact))
      let gradient = gradients(of: product.to(.float32).sum(), in: [w.value])[0]
      #expect(gradient.dtype == .float32)
      let column = x.sum(0).reshaped([64, 1]).expanded([64, 16])
      expectClose(gradient, column, absolute: 0.2, relative: 0.02)
    }
    #expect(x.matmul(w.value).isEqual(to: exact))
  }

  @Test("weights changed between two scopes are cast anew")
  func cache() {
    let w = Parameter(Tensor.ones([2, 2]))
    let x = Tensor.ones([1, 2])
    func product() -> [Float] { withPrecision(.bf16, on: .cpu) { x.matmul(w.value).array() } }
    #expect(product() == [2, 2])
    withoutGradients { w.value.fillInPlace(3) }
    #expect(product() == [6, 6])
  }

  @Test("outside a precision products are those of float32, and inside again those of bf16")
  func outside() {
    let rng = RandomSource(seed: 3)
    let (x, w) = (rng.normal([8, 16]), rng.normal([16, 4]))
    let exact = x.matmul(w)
    withPrecision(.bf16, on: .cpu) {
      #expect(outsidePrecision(.bf16, on: .cpu) { x.matmul(w) }.isEqual(to: exact))
      #expect(x.matmul(w).dtype == .bfloat16)
      struct Stop: Error {}
      #expect(throws: Stop.self) { try outsidePrecision(.bf16, on: .cpu) { throw Stop() } }
      #expect(x.matmul(w).dtype == .bfloat16)
    }
    // With no scope around it there is nothing to leave, and nothing is left switched on.
    #expect(outsidePrecision(.bf16, on: .cpu) { x.matmul(w) }.isEqual(to: exact))
    #expect(outsidePrecision(.float32, on: .cpu) { x.matmul(w) }.isEqual(to: exact))
    #expect(x.matmul(w).isEqual(to: exact))
  }

  @Test("weights changed outside a precision are cast anew inside the same scope")
  func outsideCache() {
    let w = Parameter(Tensor.ones([2, 2]))
    let x = Tensor.ones([1, 2])
    withPrecision(.bf16, on: .cpu) {
      #expect(x.matmul(w.value).array() == [Float(2), 2])
      outsidePrecision(.bf16, on: .cpu) { SGD([w]).step([Tensor.ones([2, 2])], rate: -2) }
      #expect(x.matmul(w.value).array() == [Float(6), 6])
    }
  }

  @Test("float32 changes nothing")
  func float32() {
    let x = Tensor.ones([2, 2])
    #expect(withPrecision(.float32, on: .cpu) { x.matmul(x) }.dtype == .float32)
  }
}
