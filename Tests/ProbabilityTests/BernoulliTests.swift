import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Bernoulli") struct BernoulliTests {
  @Test("the log mass is x log p + (1 - x) log(1 - p), for grey values too")
  func crossEntropy() {
    let logits = [-3, -0.5, 0, 2.0]
    let values = [0, 0.25, 0.5, 1.0]
    let expected = zip(logits, values).map { logit, x -> Double in
      let p = 1 / (1 + exp(-logit))
      return x * log(p) + (1 - x) * log(1 - p)
    }
    let scored = Bernoulli(logits: Tensor(logits), eventRank: 0).logProb(Tensor(values))
    expectClose(scored, expected, absolute: 1e-14)
    expectClose(
      Bernoulli(logits: Tensor(logits)).logProb(Tensor(values)), [expected.reduce(0, +)],
      absolute: 1e-14)
  }

  @Test("logits of ten thousand are scored without overflow, with finite gradients, in float32")
  func extremes() {
    let logits = Tensor([Float(-1e4), -1e4, 1e4, 1e4]).requiringGradient()
    let logProb = Bernoulli(logits: logits, eventRank: 0).logProb(Tensor([Float(0), 1, 0, 1]))
    #expect(logProb.array() == [Float(0), -1e4, -1e4, 0])
    // d/dl = x - p.
    #expect(gradients(of: logProb, in: [logits])[0].array() == [Float(0), 1, -1, 0])
    let draws = Bernoulli(logits: logits).sample([100], using: RandomSource(seed: 1))
    #expect(draws.sum(0).array() == [Float(0), 0, 100, 100])
  }

  @Test("logits and values that broadcast each other have the gradients of their expansions")
  func broadcasting() {
    let rng = RandomSource(seed: 2)
    for (logitShape, valueShape) in [
      ([3], [4, 3]), ([4, 3], [3]), ([5, 1, 3], [1, 4, 3]), ([2, 4, 3], [4, 3]),
    ] {
      let logits = rng.normal(logitShape, dtype: .float64).requiringGradient()
      let values = rng.uniform(valueShape, dtype: .float64).requiringGradient()
      let own = Bernoulli(logits: logits).logProb(values)
      let zeros = logits.detached() * 0 + values.detached() * 0
      let expanded = Bernoulli(logits: logits + zeros).logProb(values + zeros)
      expectClose(own, expanded, absolute: 1e-14)
      for (g, h) in zip(
        gradients(of: own, in: [logits, values]), gradients(of: expanded, in: [logits, values]))
      { expectClose(g, h, absolute: 1e-13) }
    }
  }
}
