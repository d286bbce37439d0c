import Testing

@testable import Datasets

@Suite("Four points")
struct FourPointsTests {
  @Test("each turn of four has all four one-hot images of 2 x 2, in an order of its own; the class is the lit pixel")
  func turns() throws {
    let set = try Dataset.named("four-points", DatasetOptions(cacheDirectory: "/nonexistent", allowsNetwork: false))
    let train = try set.train
    #expect(train.shape == [1, 2, 2] && train.isBinary && train.count == 10_000 && train.classCount == 4)
    guard case .bytes(let bytes) = train.storage else {
      Issue.record("expected bytes")
      return
    }
    let labels = try #require(train.labels).map(Int.init)
    for (row, label) in labels.enumerated() {
      #expect(Array(bytes[4 * row..<4 * row + 4]) == (0..<4).map { $0 == label ? 1 : 0 })
    }
    let turns = stride(from: 0, to: labels.count, by: 4).map { Array(labels[$0..<$0 + 4]) }
    #expect(turns.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
    #expect(Set(turns).count == 24)
    #expect(try set.test.labels != train.labels)
  }
}
