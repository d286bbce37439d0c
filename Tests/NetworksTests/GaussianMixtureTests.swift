import Foundation
import Networks
import TestSupport
import Testing
import Torch

@Suite("Mixtures of Gaussians") struct GaussianMixtureTests {
  /// Two components of the plane, one of them turned by `angle`.
  private static let angle = 0.6
  private static let weights = [0.3, 0.7]
  private static let means = [[1.0, -2], [-0.5, 0.7]]
  private static let scales = [[0.4, 1.1], [0.8, 0.3]]

  private static func mixture() -> GaussianMixture {
    let mixture = GaussianMixture(2, dimension: 2)
    mixture.set(
      weights: Tensor(weights), means: Tensor(means.flatMap { $0 }, shape: [2, 2]),
      axes: Tensor([1, 0, 0, 1, cos(angle), -sin(angle), sin(angle), cos(angle)], shape: [2, 2, 2]),
      scales: Tensor(scales.flatMap { $0 }, shape: [2, 2]))
    return mixture
  }

  /// The density by hand: coordinates along the axes of each component.
  private static func density(_ x: [Double]) -> Double {
    (0..<2).reduce(0) { sum, k in
      let d = [x[0] - means[k][0], x[1] - means[k][1]]
      let turn = k == 0 ? 0 : angle
      let along = [cos(turn) * d[0] + sin(turn) * d[1], -sin(turn) * d[0] + cos(turn) * d[1]]
      let (u, v) = (along[0] / scales[k][0], along[1] / scales[k][1])
      let area: Double = 2 * .pi * scales[k][0] * scales[k][1]
      return sum + weights[k] * exp(-(u * u + v * v) / 2) / area
    }
  }

  @Test("its log density is that worked out by hand, for any number of axes in front, and integrates to 1")
  func density() {
    let mixture = Self.mixture()
    let x = RandomSource(seed: 1).normal([4, 3, 2], dtype: .float64) * 2
    let rows = x.array(Double.self)
    let expected = (0..<12).map { log(Self.density([rows[2 * $0], rows[2 * $0 + 1]])) }
    #expect(mixture.logProb(x).shape == [4, 3])
    expectClose(mixture.logProb(x).detached().reshaped([12]), expected, absolute: 1e-12)
    let (count, half) = (400, 9.0)
    let axis: [Double] = (0..<count).map { half * ((2 * Double($0) + 1) / Double(count) - 1) }
    let grid = Tensor(axis.flatMap { x in axis.flatMap { [x, $0] } }, shape: [count * count, 2])
    let mass = withoutGradients { mixture.logProb(grid).exp().sum() } * pow(2 * half / Double(count), 2)
    expectClose(mass.item(), 1, absolute: 1e-6)
    expectClose(mixture.covariances.at(0), [0.16, 0, 0, 1.21], absolute: 1e-12)
  }

  @Test("draws have its weights, means and covariances (false alarms: 1 in 10^5)")
  func draws() {
    let draws = Self.mixture().sample([100, 200], using: RandomSource(seed: 3)).reshaped([20_000, 2])
    #expect(draws.dtype == .float64)
    let rows = draws.array(Double.self)
    let (x, y) = ((0..<20_000).map { rows[2 * $0] }, (0..<20_000).map { rows[2 * $0 + 1] })
    expectAverage(x, 0.3 * 1 - 0.7 * 0.5)
    expectAverage(y, -0.3 * 2 + 0.7 * 0.7)
    // E xy of a component is its covariance and the product of its means.
    let covariance = (0.64 - 0.09) * cos(Self.angle) * sin(Self.angle)
    expectAverage(zip(x, y).map(*), 0.3 * -2 + 0.7 * (covariance - 0.35))
    // Component 0 lies mostly below y = -1, the other one above.
    let below = y.count { $0 < -1 }
    let expected = 0.3 * (1 - 0.5 * erfc(1 / 1.1 / 2.0.squareRoot()))
    #expect(abs(Double(below) / 20_000 - expected) < 0.02)
  }

