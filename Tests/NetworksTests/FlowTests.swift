import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

/// A flow of two examples of `dimension` numbers, with parameters in float64.
struct FlowCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let flow: @Sendable (_ dimension: Int) -> any Bijection

  /// Features of two examples, from which networks make flows.
  static func features() -> Tensor { RandomSource(seed: 7).normal([2, 6], dtype: .float64) }

  static func planar(_ layers: Int, scale: Double) -> FlowCase {
    FlowCase(testDescription: "\(layers) planar layers, w.u of scale \(scale)") { dimension in
      let rng = RandomSource(seed: 3)
      func draw(_ last: Int) -> Tensor { rng.normal([layers, 2, last], dtype: .float64) * scale }
      return PlanarFlow.invertible(u: draw(dimension), w: draw(dimension), b: draw(1))
    }
  }

  static func network<Layers: FlowNetwork & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (_ dimension: Int, RandomSource) -> Layers
  ) -> FlowCase where Layers.Flow: SendableMetatype {
    FlowCase(testDescription: name) { dimension in
      let layers = make(dimension, RandomSource(seed: 4))
      layers.convert(to: .float64)
      withoutGradients {
        for parameter in layers.parameters { parameter.value.multiplyInPlace(2) }
      }
      return withoutGradients { layers(features()) }
    }
  }

  /// A flow with parameters of its own, moved away from where they start.
  static func learned<Flow: LearnedBijection & SendableMetatype>(
    _ name: String, _ make: @escaping @Sendable (_ dimension: Int, RandomSource) -> Flow
  ) -> FlowCase {
    FlowCase(testDescription: name) { dimension in
      let rng = RandomSource(seed: 6)
      let flow = make(dimension, rng)
      flow.convert(to: .float64)
      withoutGradients {
        for parameter in flow.parameters {
          parameter.value.addInPlace(rng.normal(parameter.value.shape, dtype: .float64) * 0.2)
        }
      }
      return flow
    }
  }

  static let all = [
    planar(1, scale: 1), planar(4, scale: 0.8), planar(2, scale: 1.2),
    network("planar layers of features") { PlanarLayers(6, dimension: $0, layers: 5, using: $1) },
    network("inverse autoregressive layers") {
      InverseAutoregressiveLayers(6, dimension: $0, layers: 3, hidden: 12, context: 4, using: $1)
    },
    network("inverse autoregressive layers with fewer units than dimensions") {
      InverseAutoregressiveLayers(6, dimension: $0, layers: 2, hidden: 2, context: 1, using: $1)
    },
    learned("affine couplings") { CouplingFlow($0, couplings: 3, hidden: [6, 5], using: $1) },
    learned("one affine coupling") { CouplingFlow($0, couplings: 1, hidden: [6], using: $1) },
    learned("additive couplings") { CouplingFlow($0, kind: .additive, couplings: 3, hidden: [6], using: $1) },
    learned("masked autoregressive layers") { MaskedAutoregressiveFlow($0, layers: 3, hidden: [8, 7], using: $1) },
    learned("a masked autoregressive layer with fewer units than dimensions") {
      MaskedAutoregressiveFlow($0, layers: 1, hidden: [2], using: $1)
    },
  ]
}

@Suite("Flows") struct FlowTests {
  @Test("the published planar example has log|det| .057435")
  func planarExample() {
    let flow = PlanarFlow(
      u: Tensor([1, 0.5], shape: [1, 2]), w: Tensor([2, -1.0], shape: [1, 2]), b: Tensor([0.3], shape: [1, 1]))
    let (value, logDeterminant) = flow(Tensor([0.5, -1.0], shape: [1, 2]))
    let t = tanh(2.3)
    expectClose(value, [0.5 + t, -1 + t / 2], absolute: 1e-12)
    expectClose(logDeterminant, [0.057435], absolute: 5e-7)
  }

  @Test("the constraint gives w.u the value m(w.u), however negative it was, and leaves the rest of u")
  func constraint() {
    let w = Tensor([2, -1, 0, 0.0], shape: [2, 1, 2])
    let flow = PlanarFlow.invertible(
      u: Tensor([-3, 4, 1, 1.0], shape: [2, 1, 2]), w: w, b: Tensor([0, 0.0], shape: [2, 1, 1]))
    // w.u = -10, so that m = -1 + log(1 + e^-10); across w, u is (-3, 4) + 2 (2, -1) = (1, 2).
    let u = flow.u.array(Double.self)
    expectClose(2 * u[0] - u[1], -1 + log1p(exp(-10)), absolute: 1e-12)
    expectClose(u[0] + 2 * u[1], 5, absolute: 1e-12)
    // A w of zeros has no direction to move u in.
    #expect(u[2] == 1 && u[3] == 1)
  }

