import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

/// Autoregressive networks of both kinds, with and without a code.
struct PixelCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let family: PixelFamily
  let shape: [Int]
  /// The length of a code; 0 without.
  let latent: Int
  let make: @Sendable (RandomSource) -> any AutoregressiveNetwork

  enum Kind: Sendable { case gated, plusPlus }

  init(
    _ kind: Kind, _ family: PixelFamily, _ shape: [Int], latent: Int, layers: Int = 3, kernel: Int = 7, maps: Int = 4,
    isSpatial: Bool = false
  ) {
    testDescription =
      "\(kind), \(family), \(shape), kernel \(kernel), code of \(latent)\(isSpatial ? " with a place" : "")"
    self.family = family
    self.shape = shape
    self.latent = latent
    make = { rng in
      let conditioning: ((Int) -> any PixelConditioning)? =
        if latent == 0 { nil } else if isSpatial {
          { maps in
            SpatialConditioning(
              DCGANDecoder(latent, imageShape: [2] + shape[1...], channels: [3], using: rng), dimension: latent,
              maps: maps, using: rng)
          }
        } else {
          { GlobalConditioning(latent, maps: $0, using: rng) }
        }
      let outputs = family.outputs(channels: shape[0])
      return switch kind {
      case .gated:
        GatedPixelCNN(
          shape, outputs: outputs, layers: layers, kernel: kernel, maps: maps, conditioning: conditioning, using: rng)
      case .plusPlus:
        PixelCNNPlusPlus(shape, outputs: outputs, layers: layers, maps: maps, conditioning: conditioning, using: rng)
      }
    }
  }

  /// Deep enough that every pixel sees all that come before it, and wide enough that a rectifier lets something through.
  static let all: [PixelCase] = [
    PixelCase(.gated, .bernoulli, [1, 5, 6], latent: 0, maps: 12),
    PixelCase(.gated, .bernoulli, [1, 5, 6], latent: 2, maps: 12),
    PixelCase(.gated, .bernoulli, [1, 5, 6], latent: 2, layers: 2, kernel: 13, maps: 12),
    PixelCase(.gated, .bernoulli, [2, 4, 4], latent: 2, maps: 12, isSpatial: true),
    PixelCase(.gated, .categorical(levels: 3), [2, 5, 4], latent: 2, maps: 12),
    PixelCase(.plusPlus, .logisticMixture(mixtures: 2), [3, 5, 5], latent: 0, maps: 12),
    PixelCase(.plusPlus, .logisticMixture(mixtures: 2), [1, 5, 6], latent: 2, maps: 12),
    PixelCase(.plusPlus, .bernoulli, [1, 4, 4], latent: 3, maps: 12, isSpatial: true),
  ]
}

@Suite("PixelCNN") struct PixelCNNTests {
  @Test("an output sees every pixel before its own and none from it on", arguments: PixelCase.all)
  func causality(_ pixels: PixelCase) {
    let rng = RandomSource(seed: 1)
    let network = pixels.make(rng)
    network.convert(to: .float64)
    let x = rng.uniform([1] + pixels.shape, dtype: .float64).requiringGradient()
    let z = pixels.latent == 0 ? nil : rng.normal([1, pixels.latent], dtype: .float64)
    let outputs = network(x, given: z).flattened(from: 2)[0]  // [outputs, pixels]
    let weights = rng.normal([outputs.size(0)], dtype: .float64)
    for pixel in 0..<outputs.size(1) {
      let gradient = gradients(of: outputs.at(pixel, axis: 1) * weights, in: [x], retainGraph: true)[0]
      let seen = gradient.reshaped([pixels.shape[0], -1]).abs()
      for channel in 0..<pixels.shape[0] {
        let values = seen.at(channel).array(Double.self)
        #expect(values[..<pixel].allSatisfy { $0 > 0 }, "pixel \(pixel) does not see one before it")
        #expect(values[pixel...].allSatisfy { $0 == 0 }, "pixel \(pixel) sees one that is not before it")
      }
    }
  }

