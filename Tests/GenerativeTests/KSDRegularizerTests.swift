import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Stein discrepancy of codes") struct KSDRegularizerTests {
  /// E f(x) for chi-squared x, by the midpoint rule.
  private static func chiSquaredMean(_ degrees: Int, _ f: (Double) -> Double) -> Double {
    let (half, step): (Double, Double) = (Double(degrees) / 2, 0.001)
    let norm: Double = half * Foundation.log(2) + lgamma(half)
    var sum: Double = 0
    for index in 0..<400_000 {
      let x: Double = (Double(index) + 0.5) * step
      let logDensity: Double = (half - 1) * Foundation.log(x) - x / 2 - norm
      sum += step * f(x) * Foundation.exp(logDensity)
    }
    return sum
  }

  /// The discrepancy of N(mu, I), of |mu|^2 = `square`.
  private static func shifted(_ degrees: Int, beta: Double, square: Double) -> Double {
    square * chiSquaredMean(degrees) { pow(1 + 2 * $0, -beta) }
  }

  /// The discrepancy of N(0, s^2 I): (1/s^2 - 1)^2 E u.u' (1 + |u - u'|^2)^(-beta). Sum and difference of u and u' are
  /// independent, both of variance 2 s^2, and 4 u.u' is the difference of their squares.
  private static func scaled(_ degrees: Int, beta: Double, scale s: Double) -> Double {
    let variance: Double = s * s
    let product = chiSquaredMean(degrees) { x in
      let kernel: Double = pow(1 + 2 * variance * x, -beta)
      return variance / 2 * (Double(degrees) - x) * kernel
    }
    return pow(1 / variance - 1, 2) * product
  }

  /// The penalties of batches of draws.
  private static func penalties(
    _ regularizer: KSDRegularizer<DiagonalGaussian>, mean: Double, scale: Double, dimension: Int = 4
  ) -> [Double] {
    let rng = RandomSource(seed: 1)
    let q = DiagonalGaussian(
      mean: .full([300, dimension], mean, dtype: .float64),
      logScale: .full([300, dimension], Foundation.log(scale), dtype: .float64))
    return (0..<60).map { _ in
      let drawn = Drawn(
        x: q.mean, q: q, draw: regularizer.draw([], from: q, using: rng),
        prior: StandardNormal(dimension, dtype: .float64))
      return regularizer.penalty(drawn, using: rng).item()
    }
  }

  @Test("under N(mu, I), N(0, s^2 I) and N(0, I) it averages to the exact value (false alarms: 1 in 10^6)")
  func exact() {
    let regularizer = KSDRegularizer<DiagonalGaussian>(beta: 0.7)
    let shifted = Self.shifted(4, beta: 0.7, square: 4 * 0.09)
    expectClose(shifted, 0.097977, absolute: 5e-7)
    expectAverage(Self.penalties(regularizer, mean: 0.3, scale: 1), shifted)
    for scale in [0.8, 1.3] {
      let exact = Self.scaled(4, beta: 0.7, scale: scale)
      #expect(exact > 0.01)
      expectAverage(Self.penalties(regularizer, mean: 0, scale: scale), exact)
    }
    expectAverage(Self.penalties(regularizer, mean: 0, scale: 1), 0)
  }

  @Test("at a weight of 100 and 32 dimensions a scale of .8 costs 1.6, and a shift by 1 in one of them 12.7")
  func weight() {
    expectClose(100 * Self.scaled(32, beta: 0.5, scale: 0.8), 1.6, absolute: 0.05)
    expectClose(100 * Self.shifted(32, beta: 0.5, square: 1), 12.7, absolute: 0.05)
  }

  @Test("the kernel is the Stein operator applied twice, each derivative by autograd", arguments: [0.5, 0.7, 1.3])
  func kernel(_ beta: Double) {
    let (u, v) = (Tensor([0.3, -1.1, 0.6]).requiringGradient(), Tensor([-0.4, 0.5, 1.2]).requiringGradient())
    let base = ((u - v).square().sum() + 1).pow(-beta)
    let slopes = gradients(of: base, in: [u, v], createGraph: true)
    var expected: Double = (u * v).sum().item() * base.item()
    for i in 0..<3 { expected += gradients(of: slopes[0].at(i), in: [v], retainGraph: true)[0].at(i).item() }
    // The score of N(0, I) at u is -u.
    expected -= (u * slopes[1]).sum().item()
    expected -= (v * slopes[0]).sum().item()
    let found = steinKernel(u.detached().reshaped([1, 3]), v.detached().reshaped([1, 3]), beta: beta)
    expectClose(found.item(), expected, absolute: 1e-12)
  }

  @Test("several draws count as codes, and the biased mean has pairs of a code with itself")
  func pairs() {
    let z = RandomSource(seed: 2).normal([3, 5, 2], dtype: .float64)
    let q = DiagonalGaussian(mean: z.at(0), logScale: z.at(0))
    func penalty(_ z: Tensor, _ estimator: PairEstimator) -> Double {
      KSDRegularizer(beta: 0.5, estimator: estimator).penalty(
        Drawn(x: q.mean, q: q, draw: CodeDraw(z), prior: StandardNormal(2, dtype: .float64)),
        using: RandomSource(seed: 3)
      ).item()
    }
    let flat = z.reshaped([15, 2])
    #expect(penalty(z, .unbiased) == penalty(flat, .unbiased))
    // k(u, u) = 2 beta r + |u|^2.
    let own = 2 * 0.5 * 2 + flat.square().sum(1).mean().item()
    expectClose(penalty(z, .biased), (14 * penalty(z, .unbiased) + own) / 15, absolute: 1e-12)
  }

  /// Half of six numbers of every example are constant.
  private static func examples(_ count: Int, using rng: RandomSource) -> Tensor {
    let z = rng.uniform([count, 1])
    return Tensor.concatenated([z, 1 - z, z.square(), .zeros([count, 2]), .ones([count, 1])], axis: 1)
  }

  @Test("constant pixels train without a bad number, and their variance comes to the floor")
  func constantPixels() throws {
    let rng = RandomSource(seed: 4)
    let px = NetworkLikelihood(
      MLP([2], hidden: [16], using: rng), .gaussian(.perDimension, mean: .sigmoid, floor: 1e-3), shape: [6], using: rng)
    let model = Autoencoder(
      qz: NoisyInput(nil, inputs: 6, noise: 2, hidden: [16], activation: .relu, dimension: 2, using: rng), px: px,
      pz: StandardNormal(2), regularizer: KSDRegularizer<ImplicitPosterior>(), weight: .constant(100))
    let adam = Adam(model.parameters, options: Adam.Options())
    var last = 0.0
    for _ in 0..<600 {
      let table = Recorder([.main: Batch(x: Self.examples(64, using: rng))], using: rng) { moves in
        let loss = moves[0].1.value.mean()
        last = loss.item()
        adam.step(gradients(of: loss, in: model.parameters.map(\.value)), rate: 2e-2)
      }
      try model.play(table)
      guard last.isFinite else { break }
    }
    #expect(last.isFinite && model.parameters.allSatisfy { $0.value.isFinite().all().item() == 1 })
    let variances: [Double] = ((px(.zeros([1, 2])) as? DiagonalGaussian)?.scale.square() ?? Tensor(0)).array()
    #expect(variances.suffix(3).allSatisfy { $0 < 1.3e-3 } && variances.allSatisfy { $0 >= 0.999e-3 }, "\(variances)")
    // log p(x|z) alone, of all six at a = .001 without an error, is the most that can be had.
    let most: Double = 3 * Foundation.log(1000 / (2 * Double.pi))
    #expect(-last < most + 1 && -last > 0.5 * most)
  }
}
