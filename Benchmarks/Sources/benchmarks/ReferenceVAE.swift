import Datasets
import Generative
import Networks
import Probability
import Torch

/// The VAE 784-500-500-50 with a Bernoulli likelihood: the model of the step benchmarks.
enum ReferenceVAE {
  static let shape = [1, 28, 28]
  static let hidden = [500, 500]
  static let latent = 50
  static let batch = 100

  /// The model with fresh parameters.
  static func model() -> Autoencoder<GaussianNetwork, ClosedFormKL> {
    let rng = RandomSource(seed: 1)
    return Autoencoder(
      qz: GaussianNetwork(
        MLP(shape, hidden: hidden, using: rng), dimension: latent, using: rng),
      px: NetworkLikelihood(
        MLP([latent], hidden: hidden, using: rng), .bernoulli, shape: shape, using: rng),
      pz: StandardNormal(latent), regularizer: ClosedFormKL())
  }

  /// As many bytes as MNIST has, drawn at random: what they show makes no difference to the time.
  static func examples(binary: Bool) throws -> Examples {
    let count = 60_000
    let draws = RandomSource(seed: 2).bits(count * 784 / 8).bytes()
    return try Examples(
      name: "random bytes", storage: .bytes(binary ? draws.map { $0 & 1 } : draws), shape: shape,
      isBinary: binary)
  }
}

/// The matrix products of one training step, counted and run.
///
/// A layer of `inputs` and `outputs` has three products of `batch x inputs x outputs` multiply-adds, each two
/// operations: its result, the gradient of its weight, and the gradient of its input. The first layer needs no
/// gradient of its input. Elementwise work, the loss and the optimizer are not counted.
struct StepProducts {
  private struct Layer {
    let x, weight, gradient: Tensor
    let isFirst: Bool
  }

  private let layers: [Layer]
  /// Floating-point operations of one step's products.
  let flops: Double

  init(of model: any Module, batch: Int) {
    let rng = RandomSource(seed: 3)
    let shapes = model.parameters.map(\.value.shape).filter { $0.count == 2 }
    layers = shapes.enumerated().map { index, shape in
      Layer(
        x: rng.normal([batch, shape[1]]), weight: rng.normal(shape),
        gradient: rng.normal([batch, shape[0]]),
        isFirst: index == 0)
    }
    flops = shapes.enumerated().reduce(0) { sum, layer in
      sum + 2 * Double(batch * layer.element[0] * layer.element[1]) * (layer.offset == 0 ? 2 : 3)
    }
  }

  /// The products of one step, one after the other and nothing else.
  func run() {
    withoutGradients {
      for layer in layers {
        _ = layer.x.linear(weight: layer.weight, bias: nil)
        _ = layer.gradient.permuted(1, 0).matmul(layer.x)
        if !layer.isFirst { _ = layer.gradient.matmul(layer.weight) }
      }
    }
  }

  /// A square product, which shows what the machine can do at best.
  static func square(_ side: Int) -> (flops: Double, run: () -> Void) {
    let rng = RandomSource(seed: 4)
    let (a, b) = (rng.normal([side, side]), rng.normal([side, side]))
    return (2 * Double(side * side * side), { withoutGradients { _ = a.matmul(b) } })
  }
}
