import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@Suite("Autoregressive likelihoods") struct PixelLikelihoodTests {
  /// All images of `count` pixels with `levels` values each, `[levels^count] + shape`.
  private static func images(_ shape: [Int], levels: Int) -> Tensor {
    let pixels = shape.reduce(1, *)
    let count = Int(pow(Double(levels), Double(pixels)))
    let values = (0..<count).flatMap { image in
      (0..<pixels).map { Double(image / Int(pow(Double(levels), Double($0))) % levels) / Double(levels - 1) }
    }
    return Tensor(values, shape: [count] + shape)
  }

  static let enumerable: [(PixelCase, levels: Int)] = [
    (PixelCase(.gated, .bernoulli, [1, 3, 3], latent: 0), 2),
    (PixelCase(.gated, .bernoulli, [1, 3, 3], latent: 2), 2),
    (PixelCase(.gated, .categorical(levels: 3), [1, 2, 2], latent: 0), 3),
    (PixelCase(.gated, .categorical(levels: 3), [1, 2, 2], latent: 2), 3),
    (PixelCase(.gated, .categorical(levels: 3), [2, 1, 2], latent: 2), 3),
    (PixelCase(.plusPlus, .bernoulli, [1, 3, 3], latent: 2), 2),
    (PixelCase(.plusPlus, .logisticMixture(mixtures: 2), [1, 1, 2], latent: 0), 256),
    (PixelCase(.gated, .logisticMixture(mixtures: 3), [1, 2, 1], latent: 2), 256),
  ]

  @Test("the probabilities of all images sum to 1, whatever the code", arguments: enumerable)
  func mass(_ pixels: PixelCase, levels: Int) {
    let rng = RandomSource(seed: 1)
    let network = pixels.make(rng)
    network.convert(to: .float64)
    // Weights of their initial size hardly tell one image from another.
    withoutGradients { for parameter in network.parameters { parameter.value.multiplyInPlace(2) } }
    let z = pixels.latent == 0 ? nil : rng.normal([2, 1, pixels.latent], dtype: .float64)
    let p = AutoregressiveImage(network, pixels.family, given: z)
    let x = Self.images(pixels.shape, levels: levels)
    let log = withoutGradients { p.logProb(x) }
    #expect(log.shape == (z == nil ? [] : [2]) + [x.size(0)])
    expectClose(log.logSumExp(-1).exp(), .ones(z == nil ? [] : [2], dtype: .float64), absolute: 1e-9)
    #expect(log.variance(correction: 0).item() > 1e-4)
  }

  @Test("in colour, red is a mixture of its own, and green of red: the sum over those after them leaves them")
  func channelOrder() {
    let (mixtures, levels) = (2, 256)
    let parameters = RandomSource(seed: 1).normal([20, 1, 1], dtype: .float64)
    let p = DiscretizedLogisticMixture(parameters: parameters, channels: 3, mixtures: mixtures)
    let grid = Tensor.range(levels, dtype: .float64) * (2 / 255.0) - 1
    let red = grid.narrowed(0, 100..<101)
    func expanded(_ x: Tensor, _ axis: Int) -> Tensor {
      x.reshaped(axis == 0 ? [-1, 1] : [1, -1]).expanded([levels, levels]).reshaped([-1])
    }
    let x = Tensor.stacked([red.expanded([levels * levels]), expanded(grid, 0), expanded(grid, 1)], axis: 1)
    let sum = p.logProb(x.reshaped([-1, 3, 1, 1])).logSumExp(0)
    // Logits, then centres and log scales of red: what a grey mixture is made of.
    let grey = DiscretizedLogisticMixture(
      parameters: parameters.narrowed(0, 0..<3 * mixtures), channels: 1, mixtures: mixtures)
    expectClose(sum.item(), grey.logProb(red.reshaped([1, 1, 1])).item(), absolute: 1e-9)
  }

  @Test("leading axes of codes give what flattening them by hand gives")
  func leadingAxes() {
    for pixels in PixelCase.all where pixels.latent > 0 {
      let rng = RandomSource(seed: 1)
      let likelihood = AutoregressiveLikelihood(pixels.make(rng), pixels.family)
      let z = rng.normal([3, 4, pixels.latent])
      let x = rng.bernoulli(.full([4] + pixels.shape, 0.5))
      let repeated = Tensor.concatenated([x, x, x])
      let (together, flat) = (likelihood(z), likelihood(z.reshaped([12, pixels.latent])))
      expectClose(together.logProb(x).reshaped([12]), flat.logProb(repeated), absolute: 1e-4)
      #expect(together.sample([2], using: rng).shape == [2, 3, 4] + pixels.shape)
      #expect(together.mean.shape == [3, 4] + pixels.shape)
      #expect(together.portrait(using: rng).shape == [3, 4] + pixels.shape)
    }
  }

  /// 4000 draws of 4 binary pixels: 16 images; the chi-squared with 15 degrees of freedom exceeds 44.3 once in 10^4.
  @Test("draws are as frequent as their probabilities say")
  func frequencies() {
    let rng = RandomSource(seed: 1)
    let network = PixelCase(.gated, .bernoulli, [1, 2, 2], latent: 0).make(rng)
    withoutGradients { for parameter in network.parameters { parameter.value.multiplyInPlace(3) } }
    let p = AutoregressiveImage(network, .bernoulli)
    let count = 4000
    let draws = p.sample([count], using: rng).reshaped([count, 4]).matmul(
      Tensor([Float(1), 2, 4, 8]).reshaped([4, 1]))
    let expected = withoutGradients { p.logProb(Self.images([1, 2, 2], levels: 2).to(.float32)) }.exp().array(
      Double.self)
    var observed = [Double](repeating: 0, count: 16)
    for draw in draws.array(Float.self) { observed[Int(draw)] += 1 }
    let statistic = zip(observed, expected).reduce(0) { sum, pair in
      sum + pow(pair.0 - Double(count) * pair.1, 2) / (Double(count) * pair.1)
    }
    #expect(statistic < 44.3)
  }

  @Test("a mean is an image of means in [0, 1], and grey where draws differ")
  func means() {
    for pixels in PixelCase.all {
      let rng = RandomSource(seed: 1)
      let z = pixels.latent == 0 ? nil : rng.normal([2, pixels.latent])
      let mean = AutoregressiveImage(pixels.make(rng), pixels.family, given: z).mean
      #expect(mean.min().item() >= 0 && mean.max().item() <= 1)
      let isAgain = mean.isEqual(to: mean.round())
      #expect(!isAgain)
    }
  }

  @Test("likelihoods say what they are in one line")
  func summaries() {
    func summary(_ pixels: PixelCase) -> String {
      AutoregressiveLikelihood(pixels.make(RandomSource(seed: 1)), pixels.family).summary
    }
    #expect(
      summary(PixelCase(.gated, .bernoulli, [1, 4, 4], latent: 2))
        == "Bernoulli, gated PixelCNN, 3 layers of 4 maps, kernel 7, sees 5 rows above, "
        + "given a code of 2, z / sqrt(1 + |z|^2 / 18), at every layer")
    #expect(
      summary(PixelCase(.gated, .categorical(levels: 256), [1, 4, 4], latent: 2, isSpatial: true))
        == "categorical (256 levels), gated PixelCNN, 3 layers of 4 maps, kernel 7, sees 5 rows above, "
        + "given a code of 2, z / sqrt(1 + |z|^2 / 18), through DCGAN 2 to 3 maps to 2x4x4")
    #expect(
      summary(PixelCase(.plusPlus, .logisticMixture(mixtures: 5), [3, 4, 4], latent: 2))
        == "mixture of 5 discretized logistics, PixelCNN++ without strides, 3 blocks of 4 maps up and down, "
        + "sees 15 rows above, given a code of 2, z / sqrt(1 + |z|^2 / 18), at every layer")
  }

  /// Gated, 2 layers of 3 maps on one channel: rows 3x7 and 2x3, pixels 3 and 2 columns, links, residuals, head.
  private static let gated: Int = {
    let first = (21 * 6 + 6) + 36 + (3 * 6 + 6) + (9 + 3)
    let later = (3 * 6 * 6 + 6) + 36 + (3 * 2 * 6 + 6) + (9 + 3)
    return first + later + (9 + 3)
  }()

  /// PixelCNN++, 1 block of 2 maps up and down on 2 input channels.
  private static let plusPlus: Int = {
    // Weights, biases and lengths of weights.
    let entry = (2 * 6 * 2 + 2 + 2) + (2 * 3 * 2 + 2 + 2) + (2 * 2 * 2 + 2 + 2)
    let rows = (4 * 6 * 2 + 2 + 2) + (4 * 6 * 4 + 4 + 4)
    let pixels = (4 * 4 * 2 + 2 + 2) + (4 * 4 * 4 + 4 + 4)
    return entry + 2 * (rows + pixels) + 2 * (4 * 2 + 2) + 2 * (4 * 2 + 2)
  }()

  private static func likelihood(
    _ kind: PixelCase.Kind, _ family: PixelFamily, layers: Int, maps: Int, using rng: RandomSource
  ) -> AutoregressiveLikelihood {
    AutoregressiveLikelihood(
      PixelCase(kind, family, [1, 3, 3], latent: 2, layers: layers, maps: maps).make(rng), family)
  }

  static let modules: [ModuleCase] = [
    ModuleCase("gated PixelCNN, Bernoulli", parameters: gated + (3 + 1) + 2 * 24) {
      likelihood(.gated, .bernoulli, layers: 2, maps: 3, using: $0)
    } inputs: {
      [$0.normal([4, 2]), $0.uniform([4, 1, 3, 3])]
    } apply: {
      $0($1[0]).logProb($1[1])
    },
    ModuleCase("gated PixelCNN, categorical", parameters: gated + (4 * 3 + 4) + 2 * 24) {
      likelihood(.gated, .categorical(levels: 4), layers: 2, maps: 3, using: $0)
    } inputs: {
      [$0.normal([4, 2]), ($0.uniform([4, 1, 3, 3]) * 3).round().to(.int64)]
    } apply: {
      $0($1[0]).logProb($1[1].to($1[0].dtype) / 3)
    },
    ModuleCase("PixelCNN++, mixture of logistics", parameters: plusPlus + (2 * 6 + 6 + 6) + 2 * 16) {
      likelihood(.plusPlus, .logisticMixture(mixtures: 2), layers: 1, maps: 2, using: $0)
    } inputs: {
      [$0.normal([4, 2]), ($0.uniform([4, 1, 3, 3]) * 255).round().to(.int64)]
    } apply: {
      $0($1[0]).logProb($1[1].to($1[0].dtype) / 255)
    },
  ]

  @Test("autoregressive likelihoods are good modules", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("in bf16 the likelihood is float32 and near the exact one")
  func precision() {
    let rng = RandomSource(seed: 1)
    for kind in [PixelCase.Kind.gated, .plusPlus] {
      let likelihood = Self.likelihood(kind, .bernoulli, layers: 2, maps: 3, using: rng)
      let (z, x) = (rng.normal([4, 2]), rng.bernoulli(.full([4, 1, 3, 3], 0.5)))
      let exact = likelihood(z).logProb(x)
      let rounded = withPrecision(.bf16, on: .cpu) { likelihood(z).logProb(x) }
      #expect(rounded.dtype == .float32)
      expectClose(rounded, exact, absolute: 0.1)
    }
  }
}