  @Test(
    "a code reaches every pixel, and every layer by a weight of its own",
    arguments: PixelCase.all.filter { $0.latent > 0 })
  func conditioning(_ pixels: PixelCase) {
    let rng = RandomSource(seed: 1)
    let network = pixels.make(rng)
    network.convert(to: .float64)
    let x = rng.uniform([2] + pixels.shape, dtype: .float64)
    let z = rng.normal([2, pixels.latent], dtype: .float64).requiringGradient()
    let outputs = network(x, given: z).flattened(from: 2)
    for pixel in 0..<outputs.size(2) {
      let gradient = gradients(of: outputs.at(pixel, axis: 2).square(), in: [z], retainGraph: true)[0]
      #expect(gradient.abs().min().item() > 0, "pixel \(pixel)")
    }
    // One row of the weight for every map of every layer.
    let weight = network.namedParameters.first { $0.name == "conditioning.affine.weight" }!.parameter.value
    #expect(weight.size(0) == network.conditionedMaps)
    let gradient = gradients(of: outputs.square(), in: [weight])[0].reshaped([network.conditionedMaps, -1])
    #expect(gradient.abs().max(1).min().item() > 0)
  }

  @Test("cached draws are those of a pass over the whole image for every pixel", arguments: PixelCase.all)
  func cache(_ pixels: PixelCase) {
    let rng = RandomSource(seed: 1)
    let network = pixels.make(rng)
    let z = pixels.latent == 0 ? nil : rng.normal([3, pixels.latent])
    let p = AutoregressiveImage(network, pixels.family, given: z)
    let cached = p.sample([2], using: RandomSource(seed: 7))
    let naive = p.sampleByWholeImages([2], using: RandomSource(seed: 7))
    #expect(cached.shape == [2] + (pixels.latent == 0 ? [] : [3]) + pixels.shape)
    let isSame = cached.isEqual(to: naive)
    #expect(isSame)
    let isConstant = cached.variance(correction: 0).item() == 0
    #expect(!isConstant)
  }

  @Test("cached draws of 28x28 are those of whole images")
  func cacheAtFullSize() {
    let rng = RandomSource(seed: 1)
    let network = GatedPixelCNN(
      [1, 28, 28], outputs: 1, layers: 3, maps: 8, conditioning: { GlobalConditioning(4, maps: $0, using: rng) },
      using: rng)
    let p = AutoregressiveImage(network, .bernoulli, given: rng.normal([2, 4]))
    let cached = p.sample([], using: RandomSource(seed: 7))
    let isSame = cached.isEqual(to: p.sampleByWholeImages([], using: RandomSource(seed: 7)))
    #expect(isSame)
  }

  @Test(
    "a pixel depends on as many rows above it as the network says: half of the first kernel and one a layer more",
    arguments: [
      (PixelCase.Kind.gated, layers: 5, kernel: 27, rows: 17), (.gated, 12, 7, 14), (.gated, 3, 5, 4),
      (.plusPlus, 1, 0, 7), (.plusPlus, 2, 0, 11),
    ])
  func sight(_ kind: PixelCase.Kind, layers: Int, kernel: Int, rows: Int) {
    let rng = RandomSource(seed: 1)
    let height = 20
    let network: any AutoregressiveNetwork =
      kind == .gated
      ? GatedPixelCNN([1, height, 3], outputs: 4, layers: layers, kernel: kernel, maps: 8, using: rng)
      : PixelCNNPlusPlus([1, height, 3], outputs: 4, layers: layers, maps: 8, using: rng)
    network.convert(to: .float64)
    let x = rng.uniform([1, 1, height, 3], dtype: .float64).requiringGradient()
    let last = network(x).narrowed(2, height - 1..<height)  // [1, 4, 1, 3]
    let weights = rng.normal(last.shape, dtype: .float64)
    let felt = gradients(of: last * weights, in: [x])[0].abs().reshaped([height, 3]).sum(1).array(Double.self)
    #expect(height - 1 - felt.firstIndex { $0 > 0 }! == rows)
    let said =
      kind == .gated
      ? GatedPixelCNN.rowsSeen(layers: layers, kernel: kernel) : PixelCNNPlusPlus.rowsSeen(layers: layers)
    #expect(said == rows)
  }

