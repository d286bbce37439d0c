import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("DiscretizedLogistic") struct DiscretizedLogisticTests {
  /// The difference of the distribution function at a bin's ends, as the definition has it.
  private func naive(_ value: Double, _ location: Double, _ logScale: Double, levels: Int) -> Double {
    let half = 0.5 / Double(levels - 1)
    func below(_ x: Double) -> Double { 1 / (1 + exp(-(x - location) / exp(logScale))) }
    let lower = value < half ? 0 : below(value - half)
    let upper = value > 1 - half ? 1 : below(value + half)
    return log(upper - lower)
  }

  /// Where the bin's mass is 1e-4 or more, the difference keeps 12 of its 16 digits.
  @Test("the log mass is the log of the distribution function's difference where that is accurate")
  func differences() {
    var compared = 0
    for levels in [2, 3, 16, 256] {
      let values = (0..<levels).map { Double($0) / Double(levels - 1) }
      for location in [-0.2, 0, 0.31, 0.5, 1, 1.4] {
        for logScale in [-6, -3, -1, 0, 2.0] {
          let distribution = DiscretizedLogistic(
            location: Tensor(location, dtype: .float64),
            logScale: Tensor(logScale, dtype: .float64),
            levels: levels, eventRank: 0)
          let logProb = distribution.logProb(Tensor(values)).array(Double.self)
          for (value, actual) in zip(values, logProb) where actual > log(1e-4) {
            expectClose(
              actual, naive(value, location, logScale, levels: levels), absolute: 1e-10, relative: 0
            )
            compared += 1
          }
        }
      }
    }
    // Most masses of 256 levels under the widest scales lie below the limit; enough are above.
    #expect(compared > 3000)
  }

  /// With u = (value - location) / scale >> 1 the mass is e^-u (e^(w/2) - e^(-w/2)), w the width over the scale.
  @Test("far from its centre the log mass falls in a straight line, where the difference is 0")
  func tails() {
    let location = 0.1
    let scale = 1e-3
    let distribution = DiscretizedLogistic(
      location: Tensor(location, dtype: .float64),
      logScale: Tensor(Foundation.log(scale), dtype: .float64), eventRank: 0)
    let value = 128 / 255.0
    #expect(naive(value, location, Foundation.log(scale), levels: 256) == -.infinity)
    let width = 1 / 255.0 / scale
    let expected = -(value - location) / scale + log(exp(width / 2) - exp(-width / 2))
    expectClose(distribution.logProb(Tensor(value)).item(), expected, absolute: 1e-9)
  }

  @Test("log masses and gradients are finite in float32 from scales of e^-40 to e^40, near and far")
  func extremes() {
    let values = Tensor([Float(0), 1 / 255, 0.5, 254 / 255, 1])
    for logScale in [-40, -20, -7, 0, 10, 40.0] {
      for location in [-1000, -1, 0, 0.5, 1, 2, 1000.0] {
        let parameters = [location, logScale].map { Tensor($0).requiringGradient() }
        let logProb = DiscretizedLogistic(
          location: parameters[0], logScale: parameters[1], eventRank: 0
        ).logProb(values)
        let isFinite = logProb.isFinite().all().item() == 1
        #expect(isFinite, "location \(location), log scale \(logScale): \(logProb)")
        for gradient in gradients(of: logProb, in: parameters) {
          #expect(gradient.item().isFinite, "location \(location), log scale \(logScale)")
        }
      }
    }
  }

  /// The branch of the other bins is evaluated at the edges too; its gradient must not leak into theirs.
  @Test("the gradient at the edges is that of the edge's own branch", arguments: [-40, -7, 0, 5.0])
  func edges(logScale: Double) {
    let location = Tensor(0.3, dtype: .float64).requiringGradient()
    let logProb = DiscretizedLogistic(
      location: location, logScale: Tensor(logScale, dtype: .float64), eventRank: 0
    ).logProb(Tensor([0, 1.0]))
    let scale = exp(logScale)
    let half = 0.5 / 255
    // d/dl log sigmoid((h - l)/s) = -sigmoid(-(h - l)/s)/s, and d/dl log sigmoid((l - 1 + h)/s) = sigmoid(...)/s.
    let expected = [
      -1 / (1 + exp((half - 0.3) / scale)) / scale, 1 / (1 + exp((0.3 - 1 + half) / scale)) / scale,
    ]
    for index in 0..<2 {
      let gradient = gradients(of: logProb.at(index), in: [location], retainGraph: true)[0]
      expectClose(gradient.item(), expected[index], relative: 1e-10)
    }
  }

  @Test("fewer than two levels end the process with their message")
  func levels() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = DiscretizedLogistic(location: Tensor(0), logScale: Tensor(0), levels: 1, eventRank: 0) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("DiscretizedLogistic: expected at least 2 levels, got 1"))
  }
}
