import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

/// The modules that return distributions.
@Suite("Conditional distributions") struct ConditionalTests {
  @Test("variances by a softplus are softplus(1) + 1e-5 where features are 0, and Glorot's weights move them")
  func softplusVariances() {
    let rng = RandomSource(seed: 1)
    // Without biases and with a rectifier, an input of zeros has features of zeros.
    let network = JointMLP([3], hidden: [40], initialization: .glorotNormal(gain: 1), using: rng)
    let q = JointGaussian(network, dimension: 50, heads: .softplus, using: rng)
    let start = q([Tensor.zeros([1, 3])])
    expectClose(start.scale.square(), Tensor.full([1, 50], log1p(M_E) + 1e-5), absolute: 1e-5)
    expectClose(start.mean, Tensor.zeros([1, 50]), absolute: 0)
    let heads = q.namedParameters.first { $0.name == "heads.weight" }!.parameter.value
    // sqrt(2 / (40 + 50)), within five standard errors of 4000 draws.
    #expect(abs(heads.variance(correction: 0).item().squareRoot() - 0.14907) < 0.0085)
    // However far features pull, a variance stays above 1e-5.
    withoutGradients { heads.multiplyInPlace(1e6) }
    #expect(q([Tensor.full([1, 3], 10)]).scale.square().min().item() >= 0.99e-5)
    let plain = JointGaussian(network, dimension: 50, using: rng)
    expectClose(plain([Tensor.zeros([1, 3])]).scale, Tensor.full([1, 50], 1), absolute: 0)
  }

  /// Every family with every scale, and how many parameters that adds to a network of 3 features for 8 dimensions.
  static let observations: [(LikelihoodFamily, parameters: Int, summary: String)] = {
    let affine = 3 * 8 + 8
    let scales: [(LikelihoodScale, Int, String)] = [
      (.fixed(0.3), affine, "scale 0.3"), (.shared, affine + 1, "one learned scale"),
      (.perDimension, affine + 8, "a learned scale per dimension"),
      (.predicted, 2 * affine, "predicted scale"),
    ]
    return [(.bernoulli, affine, "Bernoulli, MLP 2-3-8")]
      + scales.map { scale, count, name in
        (
          .gaussian(scale), count,
          "Gaussian (\(name)), MLP 2-3-\(scale == .predicted ? 16 : 8)"
        )
      }
      + scales.map { scale, count, name in
        (
          .discretizedLogistic(scale, levels: 16), count,
          "discretized logistic (16 levels, \(name)), MLP 2-3-\(scale == .predicted ? 16 : 8)"
        )
      } + [(.categorical(levels: 4), 4 * affine, "categorical (4 levels), MLP 2-3-32")]
  }()

  private static func likelihood(
    _ observation: LikelihoodFamily, shape: [Int], using rng: RandomSource
  ) -> NetworkLikelihood {
    NetworkLikelihood(
      MLP([2], hidden: [3], activation: .tanh, using: rng), observation, shape: shape, using: rng)
  }

  static let modules: [ModuleCase] =
    observations.map { observation, parameters, summary in
      ModuleCase("Likelihood: \(summary)", parameters: 2 * 3 + 3 + parameters) {
        likelihood(observation, shape: [2, 2, 2], using: $0)
      } inputs: {
        [$0.normal([4, 2]), $0.uniform([4, 2, 2, 2])]
      } apply: { likelihood, inputs in
        likelihood(inputs[0]).logProb(inputs[1])
      }
    } + [
      ModuleCase("GaussianNetwork", parameters: 3 * 4 + 4 + 2 * (4 * 2 + 2)) {
        GaussianNetwork(MLP([3], hidden: [4], activation: .elu, using: $0), dimension: 2, using: $0)
      } inputs: {
        [$0.normal([5, 3])]
      } apply: { network, inputs in
        let q = network(inputs[0])
        return Tensor.concatenated([q.mean, q.logScale], axis: 1)
      },
      ModuleCase(
        "Likelihood over DCGANDecoder, predicted scale",
        parameters: 3 * 8 + 8 + 2 * 2 + 2 * 25 * 2 + 2
      ) {
        NetworkLikelihood(
          DCGANDecoder(3, imageShape: [2, 4, 4], channels: [2], using: $0), .gaussian(.predicted),
          shape: [1, 4, 4], using: $0)
      } inputs: {
        [$0.normal([3, 3]), $0.normal([3, 1, 4, 4])]
      } apply: {
        $0($1[0]).logProb($1[1])
      },
    ]

