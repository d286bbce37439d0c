import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@Suite("Encoders without a density") struct ImplicitNetworkTests {
  private static func conv(_ rng: RandomSource) -> ConvEncoder {
    ConvEncoder(
      [1, 6, 5], channels: [2, 3], kernel: 5, strides: [1, 2], hidden: [], activation: .elu, isCentred: true, using: rng
    )
  }

  static let modules: [ModuleCase] = [
    // Convolutions 25 * 2 + 2 and 25 * 2 * 3 + 3, no norm behind the last.
    ModuleCase("ConvEncoder with batch norm", parameters: 52 + 4 + 153, training: true) {
      ConvEncoder(
        [1, 6, 5], channels: [2, 3], kernel: 5, strides: [1, 2], hidden: [], activation: .elu, isNormalized: true,
        using: $0)
    } inputs: {
      [$0.normal([4, 1, 6, 5])]
    } apply: {
      $0($1[0])
    },
    // Dense 3 -> 4 x 2 x 2, transposed 5x5 from 4 to 3 and from 3 to 2 maps.
    ModuleCase("ConvDecoder of odd kernels", parameters: 3 * 16 + 16 + 4 * 25 * 3 + 3 + 3 * 25 * 2 + 2) {
      ConvDecoder(
        3, imageShape: [2, 4, 3], channels: [4, 3], kernel: 5, strides: [2, 1], hidden: [], activation: .elu, using: $0)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("NoisyInput", parameters: 6 * 4 + 4 + 3 * 4 + 4 * 2 + 2) {
      NoisyInput(nil, inputs: 6, noise: 3, hidden: [4], activation: .elu, dimension: 2, using: $0)
    } inputs: {
      [$0.normal([5, 6])]
    } apply: {
      $0($1[0]).rsample([], using: RandomSource(seed: 3))
    },
    // Maps of two layers of 2 x 6 x 5 and 3 x 3 x 3, then z.
    ModuleCase("NoisyLayers", parameters: 52 + 153 + 4 * (60 + 27) + 27 * 2 + 2) {
      NoisyLayers(conv($0), noise: 4, dimension: 2, using: $0)
    } inputs: {
      [$0.normal([5, 1, 6, 5])]
    } apply: {
      $0($1[0]).rsample([3], using: RandomSource(seed: 3))
    },
    // b and a of 4 features, and 3 noises of 2 -> 6 -> 2.
    // Affine maps from two others to 4 and from 4 to 1, three of each.
    ModuleCase("UnitPredictors", parameters: 3 * (2 * 4 + 4 + 4 + 1)) {
      UnitPredictors(3, hidden: [4], using: $0)
    } inputs: {
      [$0.uniform([5, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("SigmoidCodes", parameters: 6 * 4 + 4 + 4 * 2 + 2) {
      SigmoidCodes(MLP([6], hidden: [4], activation: .tanh, using: $0), dimension: 2, using: $0)
    } inputs: {
      [$0.normal([5, 6])]
    } apply: {
      $0($1[0]).rsample([2], using: RandomSource(seed: 3))
    },
    ModuleCase("SigmoidCodes with batch norm", parameters: 6 * 4 + 4 + 4 * 2 + 2 * 2, training: true) {
      SigmoidCodes(MLP([6], hidden: [4], activation: .tanh, using: $0), dimension: 2, isNormalized: true, using: $0)
    } inputs: {
      [$0.normal([5, 6])]
    } apply: {
      $0($1[0]).rsample([], using: RandomSource(seed: 3))
    },
    ModuleCase("NoiseBasis", parameters: 28 + 10 + 30 + 3 * (2 * 6 + 6 + 6 * 2 + 2)) {
      NoiseBasis(MLP([6], hidden: [4], using: $0), basisCount: 3, noise: 2, hidden: [6], dimension: 2, using: $0)
    } inputs: {
      [$0.normal([5, 6])]
    } apply: {
      $0($1[0]).rsample([3], using: RandomSource(seed: 3))
    },
  ]

  @Test("every one is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("odd kernels keep or divide sides, rounding up, and decoders lead back to them")
  func sides() {
    let rng = RandomSource(seed: 1)
    for image in [[1, 28, 28], [2, 27, 30], [1, 5, 9], [3, 64, 64]] {
      let encoder = ConvEncoder(
        image, channels: [2, 3, 4], kernel: 5, strides: [1, 2, 2], hidden: [], using: rng)
      let sides = image.dropFirst().map { ($0 + 3) / 4 }
      #expect(encoder.outputShape == [4 * sides.reduce(1, *)])
      #expect(encoder(rng.normal([2] + image)).shape == [2] + encoder.outputShape)
      let decoder = ConvDecoder(
        5, imageShape: image, channels: [4, 3, 2], kernel: 5, strides: [2, 2, 1], hidden: [7], using: rng)
      #expect(decoder(rng.normal([2, 5])).shape == [2] + image)
    }
    let encoder = ConvEncoder(
      [1, 28, 28], channels: [64, 128, 256, 512], kernel: 5, strides: [1, 1, 2, 2], hidden: [], isNormalized: true,
      isCentred: true, using: rng)
    #expect(
      encoder.summary
        == "2x - 1, convolutions 1x28x28 to 64-128-256-512 maps, kernels of 5, strides 1-1-2-2, batch norm")
  }

  @Test("draws of one x differ, and several draws have the shape they should")
  func draws() {
    let rng = RandomSource(seed: 1)
    let encoders: [(Tensor) -> any PathwiseSampler] = [
      { NoisyLayers(Self.conv(rng), noise: 4, dimension: 2, using: rng)($0) },
      {
        NoisyInput(
          Self.conv(rng), inputs: Self.conv(rng).outputShape[0], noise: 4, hidden: [5], activation: .elu, dimension: 2,
          using: rng)($0)
      },
      { NoiseBasis(Self.conv(rng), basisCount: 3, noise: 4, dimension: 2, using: rng)($0) },
    ]
    let x = rng.uniform([5, 1, 6, 5])
    for encoder in encoders {
      let q = encoder(x)
      #expect(q.sample([], using: rng).shape == [5, 2])
      let z = q.sample([7, 3], using: rng)
      #expect(z.shape == [7, 3, 5, 2])
      #expect(z.reshaped([21, 5, 2]).variance(0).min().item() > 0)
    }
  }

  @Test("the moments of a basis of noises are those of a million draws (supplement III.2 and III.3)")
  func moments() {
    let rng = RandomSource(seed: 2)
    let basis = NoiseBasis(
      MLP([6], hidden: [8], activation: .tanh, using: rng), basisCount: 4, noise: 3, hidden: [8], dimension: 2,
      using: rng)
    // Coefficients start near 0: larger ones show what is wrong.
    basis.namedParameters.first { $0.name == "coefficients.bias" }!.parameter.value.detached().addInPlace(6)
    let q = basis(rng.normal([2, 6]))
    let draws = q.sample([500_000], using: rng)
    // In training the moments are those of the noises that are drawn.
    let (z, found) = withoutGradients { TrainingMode.run { q.rsampleWithMoments([500_000], using: rng) } }
    for own in [draws, z] {
      expectClose(found.mean, own.mean(0), absolute: 5e-3)
      // 1e-4 is added, so that no deviation is 0.
      expectClose(found.scale.square() - 1e-4, own.variance(0), absolute: 5e-3)
    }
    // In use they are those of noises of their own, whatever the batch is.
    let few = withoutGradients { basis(rng.normal([1, 6])).rsampleWithMoments([], using: rng).moments }
    #expect(few.scale.min().item() > 0.02)
  }
}
