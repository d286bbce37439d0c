import Evaluation
import TestSupport
import Testing
import Torch

@Suite("Support vector machine")
struct SVMProbeTests {
  @Test(
    "every prediction is scikit-learn's",
    arguments: [
      ("linear", .linear, 1), ("rbf", .rbf(gamma: nil), 10), ("rbfNarrow", .rbf(gamma: 0.5), 2),
    ] as [(String, SVMKernel, Double)])
  func reference(_ name: String, _ kernel: SVMKernel, _ cost: Double) throws {
    let fixture = try ProbeFixture.load()
    let probe = try SVMProbe(kernel: kernel, cost: cost)
    let expected = try #require(fixture.svm[name])
    #expect(try probe.predictions(train: fixture.train(), test: fixture.test()) == expected)
    let errors = zip(expected, fixture.testY).count { $0 != $1 }
    expectClose(try probe.errorRate(train: fixture.train(), test: fixture.test()), Double(errors) / 40)
  }

  @Test("gamma is 1 / (d var(x)), as scikit-learn's 'scale'")
  func gamma() throws {
    let fixture = try ProbeFixture.load()
    let train = try fixture.train()
    let gamma = try #require(try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).gamma(for: train.x))
    expectClose(gamma, fixture.svmGamma, relative: 1e-12)
    #expect(try SVMProbe(kernel: .linear, cost: 1).gamma(for: train.x) == nil)
    #expect(try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).gamma(for: Tensor.ones([3, 2], dtype: .float64)) == 1)
  }

  @Test("standardizing makes the scale of a feature irrelevant")
  func standardized() throws {
    let fixture = try ProbeFixture.load()
    let factors = Tensor([1.0, 1e6, 1e-6])
    let probe = try SVMProbe(kernel: .rbf(gamma: nil), cost: 1, standardizes: true)
    func scaled(_ rows: LabelledRows) throws -> LabelledRows {
      try LabelledRows(x: rows.x * factors, y: Tensor(rows.y.map(Int64.init)), name: "scaled")
    }
    let (train, test) = (try fixture.train(), try fixture.test())
    #expect(
      try probe.predictions(train: scaled(train), test: scaled(test)) == probe.predictions(train: train, test: test))
  }

  @Test("an exclusive or is beyond a line, within a radial kernel")
  func exclusiveOr() throws {
    let rows = try labelled([[0, 0], [1, 1], [0, 1], [1, 0]], [0, 0, 1, 1])
    #expect(try SVMProbe(kernel: .rbf(gamma: 2), cost: 100).errorRate(train: rows, test: rows) == 0)
    #expect(try SVMProbe(kernel: .linear, cost: 100).errorRate(train: rows, test: rows) > 0)
  }

  @Test("one point, one class and constant features have their values")
  func degenerate() throws {
    for kernel in [SVMKernel.linear, .rbf(gamma: nil)] {
      let probe = try SVMProbe(kernel: kernel, cost: 1, standardizes: true)
      let one = try labelled([[1, 2]], [4])
      #expect(try probe.errorRate(train: one, test: one) == 0)
      #expect(try probe.errorRate(train: one, test: labelled([[0, 0], [1, 1]], [4, 9])) == 0.5)
      let constant = try labelled([[3], [3], [3]], [0, 0, 1])
      // Nothing tells the rows apart: the class that more of them have.
      #expect(try probe.predictions(train: constant, test: constant) == [0, 0, 0])
    }
  }

  @Test("impossible settings are refused")
  func refusals() throws {
    #expect(throws: MetricError("svm-probe: expected C > 0, got 0.0")) { try SVMProbe(kernel: .linear, cost: 0) }
    #expect(throws: MetricError("svm-probe: expected gamma > 0, got -1.0")) {
      try SVMProbe(kernel: .rbf(gamma: -1), cost: 1)
    }
    let one = try labelled([[1, 2]], [4])
    #expect(throws: MetricError("svm-probe: expected test rows of 2 features, as in training, got 1")) {
      try SVMProbe(kernel: .linear, cost: 1).errorRate(train: one, test: labelled([[1]], [4]))
    }
  }
}
