import Datasets
import Foundation
import Generative
import Networks
import Probability
import Torch

extension Identity {
  /// Lemma 2 of Hu et al. 2018: the bound of a VAE, Eq. 17, is Eq. 19 under the perfect discriminator, in value and in the
  /// gradient of all parameters.
  ///
  /// The left side is what the library's `Autoencoder` descends, the right side Eq. 19 over real and generated examples
  /// with D = 1 and 0, each part as it stands there, twice, less its constant: 2 log p(y) and log p_data of generated
  /// examples. The data are all states of a few pixels, so that both sides take the whole expectation over them; codes
  /// are drawn alike. The terms are the constant, the lengths of both gradients and the largest difference of a number in
  /// them.
  ///
  /// - Parameter seed: of weights, codes and generated examples.
  public static func lemma2(seed: UInt64) throws -> Identity {
    let world = SmallWorld(seed: seed)
    let parameters = world.model.parameters.map(\.value)
    let table = Recorder([.main: Batch(x: world.states)], using: world.noise)
    try world.model.play(table)
    let bound = -table.loss(of: "autoencoder").value.mean()
    let left = (bound.item(), gradients(of: bound, in: parameters))

    let objective = world.objective(realness: (of: 1, 0)) * 2
    let constant = -2 * log(2) + world.logUniform
    let right = (objective.item() - constant, gradients(of: objective, in: parameters))
    func length(_ slopes: [Tensor]) -> Double { slopes.reduce(0) { $0 + $1.square().sum().item() }.squareRoot() }
    let difference = zip(left.1, right.1).map { ($0 - $1).abs().flattened(from: 0).max(0).item() }.max() ?? 0
    return try Identity(
      "lemma-2", left: left.0, right: right.0,
      holds: agree(left.0, right.0) && difference <= tolerance * max(1, length(left.1)),
      terms: [
        .init("constant", constant), .init("left_gradient", length(left.1)), .init("right_gradient", length(right.1)),
        .init("gradient_difference", difference),
      ])
  }
}

/// A VAE in float64 and all states of its few pixels, which are equally likely.
private struct SmallWorld {
  let model: Autoencoder<GaussianNetwork, ClosedFormKL>
  /// All states, `[2^pixels, pixels]`.
  let states: Tensor
  private let seed: UInt64

  private static let pixels = 4
  private static let latent = 2
  private static let width = 5

  init(seed: UInt64) {
    self.seed = seed
    let rng = RandomSource(seed: seed)
    model = Autoencoder(
      qz: GaussianNetwork(
        MLP([Self.pixels], hidden: [Self.width], activation: .tanh, using: rng), dimension: Self.latent, using: rng),
      px: NetworkLikelihood(
        MLP([Self.latent], hidden: [Self.width], activation: .tanh, using: rng), .bernoulli, shape: [Self.pixels],
        using: rng),
      pz: StandardNormal(Self.latent, dtype: .float64), regularizer: ClosedFormKL())
    model.convert(to: .float64)
    let count = 1 << Self.pixels
    states = Tensor(
      (0..<count).flatMap { state in (0..<Self.pixels).map { Double(state >> $0 & 1) } }, shape: [count, Self.pixels])
  }

  /// The stream that both sides draw codes from, from its start.
  var noise: RandomSource { RandomSource(seed: seed &+ 1) }

  /// log p_data(x) of any state.
  var logUniform: Double { -Double(Self.pixels) * log(2) }

  /// Eq. 19: the mean over real and generated x of E_q(z|x,y) q^r(y|x) log p(x|z,y) - KL(q(z|x,y) q^r(y|x), p(z|y) p(y)).
  ///
  /// For y = 1 codes have no parameters: q(z|x,y=1) is p(z|y=1), and p(x|z,y=1) the data.
  ///
  /// - Parameter realness: D of real and of generated x; q^r(y=0|x) is D(x).
  func objective(realness: (of: Double, generated: Double)) -> Tensor {
    let made = withoutGradients {
      let rng = RandomSource(seed: seed &+ 2)
      return model.px(model.pz.sample([states.size(0)], using: rng)).sample([], using: rng)
    }
    let real = term(states, realness.of, noise)
    let generated = term(made, realness.generated, RandomSource(seed: seed &+ 3))
    return (real.mean() + generated.mean()) * 0.5
  }

  private func term(_ x: Tensor, _ realness: Double, _ rng: RandomSource) -> Tensor {
    let q = model.qz(x)
    let model0 = model.px(q.rsample([], using: rng)).logProb(x) - kl(q, model.pz)  // [n]
    return weighted(realness, model0) + weighted(1 - realness, Tensor.full([x.size(0)], logUniform, dtype: .float64))
  }

  /// q^r(y|x) (value - log q^r(y|x) + log p(y)), which is 0 where q^r(y|x) is.
  private func weighted(_ share: Double, _ value: Tensor) -> Tensor {
    share == 0 ? value * 0 : (value - log(share) - log(2)) * share
  }
}
