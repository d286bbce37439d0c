import Datasets
import TestSupport
import Testing
import Torch

@Suite("Batches of codes") struct CodeBatchesTests {
  /// Ten points in batches of four, with classes.
  private func examples() throws -> ExampleBatches {
    let values = RandomSource(seed: 1).normal([10, 3]).array(Float.self)
    let examples = try Examples(
      name: "points", storage: .floats(values), shape: [3], labels: [0, 1, 1, 0, 2, 1, 0, 2, 2, 0], classCount: 3)
    return ExampleBatches(
      DeviceExamples(examples, binarization: .none), batchSize: 4, seed: 3)
  }

  @Test("the codes of a network with batch norm are those of its use, and its running statistics stay, in training too")
  func statistics() throws {
    let norm = BatchNorm(3)
    TrainingMode.run { _ = norm(RandomSource(seed: 4).normal([20, 3]) * 2 + 1) }
    let before = norm.namedTensors.map { $0.tensor.clone() }
    let examples = try examples()
    let x = try examples.batch(at: 0, using: RandomSource(seed: 5)).x
    let codes = CodeBatches(examples) { x, _ in norm(x) }
    let found = try TrainingMode.run {
      let batch = try codes.batch(at: 0, using: RandomSource(seed: 5))
      // The scope of training goes on behind it.
      _ = BatchNorm(3)(x)
      return batch.x
    }
    expectClose(found, norm(x), absolute: 0)
    #expect(!found.requiresGradient)
    for (tensor, old) in zip(norm.namedTensors.map(\.tensor), before) {
      let isSame = tensor.isEqual(to: old)
      #expect(isSame)
    }
  }

  @Test("codes are drawn anew at each reading, and equal streams give equal codes")
  func draws() throws {
    let codes = CodeBatches(try examples()) { x, rng in x + rng.normal(x.shape) }
    let rng = RandomSource(seed: 6)
    let first = try codes.batch(at: 1, using: rng).x
    let isOther = try !codes.batch(at: 1, using: rng).x.isEqual(to: first)
    #expect(isOther)
    let isSame = try codes.batch(at: 1, using: RandomSource(seed: 6)).x.isEqual(to: first)
    #expect(isSame)
  }

  @Test("a pass is one over the examples, in their order and with their classes")
  func passes() throws {
    let (examples, rng) = (try examples(), RandomSource(seed: 7))
    let codes = CodeBatches(examples) { x, _ in x.sum(-1, keepAxes: true) }
    #expect(codes.batchesPerEpoch == 3)
    for index in 0..<4 {
      let (batch, example) = (try codes.batch(at: index, using: rng), try examples.batch(at: index, using: rng))
      #expect(batch.count == [4, 4, 2, 4][index])
      #expect(batch.x.shape == [batch.count, 1])
      #expect(batch.labels?.array(Int.self) == example.labels?.array(Int.self))
    }
  }

  @Test("codes come in the encoder's own precision, whatever the game's is")
  func precision() throws {
    let examples = try examples()
    let layer = Linear(3, 2, using: RandomSource(seed: 8))
    let codes = CodeBatches(examples) { x, _ in layer(x) }
    let x = try examples.batch(at: 0, using: RandomSource(seed: 9)).x
    let found = try withPrecision(.bf16, on: .cpu) {
      let batch = try codes.batch(at: 0, using: RandomSource(seed: 9))
      // And the scope goes on behind it.
      #expect(layer(x).dtype == .bfloat16)
      return batch.x
    }
    #expect(found.dtype == .float32)
    expectClose(found, layer(x), absolute: 0)
  }

  @Test("codes of another number than the examples end the process with their message")
  func counts() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try CodeBatches(try CodeBatchesTests().examples()) { x, _ in x.sum(0) }
        .batch(at: 0, using: RandomSource(seed: 1))
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("CodeBatches: expected 4 codes, got shape [3] for examples [4, 3]"), "\(output)")
  }
}