  @Test("every conditional distribution is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("leading axes of codes give what flattening them by hand gives")
  func leadingAxes() {
    for (observation, _, summary) in Self.observations {
      let rng = RandomSource(seed: 1)
      let likelihood = Self.likelihood(observation, shape: [2, 2, 2], using: rng)
      let z = rng.normal([3, 4, 2])
      let x = rng.uniform([4, 2, 2, 2])
      let together = likelihood(z)
      let flat = likelihood(z.reshaped([12, 2]))
      #expect(together.mean.shape == [3, 4, 2, 2, 2], "\(summary)")
      expectClose(together.mean.reshaped([12, 2, 2, 2]), flat.mean)
      let repeated = Tensor.concatenated([x, x, x])
      expectClose(together.logProb(x).reshaped([12]), flat.logProb(repeated), absolute: 1e-5)
      #expect(together.sample([], using: rng).shape == [3, 4, 2, 2, 2], "\(summary)")
    }
  }

  @Test(
    "leading axes of codes go through a DCGAN decoder like a longer batch, in training too",
    arguments: [false, true])
  func leadingAxesOfImages(training: Bool) {
    let rng = RandomSource(seed: 1)
    // The decoder itself: a likelihood gives its result the axes of z in any case.
    let decoder = DCGANDecoder(2, imageShape: [1, 8, 8], channels: [4, 3], using: rng)
    let z = rng.normal([3, 4, 2])
    func image(_ z: Tensor) -> Tensor {
      training ? TrainingMode.run { decoder(z) } : decoder(z)
    }
    expectClose(image(z), image(z.reshaped([12, 2])).reshaped([3, 4, 1, 8, 8]))
  }

  @Test("features as many as the dimensions of x still get their affine layer")
  func affine() {
    let rng = RandomSource(seed: 1)
    let likelihood = NetworkLikelihood(
      MLP([2], hidden: [3], using: rng), .gaussian(.fixed(1)), shape: [3], using: rng)
    // Behind a ReLU no mean could be negative.
    #expect(likelihood(rng.normal([100, 2])).mean.min().item() < 0)
    #expect(likelihood.parameterCount == 2 * 3 + 3 + 3 * 3 + 3)
  }

  @Test("an image of the right shape is taken as it is")
  func image() {
    let rng = RandomSource(seed: 1)
    let decoder = DCGANDecoder(2, imageShape: [3, 8, 8], channels: [4, 3], using: rng)
    let likelihood = NetworkLikelihood(decoder, .gaussian(.fixed(1)), shape: [3, 8, 8], using: rng)
    let z = rng.normal([2, 2])
    let isSame = likelihood(z).mean.isEqual(to: decoder(z))
    #expect(isSame)
    #expect(likelihood.parameterCount == decoder.parameterCount)
  }

  @Test(
    "scales are what was asked for: fixed, one, one per dimension, or the second half of the channels"
  )
  func scales() throws {
    let z = RandomSource(seed: 2).normal([4, 2])
    func gaussian(_ scale: LikelihoodScale) throws -> (DiagonalGaussian, NetworkLikelihood) {
      let likelihood = Self.likelihood(
        .gaussian(scale), shape: [2, 2, 2], using: RandomSource(seed: 1))
      return (try #require(likelihood(z) as? DiagonalGaussian), likelihood)
    }
    expectClose(try gaussian(.fixed(0.3)).0.scale.item(), 0.3)
    #expect(try gaussian(.shared).0.logScale.array() == [Float(-2)])
    #expect(try gaussian(.perDimension).0.logScale.array() == [Float](repeating: -2, count: 8))
    #expect(try gaussian(.perDimension).0.logScale.shape == [2, 2, 2])
    // The affine layer's 16 outputs are two maps of means, then two of log scales.
    let (predicted, likelihood) = try gaussian(.predicted)
    let tensors = Dictionary(
      uniqueKeysWithValues: likelihood.namedTensors.map { ($0.name, $0.tensor) })
    let h = z.linear(
      weight: try #require(tensors["network.layers.0.weight"]),
      bias: tensors["network.layers.0.bias"]
    ).tanh()
    let raw = h.linear(weight: try #require(tensors["output.weight"]), bias: tensors["output.bias"])
    expectClose(predicted.mean.reshaped([4, 8]), raw.narrowed(1, 0..<8))
    expectClose(predicted.logScale.reshaped([4, 8]), raw.narrowed(1, 8..<16))
  }

  @Test("the second half of a Gaussian network's head is a log variance")
  func logVariance() throws {
    let rng = RandomSource(seed: 1)
    let network = GaussianNetwork(MLP([1], hidden: [], using: rng), dimension: 1, using: rng)
    try network.load(
      [
        "heads.weight": Tensor([2.0, 0.5], shape: [2, 1]), "heads.bias": Tensor([1.0, -1.0]),
      ], from: "test")
    let q = network(Tensor([Float(3)], shape: [1, 1]))
    expectClose(q.mean.item(), 7)
    expectClose(q.scale.square().item(), exp(0.5 * 3 - 1))
    #expect(network.summary == "Gaussian, MLP 1-1")
  }

  /// bfloat16 keeps 8 bits: a product of three layers is off by about 1 in 100 of the terms' size.
  @Test("in bf16 the products are rounded and the distributions are float32, as are the gradients")
  func precision() {
    func make(_ rng: RandomSource) -> (GaussianNetwork, [NetworkLikelihood]) {
      (
        GaussianNetwork(MLP([5], hidden: [16], using: rng), dimension: 2, using: rng),
        Self.observations.map { Self.likelihood($0.0, shape: [2, 2, 2], using: rng) } + [
          NetworkLikelihood(
            DCGANDecoder(2, imageShape: [2, 8, 8], channels: [4], using: rng), .bernoulli,
            shape: [2, 8, 8], using: rng)
        ]
      )
    }
    let (encoder, likelihoods) = make(RandomSource(seed: 1))
    let rng = RandomSource(seed: 2)
    let input = rng.normal([6, 5])
    let z = rng.normal([6, 2])
    let exact = encoder(input)
    withPrecision(.bf16, on: .cpu) {
      let q = encoder(input)
      #expect(q.mean.dtype == .float32 && q.logScale.dtype == .float32)
      expectClose(q.mean, exact.mean, absolute: 0.02)
      let isRounded = !q.mean.isEqual(to: exact.mean)
      #expect(isRounded)
    }
    for likelihood in likelihoods {
      let x = rng.uniform([6] + likelihood.shape)
      let parameters = likelihood.parameters.map(\.value)
      let exact = gradients(of: likelihood(z).logProb(x).mean(), in: parameters)
      let rounded = withPrecision(.bf16, on: .cpu) {
        let p = likelihood(z)
        #expect(p.mean.dtype == .float32)
        #expect(p.logProb(x).dtype == .float32)
        return gradients(of: p.logProb(x).mean(), in: parameters)
      }
      for (rounded, exact) in zip(rounded, exact) {
        #expect(rounded.dtype == .float32)
        expectClose(
          rounded, exact, absolute: 0.05 * (1e-2 + exact.abs().max().item()), relative: 0.05)
      }
    }
  }

  @Test("likelihoods say what they are in one line")
  func summaries() {
    for (observation, _, summary) in Self.observations {
      let likelihood = Self.likelihood(observation, shape: [2, 2, 2], using: RandomSource(seed: 1))
      #expect(likelihood.summary == summary)
    }
  }
}
