import Foundation
import Networks
import TestSupport
import Testing
import Torch

@Suite("Networks") struct NetworkTests {
  static let modules: [ModuleCase] = [
    ModuleCase("MLP", parameters: 3 * 4 + 4 + 4 * 5 + 5) {
      MLP([3], hidden: [4, 5], activation: .tanh, using: $0)
    } inputs: {
      [$0.normal([6, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("MLP on images", parameters: 2 * 3 * 4 * 5 + 5) {
      MLP([2, 3, 4], hidden: [5], using: $0)
    } inputs: {
      [$0.normal([6, 2, 3, 4])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("DCGANEncoder", parameters: 25 * 2 + 2 + 2 * 25 * 3 + 3 + 2 * 3) {
      DCGANEncoder([1, 6, 7], channels: [2, 3], using: $0)
    } inputs: {
      [$0.normal([4, 1, 6, 7])]
    } apply: {
      $0($1[0])
    },
    // The bias in front of a batch norm has no effect in training; rounding leaves it a gradient near zero.
    ModuleCase(
      "DCGANEncoder in training", parameters: 25 * 2 + 2 + 2 * 25 * 3 + 3 + 2 * 3, training: true
    ) {
      DCGANEncoder([1, 6, 7], channels: [2, 3], using: $0)
    } inputs: {
      [$0.normal([4, 1, 6, 7])]
    } apply: {
      $0($1[0])
    },
    // In use and untrained its activations are of order 1e-3: the differences would step over the kinks of ReLU.
    ModuleCase(
      "DCGANDecoder in training",
      parameters: 3 * 16 + 16 + 2 * 4 + 4 * 25 * 3 + 3 + 2 * 3 + 3 * 25 * 2 + 2, training: true
    ) {
      DCGANDecoder(3, imageShape: [2, 8, 8], channels: [4, 3], using: $0)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0])
    },
    // Stem 9 + 2. Blocks 1-2: 18 + 4 + 36 + 4 + (2 + 4), 2-2: 36 + 4 + 36 + 4, 2-4: 72 + 8 + 144 + 8 + (8 + 8),
    // 4-4: 144 + 8 + 144 + 8.
    ModuleCase("ResidualNetwork", parameters: 11 + 68 + 80 + 248 + 304) {
      ResidualNetwork([1, 6, 5], channels: [2, 4], blocks: 2, using: $0)
    } inputs: {
      [$0.normal([4, 1, 6, 5])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("ResidualNetwork in training", parameters: 11 + 68 + 80 + 248 + 304, training: true) {
      ResidualNetwork([1, 6, 5], channels: [2, 4], blocks: 2, using: $0)
    } inputs: {
      [$0.normal([4, 1, 6, 5])]
    } apply: {
      $0($1[0])
    },
    // Three maps in the stem: where ReLU leaves nothing of a single one, the next stands right on its kink.
    ModuleCase("ResidualNetwork on RGB", parameters: 81 + 6 + 162 + 12 + 324 + 12 + (18 + 12)) {
      ResidualNetwork([3, 6, 7], channels: [6], blocks: 1, using: $0)
    } inputs: {
      [$0.normal([4, 3, 6, 7])]
    } apply: {
      $0($1[0])
    },
    // 7x7: 2 -> 2 and 2 -> 2 with a bias; stage 2 -> 4 and back, of 9; a block of two 4 -> 4.
    ModuleCase(
      "TranslationNetwork", parameters: 49 * 4 + 49 * 4 + 2 + 2 * (9 * 8) + 2 * (9 * 16), tolerance: 1e-5
    ) {
      TranslationNetwork([2, 6, 8], maps: 2, stages: 1, blocks: 1, using: $0)
    } inputs: {
      [$0.normal([2, 2, 6, 8])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("PatchNetwork", parameters: 16 * 2 * 3 + 3 + 16 * 3 * 4 + 16 * 4 + 1, tolerance: 1e-5) {
      PatchNetwork([2, 8, 10], channels: [3, 4], using: $0)
    } inputs: {
      [$0.normal([2, 2, 8, 10])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("PooledNetwork", parameters: 9 * 2 * 3 + 3 + 9 * 3 * 4 + 4) {
      PooledNetwork([2, 10, 13], channels: [3, 4], kernel: 3, using: $0)
    } inputs: {
      [$0.normal([2, 2, 10, 13])]
    } apply: {
      $0($1[0])
    },
  ]

  @Test("a number of the paper's critic sees 70x70 pixels of an image, and no others")
  func patches() {
    let rng = RandomSource(seed: 1)
    for (channels, patch, map) in [([2, 2, 2, 2], 70, 30), ([2, 2, 2], 34, 62), ([2, 2], 16, 126)] {
      let network = PatchNetwork([3, 256, 256], channels: channels, using: rng)
      #expect(network.patch == patch && network.outputShape == [1, map, map])
    }
    // Without instance norm, whose statistics are of all pixels, one stage alone can be followed to its ends.
    let network = PatchNetwork([1, 24, 24], channels: [2], using: rng)
    let x = rng.normal([1, 1, 24, 24]).requiringGradient()
    let y = network(x)
    let middle = y.narrowed(2, 11..<12).narrowed(3, 11..<12)
    let felt = (gradients(of: middle, in: [x])[0].abs() .> 0).to(.float32)
    #expect(felt.sum().item() == Double(network.patch * network.patch))
  }

  @Test("a translator of 256 pixels has the paper's parameters, and a digit fits in it")
  func translator() {
    let network = TranslationNetwork([3, 256, 256], using: RandomSource(seed: 1))
    // c7s1-64, d128, d256, nine R256, u128, u64, c7s1-3; biases in front of instance norm left out.
    let ends = 49 * 3 * 64 * 2 + 3
    let stages = 2 * 9 * (64 * 128 + 128 * 256)
    #expect(network.parameterCount == ends + stages + 9 * 2 * 9 * 256 * 256)
    #expect(network.summary == "residual translator 3x256x256, 64-128-256 maps, 9 blocks")
    let small = TranslationNetwork([1, 28, 28], maps: 2, blocks: 1, using: RandomSource(seed: 1))
    #expect(small(.zeros([2, 1, 28, 28])).shape == [2, 1, 28, 28])
  }

  @Test("a residual network halves the sides at every stage, rounding up, and averages over what is left")
  func residualShapes() {
    for shape in [[1, 28, 28], [3, 32, 32], [1, 5, 9]] {
      let network = ResidualNetwork(shape, channels: [4, 6], blocks: 1, using: RandomSource(seed: 1))
      #expect(network(RandomSource(seed: 2).uniform([2] + shape)).shape == [2, 6])
      #expect(network.outputShape == [6])
    }
    let network = ResidualNetwork([3, 32, 32], channels: [4, 6], blocks: 2, using: RandomSource(seed: 1))
    #expect(network.summary == "residual network 3x32x32 to 4-6 maps, 4 blocks")
  }

  @Test("every network is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("an MLP is its affine layers with the activation behind each, by hand")
  func byHand() throws {
    let network = MLP([2], hidden: [2, 1], using: RandomSource(seed: 1))
    try network.load(
      [
        "layers.0.weight": Tensor([1, -1, 2, 0.0], shape: [2, 2]),
        "layers.0.bias": Tensor([0.5, -1.0]),
        "layers.1.weight": Tensor([3, -1.0], shape: [1, 2]), "layers.1.bias": Tensor([0.25]),
      ], from: "test")
    // x = (1, 2): relu(1 - 2 + 0.5, 2 - 1) = (0, 1); relu(-1 + 0.25) = 0. x = (2, 1): (1.5, 3); relu(4.5 - 3 + 0.25).
    expectClose(
      network(Tensor([1, 2, 2, 1.0], shape: [2, 2]).to(.float32)),
      Tensor([0, 1.75], shape: [2, 1]))
  }

  @Test("an MLP without layers hands its input on, flattened")
  func empty() {
    let x = RandomSource(seed: 1).normal([4, 2, 3])
    let network = MLP([2, 3], hidden: [], using: RandomSource(seed: 1))
    let isSame = network(x).isEqual(to: x.reshaped([4, 6]))
    #expect(isSame)
    #expect(network.outputShape == [6])
  }

  @Test(
    "DCGAN networks give what they declare",
    arguments: [[1, 28, 28], [3, 32, 32], [3, 64, 64], [1, 28, 64]])
  func shapes(_ image: [Int]) {
    let rng = RandomSource(seed: 1)
    let encoder = DCGANEncoder(image, channels: [2, 3], using: rng)
    #expect(encoder.outputShape == [3 * image[1] / 4 * (image[2] / 4)])
    #expect(encoder(rng.normal([2] + image)).shape == [2] + encoder.outputShape)
    let decoder = DCGANDecoder(5, imageShape: image, channels: [3, 2], using: rng)
    #expect(decoder.outputShape == image)
    #expect(decoder(rng.normal([2, 5])).shape == [2] + image)
  }

  @Test("a DCGAN encoder halves odd sides rounding up")
  func oddSides() {
    let rng = RandomSource(seed: 1)
    let encoder = DCGANEncoder([1, 27, 5], channels: [2, 3, 4], using: rng)
    // 27, 14, 7, 4 and 5, 3, 2, 1.
    #expect(encoder.outputShape == [4 * 4 * 1])
    #expect(encoder(rng.normal([2, 1, 27, 5])).shape == [2, 16])
  }

  @Test("a DCGAN decoder goes the encoder's sides back, and drops the last row or column where those were rounded up")
  func oddSidesBack() throws {
    let rng = RandomSource(seed: 1)
    // 4, 7, 14, 27 and 1, 2, 3, 5.
    let decoder = DCGANDecoder(5, imageShape: [2, 27, 5], channels: [4, 3, 2], using: rng)
    #expect(decoder(rng.normal([2, 3, 5])).shape == [2, 3, 2, 27, 5])
    let classes = DCGANDecoder(5, imageShape: [1, 7, 3], channels: [4, 3], classes: 3, using: rng)
    let z = rng.normal([2, 5])
    #expect(classes(z, of: Tensor([Int64(0), 2])).shape == [2, 1, 7, 3])
    // One stage of a side of 3 is that of a side of 4 without its end.
    func made(_ side: Int) -> Tensor {
      DCGANDecoder(5, imageShape: [1, side, side], channels: [4], using: RandomSource(seed: 2))(z)
    }
    #expect(made(3).isEqual(to: made(4).narrowed(2, 0..<3).narrowed(3, 0..<3)) as Bool)
  }

  @Test("DCGAN weights start as draws of N(0, 0.02^2), biases at zero (false alarms: 1 in 10^6)")
  func initialization() {
    let rng = RandomSource(seed: 2)
    let networks: [any Module] = [
      DCGANEncoder([1, 28, 28], using: rng), DCGANDecoder(10, imageShape: [1, 28, 28], using: rng),
    ]
    for network in networks {
      for (name, parameter) in network.namedParameters where !name.lowercased().contains("norm") {
        let values = parameter.value.array(Double.self)
        if name.hasSuffix("bias") {
          #expect(values.allSatisfy { $0 == 0 }, "\(name)")
        } else {
          expectAverage(values, 0)
          expectAverage(values.map { $0 * $0 }, 0.02 * 0.02)
        }
      }
    }
  }

  @Test("networks say what they are in one line")
  func summaries() {
    let rng = RandomSource(seed: 1)
    #expect(MLP([1, 28, 28], hidden: [500, 400], using: rng).summary == "MLP 784-500-400")
    #expect(
      DCGANEncoder([1, 28, 28], channels: [4, 8], using: rng).summary == "DCGAN 1x28x28 to 4-8 maps"
    )
    #expect(
      DCGANDecoder(5, imageShape: [2, 28, 28], channels: [8, 4], using: rng).summary
        == "DCGAN 5 to 8-4 maps to 2x28x28")
  }
}
