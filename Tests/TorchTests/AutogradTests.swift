import TestSupport
import Testing
import Torch

@Suite("Autograd") struct AutogradTests {
  private func leaf(_ values: [Double], shape: [Int]? = nil) -> Tensor {
    Tensor(values, shape: shape).requiringGradient()
  }

  @Test("the gradient of a polynomial is the hand-computed one")
  func polynomial() {
    let x = leaf([2, 3])
    expectClose(gradients(of: (x * x * x).sum(), in: [x])[0], [12, 27])
  }

  @Test("a loss of several numbers is summed")
  func sums() {
    let x = leaf([2, 3])
    expectClose(gradients(of: x.square(), in: [x])[0], [4, 6])
  }

  @Test("a slope stands for what is behind a value: the gradient is that of its product with the value")
  func slope() {
    let x = leaf([2, 3])
    expectClose(gradients(of: x.square(), slope: Tensor([10.0, -1]), in: [x])[0], [40, -6])
  }

  @Test("inputs that the loss does not depend on get zeros")
  func unused() {
    let (x, y) = (leaf([2]), leaf([1, 2]))
    let found = gradients(of: x.square(), in: [y, x])
    #expect(found[0].array() == [0.0, 0])
    #expect(found[1].array() == [4.0])
  }

  @Test("no inputs have no gradients")
  func none() { #expect(gradients(of: leaf([2]).sum(), in: []).isEmpty) }

  @Test("a graph kept differentiable gives second derivatives")
  func second() {
    let x = leaf([2])
    let first = gradients(of: x * x * x, in: [x], createGraph: true)[0]
    #expect(first.item() == 12)
    #expect(gradients(of: first, in: [x])[0].item() == 12)
    let plain = gradients(of: x * x * x, in: [x])[0]
    #expect(!plain.requiresGradient)
  }

  @Test("a penalty on a gradient equals central differences")
  func penalty() {
    checkGradients(of: [Tensor([0.5, -1.0, 2]), Tensor([1.0, 0.3, -0.2])]) { inputs in
      let value = (inputs[0] * inputs[1]).tanh().sum()
      return gradients(of: value, in: [inputs[1]], createGraph: true)[0].square().sum()
    }
  }

  @Test("a retained graph can be used again and a freed one cannot")
  func retaining() {
    let x = leaf([2])
    let loss = x.exp().sum()
    let first = gradients(of: loss, in: [x], retainGraph: true)[0]
    #expect(gradients(of: loss, in: [x])[0].isEqual(to: first))
    #expect(throws: TensorError.self) { try withTensorErrors { gradients(of: loss, in: [x]) } }
  }

  @Test("gradients of the two terms of a sum do not share memory")
  func ownMemory() {
    let (x, y) = (leaf([1, 2]), leaf([3, 4]))
    let found = gradients(of: (x + y).square().sum(), in: [x, y])
    found[0].multiplyInPlace(5)
    #expect(found[0].array() == [40.0, 60])
    #expect(found[1].array() == [8.0, 12])
    let plain = gradients(of: (x + y).sum(), in: [x, y])
    plain[0].copyInPlace(Tensor([2.0, 3]))
    #expect(plain[0].array() == [2.0, 3])
  }

  @Test("nothing is recorded without gradients, and recording comes back")
  func scopes() {
    let x = leaf([2])
    withoutGradients {
      #expect(!x.exp().requiresGradient)
      withGradients { #expect(x.exp().requiresGradient) }
      #expect(!x.exp().requiresGradient)
    }
    #expect(x.exp().requiresGradient)
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect(x.exp().requiresGradient)
  }

  @Test("a detached tensor is a constant")
  func detached() {
    let x = leaf([3])
    #expect(!x.detached().requiresGradient)
    #expect(gradients(of: x * x.detached(), in: [x])[0].item() == 3)
  }
}
