import Datasets
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Batches") struct BatchTests {
  @Test("a rest that is smaller than a batch may be joins the batch before it; no example is left out")
  func rest() {
    func sizes(_ count: Int, _ size: Int, _ smallest: Int) -> [Int] {
      let order = BatchOrder(count: count, batchSize: size, smallest: smallest, seed: 1)
      let batches = (0..<order.batchesPerEpoch).map { order.indices(at: $0).array(Int.self) }
      #expect(batches.joined().sorted() == Array(0..<count))
      return batches.map(\.count)
    }
    #expect(sizes(101, 50, 1) == [50, 50, 1])
    #expect(sizes(101, 50, 2) == [50, 51])
    #expect(sizes(102, 50, 2) == [50, 50, 2])
    #expect(sizes(100, 50, 2) == [50, 50])
    #expect(sizes(3, 100, 2) == [3])
    #expect(sizes(1, 100, 2) == [1])
    #expect(sizes(51, 50, 2) == [51])
    // The second pass begins behind the first.
    let order = BatchOrder(count: 5, batchSize: 2, smallest: 2, seed: 1)
    #expect((0..<4).map { order.indices(at: $0).count } == [2, 3, 2, 3])
  }

  private func pixels(labels: Bool = true) throws -> Examples {
    try Examples(
      name: "pixels", storage: .bytes((0..<24).map { UInt8($0 * 11) }), shape: [1, 2, 3],
      labels: labels ? [2, 0, 1, 2] : nil, classCount: labels ? 3 : nil)
  }

  private func device(
    _ examples: Examples, _ binarization: Binarization = .none
  ) -> DeviceExamples {
    DeviceExamples(examples, binarization: binarization)
  }

  @Test("bytes come as pixel / 255 with the examples' shape and classes, by range and by index")
  func bytes() throws {
    let examples = device(try pixels())
    #expect(examples.count == 4)
    #expect(examples.shape == [1, 2, 3])
    let rng = RandomSource(seed: 1)
    let range = try examples.batch(1..<3, using: rng)
    #expect(range.x.shape == [2, 1, 2, 3])
    #expect(range.x.dtype == .float32)
    #expect(range.count == 2)
    expectClose(range.x, (6..<18).map { Double($0 * 11) / 255 }, absolute: 1e-7)
    #expect(range.labels?.dtype == .int64)
    #expect(range.labels?.array() == [0, 1])
    let picked = try examples.batch(Tensor([3, 0, 3]), using: rng)
    let rows = [18..<24, 0..<6, 18..<24].flatMap { $0.map { Double($0 * 11) / 255 } }
    #expect(picked.x.shape == [3, 1, 2, 3])
    expectClose(picked.x, rows, absolute: 1e-7)
    #expect(picked.labels?.array() == [2, 2, 2])
    #expect(try device(pixels(labels: false)).batch(0..<4, using: rng).labels == nil)
  }

  @Test("floats come as they are, of any sign and size")
  func floats() throws {
    let values: [Float] = [-3, 0.25, 1e6, 255, 128, -0.5]
    let examples = device(try Examples(name: "points", storage: .floats(values), shape: [2]))
    let rng = RandomSource(seed: 1)
    #expect(try examples.batch(0..<3, using: rng).x.array() == values)
    #expect(try examples.batch(Tensor([2, 0]), using: rng).x.array() == [Float(128), -0.5, -3, 0.25])
  }

  @Test(
    "a binary set gives its zeros and ones under every binarization",
    arguments: Binarization.allCases)
  func binary(_ binarization: Binarization) throws {
    let bytes: [UInt8] = [0, 1, 1, 0, 1, 1, 0, 0]
    let examples = device(
      try Examples(name: "binary", storage: .bytes(bytes), shape: [2], isBinary: true), binarization
    )
    let batch = try examples.batch(0..<4, using: RandomSource(seed: 1))
    #expect(batch.x.dtype == .float32)
    #expect(batch.x.array() == bytes.map(Float.init))
  }

  @Test("every epoch is a permutation; only its last batch is smaller")
  func permutations() {
    let order = BatchOrder(count: 10, batchSize: 4, seed: 7)
    #expect(order.batchesPerEpoch == 3)
    for epoch in 0..<5 {
      let batches = (0..<3).map { order.indices(at: 3 * epoch + $0).array(Int.self) }
      #expect(batches.map(\.count) == [4, 4, 2])
      #expect(batches.flatMap { $0 }.sorted() == Array(0..<10))
    }
  }

  @Test("a batch size above the count reads all, one that divides it leaves no smaller batch")
  func sizes() {
    let large = BatchOrder(count: 10, batchSize: 64, seed: 7)
    #expect(large.batchesPerEpoch == 1)
    #expect(large.indices(at: 3).array(Int.self).sorted() == Array(0..<10))
    let even = BatchOrder(count: 10, batchSize: 5, seed: 7)
    #expect(even.batchesPerEpoch == 2)
    #expect(even.indices(at: 9).count == 5)
  }

  @Test("the order is a function of seed and step alone, wherever one starts to read")
  func resuming() {
    let whole = BatchOrder(count: 50, batchSize: 8, seed: 7)
    let steps = (0..<30).map { whole.indices(at: $0).array(Int.self) }
    for start in [0, 1, 6, 7, 8, 13, 29] {
      let resumed = BatchOrder(count: 50, batchSize: 8, seed: 7)
      for step in start..<30 { #expect(resumed.indices(at: step).array(Int.self) == steps[step]) }
    }
    // Backwards too: nothing is remembered that matters.
    for step in (0..<30).reversed() {
      #expect(whole.indices(at: step).array(Int.self) == steps[step])
    }
    let other = BatchOrder(count: 50, batchSize: 8, seed: 8)
    #expect(other.indices(at: 0).array(Int.self) != steps[0])
    // 50! orders: two epochs agree by chance once in 10^64.
    #expect(steps[0..<7].flatMap { $0 } != steps[7..<14].flatMap { $0 })
  }

  @Test("every example is as likely in every place (false alarms: 1 in 10^6)")
  func uniformity() {
    var counts = [Int](repeating: 0, count: 25)
    let order = BatchOrder(count: 5, batchSize: 5, seed: 3)
    for epoch in 0..<4000 {
      for (place, example) in order.indices(at: epoch).array(Int.self).enumerated() {
        counts[5 * place + example] += 1
      }
    }
    for count in counts {
      expectFrequency(count, of: 4000, probability: 0.2, falseAlarms: 1e-6 / 25)
    }
  }

  @Test("no examples or no batch size end the process with a message")
  func refusal() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = BatchOrder(count: 0, batchSize: 4, seed: 1) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("BatchOrder: expected examples and a batch size above 0"))
  }
}
