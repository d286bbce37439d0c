import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Divergences") struct DivergenceTests {
  private let q = DiagonalGaussian(
    mean: Tensor([0.5, -1, 2, 0, 0, 0], shape: [2, 3]),
    logScale: Tensor([-0.5, 0.3, 0, 0, 0, 0], shape: [2, 3]))
  private let p = DiagonalGaussian(
    mean: Tensor([0, -1, 1, 0, 1, 0], shape: [2, 3]),
    logScale: Tensor([0.2, -0.4, 0.5, 0, 0, 1], shape: [2, 3]))

  @Test("the KL to a standard normal is the one to a Gaussian of mean 0 and scale 1")
  func special() {
    let standard = DiagonalGaussian(
      mean: Tensor.zeros([3], dtype: .float64), logScale: Tensor.zeros([3], dtype: .float64))
    expectClose(kl(q, StandardNormal(3, dtype: .float64)), kl(q, standard), absolute: 1e-14)
    // The second q is the standard normal itself.
    #expect(kl(q, standard).array(Double.self)[1] == 0)
  }

  @Test("the KL between Gaussians of one number is the integral of q (log q - log p)")
  func quadrature() {
    let count = 4000
    let axis = (0..<count).map { -12 + 24 * (Double($0) + 0.5) / Double(count) }
    let nodes = Tensor(axis, shape: [count, 1, 1])
    func alone(_ d: DiagonalGaussian) -> DiagonalGaussian {
      DiagonalGaussian(mean: d.mean, logScale: d.logScale, eventRank: 0)
    }
    let logQ = alone(q).logProb(nodes)
    let integral = (logQ.exp() * (logQ - alone(p).logProb(nodes))).sum(0) * (24 / Double(count))
    expectClose(kl(alone(q), alone(p)), integral, absolute: 1e-9)
    expectClose(kl(q, p), integral.sum(1), absolute: 1e-9)
  }

  @Test("the KL is the average of log q - log p over draws of q (false alarms: 1 in 10^6)")
  func monteCarlo() {
    let draws = q.sample([20_000], using: RandomSource(seed: 1))
    for (other, expected) in [
      (p as any Density, kl(q, p)),
      (StandardNormal(3, dtype: .float64), kl(q, StandardNormal(3, dtype: .float64))),
    ] {
      let ratios = q.logProb(draws) - other.logProb(draws)
      for row in 0..<2 {
        expectAverage(
          ratios.at(row, axis: 1).array(Double.self), expected.at(row).item(), bias: 1e-12)
      }
    }
  }

  @Test("the gradients of both KLs are those of differences")
  func differences() {
    checkGradients(of: [q.mean, q.logScale, p.mean, p.logScale]) {
      kl(
        DiagonalGaussian(mean: $0[0], logScale: $0[1]),
        DiagonalGaussian(mean: $0[2], logScale: $0[3])
      ).sum()
    }
    checkGradients(of: [q.mean, q.logScale]) {
      kl(DiagonalGaussian(mean: $0[0], logScale: $0[1]), StandardNormal(3)).sum()
    }
  }

  @Test("the KL over two event axes is the sum over both, one scale for all broadcasts")
  func events() {
    let image = DiagonalGaussian(
      mean: q.mean, logScale: Tensor(-0.7, dtype: .float64), eventRank: 2)
    let rows = DiagonalGaussian(mean: q.mean, logScale: Tensor.full([2, 3], -0.7, dtype: .float64))
    expectClose(
      kl(image, StandardNormal(3)), kl(rows, StandardNormal(3)).sum(), absolute: 1e-14)
    expectClose(
      kl(image, DiagonalGaussian(mean: p.mean, logScale: p.logScale, eventRank: 2)),
      kl(rows, p).sum(), absolute: 1e-13)
  }

  @Test("the KL of classes is q (log q - log p) by enumeration, to equal and to other classes; gradients too")
  func classes() {
    let logits = [0.5, -1, 2, 0, 0, 0]
    func masses(_ logits: [Double]) -> [Double] {
      let total = logits.reduce(0) { $0 + exp($1) }
      return logits.map { exp($0) / total }
    }
    for other in [[0, 0, 0], [-0.3, 1, 0.7]] {
      let prior = CategoricalPrior(logits: Tensor(other))
      let p = masses(other)
      let expected = [0, 3].map { start -> Double in
        let q = masses(Array(logits[start..<start + 3]))
        return zip(q, p).reduce(0.0) { sum, pair in sum + pair.0 * log(pair.0 / pair.1) }
      }
      expectClose(kl(Categorical(logits: Tensor(logits, shape: [2, 3])), prior), expected, absolute: 1e-14)
      checkGradients(of: [Tensor(logits, shape: [2, 3]), Tensor(other)]) {
        kl(Categorical(logits: $0[0]), CategoricalPrior(logits: $0[1])).square().sum()
      }
    }
    let equal = kl(
      Categorical(logits: Tensor(logits, shape: [2, 3])), CategoricalPrior(3, dtype: .float64)
    ).array(Double.self)
    #expect(equal[1] == 0)
  }

  @Test("a class that q excludes adds nothing to the KL, one that only p excludes makes it infinite")
  func excluded() {
    let logits = Tensor([-Double.infinity, 1, 1]).requiringGradient()
    let toEqual = kl(Categorical(logits: logits), CategoricalPrior(3, dtype: .float64))
    expectClose(toEqual.item(), log(1.5), absolute: 1e-14)
    expectClose(gradients(of: toEqual, in: [logits])[0], [0, 0, 0], absolute: 1e-14)
    let second = CategoricalPrior(3, only: 1, dtype: .float64)
    #expect(kl(Categorical(logits: logits), second).item() == .infinity)
    #expect(kl(Categorical(logits: second.logits), second).item() == 0)
  }

  @Test("a KL over different numbers of classes ends the process with its message")
  func mismatch() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = kl(Categorical(logits: .zeros([2, 3])), CategoricalPrior(4))
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("kl: expected q and p over the same classes, got 3 and 4"))
  }

  @Test("logMeanExp is the log of the average, also where e^x overflows")
  func averages() {
    let values = [0.5, -2, 1, 3.0]
    let expected = log(values.map { exp($0) }.reduce(0, +) / 4)
    expectClose(logMeanExp(Tensor(values)).item(), expected, absolute: 1e-14)
    expectClose(logMeanExp(Tensor(values) - 2000).item(), expected - 2000, absolute: 1e-12)
    expectClose(logMeanExp(Tensor(values) + 2000).item(), expected + 2000, absolute: 1e-12)
    // The first axis is the one that is averaged; one draw is its own average.
    let table = Tensor([1, 2, 3, 3, 2, 1.0], shape: [2, 3])
    let column = Foundation.log((M_E + M_E * M_E * M_E) / 2)
    expectClose(logMeanExp(table), [column, 2, column], absolute: 1e-14)
    expectClose(logMeanExp(Tensor(values, shape: [1, 4])), Tensor(values), absolute: 1e-14)
  }
}