  @Test("the inverse of every flow brings points back", arguments: FlowCase.all)
  func inverse(_ test: FlowCase) {
    let flow = test.flow(3)
    let z = RandomSource(seed: 1).normal([5, 2, 3], dtype: .float64) * 2
    expectClose(flow.inverse(flow(z).value), z, absolute: 1e-8)
    expectClose(flow(flow.inverse(z)).value, z, absolute: 1e-8)
    // One draw has no leading axis.
    let single = z.at(0)
    #expect(flow(single).value.shape == [2, 3] && flow(single).logDeterminant.shape == [2])
    expectClose(flow(single).logDeterminant, flow(z).logDeterminant.at(0), absolute: 1e-12)
    expectClose(flow.inverse(flow(single).value), single, absolute: 1e-8)
  }

  @Test("log|det J| of every flow equals autograd's", arguments: FlowCase.all)
  func logDeterminant(_ test: FlowCase) {
    let flow = test.flow(4)
    let z = (RandomSource(seed: 1).normal([3, 2, 4], dtype: .float64) * 2).requiringGradient()
    let (value, logDeterminant) = flow(z)
    let rows = (0..<4).map { gradients(of: value.at($0, axis: -1).sum(), in: [z], retainGraph: true)[0] }
    let jacobian = Tensor.stacked(rows, axis: 2).reshaped([6, 4, 4])  // [count * batch, value, z]
    let expected = (0..<6).map { jacobian.at($0).singularValues().log().sum().item() }
    expectClose(logDeterminant.detached().reshaped([6]), expected, absolute: 1e-9)
  }

  @Test("the density of every flow is 1 on a grid of the plane within 1e-3", arguments: FlowCase.all)
  func density(_ test: FlowCase) {
    let flow = test.flow(2)
    let base = DiagonalGaussian(
      mean: Tensor([0.4, -0.3, -0.5, 0.2], shape: [2, 2]), logScale: Tensor([-0.2, 0.1, 0, -0.4], shape: [2, 2]))
    // Draws say where the grid of each example has to be.
    let draws = flow(base.sample([4000], using: RandomSource(seed: 2))).value
    let (low, high) = (draws.min(0), draws.max(0))  // [2, 2]
    let (centre, half) = ((low + high) * 0.5, (high - low) * 0.8)
    let count = 300
    let axis = (0..<count).map { (2 * Double($0) + 1) / Double(count) - 1 }
    let square = Tensor(axis.flatMap { x in axis.flatMap { [x, $0] } }, shape: [count * count, 1, 2])
    let z = flow.inverse(centre + square * half)
    let density = (base.logProb(z) - flow(z).logDeterminant).exp()
    let area = half.at(0, axis: 1) * half.at(1, axis: 1) * (4 / Double(count * count))
    expectClose(density.sum(0) * area, [1, 1], absolute: 1e-3)
  }

  @Test("a draw's own log density is that of the inverse, and no density is claimed elsewhere", arguments: FlowCase.all)
  func scores(_ test: FlowCase) {
    func compare(_ flow: some Bijection) {
      let base = DiagonalGaussian(
        mean: Tensor([1.0, 0, 0, 0, 2, 0], shape: [2, 3]), logScale: .full([2, 3], -0.5, dtype: .float64))
      let q = FlowSampler(base: base, flow: flow)
      let (value, logProb) = q.rsampleScored([7], using: RandomSource(seed: 5))
      #expect(value.shape == [7, 2, 3] && logProb.shape == [7, 2])
      let z = flow.inverse(value)
      expectClose(logProb, base.logProb(z) - flow(z).logDeterminant, absolute: 1e-8)
      expectClose(q.sample([7], using: RandomSource(seed: 5)), value, absolute: 0)
      #expect(!(q as Any is any Density))
    }
    compare(test.flow(3))
  }

