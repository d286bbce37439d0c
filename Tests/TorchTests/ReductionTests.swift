import Foundation
import TestSupport
import Testing
import Torch

@Suite("Reductions") struct ReductionTests {
  /// [[1, 2, 3], [4, 5, 9]]
  let x = Tensor([1.0, 2, 3, 4, 5, 9], shape: [2, 3])

  @Test("sums over no, one or several axes are the hand-computed ones")
  func sums() {
    #expect(x.sum().item() == 24)
    #expect(x.sum(0).array() == [5.0, 7, 12])
    #expect(x.sum(1).array() == [6.0, 18])
    #expect(x.sum(-1, keepAxes: true).shape == [2, 1])
    #expect(x.sum(0, 1).shape == [])
    #expect(x.sumLast(1).array() == [6.0, 18])
    #expect(x.sumLast(2).item() == 24)
    #expect(x.sumLast(0) === x)
    #expect((x .> 2).sum().dtype == .int64)
  }

  @Test("means and variances are the hand-computed ones")
  func moments() {
    #expect(x.mean().item() == 4)
    #expect(x.mean(1).array() == [2.0, 6])
    expectClose(x.variance(1), [1, 7])
    expectClose(x.variance(1, correction: 0), [2.0 / 3, 14.0 / 3])
    expectClose(x.variance().item(), 40.0 / 5)
    #expect(x.variance(0, keepAxes: true).shape == [1, 3])
  }

  @Test("extremes and their places are the hand-computed ones")
  func extremes() {
    #expect(x.max().item() == 9)
    #expect(x.min().item() == 1)
    #expect(x.max(0).array() == [4.0, 5, 9])
    #expect(x.min(1, keepAxes: true).array() == [1.0, 4])
    #expect(Tensor([1.0, 7, 3, 9, 5, 2], shape: [2, 3]).argmax(1).array() == [1, 0])
  }

  @Test("cumulative sums run along their axis")
  func cumulative() {
    #expect(x.cumulativeSum(1).array() == [1.0, 3, 6, 4, 9, 18])
    #expect(x.cumulativeSum(0).array() == [1.0, 2, 3, 5, 7, 12])
  }

  @Test("all is true only of tensors without a false")
  func all() {
    #expect((x .> 0).all().array() == [true])
    #expect((x .> 1).all().array() == [false])
  }

  @Test("log-sum-exp is the logarithm of the sum and does not overflow")
  func logSumExp() {
    expectClose(x.logSumExp().item(), log([1.0, 2, 3, 4, 5, 9].reduce(0) { $0 + exp($1) }))
    expectClose((x + 1000).logSumExp(1), (x.logSumExp(1) + 1000), relative: 1e-14)
    #expect(x.logSumExp(0, 1, keepAxes: true).shape == [1, 1])
    #expect(Tensor([-Double.infinity, -.infinity]).logSumExp().item() == -.infinity)
  }

  @Test("softmax is normalized, its logarithm is logSoftmax, and both ignore a shift")
  func softmax() {
    expectClose(x.softmax(1).sum(1), [1, 1])
    expectClose(x.softmax(1).log(), x.logSoftmax(1))
    expectClose((x + 1e4).logSoftmax(1), x.logSoftmax(1), absolute: 1e-10)
    expectClose(Tensor([0, log(3.0)]).softmax(0), [0.25, 0.75])
  }

  @Test("gradients of reductions equal central differences")
  func gradients() {
    checkGradients(of: [x]) { ($0[0].sum(0) * Tensor([1.0, 2, 3])).sum() }
    checkGradients(of: [x]) { ($0[0].mean(1) * Tensor([1.0, 2])).sum() }
    checkGradients(of: [x]) { ($0[0].variance(1) * Tensor([1.0, 2])).sum() }
    checkGradients(of: [x]) { ($0[0].logSumExp(1) * Tensor([1.0, 2])).sum() }
    checkGradients(of: [x]) { ($0[0].max(0) * Tensor([1.0, 2, 3])).sum() }
    checkGradients(of: [x]) { ($0[0].cumulativeSum(1).square()).sum() }
    checkGradients(of: [x]) { ($0[0].logSoftmax(1) * Tensor([1.0, 2, 5])).sum() }
    checkGradients(of: [x]) { ($0[0].softmax(1) * Tensor([1.0, 2, 5])).sum() }
  }
}
