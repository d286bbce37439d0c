import Datasets
import Foundation
import Generative
import Inference
import Probability
import TestSupport
import Testing
import Torch

@Suite("Gaussians fitted to targets") struct GaussianFitTests {
  /// A Gaussian of the plane, exp(1.3) times its density without constant.
  private enum Correlated {
    static let (mean, scales, correlation, height) = ([1.0, -2], [0.5, 1.5], 0.8, 1.3)

    static let target = Target(
      "correlated", columns: ["x", "y"],
      logNormalizer: log(2 * .pi * scales[0] * scales[1] * (1 - correlation * correlation).squareRoot()) + height
    ) { z in
      let u = (z - Tensor(mean).to(z.dtype)) / Tensor(scales).to(z.dtype)
      let cross = u.at(0, axis: 1) * u.at(1, axis: 1) * (2 * correlation)
      return (u.square().sum(-1) - cross) * (-0.5 / (1 - correlation * correlation)) + height
    }
  }

  private static func fit(
    _ target: Target, _ covariance: GaussianFit.Covariance, _ change: (inout GaussianFit.Design) -> Void = { _ in }
  ) -> GaussianFit {
    var design = GaussianFit.Design()
    design.covariance = covariance
    change(&design)
    return GaussianFit(target, design, using: RandomSource(seed: 1))
  }

  /// Steps of Adam along a cosine to 0.
  private static func train(_ fit: GaussianFit, steps: Int) throws {
    let rng = RandomSource(seed: 2)
    let adam = Adam(fit.parameters)
    let rate = Schedule.cosine(start: 0.05, end: 0, over: .steps(steps))
    for step in 0..<steps {
      let table = Recorder(clock: Clock(step: step), using: rng) { moves in
        for (player, loss) in moves {
          adam.step(
            gradients(of: loss.value.mean(), in: player.parameters.map(\.value)), rate: rate(Clock(step: step)))
        }
      }
      try fit.play(table)
    }
  }

  private static func bounds(_ fit: GaussianFit, _ count: Int = 20_000) -> [Double] {
    withoutGradients { fit.bound(count: count, using: RandomSource(seed: 3)) }.array()
  }

  /// The starting points are where a wider q than the target is.
  @Test(
    "the exponential of the bound averages to Z, before any training (false alarms: 1 in 10^6)",
    arguments: GaussianFit.Covariance.allCases)
  func weights(_ covariance: GaussianFit.Covariance) {
    let narrow = Target("narrow", columns: ["a", "b", "c"]) { ($0 - 0.2).square().sum(-1) * -2 + 1 }
    let fit = Self.fit(narrow, covariance)
    let rng = RandomSource(seed: 4)
    withoutGradients {
      for parameter in fit.parameters { parameter.value.addInPlace(rng.normal(parameter.value.shape) * 0.1) }
    }
    expectAverage(Self.bounds(fit, 200_000).map { exp($0) }, exp(1) * pow(2 * .pi / 4, 1.5))
  }

  @Test("full rank finds a Gaussian target: its mean, its covariance and log Z (false alarms: 1 in 10^6)")
  func full() throws {
    let fit = Self.fit(Correlated.target, .full)
    try Self.train(fit, steps: 1500)
    let q = try #require(fit.q as? FullRankGaussian)
    expectClose(q.mean, Correlated.mean, absolute: 0.02)
    let (a, b) = (Correlated.scales[0], Correlated.scales[1])
    let cross = Correlated.correlation * a * b
    expectClose(q.covariance, [a * a, cross, cross, b * b], absolute: 0.02, relative: 0.02)
    let (average, error) = averageAndError(Self.bounds(fit))
    let logZ = try #require(fit.target.logNormalizer)
    #expect(average > logZ - 0.002 && average < logZ + 5 * error + 1e-5, "\(average) ± \(error), log Z \(logZ)")
    let draws = fit.samples(count: 20_000, using: RandomSource(seed: 5))
    #expect(draws.shape == [20_000, 2] && !draws.requiresGradient)
  }

