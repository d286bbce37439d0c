import TestSupport
import Testing

@testable import Torch

@Suite("Layers") struct LayerTests {
  static let modules: [ModuleCase] = [
    ModuleCase("Linear", parameters: 3 * 2 + 2) {
      Linear(3, 2, using: $0)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("Linear without bias, on three axes", parameters: 3 * 2) {
      Linear(3, 2, bias: false, initialization: .normal(scale: 1), using: $0)
    } inputs: {
      [$0.normal([2, 4, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("Linear with ELU", parameters: 3 * 2 + 2) {
      Linear(3, 2, using: $0)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0], .elu)
    },
    ModuleCase("Conv2d", parameters: 2 * 3 * 9 + 3) {
      Conv2d(2, 3, kernel: 3, stride: 2, padding: 1, using: $0)
    } inputs: {
      [$0.normal([2, 2, 5, 5])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("Conv2d without bias, with tanh", parameters: 2 * 3 * 4) {
      Conv2d(2, 3, kernel: 2, bias: false, initialization: .glorotNormal(gain: 1), using: $0)
    } inputs: {
      [$0.normal([2, 2, 3, 3])]
    } apply: {
      $0($1[0], .tanh)
    },
    ModuleCase("Linear with spectral norm", parameters: 3 * 2 + 2) {
      Linear(3, 2, isSpectrallyNormalized: true, using: $0)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("Conv2d with spectral norm", parameters: 2 * 3 * 9 + 3) {
      Conv2d(2, 3, kernel: 3, stride: 2, padding: 1, isSpectrallyNormalized: true, using: $0)
    } inputs: {
      [$0.normal([2, 2, 5, 5])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("ConvTranspose2d", parameters: 2 * 3 * 16 + 3) {
      ConvTranspose2d(2, 3, kernel: 4, stride: 2, padding: 1, outputPadding: 1, using: $0)
    } inputs: {
      [$0.normal([2, 2, 3, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("BatchNorm in training", parameters: 2 * 3, training: true) { _ in
      BatchNorm(3)
    } inputs: {
      [$0.normal([4, 3])]
    } apply: {
      $0($1[0])
    },
    ModuleCase("BatchNorm in use", parameters: 2 * 3) { _ in
      BatchNorm(3)
    } inputs: {
      [$0.normal([4, 3, 2, 2])]
    } apply: {
      $0($1[0])
    },
  ]

  @Test("every layer is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("batch norm uses the batch in training alone, and only then moves its statistics")
  func modes() {
    let norm = BatchNorm(2, momentum: 0.5)
    let x = Tensor([Float(1), 10, 3, 30], shape: [2, 2])
    expectClose(norm(x), x, relative: 1e-5)
    #expect(norm.mean.value.array() == [Float(0), 0])
    expectClose(TrainingMode.run { norm(x) }, [-1, -1, 1, 1], absolute: 1e-5)
    #expect(norm.mean.value.array() == [Float(1), 10])
    #expect(norm.variance.value.array() == [Float(1.5), 100.5])
    _ = norm(x)
    #expect(norm.mean.value.array() == [Float(1), 10])
    // Gathered, they are the means over calls, and what was there before is forgotten.
    for number in 1...3 { _ = TrainingMode.gather(number) { norm(x * Double(number)) } }
    expectClose(norm.mean.value, [4, 40], relative: 1e-6)
    expectClose(norm.variance.value, [2 * 14.0 / 3, 200 * 14.0 / 3], relative: 1e-6)
  }

  @Test("dropout zeroes a share of the numbers in a step of training and keeps their mean; elsewhere it does nothing")
  func dropout() {
    let rng = RandomSource(seed: 1)
    let x = Tensor.full([10_000], 3)
    #expect(x.droppedOut(0.25).isEqual(to: x))
    TrainingMode.run { #expect(x.droppedOut(0.25).isEqual(to: x)) }
    TrainingMode.run(using: rng) {
      let y = x.droppedOut(0.25).array(Float.self)
      #expect(y.allSatisfy { $0 == 0 || $0 == 4 })
      // Five standard errors of 10,000 coins: a false alarm in a million.
      #expect(abs(Double(y.count { $0 == 0 }) / 10_000 - 0.25) < 0.022)
      #expect(x.droppedOut(0).isEqual(to: x))
      TrainingMode.off { #expect(x.droppedOut(0.25).isEqual(to: x)) }
    }
  }

  @Test("a training batch of one value per feature ends the process with its message")
  func single() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = TrainingMode.run { BatchNorm(3)(Tensor.zeros([1, 3])) } }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      output.contains(
        "BatchNorm: expected more than one value per feature in training, got shape [1, 3]"))
  }

  @Test("inputs of the wrong width end the process with their message")
  func width() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Linear(3, 2, using: RandomSource(seed: 1))(Tensor.zeros([4, 5])) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("Linear: expected inputs of 3 features, got 5 (shape [4, 5])"))
  }

  static let activations: [Activation] = [
    .identity, .relu, .leakyReLU(slope: 0.2), .leakyReLU(slope: 0), .leakyReLU(slope: -0.5), .elu,
    .tanh, .sigmoid, .softplus, .relu6,
  ]

  @Test(
    "an activation that overwrites equals the pure one in values and gradients",
    arguments: activations)
  func overwriting(_ activation: Activation) {
    let linear = Linear(5, 7, using: RandomSource(seed: 2))
    let x = RandomSource(seed: 3).normal([6, 5])
    let weights = RandomSource(seed: 4).normal([6, 7])
    let pure = activation(linear(x))
    let overwritten = linear(x, activation)
    #expect(overwritten.isEqual(to: pure))
    let parameters = linear.parameters.map(\.value)
    let expected = gradients(of: (pure * weights).sum(), in: parameters)
    let found = gradients(of: (overwritten * weights).sum(), in: parameters)
    for (found, expected) in zip(found, expected) { expectClose(found, expected, absolute: 1e-5) }
  }

  @Test(
    "activations equal the operations of their name",
    arguments: zip(
      activations,
      [
        { $0 }, { $0.relu() }, { $0.leakyReLU(slope: 0.2) }, { $0.relu() },
        { $0.leakyReLU(slope: -0.5) },
        { $0.elu() }, { $0.tanh() }, { $0.sigmoid() }, { $0.softplus() }, { $0.relu6() },
      ] as [@Sendable (Tensor) -> Tensor]))
  func named(_ activation: Activation, _ operation: @Sendable (Tensor) -> Tensor) {
    let x = Tensor([-2.0, -0.1, 0, 0.1, 30])
    #expect(activation(x).isEqual(to: operation(x)))
  }

  @Test("convolutions with an activation are the activation of the convolution")
  func convolutions() {
    let rng = RandomSource(seed: 2)
    let x = rng.normal([2, 2, 4, 4])
    let forth = Conv2d(2, 3, kernel: 3, using: rng)
    #expect(forth(x, .relu).isEqual(to: forth(x).relu()))
    let back = ConvTranspose2d(2, 3, kernel: 3, using: rng)
    #expect(back(x, .sigmoid).isEqual(to: back(x).sigmoid()))
  }

  /// Fixed seeds. Over all seeds the bounds of 5 standard errors would be broken once in 1.7 million.
  @Test("weights start with the spread of their scheme")
  func initialization() {
    let rng = RandomSource(seed: 1)
    func spread(_ scheme: Initialization) -> Double {
      scheme.weight([200, 100], fanIn: 100, fanOut: 200, using: rng).square().mean().item()
    }
    let error = 5 * (2.0 / 20_000).squareRoot()
    expectClose(spread(.uniformFanIn), 1.0 / 300, absolute: 0, relative: error)
    expectClose(spread(.glorotNormal(gain: 2)), 4 * 2.0 / 300, absolute: 0, relative: error)
    expectClose(spread(.normal(scale: 0.02)), 0.0004, absolute: 0, relative: error)
    let bounded = Initialization.uniformFanIn.weight(
      [200, 100], fanIn: 100, fanOut: 200, using: rng)
    #expect(bounded.abs().max().item() <= 0.1)
    #expect(
      Initialization.normal(scale: 1).bias(3, fanIn: 2, using: rng).array() == [Float(0), 0, 0])
    #expect(Initialization.uniformFanIn.bias(3, fanIn: 4, using: rng).abs().max().item() <= 0.5)
  }
}
