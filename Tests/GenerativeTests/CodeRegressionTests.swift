import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Regression on codes") struct CodeRegressionTests {
  /// g(u) = w u + b of one number.
  private static func line(_ loss: RegressionLoss) -> CodeRegression {
    CodeRegression(
      NetworkLikelihood(
        MLP([1], hidden: [], using: RandomSource(seed: 1)), .gaussian(.fixed(1)), shape: [1],
        using: RandomSource(seed: 2)), loss: loss)
  }

  /// x = u + Exp(1) of 4000 pairs.
  private static func pairs() -> Batch {
    let rng = RandomSource(seed: 3)
    let u = rng.normal([4000, 1])
    let noise = rng.uniform([4000, 1]).clamped(1e-7, 1).log() * -1
    return Batch(x: u + noise, codes: u)
  }

  /// The slope and the intercept after gradient descent on all pairs.
  private static func fitted(_ loss: RegressionLoss) throws -> (slope: Double, intercept: Double, residual: Tensor) {
    let (model, batch) = (line(loss), pairs())
    let adam = Adam(model.parameters)
    for step in 0..<1500 {
      let rate = step < 1000 ? 0.02 : 0.001
      let table = Recorder([.main: batch], using: RandomSource(seed: 4)) { moves in
        for (player, loss) in moves {
          adam.step(gradients(of: loss.value.mean(), in: player.parameters.map(\.value)), rate: rate)
        }
      }
      try model.play(table)
    }
    let ends = withoutGradients { model.predict(Tensor([0.0, 1], shape: [2, 1]).to(.float32)) }.array(Double.self)
    return (ends[1] - ends[0], ends[0], withoutGradients { batch.x - model.predict(batch.codes!) })
  }

  @Test(
    "noise that is Exp(1): half the squared error finds u + 1, the absolute error u + log 2; its variance is 1 in both")
  func exponential() throws {
    for (loss, shift) in [(RegressionLoss.squared, 1.0), (.absolute, 0.693147)] {
      let (slope, intercept, residual) = try Self.fitted(loss)
      #expect(abs(slope - 1) < 0.05, "\(loss.formula): slope \(slope)")
      #expect(abs(intercept - shift) < 0.05, "\(loss.formula): intercept \(intercept)")
      let noise = ResidualNoise(.full, shape: [1])
      var sums = ResidualNoise.Sums()
      noise.add(residual, to: &sums)
      noise.estimate(sums)
      let variance = try #require(noise.covariance).item()
      // That of the draws themselves, which is 1 but for chance.
      let batch = Self.pairs()
      let own = (batch.x - batch.codes!).variance(0, correction: 0).item()
      #expect(abs(own - 1) < 0.2 && abs(variance - own) < 0.01, "\(loss.formula): variance \(variance), \(own) drawn")
    }
  }

  @Test("a loss of one's own is the one that is descended")
  func ownLoss() throws {
    let (model, batch) = (Self.line(RegressionLoss("(x - g)^4") { ($0 - $1).square().square().sum(1) }), Self.pairs())
    let table = Recorder([.main: batch], using: RandomSource(seed: 1))
    try model.play(table)
    let g = model.predict(try #require(batch.codes))
    expectClose(table.loss(of: "regression").value, (batch.x - g).square().square().sum(1).array(Double.self))
    #expect(model.card.players[0].loss == "E (x - g)^4,  u ~ q(u|x)")
  }

  @Test("residuals: mean and covariance (divisor n) of what was added in pieces, drawn as they are")
  func residuals() throws {
    let rng = RandomSource(seed: 7)
    let mix = Tensor([1.0, 0, 0.5, 0.3], shape: [2, 2]).to(.float32)
    let e = rng.normal([3000, 2]).matmul(mix) + 0.25
    let rows = e.to(.float64)
    let centred = rows - rows.mean(0)
    let exact = (centred.transposed.matmul(centred) / 3000).array(Double.self)
    for kind in [ResidualNoise.Kind.full, .diagonal] {
      let noise = ResidualNoise(kind, shape: [2])
      var sums = ResidualNoise.Sums()
      noise.add(e.narrowed(0, 0..<1000), to: &sums)
      noise.add(e.narrowed(0, 1000..<3000), to: &sums)
      noise.estimate(sums)
      let found = try #require(noise.covariance).array(Double.self)
      let expected = kind == .full ? exact : [exact[0], exact[3]]
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4, "\(kind): \(found), not \(expected)") }
      let drawn = noise.added(to: .zeros([200_000, 2]), using: rng).to(.float64)
      let middle = drawn.mean(0)
      #expect(abs(middle.at(0).item() - 0.25) < 0.05 && abs(middle.at(1).item() - 0.25) < 0.05)
      let spread = drawn - middle
      let again = (spread.transposed.matmul(spread) / 200_000).array(Double.self)
      let wanted = kind == .full ? exact : [exact[0], 0, 0, exact[3]]
      for (a, b) in zip(again, wanted) { #expect(abs(a - b) < 0.02, "\(kind): \(again), not \(wanted)") }
    }
    let none = ResidualNoise(.none, shape: [2])
    #expect(none.covariance == nil && none.namedTensors.isEmpty)
    #expect(none.added(to: e, using: rng).array(Double.self) == e.array(Double.self))
  }

  @Test("a direction without variance has no noise, and no bad number")
  func singular() throws {
    let e = Tensor((0..<40).flatMap { [Double($0), 2 * Double($0), 3] }, shape: [40, 3]).to(.float32)
    let noise = ResidualNoise(.full, shape: [3])
    var sums = ResidualNoise.Sums()
    noise.add(e, to: &sums)
    noise.estimate(sums)
    let drawn = noise.added(to: .zeros([50, 3]), using: RandomSource(seed: 1)).array(Double.self)
    let isFinite = drawn.allSatisfy(\.isFinite)
    #expect(isFinite)
    for row in 0..<50 {
      #expect(abs(drawn[3 * row + 1] - 2 * drawn[3 * row]) < 0.05 && abs(drawn[3 * row + 2] - 3) < 1e-3)
    }
  }
}
