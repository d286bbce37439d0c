import Datasets
import Foundation
import Generative
import Inference
import Probability
import TestSupport
import Testing
import Torch

@Suite("Fits to potentials") struct PotentialFitTests {
  /// A model far from where training starts.
  private static func model(_ target: Target, auxiliary: Int?) -> AuxiliaryFit {
    var design = AuxiliaryFit.Design()
    (design.auxiliarySize, design.hidden, design.activation) = (auxiliary, [6, 5], .tanh)
    let model = AuxiliaryFit(target, design, using: RandomSource(seed: 1))
    let rng = RandomSource(seed: 2)
    withoutGradients {
      for parameter in model.parameters { parameter.value.addInPlace(rng.normal(parameter.value.shape) * 0.15) }
    }
    return model
  }

  /// Narrower than any q here, so that weights are bounded.
  private static let gaussian = Target("gaussian", columns: ["z1", "z2"]) { z in
    1 - ((z - Tensor([0.3, -0.2]).to(z.dtype)) * (1 / 0.6)).square().sum(-1) * 0.5
  }

  /// E f(z) r(a|z) / (q(a) q(z|a)) is Z, whatever the networks are: r and q are normalized.
  @Test("the exponential of the bound averages to Z (false alarms: 1 in 10^6)", arguments: [nil, 1, 4])
  func weights(_ auxiliary: Int?) {
    let model = Self.model(Self.gaussian, auxiliary: auxiliary)
    let bounds = withoutGradients { model.bound(count: 200_000, using: RandomSource(seed: 3)) }
    #expect(bounds.shape == [200_000])
    expectAverage(bounds.exp().array(Double.self), exp(1) * 2 * .pi * 0.36)
  }

  @Test(
    "the bound is below log Z (false alarms: 1 in 10^6)", arguments: Potential.all.indices, [nil, 4])
  func below(_ index: Int, _ auxiliary: Int?) {
    let potential = Potential.all[index]
    let bounds = withoutGradients {
      Self.model(Target(potential), auxiliary: auxiliary).bound(count: 20_000, using: RandomSource(seed: 4))
    }
    let (average, error) = averageAndError(bounds.array(Double.self))
    #expect(average < potential.logNormalizer(spacing: 0.05) + 5 * error)
  }

  private static func loss(_ model: AuxiliaryFit, _ step: Int, seed: UInt64) throws -> Loss {
    let table = Recorder(clock: Clock(step: step), using: RandomSource(seed: seed))
    try model.play(table)
    #expect(table.feedsRead.isEmpty)
    return table.loss(of: "fit")
  }

  @Test("every parameter has a gradient, the loss is the negative bound, and no data are read")
  func game() throws {
    for auxiliary in [nil, 4] {
      let model = Self.model(Target(.u2), auxiliary: auxiliary)
      #expect(model.parameters.count == (auxiliary == nil ? 2 : 12))
      let loss = try Self.loss(model, 0, seed: 5)
      #expect(loss.value.shape == [256])
      expectClose(loss.value, -model.bound(count: 256, using: RandomSource(seed: 5)), absolute: 1e-6)
      for gradient in gradients(of: loss.value.mean(), in: model.parameters.map(\.value)) {
        #expect(gradient.abs().max().item() > 0)
      }
    }
  }

  @Test(
    "targets of any dimension are fitted, as the average of exp(bound) says (false alarms: 1 in 10^6)",
    arguments: [nil, 2])
  func dimensions(_ auxiliary: Int?) {
    let narrow = Target("narrow", columns: ["a", "b", "c"]) { ($0 - 0.1).square().sum(-1) * -2 }
    let model = Self.model(narrow, auxiliary: auxiliary)
    #expect(model.samples(count: 5, using: RandomSource(seed: 7)).shape == [5, 3])
    let bounds = withoutGradients { model.bound(count: 200_000, using: RandomSource(seed: 8)) }
    expectAverage(bounds.exp().array(Double.self), pow(2 * .pi / 4, 1.5))
  }

  @Test("a temperature weighs log f alone, and the logged bound is without it")
  func temperature() throws {
    let plain = Self.model(Target(.u1), auxiliary: nil)
    var design = plain.design
    design.temperature = .linear(start: 0, end: 1, until: .steps(4))
    design.batchSize = 20
    let model = AuxiliaryFit(Target(.u1), design, using: RandomSource(seed: 1))
    let bound = model.bound(count: 20, using: RandomSource(seed: 6))
    let z = model.samples(count: 20, using: RandomSource(seed: 6))
    #expect(z.shape == [20, 2])
    for (step, temperature) in [(0, 0.0), (1, 0.25), (9, 1)] {
      let loss = try Self.loss(model, step, seed: 6)
      expectClose(-loss.value, bound - model.target.logDensity(z) * (1 - temperature), absolute: 1e-5)
      expectClose(loss.terms[0].value, bound, absolute: 1e-6)
    }
  }
}
