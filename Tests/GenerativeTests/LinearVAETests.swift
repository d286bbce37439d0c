import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

/// A VAE whose networks are linear is probabilistic PCA: Tipping & Bishop 1999; Lucas et al. 2019.
@Suite("Linear VAE") struct LinearVAETests {
  private static let eigenvalues = [4.0, 2, 1, 0.5, 0.25]

  /// Ten points whose covariance, divided by their number, has those eigenvalues, turned.
  private static func points() -> Tensor {
    let diagonal = eigenvalues.enumerated().flatMap { index, value -> [[Double]] in
      let far = (Double(eigenvalues.count) * value).squareRoot()
      return [far, -far].map { end in eigenvalues.indices.map { $0 == index ? end : 0 } }
    }
    let turn = RandomSource(seed: 1).normal([5, 5], dtype: .float64)
    let axes = (turn + turn.transposed).symmetricEigen().vectors
    return Tensor(diagonal.flatMap(\.self), shape: [10, 5]).matmul(axes)
  }

  /// The bound per row, nats: E_q log p(x|z) of a linear decoder has a closed form.
  private static func bound(
    _ model: Autoencoder<GaussianNetwork, ClosedFormKL>, _ x: Tensor, logScale: Tensor
  ) -> Double {
    let q = model.qz(x)
    let start = model.px(.zeros([1, 2], dtype: .float64)).mean  // [1, 5]
    let columns = model.px(Tensor([1.0, 0, 0, 1], shape: [2, 2])).mean - start  // [2, 5]
    let error = (x - start - q.mean.matmul(columns)).square().sum(1)
    let spread = q.scale.square().matmul(columns.square().sum(1, keepAxes: true)).squeezed(1)
    let precision = (logScale * -2).exp()
    let constant: Double = 0.5 * Foundation.log(2 * Double.pi)
    let norm = (logScale + constant) * Double(eigenvalues.count)
    let logLikelihood = (error + spread) * precision * -0.5 - norm
    return (logLikelihood - kl(q, model.pz)).mean().item()
  }

  @Test("it comes to the noise and the bound of probabilistic PCA: sigma^2 = .583333, -7.325919 per row (within .003)")
  func probabilisticPCA() throws {
    let rng = RandomSource(seed: 2)
    let model = Autoencoder(
      qz: GaussianNetwork(MLP([5], hidden: [], using: rng), dimension: 2, using: rng),
      px: NetworkLikelihood(MLP([2], hidden: [], using: rng), .gaussian(.shared), shape: [5], using: rng),
      pz: StandardNormal(2, dtype: .float64), regularizer: ClosedFormKL(), samples: 32)
    model.convert(to: .float64)
    let x = Self.points()
    // -(log|C| + d log 2 pi + d) / 2 with C of the two largest eigenvalues and the mean of the others.
    let noise = Self.eigenvalues.dropFirst(2).reduce(0, +) / 3
    let logDet: Double = Foundation.log(8) + 3 * Foundation.log(noise)
    let evidence: Double = -0.5 * (logDet + 5 * Foundation.log(2 * Double.pi) + 5)
    expectClose([noise, evidence], [0.583333, -7.325919], absolute: 1e-6)
    let adam = Adam(model.parameters, options: Adam.Options())
    let steps = 4000
    for step in 0..<steps {
      let table = Recorder([.main: Batch(x: x)], using: rng) { moves in
        let rate: Double = 0.2 * Foundation.pow(0.005, Double(step) / Double(steps))
        adam.step(gradients(of: moves[0].1.value.mean(), in: model.parameters.map(\.value)), rate: rate)
      }
      try model.play(table)
    }
    let logScale = try #require(model.namedParameters.first { $0.name == "px.logScale" }).parameter.value.detached()
    expectClose(Foundation.exp(2 * logScale.item()), noise, absolute: 0.003)
    let found = Self.bound(model, x, logScale: logScale)
    #expect(found <= evidence + 1e-9)
    expectClose(found, evidence, absolute: 0.003)
  }
}