  @Test("an iteration is that of the formulas, written out for numbers, however the rows come in batches")
  func iteration() throws {
    let x = [-1.2, -0.7, 0.1, 0.4, 1.9, 2.2, 2.4]
    let (w, m, s) = ([0.4, 0.6], [-0.5, 1.5], [0.9, 0.7])
    func made() -> GaussianMixture {
      let mixture = GaussianMixture(2, dimension: 1)
      mixture.set(
        weights: Tensor(w), means: Tensor(m, shape: [2, 1]), axes: Tensor([1.0, 1], shape: [2, 1, 1]),
        scales: Tensor(s, shape: [2, 1]))
      return mixture
    }
    func joint(_ k: Int, _ x: Double) -> Double {
      let u = (x - m[k]) / s[k]
      return w[k] * exp(-u * u / 2) / (s[k] * (2 * Double.pi).squareRoot())
    }
    let share = (0..<2).map { k in x.map { joint(k, $0) / (joint(0, $0) + joint(1, $0)) } }
    for cuts in [[7], [3, 2, 2]] {
      let mixture = made()
      var sums = MixtureSums(mixture)
      var start = 0
      for count in cuts {
        sums.add(Tensor(Array(x[start..<start + count]), shape: [count, 1]))
        start += count
      }
      #expect(sums.rows == 7)
      expectClose(
        sums.meanLogLikelihood.item(), x.reduce(0) { $0 + log(joint(0, $1) + joint(1, $1)) } / 7, absolute: 1e-12)
      try sums.update()
      for k in 0..<2 {
        let count = share[k].reduce(0, +)
        let mean = zip(share[k], x).reduce(0) { $0 + $1.0 * $1.1 } / count
        let variance = zip(share[k], x).reduce(0) { $0 + $1.0 * pow($1.1 - mean, 2) } / count
        expectClose(mixture.weights.at(k).item(), count / 7, absolute: 1e-12)
        expectClose(mixture.means.at(k).item(), mean, absolute: 1e-12)
        expectClose(mixture.covariances.at(k).item(), variance, absolute: 1e-12)
      }
    }
  }

