import Foundation
import Testing
import Torch

@testable import Generative

@Suite("Importance weights of generated examples") struct ImportanceWeightsTests {
  @Test("they are D/(1-D) normalized: D = .5, .8, .2 weigh .190476, .761905, .047619")
  func values() {
    let logits = [0.5, 0.8, 0.2].map { log($0 / (1 - $0)) }
    let weights = ImportanceWeights.normalized(Tensor(logits), groups: 3).array(Double.self)
    for (weight, expected) in zip(weights, [4.0 / 21, 16.0 / 21, 1.0 / 21]) { #expect(abs(weight - expected) < 1e-12) }
  }

  @Test("each group sums to 1 on its own, and a group of one weighs 1")
  func groups() {
    let logits = RandomSource(seed: 1).normal([12]) * 3
    let pairs = ImportanceWeights.normalized(logits, groups: 2)
    #expect(pairs.shape == [12])
    #expect(pairs.reshaped([6, 2]).sum(1).array(Float.self).allSatisfy { abs($0 - 1) < 1e-6 })
    let whole = ImportanceWeights.normalized(logits.narrowed(0, 2..<4), groups: 2)
    #expect(pairs.narrowed(0, 2..<4).isEqual(to: whole))
    #expect(ImportanceWeights.normalized(logits, groups: 1).array(Float.self) == [Float](repeating: 1, count: 12))
  }

  @Test("logits of 10,000 stay finite in float32, where D is 1 and 1 - D is 0")
  func extremes() {
    let weights = ImportanceWeights.normalized(Tensor([1e4, -1e4, 1e4, 0] as [Float]), groups: 4).array(Float.self)
    #expect(weights == [0.5, 0, 0.5, 0])
  }

  @Test("no gradient flows through them")
  func gradient() {
    let logits = Tensor([0.3, -0.2]).requiringGradient()
    let weights = ImportanceWeights.normalized(logits, groups: 2)
    #expect(!weights.requiresGradient)
    let slope = gradients(of: (weights * logits).sum(), in: [logits])[0]
    #expect(slope.isEqual(to: weights))
  }
}
