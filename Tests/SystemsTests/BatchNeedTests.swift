import Configuration
import Testing
import Torch

@testable import Systems

/// Batches and sets of one example, where a model learns of pairs.
@Suite("Single examples") struct BatchNeedTests {
  private static func counted(
    _ model: String, _ facts: Facts, _ assignments: [String] = [], validation: Int? = nil
  ) throws -> String {
    let settings = try Catalog.settings(model, setting: assignments)
    return message { try settings.validateCounts(facts, validation: validation) }
  }

  private static let image = Facts(shape: [1, 8, 8], classes: 3, examples: 100, labelled: 9)
  private static let small = Facts(shape: [1, 4, 4], classes: 3, examples: 100, labelled: 9)
  private static let networks = ["encoder.network=dcgan", "decoder.network=dcgan"]

  @Test("a batch of one is refused before the start where batch norm would see one value of a feature")
  func batches() throws {
    let norm = "batch norm has no variance of one"
    let one = "training.batchSize: expected at least 2 examples in a batch, got 1: \(norm)"
    for model in ["adgm", "sdgm", "avae"] {
      #expect(try Self.counted(model, Self.image, ["training.batchSize=1"]) == one)
      #expect(try Self.counted(model, Self.image, ["training.batchSize=2"]) == "no error")
      #expect(
        try Self.counted(model, Self.image, ["training.batchSize=1", "auxiliary.batchNorm=false"]) == "no error")
    }
    #expect(
      try Self.counted("adgm", Self.image, ["labels.batchSize=1"])
        == "labels.batchSize: expected at least 2 examples in a batch, got 1: \(norm)")
    for networks in [Self.networks, [Self.networks[0]], [Self.networks[1]]] {
      #expect(try Self.counted("vae", Self.small, networks + ["training.batchSize=1"]) == one)
      // Maps of 2 x 2 have four values of an example.
      #expect(try Self.counted("vae", Self.image, networks + ["training.batchSize=1"]) == "no error")
    }
    #expect(try Self.counted("vae", Self.small, [Self.networks[1], "training.batchSize=1", "samples=2"]) == "no error")
    #expect(try Self.counted("gan", Self.small, ["training.batchSize=1"]) == one)
    #expect(try Self.counted("classifier", Self.small, [Self.networks[0], "training.batchSize=1"]) == one)
    #expect(try Self.counted("vae", Self.small, ["training.batchSize=1"]) == "no error")
  }

  @Test("a set of one example is refused where batches need two")
  func sets() throws {
    var facts = Self.image
    facts.examples = 1
    #expect(
      try Self.counted("avae", facts)
        == "data: expected at least 2 training examples, got 1: batch norm has no variance of one")
    facts = Self.image
    facts.labelled = 1
    #expect(
      try Self.counted("adgm", facts)
        == "labels: expected at least 2 labelled examples, got 1: batch norm has no variance of one")
    #expect(try Self.counted("m2", facts) == "no error")
  }

  @Test("the unbiased MMD needs pairs of codes, in training and in validation")
  func pairs() throws {
    let unbiased = "regularizer.estimator=unbiased"
    let need = "regularizer.estimator unbiased takes pairs of different codes"
    for model in [["mmd-vae", unbiased], ["infovae", unbiased]] {
      #expect(
        try Self.counted(model[0], Self.image, [model[1], "training.batchSize=1"])
          == "training.batchSize: expected at least 2 examples in a batch, got 1: \(need)")
      #expect(
        try Self.counted(model[0], Self.image, [model[1]], validation: 1)
          == "data.validation: expected at least 2 validation examples, or 0, got 1: \(need)")
      #expect(try Self.counted(model[0], Self.image, [model[1], "samples=2"], validation: 1) == "no error")
      #expect(try Self.counted(model[0], Self.image, validation: 1) == "no error")
    }
  }

  @Test("p(x|z, y, a) and p(a|z, y, x) are refused together")
  func circle() {
    #expect(
      message { _ = try Catalog.settings("sdgm", setting: ["auxiliary.seesExample=true"]) }
        == "auxiliary.seesExample: p(a|z, y) cannot be given x where p(x|.) is given `a` (auxiliary.skip): neither could "
        + "be drawn first")
    #expect(message { _ = try Catalog.settings("adgm", setting: ["auxiliary.seesExample=true"]) } == "no error")
  }

  @Test("a start below the floor of deviations is refused")
  func initialScale() {
    #expect(
      refusal(setting: "latent.initialScale=0.0001")
        == "--set: latent.initialScale: expected a number of at least 0.001, got \"0.0001\"")
  }
}
