import Testing

@testable import Datasets

@Suite("Catalog")
struct CatalogTests {
  let options = DatasetOptions(cacheDirectory: "/nowhere", allowsNetwork: false)

  @Test("names are unique, and every set tells its shape, counts, licence and origin")
  func complete() throws {
    #expect(Set(DataCatalog.names).count == DataCatalog.names.count)
    for name in DataCatalog.names {
      let info = try DataCatalog.info(name)
      #expect(!info.summary.isEmpty && !info.licence.isEmpty && !info.origin.isEmpty)
      #expect(info.counts[.train]! > 0 && info.counts[.test]! > 0)
    }
    #expect(try DataCatalog.info("mnist").counts == [.train: 60_000, .test: 10_000])
  }

  @Test("an unknown name gets the list, and the closest name if one is close")
  func unknown() {
    let names = DataCatalog.names.joined(separator: ", ")
    #expect(
      message { _ = try Dataset.named("fashion_mnist", options) }
        == "unknown data set 'fashion_mnist' (did you mean 'fashion-mnist'?): expected a file, a folder or one of \(names)"
    )
    #expect(
      message { _ = try Dataset.named("MNSIT", options) }.hasPrefix(
        "unknown data set 'MNSIT' (did you mean 'mnist'?)"))
    #expect(
      message { _ = try Dataset.named("elephants", options) }
        == "unknown data set 'elephants': expected a file, a folder or one of \(names)")
  }

  @Test("every generated set loads by its name with the counts asked for, and its splits differ")
  func generated() throws {
    let names = try DataCatalog.names.filter { try DataCatalog.info($0).isGenerated }
    #expect(Set(names).isSuperset(of: PointSet.all.map(\.name) + ["strokes"]))
    for name in names {
      var options = options
      options.trainCount = 40
      options.testCount = 20
      let set = try Dataset.named(name, options)
      #expect(set.info.counts == [.train: 40, .test: 20])
      #expect(try set.train.count == 40)
      #expect(try set.test.count == 20)
      #expect(try set.train.shape == set.info.shape)
      #expect(try set.train.classCount == set.info.classCount)
      #expect(try set.train.name == "\(name) train")
      #expect(try set.train.prefix(20).storage != set.test.storage)
      options.labels = false
      #expect(try Dataset.named(name, options).train.labels == nil)
      #expect(try Dataset.named(name, options).train.storage == set.train.storage)
    }
  }

  @Test("a set without a validation split holds one out if told to, and has none otherwise")
  func validation() throws {
    var options = options
    options.trainCount = 50
    #expect(try Dataset.named("rings", options).validation == nil)
    #expect(
      message { _ = try Dataset.named("rings", options).examples(.validation) }
        == "rings: expected a split out of train, test, got validation")
    options.validation = .count(10)
    let set = try Dataset.named("rings", options)
    #expect(try set.train.count == 40)
    #expect(try set.validation?.count == 10)
    #expect(try set.validation?.name == "rings validation")
    #expect(try set.test.count == 10_000)
  }

  @Test("a wish that a published set cannot obey is refused, not forgotten")
  func wishes() {
    var counted = options
    counted.trainCount = 500
    #expect(
      message { _ = try Dataset.named("mnist", counted) }
        == "mnist, train count: expected none, because the set has a fixed number of examples, got 500"
    )
    var held = options
    held.validation = .count(9)
    #expect(
      message { _ = try Dataset.named("binarized-mnist", held) }
        == "binarized-mnist, validation: expected none held out, because the set has 10000 validation examples of its own, got a portion of the training examples"
    )
  }

  @Test("a split is made once, when it is first asked for")
  func lazy() throws {
    let lines = Lines()
    let info = try DataCatalog.info("rings")
    let set = Dataset(info: info, options: options) { (split, _) throws(DatasetError) in
      lines.append(split.rawValue)
      return try PointSet.rings.examples(count: 3, seed: 0)
    }
    #expect(lines.all == [])
    _ = try set.test
    _ = try set.test
    #expect(lines.all == ["test"])
  }
}