  /// A PixelCNN++ given codes, with one block up and one down.
  private static func plusPlus(dropout: Double = 0, using rng: RandomSource) -> PixelCNNPlusPlus {
    PixelCNNPlusPlus(
      [1, 4, 4], outputs: 3, layers: 1, maps: 4, dropout: dropout,
      conditioning: { GlobalConditioning(2, maps: $0, using: rng) }, using: rng)
  }

  @Test("a code enters a PixelCNN++ behind the second convolution of a block")
  func codeBehindSecondConvolution() {
    let rng = RandomSource(seed: 1)
    let network = Self.plusPlus(using: rng)
    withoutGradients {
      for (name, parameter) in network.namedParameters where name.contains(".second.") {
        parameter.value.multiplyInPlace(0)
        // A direction, which has no length of 0.
        if name.hasSuffix("weight") { parameter.value.addInPlace(1) }
      }
    }
    let z = rng.normal([1, 2]).requiringGradient()
    let outputs = network(rng.uniform([1, 1, 4, 4]), given: z)
    let gradient = gradients(of: outputs.square(), in: [z])[0]
    #expect(gradient.abs().min().item() > 0)
  }

  @Test("the length of a PixelCNN++'s weights is a parameter of its own: their own length changes nothing")
  func weightNorm() {
    let rng = RandomSource(seed: 1)
    let network = Self.plusPlus(using: rng)
    let (x, z) = (rng.uniform([2, 1, 4, 4]), rng.normal([2, 2]))
    let before = network(x, given: z)
    withoutGradients {
      for (name, parameter) in network.namedParameters
      where name.hasSuffix(".weight") && !name.hasPrefix("conditioning") { parameter.value.multiplyInPlace(3) }
    }
    expectClose(network(x, given: z), before, absolute: 1e-5)
    withoutGradients {
      for (name, parameter) in network.namedParameters where name.hasSuffix("output.norm.gain") {
        parameter.value.multiplyInPlace(0)
      }
    }
    let bias = network.namedParameters.first { $0.name == "output.bias" }!.parameter.value
    expectClose(network(x, given: z), bias.reshaped([1, 3, 1, 1]).expanded([2, 3, 4, 4]), absolute: 1e-6)
  }

  @Test("a step of training drops numbers in the blocks of a PixelCNN++; in use it drops none")
  func dropout() {
    let rng = RandomSource(seed: 1)
    let network = Self.plusPlus(dropout: 0.5, using: rng)
    let (x, z) = (rng.uniform([2, 1, 4, 4]), rng.normal([2, 2]))
    #expect(network(x, given: z).isEqual(to: network(x, given: z)))
    let (one, other) = TrainingMode.run(using: rng) { (network(x, given: z), network(x, given: z)) }
    #expect(!one.isEqual(to: other))
    let gathered = TrainingMode.run { network(x, given: z) }
    #expect(gathered.isEqual(to: network(x, given: z)))
  }

  @Test("draws of one seed and of another differ, and a batch of codes is not one code")
  func draws() {
    let rng = RandomSource(seed: 1)
    let pixels = PixelCase(.gated, .bernoulli, [1, 6, 6], latent: 2)
    let p = AutoregressiveLikelihood(pixels.make(rng), .bernoulli)(rng.normal([2]))
    #expect(p.sample([], using: RandomSource(seed: 1)).shape == [1, 6, 6])
    let isSame = p.sample([4], using: RandomSource(seed: 1)).isEqual(to: p.sample([4], using: RandomSource(seed: 2)))
    #expect(!isSame)
  }
}

extension Tensor {
  fileprivate subscript(index: Int) -> Tensor { at(index) }
}
