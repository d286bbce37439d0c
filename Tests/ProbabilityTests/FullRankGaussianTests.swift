import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Gaussians with any covariance") struct FullRankGaussianTests {
  static let table: [DistributionCase] = [
    DistributionCase(
      "FullRankGaussian of one number", event: [1], support: .box(-6, 8),
      parameters: [Tensor([0.7]), Tensor([-0.3]), Tensor([5.0], shape: [1, 1])]
    ) { p, _ in FullRankGaussian(mean: p[0], logDiagonal: p[1], below: p[2]) },
    DistributionCase(
      "FullRankGaussian of two numbers", event: [2], support: .box(-10, 10),
      // What lies on the diagonal and above is not read.
      parameters: [Tensor([0.7, -1.2]), Tensor([-0.3, 0.2]), Tensor([3, -2, 0.5, 4], shape: [2, 2])]
    ) { p, _ in FullRankGaussian(mean: p[0], logDiagonal: p[1], below: p[2]) },
  ]

  @Test("it promises what every distribution does (false alarms: 1 in 10^6)", arguments: table)
  func conformance(_ test: DistributionCase) throws {
    let suite = DistributionTests()
    suite.shapes(test)
    suite.broadcasting(test)
    suite.mass(test)
    suite.draws(test)
    suite.means(test)
    suite.gradients(test)
    // Of one number there is nothing below the diagonal, so that a parameter has no effect.
    if test.event == [2] { try suite.pathwise(test) }
    try suite.sampling(test)
    suite.precision(test)
  }

  /// A batch of two over four numbers.
  private static func batch(_ seed: UInt64) -> FullRankGaussian {
    let rng = RandomSource(seed: seed)
    return FullRankGaussian(
      mean: rng.normal([2, 4], dtype: .float64), logDiagonal: rng.normal([2, 4], dtype: .float64) * 0.3,
      below: rng.normal([2, 4, 4], dtype: .float64))
  }

  @Test("the log density is that of the covariance's eigenvalues and eigenvectors")
  func eigenvalues() {
    let q = Self.batch(1)
    let values = RandomSource(seed: 2).normal([5, 2, 4], dtype: .float64) * 2
    let found = q.logProb(values)
    #expect(found.shape == [5, 2])
    for example in 0..<2 {
      let (variances, vectors) = q.covariance.at(example).symmetricEigen()
      let rotated = (values.at(example, axis: 1) - q.mean.at(example)).matmul(vectors)  // [5, 4]
      let expected =
        (rotated.square() / variances).sum(-1) * -0.5 - (variances.log().sum() * 0.5).item() - 2 * log(2 * .pi)
      expectClose(found.at(example, axis: 1), expected, absolute: 1e-9)
    }
    expectClose(q.factor.matmul(q.factor.transposed), q.covariance, absolute: 0)
    #expect(q.factor.at(0).at(0).narrowed(0, 1..<4).abs().max().item() == 0)
  }

  @Test("draws have the covariance L L^T (false alarms: 1 in 10^5)")
  func moments() {
    let q = Self.batch(3)
    let draws = (q.sample([40_000], using: RandomSource(seed: 4)) - q.mean).at(1, axis: 1)  // [40000, 4]
    for i in 0..<4 {
      for j in 0...i {
        let products = draws.at(i, axis: 1) * draws.at(j, axis: 1)
        expectAverage(products.array(), q.covariance.at(1).at(i).at(j).item())
      }
    }
  }

  @Test("draws that come with their log density are the draws, and the log density and its gradient are logProb's")
  func scored() {
    let q = Self.batch(5)
    let leaves = [q.mean, q.logDiagonal, q.below].map { $0.clone().requiringGradient() }
    func made() -> FullRankGaussian { FullRankGaussian(mean: leaves[0], logDiagonal: leaves[1], below: leaves[2]) }
    let (z, logProb) = made().rsampleScored([7], using: RandomSource(seed: 6))
    let isSame = z.isEqual(to: made().rsample([7], using: RandomSource(seed: 6)))
    #expect(isSame)
    expectClose(logProb, made().logProb(z), absolute: 1e-10)
    // Any function of draws and log densities has the same gradient either way.
    let weights = RandomSource(seed: 7).normal([7, 2], dtype: .float64)
    let direct = gradients(of: (logProb * weights + z.square().sum(-1)).sum(), in: leaves)
    let again = made().rsample([7], using: RandomSource(seed: 6))
    let solved = gradients(of: (made().logProb(again) * weights + again.square().sum(-1)).sum(), in: leaves)
    for (a, b) in zip(direct, solved) { expectClose(a, b, absolute: 1e-9) }
  }

  @Test("entropies are closed forms, and the averages of -log q (false alarms: 1 in 10^5)")
  func entropies() {
    let line = DiagonalGaussian(mean: Tensor([1.0]), logScale: Tensor([log(2.0)]))
    expectClose(line.entropy.item(), 0.5 * log(2 * .pi * exp(1) * 4), absolute: 1e-12)
    let shared = DiagonalGaussian(mean: .zeros([3, 2], dtype: .float64), logScale: Tensor([0.3]))
    expectClose(shared.entropy, [Double](repeating: log(2 * .pi * exp(1)) + 0.6, count: 3), absolute: 1e-12)
    let q = Self.batch(8)
    let surprises = -q.logProb(q.sample([20_000], using: RandomSource(seed: 9)))
    #expect(q.entropy.shape == [2])
    for example in 0..<2 { expectAverage(surprises.at(example, axis: 1).array(), q.entropy.at(example).item()) }
  }

  @Test("parameters of other shapes end the process with a message")
  func shapes() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = FullRankGaussian(mean: .zeros([3]), logDiagonal: .zeros([3]), below: .zeros([3, 2]))
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      output.contains("FullRankGaussian: expected shapes [3], [3] and [3, 3], got [3], [3] and [3, 2]"), "\(output)")
  }
}
