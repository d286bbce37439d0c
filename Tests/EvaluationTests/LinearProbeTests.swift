import Evaluation
import TestSupport
import Testing
import Torch

@Suite("Logistic regression")
struct LinearProbeTests {
  @Test("weights, bias and error rate are scikit-learn's")
  func reference() throws {
    let fixture = try ProbeFixture.load()
    let probe = try LinearProbe(train: fixture.train(), l2: fixture.logistic.l2, tolerance: 1e-9)
    expectClose(probe.weights.narrowed(0, 0..<3).transposed, matrix(fixture.logistic.weights), absolute: 1e-5)
    // A common shift of all biases changes nothing: both are centred.
    let bias = probe.weights.at(3)
    let expected = Tensor(fixture.logistic.bias)
    expectClose(bias - bias.mean(), expected - expected.mean(), absolute: 1e-5)
    expectClose(try probe.errorRate(fixture.test()), fixture.logistic.error)
    #expect(probe.gradientNorm <= 1e-9)
  }

  @Test("no neighbour of the solution has a lower objective")
  func optimum() throws {
    let fixture = try ProbeFixture.load()
    let train = try fixture.train()
    let probe = try LinearProbe(train: train, l2: 0.1, tolerance: 1e-9)
    let z = (train.x - train.x.mean(0)) / train.x.variance(0, correction: 0).sqrt()
    let targets = (train.y.map { Int64(probe.classes.firstIndex(of: $0) ?? 0) })
    func objective(_ w: Tensor) -> Double {
      let features = w.narrowed(0, 0..<3)
      let logits = z.matmul(features) + w.narrowed(0, 3..<4)
      let chosen = logits.logSoftmax(1).taken(Tensor(targets).unsqueezed(1), along: 1)
      return 0.05 * features.square().sum().item() - chosen.mean().item()
    }
    let step = 1e-4
    for i in 0..<12 {
      var unit = [Double](repeating: 0, count: 12)
      unit[i] = step
      let shift = Tensor(unit, shape: [4, 3])
      let slope = (objective(probe.weights + shift) - objective(probe.weights - shift)) / (2 * step)
      expectClose(slope, 0, absolute: 1e-8)
    }
  }

  @Test("the default tolerance is scikit-learn's, and predicts as the optimum does")
  func tolerance() throws {
    let fixture = try ProbeFixture.load()
    let (quick, exact) = (
      try LinearProbe(train: fixture.train(), l2: 0.01),
      try LinearProbe(train: fixture.train(), l2: 0.01, tolerance: 1e-9)
    )
    #expect(quick.gradientNorm <= 1e-4 && quick.steps <= exact.steps)
    expectClose(quick.weights, exact.weights, absolute: 2e-2)
    #expect(quick.predictions(try fixture.test().x) == exact.predictions(try fixture.test().x))
  }

  @Test("separable classes are separated at the default penalty")
  func separable() throws {
    let rows = try labelled([[0, 1], [1, 1], [5, 1], [6, 1], [12, 1], [13, 1]], [2, 2, -3, -3, 9, 9])
    #expect(try LinearProbe(train: rows).errorRate(rows) == 0)
  }

  @Test("one point, one class and constant features have their values")
  func degenerate() throws {
    let one = try labelled([[1, 2]], [4])
    #expect(try LinearProbe(train: one).errorRate(labelled([[1, 2], [0, 0]], [4, 5])) == 0.5)
    let constant = try labelled([[3], [3], [3]], [0, 1, 1])
    #expect(try LinearProbe(train: constant).errorRate(constant) == 1.0 / 3)
  }

  @Test("impossible settings are refused")
  func refusals() throws {
    let rows = try labelled([[0], [1]], [0, 1])
    #expect(throws: MetricError("linear-probe: expected l2 >= 0, got -1.0")) { try LinearProbe(train: rows, l2: -1) }
    #expect(throws: MetricError("linear-probe: expected a tolerance > 0, got 0.0")) {
      try LinearProbe(train: rows, tolerance: 0)
    }
    #expect(throws: MetricError("linear-probe: expected test rows of 1 features, as in training, got 2")) {
      try LinearProbe(train: rows).errorRate(labelled([[0, 1]], [0]))
    }
  }
}
