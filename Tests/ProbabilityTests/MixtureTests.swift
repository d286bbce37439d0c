import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Categorical and DiscretizedLogisticMixture") struct MixtureTests {
  private let levels = (0..<256).map { Double($0) * 2 / 255 - 1 }

  @Test("masses over 256 levels sum to 1 in every channel, and in grey are sums of components by hand")
  func mass() {
    let parameters = [0.3, -0.5, 0.2, -1.1, -2, -9.0]
    let grey = DiscretizedLogisticMixture(
      parameters: Tensor(parameters, shape: [1, 6, 1, 1]), channels: 1, mixtures: 2)
    let logProb = grey.logProb(Tensor(levels, shape: [256, 1, 1, 1])).array(Double.self)
    expectClose(logProb.reduce(0) { $0 + exp($1) }, 1, absolute: 1e-12)
    func below(_ x: Double, _ centre: Double, _ logScale: Double) -> Double {
      1 / (1 + exp(-(x - centre) / exp(logScale)))
    }
    let weight = exp(0.3) / (exp(0.3) + exp(-0.5))
    for (i, x) in levels.enumerated() {
      let mass = [(weight, 0.2, -2.0), (1 - weight, -1.1, -7.0)].reduce(0) {
        let upper = i == 255 ? 1 : below(x + 1 / 255.0, $1.1, $1.2)
        return $0 + $1.0 * (upper - (i == 0 ? 0 : below(x - 1 / 255.0, $1.1, $1.2)))
      }
      if mass > 1e-6 { expectClose(logProb[i], log(mass), absolute: 1e-8) }
    }
  }

  @Test("in colour, each channel's centre moves with those before it, in the order of the original code")
  func colour() {
    // Per channel: centre, log scale, coefficient.
    let p = [0.0, 0.1, -1, 0.4, -0.2, -1.5, -0.7, 0.3, -2, 0.9]
    let mixture = DiscretizedLogisticMixture(parameters: Tensor(p, shape: [1, 10, 1, 1]), channels: 3, mixtures: 1)
    let (r, g, b) = (levels[40], levels[200], levels[0])
    func one(_ x: Double, _ centre: Double, _ logScale: Double) -> Double {
      DiscretizedLogistic(
        location: Tensor((centre + 1) / 2, dtype: .float64), logScale: Tensor(logScale - log(2), dtype: .float64),
        eventRank: 0
      ).logProb(Tensor((x + 1) / 2, dtype: .float64)).item()
    }
    let expected =
      one(r, 0.1, -1) + one(g, -0.2 + tanh(0.4) * r, -1.5)
      + one(b, 0.3 + tanh(-0.7) * r + tanh(0.9) * g, -2)
    expectClose(mixture.logProb(Tensor([r, g, b], shape: [1, 3, 1, 1])).item(), expected, absolute: 1e-9)
    let draws = mixture.sample([20_000], using: RandomSource(seed: 1))
    #expect(draws.shape == [20_000, 1, 3, 1, 1])
    // Red alone: a logistic about 0.1, its tails cut at -1 and 1 alike but for the shift.
    let red = draws.at(0, axis: 2).array(Double.self)
    expectAverage(red.map { $0 < 0.1 ? 1 : 0 }, 0.5, bias: 0.005)
  }

  @Test("Categorical: log softmax by hand; no such class has probability 0; draws fit")
  func categorical() {
    let c = Categorical(logits: Tensor([1.0, 0, -1]))
    let total = exp(1.0) + 1 + exp(-1.0)
    let values = c.logProb(Tensor([0, 1, 2, 3]))
    expectClose(values, [1 - log(total), -log(total), -1 - log(total), -.infinity], absolute: 1e-12)
    let draws = c.sample([20_000], using: RandomSource(seed: 1)).array(Int.self)
    expectAverage(draws.map { $0 == 2 ? 1 : 0 }, exp(-1) / total)
  }
}
