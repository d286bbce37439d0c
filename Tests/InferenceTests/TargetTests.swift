import Foundation
import Probability
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Targets")
struct TargetTests {
  private static let gaussian = Target(
    "gaussian", columns: ["x", "y"],
    start: { count, rng in rng.normal([count, 2]) * 0.1 + 3 },
    logNormalizer: log(2 * Double.pi),
    reference: { count, rng in rng.normal([count, 2]) },
    logDensity: { $0.square().sum(-1) * -0.5 })

  private func failure(_ target: Target, at points: Tensor) -> String? {
    do {
      _ = try target.logDensity(checked: points)
      return nil
    } catch { return "\(error)" }
  }

  @Test("it knows its dimension, its log Z, where to start and exact draws")
  func facts() {
    let target = Self.gaussian
    #expect(target.dimension == 2)
    #expect(target.logNormalizer == log(2 * .pi))
    #expect(target.start(500, RandomSource(seed: 1)).min().item() > 2)
    #expect(target.reference?(7, RandomSource(seed: 1)).shape == [7, 2])
    let plain = Target("plain", columns: ["a", "b", "c"]) { $0.sum(-1) }
    #expect(plain.logNormalizer == nil && plain.reference == nil)
    let isStandard = plain.start(6, RandomSource(seed: 2))
      .isEqual(to: RandomSource(seed: 2).normal([6, 3], dtype: .float64))
    #expect(isStandard)
  }

  @Test("a log density of another shape is refused in words")
  func shapes() {
    let wide = Target("wide", columns: ["x", "y"]) { $0.sum(-1, keepAxes: true) }
    #expect(
      failure(wide, at: .zeros([4, 2]))
        == "target 'wide': expected [n] log densities for points [n, d], got shape [4, 1] for points [4, 2]")
    let scalar = Target("scalar", columns: ["x", "y"]) { $0.sum() }
    #expect(
      failure(scalar, at: .zeros([1, 2]))
        == "target 'scalar': expected [n] log densities for points [n, d], got shape [] for points [1, 2]")
    #expect(failure(Self.gaussian, at: .zeros([4, 2])) == nil)
  }

  @Test("a number that is no log density is refused with its row and its point; a density of 0 is not")
  func numbers() {
    let root = Target("root", columns: ["x", "y"]) { $0.at(0, axis: 1).sqrt().log() }
    #expect(failure(root, at: Tensor([4, 1, 0, 1], shape: [2, 2])) == nil)
    #expect(
      failure(root, at: Tensor([4, 1, 2, 0, -1, 0.5], shape: [3, 2]))
        == "target 'root': expected finite numbers or -infinity, got NaN in row 2, at x = -1.0, y = 0.5")
    let pole = Target("pole", columns: (1...9).map { "z\($0)" }) { -$0.at(0, axis: 1).log() }
    #expect(
      failure(pole, at: .zeros([1, 9]))
        == "target 'pole': expected finite numbers or -infinity, got infinity in row 0, at z1 = 0.0, z2 = 0.0, "
        + "z3 = 0.0, z4 = 0.0, z5 = 0.0, z6 = 0.0, z7 = 0.0, z8 = 0.0, ...")
  }

  @Test("where nothing can be thrown, a log density or a start of another shape ends the process with its message")
  func traps() async throws {
    let density = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Target("wide", columns: ["x"]) { $0 }.logDensity(.zeros([4, 1]))
    }
    #expect(
      String(decoding: try #require(density).standardErrorContent, as: UTF8.self).contains(
        "target 'wide': expected [n] log densities for points [n, d], got shape [4, 1] for points [4, 1]"))
    let start = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Target("flat", columns: ["x"], start: { count, rng in rng.normal([count]) }) { $0.sum(-1) }
        .start(4, RandomSource(seed: 1))
    }
    #expect(
      String(decoding: try #require(start).standardErrorContent, as: UTF8.self).contains(
        "target 'flat': expected starts of shape [4, 1], got shape [4]"))
  }

  @Test("chains see it with any leading axes, and with its gradient")
  func leading() {
    let rng = RandomSource(seed: 3)
    for leading in [[], [5], [4, 3]] {
      let z = rng.normal(leading + [2], dtype: .float64)
      expectClose(Self.gaussian.density(z), z.square().sum(-1) * -0.5, absolute: 1e-12)
      let point = WeightedDensity(Self.gaussian).point(at: z)
      #expect(point.logProbs[0].shape == leading)
      expectClose(point.gradients[0], -z, absolute: 1e-12)
    }
  }

  @Test("chains start at its starts, one for NUTS and many for HMC")
  func chains() {
    let one = sampleChains(NUTS(), of: Self.gaussian, warmup: 0, draws: 3, using: RandomSource(seed: 4))
    #expect(one.values.shape == [3, 2])
    let rng = RandomSource(seed: 4)
    let start = Self.gaussian.start(1, rng).to(.float64).at(0)
    let isSame = one.values.isEqual(
      to: sampleChains(NUTS(), of: Self.gaussian.density, from: start, warmup: 0, draws: 3, using: rng).values)
    #expect(isSame)
    let many = sampleChains(
      HMC(leapfrogSteps: 3), of: Self.gaussian, chains: 5, warmup: 20, draws: 4, using: RandomSource(seed: 5))
    #expect(many.values.shape == [4, 5, 2] && many.values.dtype == .float64)
  }

  @Test("potentials are targets: the same bits, and the same log Z", arguments: Potential.all.indices)
  func potentials(_ index: Int) {
    let (target, potential) = (Target.potentials[index], Potential.all[index])
    #expect(target.name == potential.name && target.columns == ["z1", "z2"])
    #expect(target.logNormalizer == potential.logNormalizer())
    let z = RandomSource(seed: 6).normal([50, 2]) * 2
    let isSame = target.logDensity(z).isEqual(to: potential.logDensity(z))
    #expect(isSame)
  }
}
