import Foundation
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Targets with a known integral")
struct PosteriorTargetTests {
  /// log of the integral over a square of the plane, by midpoints.
  private func logIntegral(_ target: Target, half: Double, count: Int = 1200) -> Double {
    let step = 2 * half / Double(count)
    let axis = (Tensor.range(count, dtype: .float64) + 0.5) * step - half
    let rows = axis.array(Double.self).map { z2 in
      target.logDensity(.stacked([axis, .full([count], z2, dtype: .float64)], axis: -1)).logSumExp()
    }
    return Tensor.stacked(rows).logSumExp().item() + 2 * log(step)
  }

  @Test("torus and Rosenbrock's valleys: log Z is that of a grid of the plane")
  func plane() throws {
    for (target, exact) in [(Target.torus, 1.714753), (.rosenbrock, 1.152687)] {
      let told = try #require(target.logNormalizer)
      expectClose(told, exact, absolute: 1e-6, relative: 0)
      expectClose(logIntegral(target, half: 8), told, absolute: 1e-5, relative: 0)
    }
  }

  @Test("exact draws have the moments that are known, and a mode its mass (false alarms: 1 in 10^6)")
  func references() throws {
    func draws(_ target: Target, _ count: Int = 40_000) throws -> Tensor {
      let reference = try #require(target.reference)
      return reference(count, RandomSource(seed: 3))
    }
    let torus = try draws(.torus)
    expectAverage(torus.square().sum(-1).array(Double.self), 2.005179)
    expectAverage(torus.array(Double.self), 0)
    let valleys = try draws(.rosenbrock)
    // E z1 = (1 + E z2^2) / 2 by the conditional mean.
    let z1 = valleys.at(0, axis: 1)
    let z2 = valleys.at(1, axis: 1)
    expectAverage((z1 - (z2.square() + 1) * 0.5).array(Double.self), 0)
    #expect(Target.rosenbrock.modes.map(\.name) == ["z2 < 0", "z2 > 0"])
    for mode in Target.rosenbrock.modes {
      expectFrequency(Int(mode.contains(valleys).to(.float64).sum().item()), of: 40_000, probability: 0.5)
    }
    let funnel = try draws(.funnel)
    expectAverage(funnel.at(0, axis: 1).square().array(Double.self), 9)
    expectAverage((funnel.at(3, axis: 1) / (funnel.at(0, axis: 1) * 0.5).exp()).square().array(Double.self), 1)
  }

  /// The mean of exp(log p - log q) over exact draws of q = p is 1: the normalized density fits the draws.
  @Test("eight schools: log Z by variant, two modes alike, and theta out of mu, tau and eta")
  func eightSchools() throws {
    for (variant, exact) in [(EightSchools.authors, -12.710812), (.div10, -13.011526), (.textbook, -31.385492)] {
      let told = try #require(variant.target.logNormalizer)
      expectClose(told, exact, absolute: 1e-6, relative: 0)
    }
    let target = EightSchools.authors.target
    #expect(target.columns == ["mu", "tau"] + (1...8).map { "eta\($0)" })
    let reference = try #require(target.reference)
    let z = reference(40_000, RandomSource(seed: 5))
    let counts = target.modes.map { Int($0.contains(z).to(.float64).sum().item()) }
    #expect(target.modes.map(\.name) == ["tau < 0", "tau > 0"])
    expectFrequency(counts[0], of: 40_000, probability: 0.5)
    #expect(counts[0] + counts[1] == 40_000)
    #expect(target.derived.map(\.name) == ["|tau|"] + (1...8).map { "theta\($0)" })
    let theta3 = target.derived[3].value(z)
    let byHand = z.at(0, axis: 1) + z.at(1, axis: 1) * z.at(4, axis: 1)
    let isTheta = theta3.isEqual(to: byHand)
    #expect(isTheta)
    // The turned point has the same density.
    let turned = Tensor.concatenated([z.narrowed(1, 0..<1), z.narrowed(1, 1..<10) * -1], axis: 1)
    expectClose(target.logDensity(turned.narrowed(0, 0..<50)), target.logDensity(z.narrowed(0, 0..<50)).array())
    // E of any score is 0 under exact draws: integration by parts.
    let leaf = z.requiringGradient()
    let scores = gradients(of: target.logDensity(leaf).sum(), in: [leaf])[0]
    for column in 0..<10 { expectAverage(scores.at(column, axis: 1).array(Double.self), 0) }
  }