  @Test("inverse autoregressive networks see the dimensions before each one and what is injected, and nothing else")
  func masks() {
    for (isReversed, hidden) in [(false, 8), (true, 8), (false, 3), (true, 40)] {
      let layer = AutoregressiveLayer(4, hidden: hidden, isReversed: isReversed, using: RandomSource(seed: 1))
      let z = RandomSource(seed: 2).normal([1, 4]).requiringGradient()
      let injected = RandomSource(seed: 3).normal([1, hidden]).requiringGradient()
      for half in [0, 1] {
        for index in 0..<4 {
          let (shift, gate) = layer(z, injected: injected)
          let found = gradients(of: (half == 0 ? shift : gate).at(index, axis: 1).sum(), in: [z, injected])
          let seen = found[0].array(Double.self).map { $0 != 0 }
          let before = (0..<4).map { isReversed ? $0 > index : $0 < index }
          // Fewer units than dimensions cannot tell each of them apart.
          #expect(zip(seen, before).allSatisfy { !$0 || $1 }, "\(isReversed), \(hidden): \(index) sees \(seen)")
          if hidden >= 4 { #expect(seen == before, "\(isReversed), \(hidden): \(index) sees \(seen)") }
          #expect(found[1].abs().max().item() > 0)
        }
      }
    }
  }

  @Test("a coupling moves the odd places by the even ones, the next one the other way round", arguments: [4, 5])
  func couplings(_ dimension: Int) {
    let flow = CouplingFlow(dimension, couplings: 1, hidden: [8], using: RandomSource(seed: 1))
    let two = CouplingFlow(dimension, couplings: 2, hidden: [8], using: RandomSource(seed: 1))
    let x = RandomSource(seed: 2).normal([1, dimension])
    let (once, twice) = (flow(x).value.array(Float.self), two(x).value.array(Float.self))
    for (index, value) in x.array(Float.self).enumerated() {
      #expect((once[index] != value) == (index % 2 == 1))
      #expect(twice[index] != value)
    }
    // Both have the same first coupling, and the second one leaves its result at odd places.
    for index in stride(from: 1, to: dimension, by: 2) { #expect(once[index] == twice[index]) }
  }

  @Test("the log determinant of additive couplings is the same for every x, that of affine ones is not")
  func constantDeterminant() {
    let z = RandomSource(seed: 1).normal([50, 2, 4], dtype: .float64) * 3
    for (name, isConstant) in [("additive couplings", true), ("affine couplings", false)] {
      let flow = FlowCase.all.first { $0.testDescription == name }!.flow(4)
      let found = flow(z).logDeterminant
      #expect(found.shape == [50, 2])
      let range = (found.max() - found.min()).item()
      #expect(isConstant ? range == 0 && found.max().item() != 0 : range > 0.1, "\(name): \(range)")
    }
  }

  @Test("a masked autoregressive layer moves each dimension by those before it, the next layer by those behind it")
  func autoregression() {
    for layers in [1, 2] {
      let flow = MaskedAutoregressiveFlow(4, layers: layers, hidden: [12, 8], using: RandomSource(seed: 1))
      let x = RandomSource(seed: 2).normal([1, 4]).requiringGradient()
      let value = flow(x).value
      for index in 0..<4 {
        let seen = gradients(of: value.at(index, axis: 1).sum(), in: [x], retainGraph: true)[0]
          .array(Double.self).map { $0 != 0 }
        #expect(seen == (0..<4).map { layers == 2 || $0 <= index }, "\(layers): \(index) sees \(seen)")
      }
    }
    // One dimension has none before it: an affine map, whose inverse takes one pass.
    let single = MaskedAutoregressiveFlow(1, layers: 2, hidden: [3], using: RandomSource(seed: 1))
    let z = RandomSource(seed: 2).normal([6, 1])
    expectClose(single.inverse(single(z).value), z, absolute: 1e-6)
    #expect(Set(single(z).logDeterminant.array(Float.self)).count == 1)
  }

  @Test("new flows with parameters of their own are near the identity, however many layers they have")
  func nearIdentity() {
    let rng = RandomSource(seed: 1)
    let z = rng.normal([50, 6])
    let flows: [any LearnedBijection] = [
      CouplingFlow(6, couplings: 16, hidden: [32, 32], using: rng),
      CouplingFlow(6, kind: .additive, couplings: 16, hidden: [32, 32], using: rng),
      MaskedAutoregressiveFlow(6, layers: 10, hidden: [32, 32], using: rng),
    ]
    for flow in flows {
      let (value, logDeterminant) = flow(z)
      #expect((value - z).abs().max().item() < 1 && logDeterminant.abs().max().item() < 1, "\(flow.summary)")
    }
  }

  @Test("new inverse autoregressive layers are near the identity, however many there are")
  func identity() {
    let rng = RandomSource(seed: 1)
    let layers = InverseAutoregressiveLayers(4, dimension: 3, layers: 30, hidden: 16, context: 4, using: rng)
    let z = rng.normal([50, 3])
    let (value, logDeterminant) = layers(rng.normal([50, 4]))(z)
    #expect((value - z).abs().max().item() < 1 && logDeterminant.abs().max().item() < 0.5)
  }

  /// A draw and its log density, with noise that does not change.
  private static func scored<Layers: FlowNetwork>(_ posterior: FlowPosterior<Layers>, _ x: Tensor) -> Tensor {
    let q = posterior(x)
    let (value, logProb) = q.rsampleScored([2], using: RandomSource(seed: 9))
    return .concatenated([value, logProb.unsqueezed(-1)], axis: -1)
  }

  private static func encoder(_ dimension: Int, _ rng: RandomSource) -> GaussianNetwork {
    GaussianNetwork(MLP([3], hidden: [4], activation: .tanh, using: rng), dimension: dimension, using: rng)
  }

  static let modules = [
    ModuleCase("planar posterior", parameters: 3 * 4 + 4 + 2 * (4 * 2 + 2) + (4 * 15 + 15)) { rng in
      FlowPosterior(encoder(2, rng), PlanarLayers(4, dimension: 2, layers: 3, using: rng))
    } inputs: {
      [$0.normal([5, 3])]
    } apply: {
      scored($0, $1[0])
    },
    ModuleCase("planar posterior of one dimension", parameters: 3 * 4 + 4 + 2 * (4 + 1) + (4 * 6 + 6)) { rng in
      FlowPosterior(encoder(1, rng), PlanarLayers(4, dimension: 1, layers: 2, using: rng))
    } inputs: {
      [$0.normal([1, 3])]
    } apply: {
      scored($0, $1[0])
    },
    ModuleCase(
      "inverse autoregressive posterior",
      parameters: 3 * 4 + 4 + 2 * (4 * 3 + 3) + (4 * 2 + 2) + (2 * 12 + 12) + 2 * (6 * 3 + 6 * 6 + 6)
    ) { rng in
      FlowPosterior(
        encoder(3, rng), InverseAutoregressiveLayers(4, dimension: 3, layers: 2, hidden: 6, context: 2, using: rng))
    } inputs: {
      [$0.normal([5, 3])]
    } apply: {
      scored($0, $1[0])
    },
    // Halves of 3 and 2: 3-4-(2 + 2), 2-4-(3 + 3), 3-4-4.
    ModuleCase("affine couplings", parameters: 2 * (12 + 4 + 16 + 4) + (8 + 4 + 24 + 6)) {
      CouplingFlow(5, couplings: 3, hidden: [4], using: $0)
    } inputs: {
      [$0.normal([7, 5])]
    } apply: {
      joined($0, $1[0])
    },
    ModuleCase("additive couplings", parameters: (12 + 4 + 8 + 2) + (8 + 4 + 12 + 3) + 5) {
      CouplingFlow(5, kind: .additive, couplings: 2, hidden: [4], using: $0)
    } inputs: {
      [$0.normal([7, 5])]
    } apply: {
      joined($0, $1[0])
    },
    ModuleCase("masked autoregressive layers", parameters: 2 * (3 * 8 + 8 + 8 * 6 + 6 + 6 * 6 + 6)) {
      MaskedAutoregressiveFlow(3, layers: 2, hidden: [8, 6], using: $0)
    } inputs: {
      [$0.normal([7, 3])]
    } apply: {
      joined($0, $1[0])
    },
  ]

  /// A flow's value and log determinant.
  private static func joined(_ flow: some Bijection, _ x: Tensor) -> Tensor {
    let (value, logDeterminant) = flow(x)
    return .concatenated([value, logDeterminant.unsqueezed(-1)], axis: -1)
  }

  @Test("every flow with parameters is a good module", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("posteriors with flows say what they are in one line")
  func summaries() {
    let rng = RandomSource(seed: 1)
    let planar = FlowPosterior(Self.encoder(2, rng), PlanarLayers(4, dimension: 2, layers: 80, using: rng))
    #expect(planar.summary == "Gaussian, MLP 3-4-2, then 80 planar layers")
    let iaf = FlowPosterior(
      Self.encoder(2, rng),
      InverseAutoregressiveLayers(4, dimension: 2, layers: 8, hidden: 128, context: 32, using: rng))
    #expect(iaf.summary == "Gaussian, MLP 3-4-2, then 8 inverse autoregressive layers of 128, context 32")
    #expect(
      CouplingFlow(3, couplings: 16, hidden: [6, 5], using: rng).summary == "16 affine couplings, MLP 2-6-5-2, ReLU6")
    #expect(
      CouplingFlow(2, kind: .additive, couplings: 1, hidden: [6], using: rng).summary
        == "1 additive coupling, MLP 1-6-1, ReLU6, a scale for each dimension")
    #expect(
      MaskedAutoregressiveFlow(3, layers: 5, hidden: [8], using: rng).summary
        == "5 masked autoregressive layers, MADE 3-8-6, ReLU6")
  }
}
