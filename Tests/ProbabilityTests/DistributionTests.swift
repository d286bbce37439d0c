import Probability
import TestSupport
import Testing
import Torch

/// What every distribution promises, over a table of all of them: a new one is a line in the table.
@Suite("Distributions") struct DistributionTests {
  static let table: [DistributionCase] = [
    DistributionCase(
      "DiagonalGaussian of one number", event: [1], support: .box(-6, 8),
      parameters: [Tensor([0.7], shape: [1]), Tensor([-0.3], shape: [1])], draws: .scored
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1]) },
    DistributionCase(
      "DiagonalGaussian of two numbers", event: [2], support: .box(-9, 9),
      parameters: [Tensor([0.7, -1.2]), Tensor([-0.3, 0.2])], draws: .scored
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1]) },
    DistributionCase(
      "DiagonalGaussian over two axes, one scale", event: [1, 2], support: .box(-7, 7),
      parameters: [Tensor([0.7, -1.2], shape: [1, 2]), Tensor([-0.3], shape: [1, 1])], draws: .scored
    ) { p, _ in DiagonalGaussian(mean: p[0], logScale: p[1], eventRank: 2) },
    DistributionCase("StandardNormal", event: [2], support: .box(-8, 8), draws: .pathwise) { _, dtype in
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
    // Wider than the cube: outside of it there is neither mass nor a draw.
    DistributionCase("UniformPrior", event: [2], support: .box(-2, 2), draws: .pathwise) { _, dtype in
      UniformPrior(2, dtype: dtype)
    },
    DistributionCase(
      "UniformPrior of one number from 0.25 to 1.75", event: [1], support: .box(0, 2), draws: .pathwise
    ) { _, dtype in UniformPrior(1, low: 0.25, high: 1.75, dtype: dtype) },
    DistributionCase("CategoricalPrior of equal classes", event: [5], support: .points(oneHot(5))) { _, dtype in
      CategoricalPrior(5, dtype: dtype)
    },
    DistributionCase(
      "CategoricalPrior", event: [4], support: .points(oneHot(4)), parameters: [Tensor([-1, 0.5, 0, 1.5])]
    ) { p, _ in CategoricalPrior(logits: p[0]) },
    DistributionCase("BernoulliPrior of fair coins", event: [3], support: .points(bits(3))) { _, dtype in
      BernoulliPrior(3, dtype: dtype)
    },
    DistributionCase(
      "BernoulliPrior of logits", event: [3], support: .points(bits(3)), parameters: [Tensor([-1, 0.3, 2])]
    ) { p, _ in BernoulliPrior(logits: p[0]) },
    DistributionCase("BernoulliPrior", event: [4], support: .points(bits(4))) { _, dtype in
      BernoulliPrior(4, probability: 0.2, dtype: dtype)
    },
    DistributionCase("MixedPrior of numbers", event: [2], support: .box(-8, 8)) { _, dtype in
      MixedPrior([StandardNormal(1, dtype: dtype), UniformPrior(1, low: -2, high: 3, dtype: dtype)])
    },
    DistributionCase(
      "MixedPrior of classes", event: [5], support: .points(oneHot(3).flatMap { x in bits(2).map { x + $0 } })
    ) { _, dtype in
      MixedPrior([
        CategoricalPrior(logits: Tensor([0.4, -1, 0]).to(dtype)),
        BernoulliPrior(2, probability: 0.3, dtype: dtype),
      ])
    },
  ]

  /// All vectors of `count` zeros and ones.
  private static func bits(_ count: Int) -> [[Double]] {
    (0..<1 << count).map { number in (0..<count).map { Double(number >> $0 & 1) } }
  }

  /// The rows of the identity.
  private static func oneHot(_ count: Int) -> [[Double]] {
    (0..<count).map { one in (0..<count).map { $0 == one ? 1 : 0 } }
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

  /// Without this a distribution that loses a capability would drop out of the tests of it in silence.
  @Test("what a distribution can do is what the table declares", arguments: table)
  func capabilities(_ test: DistributionCase) {
    let distribution = test.one()
    #expect(distribution is any PathwiseSampler == (test.draws != .plain))
    #expect(distribution is any ScoredSampler == (test.draws == .scored))
  }

  @Test(
    "the gradient of pathwise draws is that of differences at fixed noise, and is not 0",
    arguments: table.filter { $0.draws != .plain && !$0.parameters.isEmpty })
  func pathwise(_ test: DistributionCase) throws {
    _ = try #require(test.one() as? any PathwiseSampler)
    func loss(_ parameters: [Tensor]) -> Tensor {
      let sampler = test.make(parameters, .float64) as! any PathwiseSampler
      // The square keeps the gradient of the mean from being a constant.
      return sampler.rsample([3], using: RandomSource(seed: 7)).square().sum()
    }
    let leaves = test.parameters.map { $0.clone().requiringGradient() }
    try #require(loss(leaves).requiresGradient)
    for gradient in Torch.gradients(of: loss(leaves), in: leaves) {
      #expect(gradient.abs().max().item() > 0)
    }
    checkGradients(of: test.parameters, loss)
  }

  @Test(
    "scored draws are rsample and the log density of it, bit for bit, with the gradients of both",
    arguments: table.filter { $0.draws == .scored })
  func scored(_ test: DistributionCase) throws {
    for (distribution, batch) in [(test.one(), []), test.batch(), test.batch(.float32)] {
      let sampler = try #require(distribution as? any ScoredSampler)
      for count in [[], [5], [4, 1]] {
        let (value, logProb) = sampler.rsampleScored(count, using: RandomSource(seed: 11))
        #expect(value.shape == count + batch + test.event)
        #expect(logProb.shape == count + batch)
        let isDraw = value.isEqual(to: sampler.rsample(count, using: RandomSource(seed: 11)))
        #expect(isDraw)
        let isLogProb = logProb.isEqual(to: distribution.logProb(value))
        #expect(isLogProb)
      }
    }
    let leaves = test.parameters.map { $0.clone().requiringGradient() }
    let sampler = try #require(test.make(leaves, .float64) as? any ScoredSampler)
    let (value, logProb) = sampler.rsampleScored([3], using: RandomSource(seed: 12))
    try #require(value.requiresGradient && logProb.requiresGradient)
    let plain = sampler.sampleScored([3], using: RandomSource(seed: 12))
    #expect(!plain.value.requiresGradient && !plain.logProb.requiresGradient)
    let isSame = plain.value.isEqual(to: value) && plain.logProb.isEqual(to: logProb)
    #expect(isSame)
    checkGradients(of: test.parameters) { parameters in
      let sampler = test.make(parameters, .float64) as! any ScoredSampler
      let (value, logProb) = sampler.rsampleScored([3], using: RandomSource(seed: 7))
      return value.square().sum() + logProb.square().sum()
    }
  }

  @Test("no gradient flows through sample, and equal seeds give equal draws", arguments: table)
  func sampling(_ test: DistributionCase) throws {
    let parameters = test.parameters.map { $0.to(.float64).clone().requiringGradient() }
    let distribution = test.make(parameters, .float64)
    let draw = distribution.sample([50], using: RandomSource(seed: 8))
    #expect(!draw.requiresGradient)
    let isSame = draw.isEqual(to: distribution.sample([50], using: RandomSource(seed: 8)))
    #expect(isSame)
    let isOther = !draw.isEqual(to: distribution.sample([50], using: RandomSource(seed: 9)))
    #expect(isOther)
    if test.draws != .plain {
      let sampler = try #require(distribution as? any PathwiseSampler)
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
