import Probability
import TestSupport
import Testing
import Torch

/// What every distribution promises, over a table of all of them: a new one is a line in the table.
@Suite("Distributions") struct DistributionTests {
  static let table: [DistributionCase] = [
    DistributionCase(
      "DiagonalGaussian of one number", event: [1], support: .box(-6, 8),
      parameters: [Tensor([0.7], shape: [1]), Tensor([-0.3], shape: [1])]
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1]) },
    DistributionCase(
      "DiagonalGaussian of two numbers", event: [2], support: .box(-9, 9),
      parameters: [Tensor([0.7, -1.2]), Tensor([-0.3, 0.2])]
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1]) },
    DistributionCase(
      "DiagonalGaussian over two axes, one scale", event: [1, 2], support: .box(-7, 7),
      parameters: [Tensor([0.7, -1.2], shape: [1, 2]), Tensor([-0.3], shape: [1, 1])]
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1], eventRank: 2) },
    DistributionCase("StandardNormal", event: [2], support: .box(-8, 8)) { _, dtype in
      StandardNormal(2, dtype: dtype)
    },
    DistributionCase(
      "Bernoulli", event: [4], support: .points(bits(4)), parameters: [Tensor([-2, 0.5, 0, 1.5])]
    ) { p, _ in Bernoulli(logits: p[0]) },
    DistributionCase(
      "Bernoulli of images", event: [1, 2, 3], support: .points(bits(6)),
      parameters: [Tensor([-2, 0.5, 0, 1.5, -0.3, 3], shape: [1, 2, 3])]
    ) { p, _ in Bernoulli(logits: p[0], eventRank: 3) },
    DistributionCase(
      "DiscretizedLogistic", event: [1], support: .points(levels(256)),
      parameters: [Tensor([0.45]), Tensor([-3.0])], meanError: 1e-5
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1]) },
    DistributionCase(
      "DiscretizedLogistic narrower than a bin", event: [1], support: .points(levels(256)),
      parameters: [Tensor([0.4515]), Tensor([-7.0])], meanError: 0.5 / 255,
      differenceError: 2e-5
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1]) },
    DistributionCase(
      "DiscretizedLogistic wider than the range", event: [1], support: .points(levels(256)),
      parameters: [Tensor([0.3]), Tensor([1.0])], meanError: 0.5
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1]) },
    DistributionCase(
      "DiscretizedLogistic centred outside", event: [1], support: .points(levels(256)),
      parameters: [Tensor([1.1]), Tensor([-2.0])], meanError: 0.1
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1]) },
    DistributionCase(
      "DiscretizedLogistic of two levels", event: [1], support: .points(levels(2)),
      parameters: [Tensor([0.3]), Tensor([-1.0])], meanError: 0.5
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1], levels: 2) },
    DistributionCase(
      "DiscretizedLogistic of five levels, an image of two pixels", event: [1, 1, 2],
      support: .points(levels(5).flatMap { x in levels(5).map { x + $0 } }),
      parameters: [
        Tensor([0.3, 0.8], shape: [1, 1, 2]), Tensor([-1.5, -2.5], shape: [1, 1, 2]),
      ],
      meanError: 0.125
    ) { p, _ in DiscretizedLogistic(location: p[0], logScale: p[1], levels: 5, eventRank: 3) },
    DistributionCase(
      "CategoricalLevels", event: [2], support: .points(levels(3).flatMap { x in levels(3).map { x + $0 } }),
      parameters: [Tensor([0.3, -1, 0.8, 2, 0, -0.5], shape: [2, 3])]
    ) { p, _ in CategoricalLevels(logits: p[0]) },
    DistributionCase(
      "CategoricalLevels of images", event: [1, 1, 2],
      support: .points(levels(4).flatMap { x in levels(4).map { x + $0 } }),
      parameters: [Tensor([0.3, -1, 0.8, 2, 0, -0.5, 1, 0.1], shape: [1, 4, 1, 2])]
    ) { p, _ in CategoricalLevels(logits: p[0], eventRank: 3) },
  ]

  /// All vectors of `count` zeros and ones.
  private static func bits(_ count: Int) -> [[Double]] {
    (0..<1 << count).map { number in (0..<count).map { Double(number >> $0 & 1) } }
  }

  /// The values of a discretized distribution.
  private static func levels(_ count: Int) -> [[Double]] {
    (0..<count).map { [Double($0) / Double(count - 1)] }
  }

  @Test("draws have shape count + batch + event, log densities count + batch", arguments: table)
  func shapes(_ test: DistributionCase) {
    for dtype in [DType.float32, .float64] {
      let (distribution, batch) = test.batch(dtype)
      #expect(distribution.mean.shape == batch + test.event)
      for count in [[], [5], [4, 1]] {
        let draws = distribution.sample(count, using: RandomSource(seed: 1))
        #expect(draws.shape == count + batch + test.event)
        #expect(draws.dtype == dtype)
        let logProb = distribution.logProb(draws)
        #expect(logProb.shape == count + batch)
        #expect(logProb.dtype == dtype)
      }
    }
  }

  @Test("one value is scored under every member of a batch alike", arguments: table)
  func broadcasting(_ test: DistributionCase) {
    let (distribution, batch) = test.batch()
    let value = test.one().sample([], using: RandomSource(seed: 2))
    let alone = test.one().logProb(value)
    expectClose(distribution.logProb(value), alone.expanded(batch), absolute: 1e-12)
    // Many values under one distribution, and one value under many distributions.
    let many = test.one().sample([7], using: RandomSource(seed: 3))
    let separate = (0..<7).map { test.one().logProb(many.at($0)) }
    expectClose(test.one().logProb(many), Tensor.stacked(separate), absolute: 1e-12)
  }

  @Test("the mass sums to 1", arguments: table)
  func mass(_ test: DistributionCase) {
    let (values, volume, _) = test.nodes
    let total = test.one().logProb(values).exp().sum().item() * volume
    expectClose(total, 1, absolute: 1e-9)
  }

  @Test("draws fit the density (false alarms: 1 in 10^6)", arguments: table)
  func draws(_ test: DistributionCase) {
    let (values, volume, cells) = test.nodes
    var probabilities = [Double](repeating: 0, count: cells.max()! + 1)
    for (cell, mass) in zip(cells, test.one().logProb(values).exp().array(Double.self)) {
      probabilities[cell] += mass * volume
    }
    let size = test.event.reduce(1, *)
    let draws = test.one().sample([20_000], using: RandomSource(seed: 4)).array(Double.self)
    var counts = [Int](repeating: 0, count: probabilities.count)
    var outside = 0
    for start in stride(from: 0, to: draws.count, by: size) {
      if let cell = test.cell(Array(draws[start..<start + size])) {
        counts[cell] += 1
      } else {
        outside += 1
      }
    }
    #expect(outside == 0)
    expectFrequencies(counts, probabilities: probabilities, falseAlarms: 1e-6)
  }

  @Test(
    "the average of the draws is the expectation (false alarms: 1 in 10^6), and so is mean",
    arguments: table)
  func means(_ test: DistributionCase) {
    let (values, volume, _) = test.nodes
    let size = test.event.reduce(1, *)
    let flat = values.reshaped([-1, size])
    let weights = test.one().logProb(values).exp() * volume
    let expectation = (flat * weights.unsqueezed(1)).sum(0).array(Double.self)
    let draws = test.one().sample([20_000], using: RandomSource(seed: 5)).reshaped([-1, size])
    let mean = test.one().mean.array(Double.self)
    for component in 0..<size {
      expectAverage(
        draws.at(component, axis: 1).array(Double.self), expectation[component], bias: 1e-9)
      expectClose(mean[component], expectation[component], absolute: 1e-9 + test.meanError)
    }
  }

  @Test(
    "the gradient of the log density in parameters and value is that of differences",
    arguments: table)
  func gradients(_ test: DistributionCase) {
    let value = test.one().sample([3], using: RandomSource(seed: 6))
    checkGradients(of: test.parameters + [value], tolerance: test.differenceError) { inputs in
      test.make(Array(inputs.dropLast()), .float64).logProb(inputs.last!).sum()
    }
  }

  @Test("the gradient of pathwise draws is that of differences at fixed noise", arguments: table)
  func pathwise(_ test: DistributionCase) {
    guard test.one() is any PathwiseSampler, !test.parameters.isEmpty else { return }
    checkGradients(of: test.parameters) { parameters in
      let sampler = test.make(parameters, .float64) as! any PathwiseSampler
      // The square keeps the gradient of the mean from being a constant.
      return sampler.rsample([3], using: RandomSource(seed: 7)).square().sum()
    }
  }

  @Test("no gradient flows through sample, and equal seeds give equal draws", arguments: table)
  func sampling(_ test: DistributionCase) {
    let parameters = test.parameters.map { $0.to(.float64).clone().requiringGradient() }
    let distribution = test.make(parameters, .float64)
    let draw = distribution.sample([50], using: RandomSource(seed: 8))
    #expect(!draw.requiresGradient)
    let isSame = draw.isEqual(to: distribution.sample([50], using: RandomSource(seed: 8)))
    #expect(isSame)
    let isOther = !draw.isEqual(to: distribution.sample([50], using: RandomSource(seed: 9)))
    #expect(isOther)
    if let sampler = distribution as? any PathwiseSampler {
      let isPathwise = draw.isEqual(to: sampler.rsample([50], using: RandomSource(seed: 8)))
      #expect(isPathwise)
    }
  }

  /// float32 carries 1e-7 relative; the values themselves are off by as much, which narrow densities
  /// multiply by their slope (1 / scale, here at most e^7).
  @Test("float32 gives the log density of float64", arguments: table)
  func precision(_ test: DistributionCase) {
    let value = test.one().sample([20], using: RandomSource(seed: 10))
    expectClose(
      test.one(.float32).logProb(value.to(.float32)), test.one().logProb(value), absolute: 1e-3,
      relative: 1e-5)
  }
}
