import Testing

@testable import Datasets

@Suite("Examples")
struct ExamplesTests {
  func numbers(_ count: Int) throws -> Examples {
    try Examples(
      name: "numbers", storage: .floats((0..<2 * count).map(Float.init)), shape: [2],
      labels: (0..<count).map { Int32($0 % 3) }, classCount: 3,
      factors: ["index": (0..<count).map(Float.init)])
  }

  @Test("the generator gives the published numbers of SplitMix64")
  func generator() {
    // The first five outputs for seed 1234567 of the authors' C program.
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test("as many of each class are chosen by the seed, whole rows in the file's order; no labels are refused")
  func balanced() throws {
    let all = try numbers(100)
    let some = try all.balanced(perClass: 7, seed: 1)
    #expect(some.count == 21 && some.labelCounts == [7, 7, 7])
    let indices = some.factors!["index"]!
    #expect(indices == indices.sorted() && Set(indices).count == 21)
    for (row, index) in indices.enumerated() {
      #expect(some.storage.floats[2 * row] == 2 * index && some.labels![row] == Int32(Int(index) % 3))
    }
    #expect(try all.balanced(perClass: 7, seed: 1) == some && all.balanced(perClass: 7, seed: 2) != some)
    #expect(try some == all.labelled(perClass: 7, seed: 1))
    func refusal(_ examples: Examples, _ count: Int) -> String {
      do {
        _ = try examples.balanced(perClass: count, seed: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      refusal(all, 34)
        == "numbers, class 1: expected at least 34 examples for training (data.perClass takes fewer of each), got 33")
    for labels in [nil, [Int32](repeating: Examples.unlabelled, count: 4)] {
      let unlabelled = try Examples(
        name: "x", storage: .floats([1, 2, 3, 4]), shape: [1], labels: labels, classCount: labels.map { _ in 2 })
      #expect(refusal(unlabelled, 2) == "x: expected labels, to take 2 of each class (data.perClass), got none")
    }
  }

  @Test("a split is a partition, keeps rows together, and is the same for the same seed only")
  func split() throws {
    let all = try numbers(100)
    let parts = try all.split(validation: .count(30), seed: 1)
    let indices = parts.train.factors!["index"]! + parts.validation.factors!["index"]!
    #expect(parts.train.count == 70 && parts.validation.count == 30)
    #expect(indices.sorted() == (0..<100).map(Float.init))
    for part in [parts.train, parts.validation] {
      for (row, index) in part.factors!["index"]!.enumerated() {
        #expect(part.storage.floats[2 * row] == 2 * index)
        #expect(part.labels![row] == Int32(Int(index) % 3))
      }
    }
    let again = try all.split(validation: .fraction(0.3), seed: 1)
    #expect(again.validation == parts.validation)
    #expect(try all.split(validation: .count(30), seed: 2).validation != parts.validation)
  }

  @Test("the held-out examples of a seed are the same on every platform")
  func goldenSplit() throws {
    // From the same algorithm in Python: order = list(range(20)); for last in range(19, 0, -1):
    // swap order[last] with order[next() * (last + 1) >> 64]; the first five, sorted.
    let held = try numbers(20).split(validation: .count(5), seed: 42).validation
    #expect(held.factors!["index"]! == [1, 7, 9, 15, 16])
  }

  @Test("a prefix and a subset cut values, labels and factors alike")
  func cuts() throws {
    let all = try numbers(5)
    let first = all.prefix(2)
    #expect(first.count == 2)
    #expect(first.storage == .floats([0, 1, 2, 3]))
    #expect(first.labels == [0, 1])
    #expect(first.factors == ["index": [0, 1]])
    #expect(all.prefix(9) == all)
    #expect(all.prefix(-1).count == 0)
    let chosen = all.subset([4, 0, 4])
    #expect(chosen.storage == .floats([8, 9, 0, 1, 8, 9]))
    #expect(chosen.labels == [1, 0, 1])
    #expect(all.labelCounts == [2, 2, 1])
  }

  @Test("parts that contradict each other are refused by name")
  func contradictions() throws {
    let bytes = Examples.Storage.bytes([1, 0, 1, 5])
    func refusal(
      _ shape: [Int], labels: [Int32]? = nil, classCount: Int? = nil,
      factors: [String: [Float]]? = nil, isBinary: Bool = false
    ) -> String {
      message {
        _ = try Examples(
          name: "set", storage: bytes, shape: shape, labels: labels, classCount: classCount,
          factors: factors, isBinary: isBinary)
      }
    }
    #expect(refusal([2]) == "")
    #expect(refusal([3]) == "set, values: expected a multiple of 3 (shape [3]), got 4")
    #expect(
      refusal([0, 2]) == "set, shape: expected positive sizes with a product below 2^63, got [0, 2]"
    )
    #expect(
      refusal([2], labels: [1], classCount: 2)
        == "set, labels: expected 2, one per example, got 1")
    #expect(
      refusal([2], labels: [1, 2], classCount: 2)
        == "set, label of example 1: expected 0..<2, got 2")
    #expect(
      refusal([2], labels: [1, 0]) == "set, labels: expected a class count with them, got none")
    #expect(
      refusal([2], factors: ["slant": [1]]) == "set, factor 'slant': expected 2 numbers, got 1")
    #expect(
      refusal([2], isBinary: true) == "set, value 3: expected 0 or 1 in a binary set, got 5")
    #expect(
      message { _ = try numbers(4).split(validation: .count(4), seed: 0) }
        == "numbers: expected at least 5 examples, to hold some out for validation and learn from the others (--set data.validation=0 holds none out), got 4"
    )
    #expect(
      message { _ = try numbers(4).split(validation: .fraction(0.01), seed: 0) }
        == "numbers: expected at least 50 examples, to hold some out for validation and learn from the others (--set data.validation=0 holds none out), got 4"
    )
    for portion in [Portion.count(0), .fraction(1), .fraction(-0.5)] {
      #expect(
        message { _ = try numbers(4).split(validation: portion, seed: 0) }
          == "numbers, validation: expected a count above 0 or a share between 0 and 1, got \(portion)")
    }
  }

  @Test("the number of examples that a split needs is the least with which it works")
  func leastCount() throws {
    for portion in [Portion.fraction(1.0 / 12), .fraction(0.9), .fraction(0.5), .fraction(0.3), .count(3)] {
      let least = try #require((2...).first { (try? numbers($0).split(validation: portion, seed: 0)) != nil })
      #expect(
        message { _ = try numbers(least - 1).split(validation: portion, seed: 0) }
          .hasPrefix("numbers: expected at least \(least) examples, "))
    }
  }
}