  @Test("mean field finds the inverse of the precision's diagonal, and stays below log Z by its closed form")
  func meanField() throws {
    let fit = Self.fit(Correlated.target, .diagonal)
    try Self.train(fit, steps: 1500)
    let q = try #require(fit.q as? DiagonalGaussian)
    let shrink = (1 - Correlated.correlation * Correlated.correlation).squareRoot()
    expectClose(q.mean, Correlated.mean, absolute: 0.03)
    expectClose(q.scale, Correlated.scales.map { $0 * shrink }, absolute: 0, relative: 0.03)
    let (average, error) = averageAndError(Self.bounds(fit))
    let logZ = try #require(fit.target.logNormalizer)
    expectClose(average, logZ + log(shrink), absolute: 0.005 + 5 * error)
  }

  @Test(
    "a step reads no data, every parameter has a gradient, and the loss is the bound with the entropy in closed form",
    arguments: GaussianFit.Covariance.allCases)
  func game(_ covariance: GaussianFit.Covariance) throws {
    let fit = Self.fit(Correlated.target, covariance) {
      ($0.draws, $0.temperature) = (20, .linear(start: 0, end: 1, until: .steps(4)))
    }
    #expect(fit.namedParameters.map(\.name).count == (covariance == .full ? 3 : 2))
    let z = fit.samples(count: 20, using: RandomSource(seed: 6))
    let logDensity = Correlated.target.logDensity(z)
    for (step, temperature) in [(1, 0.25), (9, 1.0)] {
      let table = Recorder(clock: Clock(step: step), using: RandomSource(seed: 6))
      try fit.play(table)
      #expect(table.feedsRead.isEmpty)
      let loss = table.loss(of: "fit")
      let entropy = log(2 * Double.pi * exp(1))
      expectClose(-loss.value, logDensity * temperature + entropy, absolute: 1e-5)
      expectClose(loss.terms[0].value, logDensity + entropy, absolute: 1e-5)
      #expect(loss.terms.map(\.key) == ["bound_nats", "entropy_nats"])
      for gradient in gradients(of: loss.value.mean(), in: fit.parameters.map(\.value)) {
        #expect(gradient.abs().max().item() > 0)
      }
    }
  }

  @Test("q starts at the mean of the target's starts, with the scale of its design")
  func start() throws {
    let target = Target(
      "far", columns: ["x", "y"], start: { count, rng in rng.normal([count, 2]) * 0.1 + 30 },
      logDensity: { $0.sum(-1) })
    let q = try #require(Self.fit(target, .diagonal) { $0.initialScale = 0.2 }.q as? DiagonalGaussian)
    expectClose(q.mean, [30, 30], absolute: 0.1)
    expectClose(q.scale, [0.2, 0.2], absolute: 1e-6)
  }

  @Test("the first step refuses a log density of another shape, or one that is NaN, in words")
  func refusals() throws {
    func message(_ formula: @escaping @Sendable (Tensor) -> Tensor) -> String {
      do {
        try Self.fit(Target("mine", columns: ["x"], logDensity: formula), .full) { $0.draws = 3 }
          .play(Recorder(using: RandomSource(seed: 7)))
        return "nothing"
      } catch { return "\(error)" }
    }
    #expect(
      message { $0 * -1 }
        == "target 'mine': expected [n] log densities for points [n, d], got shape [3, 1] for points [3, 1]")
    let found = message { ($0 * 0).sum(-1).log() * 0 }
    #expect(
      found.hasPrefix("target 'mine': expected finite numbers or -infinity, got NaN in row 0, at x = "), "\(found)")
  }

  @Test("a step leaves no tensor behind")
  func leaks() throws {
    let fit = Self.fit(Correlated.target, .full)
    try requireNoLeaks { try fit.play(Recorder(using: RandomSource(seed: 8))) }
  }
}
