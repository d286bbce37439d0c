import Datasets
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

/// Draws whose density nobody knows: noise beside the input goes through a network.
private struct ImplicitPosterior: PathwiseSampler {
  let x: Tensor
  let network: MLP

  func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
    let noise = rng.normal(count + [x.size(0), 2], dtype: x.dtype)
    return network(
      Tensor.concatenated([x.expanded(count + x.shape), noise], axis: -1))
  }
}

private final class ImplicitEncoder: Conditional {
  private let network: MLP

  init(using rng: RandomSource) {
    network = MLP([3 + 2], hidden: [4, 2], activation: .tanh, using: rng)
  }

  func callAsFunction(_ x: Tensor) -> ImplicitPosterior {
    ImplicitPosterior(x: x, network: network)
  }
}

/// Half the mean square of the codes.
private struct SquaredCodes: LatentRegularizer {
  let formula = "E |z|^2 / 2"
  let isPerSample = true
  let value = PenaltyValue.distance

  func penalty(_ drawn: Drawn<ImplicitPosterior, StandardNormal>, using rng: RandomSource) -> Tensor {
    drawn.z.square().sum(-1) * 0.5
  }
}

@Suite("Implicit posteriors") struct ImplicitPosteriorTests {
  // `regularizer: ClosedFormKL()` does not compile here: the encoder's output is no `DiagonalGaussian`. Nor does
  // `MonteCarloKL<ImplicitPosterior, StandardNormal>()`: it is no `ScoredSampler`.
  private func model() -> Autoencoder<ImplicitEncoder, SquaredCodes> {
    let rng = RandomSource(seed: 1)
    return Autoencoder(
      qz: ImplicitEncoder(using: rng),
      px: NetworkLikelihood(
        MLP([2], hidden: [4], using: rng), .bernoulli, shape: [3], using: rng),
      pz: StandardNormal(2), regularizer: SquaredCodes(), samples: 3)
  }

  @Test(
    "an autoencoder takes an encoder without a density, and does not claim an explicit posterior")
  func capabilities() {
    let model = model()
    #expect(!(model is any ExplicitPosterior))
    let x = RandomSource(seed: 2).uniform([5, 3])
    #expect(model.bound(x, using: RandomSource(seed: 3)).shape == [5])
  }

  @Test("its code of an example is a draw, the same for the same stream")
  func encoding() {
    let model = model()
    let x = RandomSource(seed: 2).uniform([5, 3])
    let draws = [4, 4, 5].map { model.encode(x, using: RandomSource(seed: $0)) }
    #expect(draws[0].shape == [5, 2])
    #expect(!draws[0].requiresGradient)
    let (same, other) = (draws[0].isEqual(to: draws[1]), draws[0].isEqual(to: draws[2]))
    #expect(same)
    #expect(!other)
  }

  @Test("the gradient reaches every parameter of the encoder through the draws")
  func pathwise() {
    let model = model()
    let bound = model.bound(
      RandomSource(seed: 2).uniform([5, 3]), using: RandomSource(seed: 3))
    for gradient in gradients(of: bound, in: model.qz.parameters.map(\.value)) {
      #expect(gradient.abs().max().item() > 0)
    }
  }
}
