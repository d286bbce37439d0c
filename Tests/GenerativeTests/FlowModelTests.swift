import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Densities by flows") struct FlowModelTests {
  private static func flows(_ rng: RandomSource, dimension: Int = 2, hidden: [Int] = [8, 8]) -> [any LearnedBijection] {
    [
      CouplingFlow(dimension, couplings: 4, hidden: hidden, using: rng),
      CouplingFlow(dimension, kind: .additive, couplings: 4, hidden: hidden, using: rng),
      MaskedAutoregressiveFlow(dimension, layers: 3, hidden: hidden, using: rng),
    ]
  }

  static let module = ModuleCase("FlowModel", parameters: 2 * (2 * 4 + 4 + 4 * 4 + 4)) {
    FlowModel([1, 2, 2], CouplingFlow(4, couplings: 2, hidden: [4], using: $0))
  } inputs: {
    [$0.normal([5, 1, 2, 2])]
  } apply: {
    $0.logProb($1[0])
  }

  @Test("its log density is differentiated rightly in everything")
  func conformance() throws { try Self.module.check() }

  /// Trains by rounds on batches of `examples`, taking Adam's steps.
  private static func train(
    _ model: FlowModel, on examples: Tensor, steps: Int, batch: Int, rate: Double = 3e-3
  ) throws -> [Double] {
    let rng = RandomSource(seed: 8)
    let adam = Adam(model.parameters)
    let passes = examples.size(0) / batch
    let table = Recorder(clock: Clock(stepsPerEpoch: passes), using: rng) { _, index in
      let start = index % passes * batch
      return Batch(x: examples.narrowed(0, start..<start + batch))
    } onMove: { moves in
      adam.step(gradients(of: moves[0].1.value.mean(), in: model.parameters.map(\.value)), rate: rate)
    }
    for step in 0..<steps {
      table.clock.step = step
      try TrainingMode.run { try model.play(table) }
    }
    return table.moves.map { $0[0].loss.value.detached().mean().item() }
  }

  /// Points of a set as the tool draws them.
  private static func points(_ set: PointSet, _ count: Int, seed: UInt64) throws -> Tensor {
    let examples = try set.examples(count: count, seed: seed)
    guard case .floats(let values) = examples.storage else { preconditionFailure("expected numbers") }
    return Tensor(values, shape: [count, 2])
  }

  @Test("the first round standardizes by a whole pass, so that examples of any unit are learned alike")
  func units() throws {
    let x = try Self.points(.eightGaussians, 512, seed: 1)
    func losses(_ factor: Double, _ shift: Double, _ kind: Int) throws -> [Double] {
      let model = FlowModel([2], Self.flows(RandomSource(seed: 1))[kind])
      return try Self.train(model, on: x * factor + shift, steps: 30, batch: 64)
    }
    for kind in 0..<3 {
      let plain = try losses(1, 0, kind)
      #expect(Set(plain).count == plain.count)
      for (factor, shift) in [(100.0, 5000.0), (0.01, 0), (1e-4, 1e-3)] {
        let found = try losses(factor, shift, kind)
        // The density of x in another unit has another unit.
        expectClose(found.map { $0 - 2 * log(factor) }, plain, absolute: 2e-3)
      }
    }
  }

  @Test("after training it integrates to 1, and its draws are where the data are")
  func integral() throws {
    let x = try Self.points(.eightGaussians, 2048, seed: 1)
    for flow in Self.flows(RandomSource(seed: 2), hidden: [32]) {
      let model = FlowModel([2], flow)
      let losses = try Self.train(model, on: x, steps: 150, batch: 256)
      #expect(losses.last! < losses[0])
      let (count, half) = (700, 14.0)
      let axis: [Float] = (0..<count).map { Float(half * ((2 * Double($0) + 1) / Double(count) - 1)) }
      let grid = Tensor(axis.flatMap { x in axis.flatMap { [x, $0] } }, shape: [count * count, 2])
      let mass = withoutGradients { model.logProb(grid).to(.float64).exp().sum() } * pow(2 * half / Double(count), 2)
      expectClose(mass.item(), 1, absolute: 1e-3)
      let draws = withoutGradients { model.examples(4000, as: .means, using: RandomSource(seed: 3)) }
      #expect(draws.shape == [4000, 2])
      let typical = withoutGradients { model.logProb(draws).mean().item() }
      // E log p of its own draws is minus its entropy, near that of the data's under it.
      #expect(abs(typical + losses.last!) < 0.3, "\(typical) \(losses.last!)")
    }
  }

  @Test(
    "no density is better on fresh draws than the entropy, and a short training comes near (false alarms: 1 in 10^6)",
    arguments: ["eight-gaussians", "checkerboard"])
  func entropy(_ name: String) throws {
    let set = PointSet.all.first { $0.name == name }!
    let entropy = name == "eight-gaussians" ? 2.831880 : 3.465736
    let model = FlowModel([2], CouplingFlow(2, couplings: 6, hidden: [32, 32], using: RandomSource(seed: 3)))
    _ = try Self.train(model, on: Self.points(set, 5120, seed: 1), steps: 1600, batch: 256, rate: 2e-3)
    let fresh = try Self.points(set, 10_000, seed: 2)
    let losses = withoutGradients { (-model.logProb(fresh)).array(Double.self) }
    let (mean, error) = averageAndError(losses)
    #expect(mean > entropy - 5 * error, "\(mean) +- \(error)")
    #expect(mean < entropy + 0.4, "\(mean) +- \(error)")
  }

  @Test("score, loss and log density are one number; examples have any shape and any number of axes in front")
  func shapes() throws {
    let rng = RandomSource(seed: 4)
    let model = FlowModel([1, 2, 3], CouplingFlow(6, couplings: 3, hidden: [5], using: rng))
    let x = rng.normal([7, 1, 2, 3]) * 4 + 1
    let table = Recorder([.main: Batch(x: x)], using: rng)
    try model.play(table)
    #expect(table.feedsRead == [.main, .main])
    let score = try #require(model.score)
    #expect(score.key == "log_likelihood_nats" && score.rises)
    let logProb = model.logProb(x)
    #expect(logProb.shape == [7])
    expectClose(score.value(Batch(x: x), rng), logProb, absolute: 0)
    expectClose(-table.loss(of: "flow").value, logProb, absolute: 0)
    expectClose(model.logProb(x.reshaped([1, 7, 1, 2, 3])), logProb.unsqueezed(0), absolute: 1e-6)
    #expect(model.examples(3, as: .draws, using: rng).shape == [3, 1, 2, 3])
    // A later round reads one batch and keeps its units.
    table.clock.step = 1
    try model.play(table)
    #expect(table.feedsRead.count == 3)
  }

  @Test("numbers that are the same in all examples have no density")
  func constant() {
    let rng = RandomSource(seed: 5)
    func said(_ x: Tensor) -> String {
      let model = FlowModel([3], CouplingFlow(3, couplings: 1, hidden: [4], using: rng))
      let error = #expect(throws: DensityError.self) {
        try model.play(Recorder([.main: Batch(x: x)], using: rng))
      }
      return error?.description ?? ""
    }
    let x = rng.normal([5, 3])
    #expect(
      said(x * Tensor([1, 0, 1] as [Float]) + 0.1)
        == "expected numbers that differ between examples, got the same in all of them in 1 of 3 dimensions, the first of "
        + "which is 1, counted from 0; a density needs others, or noise on them (data.dequantize for pixels)")
    #expect(
      said(x * 0)
        == "expected numbers that differ between examples, got the same in all of them in 3 of 3 dimensions; a density needs "
        + "others, or noise on them (data.dequantize for pixels)")
    #expect(said(x.narrowed(0, 0..<1)).contains("3 of 3 dimensions"))
  }

  @Test("a card says what the flow is")
  func card() {
    let model = FlowModel([2], CouplingFlow(2, couplings: 3, hidden: [4], using: RandomSource(seed: 1)))
    #expect(model.card.conditionals.map(\.family) == ["N(0, I) through 3 affine couplings, MLP 1-4-2, ReLU6"])
    #expect(model.card.players.map(\.loss) == ["-log p(x)"])
    #expect(model.card.parameterCount == 3 * (4 + 4 + 8 + 2))
  }
}
