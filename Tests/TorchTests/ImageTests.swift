import TestSupport
import Testing
import Torch

@Suite("Images") struct ImageTests {
  /// [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
  let x = Tensor((1...9).map(Double.init), shape: [1, 1, 3, 3])

  @Test("an average pool is the hand-computed mean, with and without the frame")
  func average() {
    #expect(x.averagePooled(kernel: 2, stride: 1, countsFrame: true).array() == [3.0, 4, 6, 7])
    let counted = x.averagePooled(kernel: 3, stride: 2, padding: 1, countsFrame: true)
    expectClose(counted, [12.0 / 9, 16.0 / 9, 24.0 / 9, 28.0 / 9])
    let inside = x.averagePooled(kernel: 3, stride: 2, padding: 1, countsFrame: false)
    #expect(inside.array() == [3.0, 4, 6, 7])
  }

  @Test("a max pool is the largest value, and its padding never is")
  func largest() {
    #expect(x.maxPooled(kernel: 2, stride: 1).array() == [5.0, 6, 8, 9])
    #expect((x - 20).maxPooled(kernel: 3, stride: 2, padding: 1).array() == [-15.0, -14, -12, -11])
  }

  @Test("bilinear interpolation is between pixel centres, and keeps a size that is right")
  func resizing() {
    let row = Tensor([0.0, 4], shape: [1, 1, 1, 2])
    // Centres of the four lie at -0.25, 0.25, 0.75 and 1.25 of the two; beyond the border the border counts.
    #expect(row.resizedBilinear(height: 1, width: 4).array() == [0.0, 1, 3, 4])
    #expect(x.resizedBilinear(height: 3, width: 3).isEqual(to: x))
  }

  @Test("gradients of pools and of resizing equal central differences")
  func gradients() {
    let x = RandomSource(seed: 6).normal([1, 2, 5, 4], dtype: .float64)
    checkGradients(of: [x]) { $0[0].averagePooled(kernel: 3, stride: 1, padding: 1, countsFrame: false).square().sum() }
    checkGradients(of: [x]) { $0[0].maxPooled(kernel: 3, stride: 2).square().sum() }
    checkGradients(of: [x]) { $0[0].resizedBilinear(height: 7, width: 3).square().sum() }
  }
}
