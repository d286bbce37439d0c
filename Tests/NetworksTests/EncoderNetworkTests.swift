import Foundation
import Probability
import TestSupport
import Testing
import Torch

@testable import Networks

/// Networks of encoders of which a regression is easy: convolutions of odd sides, inputs beside features, statistics of
/// pairs; and the likelihood behind them.
@Suite("Networks of informative encoders") struct EncoderNetworkTests {
  static let modules: [ModuleCase] = [
    // 7x5 to 4x3 to 2x2: 3 x 2 x 2 features.
    ModuleCase("ConvEncoder of odd sides", parameters: 16 * 2 + 2 + 2 * 16 * 3 + 3 + 12 * 4 + 4) {
      ConvEncoder([1, 7, 5], channels: [2, 3], hidden: [4], activation: .tanh, using: $0)
    } inputs: {
      [$0.normal([3, 1, 7, 5])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("ConvDecoder of odd sides", parameters: 2 * 12 + 12 + 3 * 2 * 16 + 2 + 2 * 16 + 1) {
      ConvDecoder(2, imageShape: [1, 7, 5], channels: [3, 2], hidden: [], activation: .tanh, using: $0)
    } inputs: {
      [$0.normal([3, 2])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("JoinedInput", parameters: 6 * 4 + 4) {
      JoinedInput(MLP([2, 3], hidden: [4], activation: .tanh, using: $0), inputShape: [2, 3])
    } inputs: {
      [$0.normal([5, 2, 3])]
    } apply: {
      $0($1[0])
    },
    // phi: 4 to 6 and 6 to 6 with biases, 4 to 6 without, norm; psi the same of 2.
    ModuleCase("PairStatistic", parameters: 2 * (6 + 36 + 6 + 12) + 2 * (4 * 6 + 2 * 6), tolerance: 1e-5) {
      PairStatistic(4, 2, units: 6, using: $0)
    } inputs: {
      [$0.normal([3, 2, 4]), $0.normal([3, 2])]
    } apply: {
      $0($1[0], $1[1])
    },
  ]

  @Test("every network is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("a stage of kernels of 4 sees an odd side with a line of zeros at its end, and even sides as they are")
  func oddSides() {
    let rng = RandomSource(seed: 1)
    let encoder = ConvEncoder([2, 7, 4], channels: [3], hidden: [], activation: .identity, using: rng)
    let named = Dictionary(uniqueKeysWithValues: encoder.namedParameters.map { ($0.name, $0.parameter.value) })
    let x = rng.normal([2, 2, 7, 4])
    let framed = Tensor.concatenated([x, .zeros([2, 2, 1, 4])], axis: 2)
    let expected = framed.conv2d(
      weight: named["convolutions.0.weight"]!, bias: named["convolutions.0.bias"]!, stride: 2, padding: 1)
    #expect(expected.shape == [2, 3, 4, 2])
    expectClose(encoder(x), expected.flattened(from: 1))
    // The paper's Fashion-MNIST: 28, 14, 7, 4 and back.
    let deep = ConvEncoder([1, 28, 28], channels: [2, 2, 3], hidden: [], activation: .relu, using: rng)
    #expect(
      deep.layerShapes == [[2, 14, 14], [2, 7, 7], [3, 4, 4]] && deep(rng.normal([2, 1, 28, 28])).shape == [2, 48])
    let back = ConvDecoder(5, imageShape: [1, 28, 28], channels: [3, 2, 2], hidden: [], using: rng)
    #expect(back(rng.normal([4, 2, 5])).shape == [4, 2, 1, 28, 28])
  }

  @Test("a decoder's odd side is the even one without its last line")
  func cut() {
    let rng = RandomSource(seed: 2)
    let decoder = ConvDecoder(3, imageShape: [1, 7, 8], channels: [2], hidden: [], using: rng)
    let named = Dictionary(uniqueKeysWithValues: decoder.namedParameters.map { ($0.name, $0.parameter.value) })
    let z = rng.normal([2, 3])
    let h = z.linear(weight: named["dense.layers.0.weight"]!, bias: named["dense.layers.0.bias"]!).relu()
    let whole = h.reshaped([2, 2, 4, 4]).convTranspose2d(
      weight: named["convolutions.0.weight"]!, bias: named["convolutions.0.bias"]!, stride: 2, padding: 1,
      outputPadding: 0)
    expectClose(decoder(z), whole.narrowed(2, 0..<7))
  }

  @Test("a decoder with batch norm is its layers with the batch's moments between them, but for the last")
  func normalizedDecoder() {
    let rng = RandomSource(seed: 5)
    let decoder = ConvDecoder(
      3, imageShape: [1, 8, 8], channels: [3, 2], hidden: [], isNormalized: true, using: rng)
    #expect(decoder.summary.hasSuffix(", batch norm"))
    let named = Dictionary(uniqueKeysWithValues: decoder.namedParameters.map { ($0.name, $0.parameter.value) })
    func standardized(_ h: Tensor) -> Tensor {
      let count = Double(h.count / h.size(1))
      let mean = h.sum(0, 2, 3, keepAxes: true) / count
      let variance = (h - mean).square().sum(0, 2, 3, keepAxes: true) / count
      return (h - mean) / (variance + 1e-5).sqrt()
    }
    func doubled(_ h: Tensor, _ index: Int) -> Tensor {
      h.convTranspose2d(
        weight: named["convolutions.\(index).weight"]!, bias: named["convolutions.\(index).bias"]!, stride: 2,
        padding: 1,
        outputPadding: 0)
    }
    let z = rng.normal([4, 3])
    let first = z.linear(weight: named["first.weight"]!, bias: named["first.bias"]!).reshaped([4, 3, 2, 2])
    let second = doubled(standardized(first).relu(), 0)
    expectClose(TrainingMode.run { decoder(z) }, doubled(standardized(second).relu(), 1), absolute: 1e-4)
    #expect(named["norms.1.weight"] != nil && named["norms.2.weight"] == nil)
  }

  @Test("the stages of convolutions, one after the other, are the network", arguments: [false, true])
  func stages(_ isCentred: Bool) {
    let rng = RandomSource(seed: 3)
    let network = ConvEncoder(
      [1, 8, 6], channels: [2, 3], hidden: [4], isNormalized: true, isCentred: isCentred, using: rng)
    let x = rng.uniform([3, 1, 8, 6])
    let map = network.stages(x, 0..<1)
    #expect(network.stageCount == 2 && map.shape == [3, 2, 4, 3])
    expectClose(network.features(ofStages: network.stages(map, 1..<2)), network(x))
  }

  @Test("a statistic of all pairs is that of each pair alone, worked out from its weights")
  func pairs() {
    let rng = RandomSource(seed: 4)
    let statistic = PairStatistic(4, 2, units: 8, using: rng)
    let (v, u) = (rng.normal([3, 5, 4]), rng.normal([3, 2]))
    let all = statistic(v, u)
    #expect(all.shape == [3, 3, 5])
    let named = Dictionary(uniqueKeysWithValues: statistic.namedParameters.map { ($0.name, $0.parameter.value) })
    func projected(_ name: String, _ x: Tensor) -> Tensor {
      func part(_ key: String) -> Tensor { named["\(name).\(key)"]! }
      let h = x.linear(weight: part("first.weight"), bias: part("first.bias")).relu()
      let second = h.linear(weight: part("second.weight"), bias: part("second.bias"))
      let sum = second + x.linear(weight: part("shortcut.weight"), bias: nil)
      let centred = sum - sum.mean()
      return centred / (centred.square().mean() + 1e-5).sqrt()
    }
    let product = (projected("phi", v.at(2).at(4)) * projected("psi", u.at(1))).sum()
    expectClose(all.at(1).at(2).at(4).item(), product.item() / 8.0.squareRoot(), absolute: 1e-5)
    for i in 0..<3 {
      for j in 0..<3 {
        for place in 0..<5 {
          let alone = statistic(v.narrowed(0, j..<j + 1).narrowed(1, place..<place + 1), u.narrowed(0, i..<i + 1))
          expectClose(alone.item(), all.at(i).at(j).at(place).item(), absolute: 1e-5)
        }
      }
    }
    #expect(statistic.summary == "MLP 4-8-8 of it, MLP 2-8-8 of z")
  }

  @Test("an input stands behind the features, and behind a likelihood's network too")
  func joined() {
    let rng = RandomSource(seed: 5)
    let layers = MLP([2], hidden: [3], using: rng)
    let network = JoinedInput(layers, inputShape: [2])
    let z = rng.normal([4, 5, 2])
    #expect(network.outputShape == [5] && network.summary == "MLP 2-3 beside its input")
    expectClose(network(z).narrowed(2, 0..<3), layers(z))
    expectClose(network(z).narrowed(2, 3..<5), z)
    let px = NetworkLikelihood(network, .gaussian(.shared), shape: [7], using: rng)
    #expect(px(z).mean.shape == [4, 5, 7] && px.summary == "Gaussian (one learned scale), MLP 2-3 beside its input-7")
  }

  @Test("a mean by a sigmoid is the sigmoid of the linear one, and densities are of it")
  func sigmoidMean() {
    let (rng, other) = (RandomSource(seed: 6), RandomSource(seed: 6))
    let plain = NetworkLikelihood(MLP([2], hidden: [3], using: rng), .gaussian(.fixed(0.5)), shape: [4], using: rng)
    let bent = NetworkLikelihood(
      MLP([2], hidden: [3], using: other), .gaussian(.fixed(0.5), mean: .sigmoid), shape: [4], using: other)
    let (z, x) = (rng.normal([3, 2]), rng.uniform([3, 4]))
    let mean = plain(z).mean.sigmoid()
    expectClose(bent(z).mean, mean)
    let constant: Double = -Foundation.log(0.5) - 0.5 * Foundation.log(2 * Double.pi)
    let expected = (x - mean).square() * -2 + constant
    expectClose(bent(z).logProb(x), expected.sum(-1), absolute: 1e-5)
    #expect(bent.summary == "Gaussian (mean by a sigmoid, scale 0.5), MLP 2-3-4")
  }

  @Test("a floor is added to variances, however small or large they are, and its gradient leads back")
  func floor() {
    let numbers: [Double] = [-1000, -20, -3, 0, 60]
    let squares: [Double] = numbers.map { Foundation.exp(2 * $0) }
    let raw = Tensor(numbers).requiringGradient()
    let found = raw.logScale(aboveVariance: 1e-3)
    let expected: [Double] = squares.map { 0.5 * Foundation.log($0 + 1e-3) }
    expectClose(found, expected, absolute: 1e-9, relative: 1e-9)
    // d/ds = e^2s / (e^2s + floor).
    let slopes: [Double] = squares.map { $0 / ($0 + 1e-3) }
    expectClose(gradients(of: found.sum(), in: [raw])[0], slopes, absolute: 1e-9)
    let rng = RandomSource(seed: 7)
    for (scale, name) in [
      (LikelihoodScale.shared, "one learned scale"), (.perDimension, "a learned scale per dimension"),
      (.predicted, "predicted scale"),
    ] {
      let px = NetworkLikelihood(
        MLP([2], hidden: [5], using: rng), .gaussian(scale, floor: 0.01), shape: [3], using: rng)
      #expect(px.summary.hasPrefix("Gaussian (\(name), variances of at least 0.01), MLP 2-5-"))
      let z = rng.normal([4, 2])
      withoutGradients {
        for (name, parameter) in px.namedParameters where ["output.bias", "logScale"].contains(name) {
          parameter.value.addInPlace(-1000)
        }
      }
      let variances = (px(z) as? DiagonalGaussian)?.scale.square() ?? Tensor(0)
      expectClose(variances.min().item(), 0.01, absolute: 1e-6)
      expectClose(variances.max().item(), 0.01, absolute: 1e-6)
    }
  }
}