  @Test("a Gaussian is normalized; a covariance that is none is refused with its fault")
  func gaussian() throws {
    let covariance = Tensor([1.0, 0.9, 0.9, 1], shape: [2, 2])
    let target = try Target.gaussian(mean: Tensor([1.0, -2]), covariance: covariance)
    #expect(target.logNormalizer == 0)
    expectClose(logIntegral(target, half: 9), 0, absolute: 1e-6, relative: 0)
    let reference = try #require(target.reference)
    let draws = reference(40_000, RandomSource(seed: 7))
    let centred = draws - Tensor([1.0, -2])
    expectAverage((centred.at(0, axis: 1) * centred.at(1, axis: 1)).array(Double.self), 0.9)
    func refusal(_ entries: [Double], _ shape: [Int], mean: [Double] = [0, 0]) -> String {
      do {
        _ = try Target.gaussian(mean: Tensor(mean), covariance: Tensor(entries, shape: shape))
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(refusal([1, 2], [1, 2]) == "covariance: expected a square matrix, got shape [1, 2]")
    #expect(refusal([1], [1, 1]) == "covariance: expected [2, 2] for a mean of 2 numbers, got shape [1, 1]")
    #expect(
      refusal([1, 0.5, 0.4, 1], [2, 2])
        == "covariance: expected a symmetric matrix, got 0.4 in row 1, column 0 and 0.5 in row 0, column 1")
    #expect(
      refusal([1, 2, 2, 1], [2, 2]) == "covariance: expected a positive definite matrix, got the eigenvalue -1")
    #expect(
      refusal([1, .nan, .nan, 1], [2, 2])
        == "mean and covariance: expected finite numbers, got some that are not")
  }

  @Test("logistic regression: log Z by quadrature of one, two and three coefficients, and none of four")
  func logistic() throws {
    // One coefficient: the integral of N(b) sigmoid(b)^3 sigmoid(-b), on a fine line.
    let line = Quadrature(-12...12, count: 4801)
    let b = line.nodes
    let prior = b.square() * -0.5 - 0.5 * log(2 * .pi)
    let exact = line.logIntegral(prior - (-b).softplus() * 3 - b.softplus())
    let alone = Target.logistic(x: .zeros([4, 0], dtype: .float64), y: [true, true, false, true], columns: [])
    #expect(alone.columns == ["intercept"])
    let one = try #require(alone.logNormalizer)
    expectClose(one, exact, absolute: 1e-9, relative: 0)
    let rng = RandomSource(seed: 2)
    let x = rng.normal([30, 3], dtype: .float64)
    let y = (0..<30).map { $0 % 3 != 0 }
    let two = Target.logistic(x: x.narrowed(1, 0..<1), y: y, columns: ["a"])
    let ofTwo = try #require(two.logNormalizer)
    expectClose(logIntegral(two, half: 8), ofTwo, absolute: 1e-6, relative: 0)
    // A column of zeros has its prior to itself and changes nothing.
    let idle = Tensor.concatenated([x.narrowed(1, 0..<1), .zeros([30, 1], dtype: .float64)], axis: 1)
    let three = Target.logistic(x: idle, y: y, columns: ["a", "b"])
    let ofThree = try #require(three.logNormalizer)
    expectClose(ofThree, ofTwo, absolute: 1e-6, relative: 0)
    #expect(Target.logistic(x: x, y: y, columns: ["a", "b", "c"]).logNormalizer == nil)
  }
}