  @Test("the likelihood never falls, and one component is the mean and the covariance with the divisor n at once")
  func neverFalls() throws {
    let rng = RandomSource(seed: 4)
    let x = Tensor.concatenated([
      rng.normal([60, 3], dtype: .float64), rng.normal([40, 3], dtype: .float64) * 0.3 + 2,
      rng.normal([50, 3], dtype: .float64) * 2 - 3,
    ])
    let mixture = GaussianMixture(4, dimension: 3)
    #expect(mixture.spread(over: x, using: rng) == 4)
    var values: [Double] = []
    for _ in 0..<40 {
      var sums = MixtureSums(mixture)
      sums.add(x)
      values.append(sums.meanLogLikelihood.item())
      try sums.update()
    }
    for (before, after) in zip(values, values.dropFirst()) { #expect(after >= before - 1e-12, "\(before) \(after)") }
    #expect(values.last! > values.first! + 0.5)

    let one = GaussianMixture(1, dimension: 3)
    var sums = MixtureSums(one)
    sums.add(x)
    try sums.update()
    let mean = x.mean(0)
    let covariance = (x - mean).transposed.matmul(x - mean) / 150
    expectClose(one.means.at(0), mean, absolute: 1e-12)
    expectClose(one.covariances.at(0), covariance, absolute: 1e-12)
    // -(d log 2 pi + log|S| + d) / 2.
    let logDeterminant = covariance.symmetricEigen().values.log().sum().item()
    expectClose(
      withoutGradients { one.logProb(x).mean().item() }, -(3 * log(2 * .pi) + logDeterminant + 3) / 2, absolute: 1e-10)
  }

  @Test("the start spreads over different rows, each about as far from the others as rows are")
  func start() {
    // Eight clusters far apart: squared distances leave none out.
    let rng = RandomSource(seed: 5)
    let angles = Tensor.range(8, dtype: .float64) * (.pi / 4)
    let centres = Tensor.stacked([angles.cos(), angles.sin()], axis: 1) * 10  // [8, 2]
    let x = (centres.unsqueezed(1) + rng.normal([8, 20, 2], dtype: .float64) * 0.01).reshaped([160, 2])
    let mixture = GaussianMixture(8, dimension: 2)
    #expect(mixture.spread(over: x, using: rng) == 8)
    let nearest = mixture.means.distances(to: centres).min(0)
    #expect(nearest.max().item() < 0.1, "\(mixture.means)")
    expectClose(mixture.covariances.at(3), [0.125, 0, 0, 0.125], absolute: 1e-12)
    // Three different rows have room for three components; a mixture of four stays as it was.
    let few = Tensor([1.0, 2, 2, 3, 1, 3], shape: [6, 1])
    let four = GaussianMixture(4, dimension: 1)
    #expect(four.spread(over: few, using: rng) == 3)
    #expect(four.means.abs().max().item() == 0)
  }

  @Test("an empty component and one without width are told, and the mixture stays")
  func degenerate() {
    let x = RandomSource(seed: 6).normal([30, 2], dtype: .float64)
    func error(_ means: [Double], _ scales: [Double], _ x: Tensor) -> MixtureSums.Degeneracy? {
      let mixture = GaussianMixture(2, dimension: 2)
      let identity = Tensor([1.0, 0, 0, 1], shape: [2, 2])
      mixture.set(
        weights: Tensor([0.5, 0.5]), means: Tensor(means, shape: [2, 2]), axes: .stacked([identity, identity]),
        scales: Tensor(scales, shape: [2, 2]))
      var sums = MixtureSums(mixture)
      sums.add(x)
      let before = mixture.means.array(Double.self)
      do throws(MixtureSums.Degeneracy) { try sums.update() } catch {
        #expect(mixture.means.array(Double.self) == before)
        return error
      }
      return nil
    }
    #expect(error([0, 0, 1e3, 0], [1, 1, 1, 1], x) == .empty(1))
    #expect(error([0, 0, 1, 1], [1, 1, 1, 1], x) == nil)
    // Seven rows at one place, to which the first component is narrow.
    let heap = Tensor.concatenated([x * 0.5, Tensor.full([7, 2], 9, dtype: .float64)])
    guard case .singular(0, let rows)? = error([9, 9, 0, 0], [0.1, 0.1, 1, 1], heap) else {
      Issue.record("expected a singular component")
      return
    }
    expectClose(rows, 7, absolute: 1e-9)
  }

  @Test("moments are those of all rows together, also where a mean is large beside a deviation")
  func moments() {
    let rng = RandomSource(seed: 7)
    let x = rng.normal([50, 3], dtype: .float64) * Tensor([1, 100, 1e-3]) + Tensor([1e6, 0, -5.0])
    var moments = Moments()
    for range in [0..<7, 7..<30, 30..<50] { moments.add(x.narrowed(0, range)) }
    #expect(moments.count == 50)
    expectClose(moments.mean, x.mean(0), absolute: 0, relative: 1e-12)
    expectClose(moments.deviation, x.variance(0, correction: 0).sqrt(), absolute: 0, relative: 1e-9)
    var constant = Moments()
    constant.add(Tensor([0.1, 2, 0.1, 3, 0.1, 4.0], shape: [3, 2]))
    #expect(constant.deviation.array(Double.self)[0] == 0)
    let standardizer = Standardizer(3, dtype: .float64)
    standardizer.take(moments)
    let z = standardizer(x)
    expectClose(z.mean(0), [0, 0, 0], absolute: 1e-6)
    expectClose(z.square().mean(0), [1, 1, 1], absolute: 1e-6)
    expectClose(standardizer.inverse(z), x, absolute: 1e-6)
    expectClose(standardizer.logDeterminant.item(), -moments.deviation.log().sum().item(), absolute: 1e-12)
  }
}
