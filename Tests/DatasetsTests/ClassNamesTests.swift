import Foundation
import Testing

@testable import Datasets

@Suite("Names of classes and of examples")
struct ClassNamesTests {
  let directory: TemporaryDirectory
  var path: String { directory.path }
  var options: DatasetOptions { DatasetOptions(cacheDirectory: path + "/cache", allowsNetwork: false) }

  init() throws { directory = try TemporaryDirectory() }

  func animals() throws -> Examples {
    try Examples(
      name: "animals", storage: .bytes([0, 1, 2, 3, 4]), shape: [1], labels: [0, 1, 0, -1, 1], classCount: 2,
      classNames: ["ant", "zebra"], exampleNames: ["a", "b", "c", "d", "e"])
  }

  func write(_ names: String...) throws {
    let picture = PNGFile(width: 2, height: 2, color: .grey, depth: 8, samples: [0, 1, 2, 3]).bytes
    for name in names { try directory.write(picture, to: name) }
  }

  @Test("names stay with their examples through cuts, shuffles, splits and other names")
  func cuts() throws {
    let all = try animals()
    #expect(all.prefix(2).exampleNames == ["a", "b"])
    #expect(all.subset([4, 0, 4]).exampleNames == ["e", "a", "e"])
    #expect(try all.labelled(perClass: nil, seed: 0).exampleNames == ["a", "b", "c", "e"])
    let (train, held) = try all.split(validation: .count(2), seed: 0)
    #expect((train.exampleNames! + held.exampleNames!).sorted() == ["a", "b", "c", "d", "e"])
    for examples in [all.prefix(2), all.subset([4]), train, held, all.renamed("others"), try all.loaded()] {
      #expect(examples.classNames == ["ant", "zebra"])
    }
    #expect(all.renamed("others").exampleNames == all.exampleNames)
    #expect(
      message { _ = try Examples(name: "x", storage: .bytes([1]), shape: [1], classCount: 2, classNames: ["a"]) }
        == "x, names of classes: expected 2, one per class, got 1")
    #expect(
      message { _ = try Examples(name: "x", storage: .bytes([1]), shape: [1], exampleNames: []) }
        == "x, names of examples: expected 1, one per example, got 0")
  }

  @Test("a folder gives both; a table gives names of classes, or numbers that are none", arguments: [false, true])
  func folder(streams: Bool) throws {
    try write("photos/zebra/img10.png", "photos/zebra/img2.png", "photos/ant/img1.png")
    var options = options
    options.streams = streams
    let files = ["ant/img1.png", "zebra/img2.png", "zebra/img10.png"]
    let set = try Dataset.named(path + "/photos", options)
    #expect(set.info.classNames == ["ant", "zebra"])
    #expect(try set.train.classNames == ["ant", "zebra"])
    #expect(try set.train.exampleNames == files)
    options.labelFile = path + "/kinds.csv"
    try directory.write(Array("ant/img1.png,small\nzebra/img2.png,large\n".utf8), to: "kinds.csv")
    let named = try Dataset.named(path + "/photos", options).train
    #expect(named.classNames == ["large", "small"])
    #expect(named.labels == [1, 0, -1])
    #expect(named.exampleNames == files)
    try directory.write(Array("ant/img1.png,3\nzebra/img2.png,1\n".utf8), to: "kinds.csv")
    let numbered = try Dataset.named(path + "/photos", options).train
    #expect(numbered.classNames == nil)
    #expect(numbered.classCount == 4)
  }

  @Test("sets whose classes have names give them, others are numbers")
  func catalog() throws {
    for name in DataCatalog.names {
      let info = try DataCatalog.info(name)
      #expect(info.classNames == nil || info.classNames?.count == info.classCount)
    }
    #expect(try DataCatalog.info("fashion-mnist").classNames?.last == "Ankle boot")
    #expect(try DataCatalog.info("cifar-10").classNames?.first == "airplane")
    #expect(try DataCatalog.info("mnist").classNames == nil)
  }

  @Test("classes keep their names and take a model's numbers; those that the model does not know are named")
  func matching() throws {
    let all = try animals()
    let matched = try all.matching(classNames: ["zebra", "yak", "ant"])
    #expect(matched.labels == [2, 0, 2, -1, 0])
    #expect(matched.classCount == 3)
    #expect(matched.classNames == ["zebra", "yak", "ant"])
    #expect(matched.exampleNames == all.exampleNames)
    #expect(
      message { _ = try all.matching(classNames: ["ant", "bee"]) }
        == "animals, classes: expected classes out of ant, bee, got zebra")
    // A class without examples is no stranger.
    #expect(try all.subset([0, 2]).matching(classNames: ["bee", "ant"]).labels == [1, 1])
  }

  @Test("classes that are numbers are names of numbers, else indices")
  func numbers() throws {
    let digits = try Examples(name: "digits", storage: .bytes([0, 1]), shape: [1], labels: [1, 2], classCount: 3)
    #expect(try digits.matching(classNames: ["2", "01", "7"]).labels == [1, 0])
    #expect(try digits.matching(classNames: ["ant", "bee", "cow"]).labels == [1, 2])
    #expect(
      message { _ = try digits.matching(classNames: ["ant", "bee"]) }
        == "digits, classes: expected classes out of ant, bee, got 2")
  }

  @Test("names that look alike are two where both are given, and one where only one is")
  func unicode() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    let both = NameIndex([composed, decomposed])
    #expect(both[composed] == 0)
    #expect(both[decomposed] == 1)
    #expect(NameIndex([composed])[decomposed] == 0)
    #expect(NameIndex([composed, composed + "\u{301}"])["tea"] == nil)
    try write("photos/\(composed).png", "photos/\(decomposed).png")
    try directory.write(Array("file,label\n\(decomposed).png,1\n\(composed).png,0\n".utf8), to: "labels.csv")
    var options = options
    options.labelFile = path + "/labels.csv"
    let examples = try Dataset.named(path + "/photos", options).train
    #expect(examples.count == 2)
    #expect(zip(examples.exampleNames!, examples.labels!).allSatisfy { ($0.utf8.count == 9) == ($1 == 0) })
  }
}
