import Datasets
import Foundation
import Generative
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// A decoder of the user's: p(x|z) by a closure.
private final class Closure: LatentVariableModel {
  let prior: any CodePrior
  let exampleShape: [Int]
  private let px: (Tensor) -> any Distribution

  init(_ prior: any CodePrior, _ exampleShape: [Int], _ px: @escaping (Tensor) -> any Distribution) {
    (self.prior, self.exampleShape, self.px) = (prior, exampleShape, px)
  }

  func likelihood(_ z: Tensor) -> any Distribution { px(z) }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { prior.sample([x.size(0)], using: rng) }
}

@Suite("Evidence by quadrature")
struct EvidenceQuadratureTests {
  @Test("a linear-Gaussian decoder of one dimension has its closed form to 1e-6 nats")
  func linearGaussian() throws {
    let model = LinearGaussian(knowsKL: true)
    let x = LinearGaussian.examples(30)
    let found = try EvidenceQuadrature()(model, x)
    expectClose(found.logEvidence, LinearGaussian.rows(x).map(model.evidence), absolute: 1e-6)
    #expect(found.side == -8...8 && found.change < 1e-4 && found.cells >= 128 * 128)
  }

  /// z to the logits of four pixels of 2 x 2, curved and sharp.
  private func curved(_ slope: Double, _ prior: any CodePrior) -> Closure {
    Closure(prior, [1, 2, 2]) { z in
      let (a, b) = (z.narrowed(-1, 0..<1), z.narrowed(-1, 1..<2))
      let logits = Tensor.concatenated([a * b, (a * 2).sin() - b, a.square() - 1, b * 3], axis: -1) * slope
      return Bernoulli(logits: logits.reshaped(Array(z.shape.dropLast()) + [1, 2, 2]), eventRank: 3)
    }
  }

  private let pictures = Tensor(
    (0..<16).flatMap { number in (0..<4).map { Double(number >> $0 & 1) } }, shape: [16, 1, 2, 2])

  /// log of the integral over the square by a sum of its own, row after row of the grid.
  private func sum(_ model: Closure, half: Double, count: Int) -> [Double] {
    let step = 2 * half / Double(count)
    let axis = (0..<count).map { -half + (Double($0) + 0.5) * step }
    let terms = axis.map { a in
      let z = Tensor(axis.flatMap { [a, $0] }, shape: [count, 1, 2])
      return (model.likelihood(z).logProb(pictures) + model.prior.logProb(z)).logSumExp(0)  // [16]
    }
    return (Tensor.stacked(terms).logSumExp(0) + 2 * log(step)).array()
  }

  @Test("of two dimensions it is the sum over another grid, also for a sharp decoder and a uniform prior")
  func plane() throws {
    let normal = StandardNormal(2, dtype: .float64)
    for slope in [1.0, 15] {
      let model = curved(slope, normal)
      let found = try EvidenceQuadrature()(model, pictures)
      expectClose(found.logEvidence, sum(model, half: 8, count: 1500), absolute: 1e-4, relative: 1e-4)
      // All that there is.
      expectClose(found.logEvidence.reduce(0) { $0 + exp($1) }, 1, absolute: 1e-5)
    }
    let model = curved(2, UniformPrior(2, dtype: .float64))
    let found = try EvidenceQuadrature()(model, pictures)
    expectClose(found.logEvidence.reduce(0) { $0 + exp($1) }, 1, absolute: 1e-4)
    expectClose(found.logEvidence, sum(model, half: 1, count: 1000), absolute: 1e-4)
    #expect(found.side == -1...1)
  }

  @Test("four one-hot points have a mean log likelihood of at most -log 4, and a decoder of quadrants nearly that")
  func fourPoints() throws {
    let set = try Dataset.named("four-points", DatasetOptions(cacheDirectory: "/nonexistent", allowsNetwork: false))
    let test = DeviceExamples(try set.test, binarization: .none)
    let x = try test.batch(0..<400, using: RandomSource(seed: 1)).x.to(.float64)
    for slope in [0.5, 2, 5, 40] {
      // Each quadrant of the plane is a point.
      let model = Closure(StandardNormal(2, dtype: .float64), [1, 2, 2]) { z in
        let (a, b) = (z.narrowed(-1, 0..<1) * slope, z.narrowed(-1, 1..<2) * slope)
        let logits = Tensor.concatenated([a.minimum(b), a.minimum(-b), (-a).minimum(b), (-a).minimum(-b)], axis: -1)
        return Bernoulli(logits: logits.reshaped(Array(z.shape.dropLast()) + [1, 2, 2]), eventRank: 3)
      }
      let found = Estimate(try EvidenceQuadrature()(model, x).logEvidence)
      #expect(found.mean <= -log(4), "\(slope): \(found.mean)")
      if slope == 40 { #expect(found.mean > -1.5, "\(found.mean)") }
    }
  }

  @Test("equal rows are integrated once, and have one value")
  func equalRows() throws {
    let model = curved(1, StandardNormal(2, dtype: .float64))
    let rows = pictures.gathered(Tensor([3, 5, 3, 3, 5] as [Int64]))
    let whole = try EvidenceQuadrature()(model, pictures).logEvidence
    let found = try EvidenceQuadrature()(model, rows).logEvidence
    #expect(found[0] == found[2] && found[0] == found[3] && found[1] == found[4])
    expectClose(found, [3, 5, 3, 3, 5].map { whole[$0] }, absolute: 1e-12)
  }

  @Test("a decoder that is sharper than any grid is refused, and one with too many codes or another prior")
  func refusals() throws {
    let narrow = Closure(StandardNormal(2, dtype: .float64), [2]) { z in
      DiagonalGaussian(mean: z, logScale: Tensor(log(1e-4), dtype: .float64))
    }
    var quick = EvidenceQuadrature()
    quick.finest = 128
    let error = #expect(throws: MetricError.self) { try quick(narrow, Tensor([0.3, 0.4], shape: [1, 2])) }
    #expect(
      error?.description.hasPrefix(
        "evidence:quadrature: expected log p(x) that stays within 0.0001 nats on a finer grid; that of example 0 went from "
      ) == true)
    #expect(
      error?.description.hasSuffix(" at 128 cells an axis: the decoder is too sharp for a grid, ask ais") == true,
      "\(error?.description ?? "")")
    #expect(
      Metric.evidenceByQuadrature.need.lack(of: curved(1, StandardNormal(3)))
        == Lack("has codes of 3 dimensions, and quadrature takes at most 2"))
    #expect(
      Metric.evidenceByQuadrature.need.lack(of: curved(1, BernoulliPrior(2)))
        == Lack("has the prior \(BernoulliPrior(2).summary), and quadrature takes N(0, I) or a uniform one"))
  }
}
