import Foundation
import Generative
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// A decoder of bits by a closure.
private final class Bits: LatentVariableModel {
  let prior: any CodePrior
  let exampleShape: [Int]
  private let px: (Tensor) -> any Distribution

  init(_ prior: any CodePrior, _ exampleShape: [Int], _ px: @escaping (Tensor) -> any Distribution) {
    (self.prior, self.exampleShape, self.px) = (prior, exampleShape, px)
  }

  func likelihood(_ z: Tensor) -> any Distribution { px(z) }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { prior.sample([x.size(0)], using: rng) }
}

@Suite("Evidence by enumeration")
struct EvidenceEnumerationTests {
  private let weight = RandomSource(seed: 1).normal([3, 4], dtype: .float64) * 2
  private let pictures = Tensor(
    (0..<16).flatMap { number in (0..<4).map { Double(number >> $0 & 1) } }, shape: [16, 1, 2, 2])

  private func binary(_ prior: any CodePrior) -> Bits {
    Bits(prior, [1, 2, 2]) { [weight] z in
      Bernoulli(logits: z.matmul(weight).reshaped(Array(z.shape.dropLast()) + [1, 2, 2]), eventRank: 3)
    }
  }

  @Test("bits with probabilities of their own: it is the sum over 8 codes in plain numbers, and pictures add up to 1")
  func sum() {
    let p = [0.2, 0.5, 0.9]
    let model = binary(BernoulliPrior(logits: Tensor(p.map { log($0 / (1 - $0)) })))
    let found = EvidenceEnumeration()(model, pictures)
    let w: [Double] = weight.flattened(from: 0).array()
    let expected = (0..<16).map { picture in
      log(
        (0..<8).reduce(0.0) { sum, code in
          let z = (0..<3).map { Double(code >> $0 & 1) }
          let mass = (0..<3).reduce(1.0) { $0 * (z[$1] == 1 ? p[$1] : 1 - p[$1]) }
          return sum
            + (0..<4).reduce(mass) { product, pixel in
              let on = 1 / (1 + exp(-(0..<3).reduce(0) { $0 + z[$1] * w[$1 * 4 + pixel] }))
              return product * (picture >> pixel & 1 == 1 ? on : 1 - on)
            }
        })
    }
    expectClose(found, expected, absolute: 1e-12)
    expectClose(found.reduce(0) { $0 + exp($1) }, 1, absolute: 1e-12)
  }

  @Test("a Gaussian decoder of bits is a mixture, and equal rows are summed once")
  func mixture() {
    let model = Bits(BernoulliPrior(2, dtype: .float64), [1]) { z in
      DiagonalGaussian(mean: z.sum(-1, keepAxes: true), logScale: Tensor(0, dtype: .float64))
    }
    let x = Tensor([0.3, 2, 0.3, -1], shape: [4, 1])
    let expected = [0.3, 2, 0.3, -1].map { x in
      log([0.0, 1, 1, 2].reduce(0) { $0 + exp(-(x - $1) * (x - $1) / 2) / 4 / (2 * Double.pi).squareRoot() })
    }
    let found = EvidenceEnumeration()(model, x)
    expectClose(found, expected, absolute: 1e-12)
    #expect(found[0] == found[2])
  }

  @Test("2^14 codes in blocks count each once, and the progress ends at all of them")
  func blocks() {
    let model = Bits(BernoulliPrior(14, probability: 0.3), [1]) { z in
      Bernoulli(logits: z.sum(-1, keepAxes: true) * 0 - 1)
    }
    var last = (0, 0)
    let found = EvidenceEnumeration()(model, Tensor([1.0, 0], shape: [2, 1]).to(.float32)) { last = ($0, $1) }
    expectClose(found, [-log(1 + exp(1.0)), -log(1 + exp(-1.0))], absolute: 1e-5)
    #expect(last == (16_384, 16_384))
  }

  @Test("a machine of layers has all layers as its code: a bound of many draws lies below, and near")
  func machine() {
    let rng = RandomSource(seed: 2)
    func layer(_ inputs: Int, _ size: Int) -> NetworkLikelihood {
      NetworkLikelihood(MLP([inputs], hidden: [], using: rng), .bernoulli, shape: [size], using: rng)
    }
    let model = HelmholtzMachine(px: layer(5, 6), ph: [layer(3, 5)], qh: [layer(6, 5), layer(5, 3)])
    let x = rng.bernoulli(.full([10, 6], 0.5))
    let evidence = EvidenceEnumeration()(model, x)
    let bound = Bounds(model, using: rng)(.iwae(samples: 4000), x).array(Double.self)
    expectClose(bound, evidence, absolute: 0.03, relative: 0)
    let elbo = Bounds(model, using: rng)(.elbo(samples: 2000), x).array(Double.self)
    #expect(zip(elbo, evidence).allSatisfy { $0 < $1 })
    for metric in [Metric.evidenceByEnumeration, .elbo(samples: 1), .iwae(samples: 5), .activeUnits] {
      #expect(metric.need.lack(of: model) == nil, "\(metric.name)")
    }
    for metric in [Metric.annealed, .annealingGap] {
      #expect(metric.need.lack(of: model) == Lack("has codes of zeros and ones, which have no gradient"))
    }
  }

  @Test("models that are not binary, or have too many codes, are refused in words")
  func refusals() {
    let need = Metric.evidenceByEnumeration.need
    #expect(
      need.lack(of: binary(StandardNormal(3)))
        == Lack("has the prior N(0, I), 3 dimensions, and enumeration takes codes of zeros and ones"))
    #expect(
      need.lack(of: binary(BernoulliPrior(21))) == Lack("has 2^21 codes, and enumeration takes at most 2^20"))
    #expect(need.lack(of: binary(BernoulliPrior(20))) == nil)
    #expect(need.lack(of: binary(MixedPrior([BernoulliPrior(3), BernoulliPrior(2)]))) == nil)
  }
}
