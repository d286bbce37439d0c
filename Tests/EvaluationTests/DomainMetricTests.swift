import Datasets
import Foundation
import Generative
import Testing
import Torch

@testable import Evaluation

@Suite("Metrics of two domains") struct DomainMetricTests {
  /// Takes examples above 0 for the target's, and for class 1.
  private final class Sign: DomainDiscriminator, ClassPredictor {
    let classCount = 2
    func domainLogits(_ x: Tensor) -> Logits { Logits(x.squeezed(-1)) }
    func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
      let p = x.sigmoid()
      return .concatenated([1 - p, p], axis: 1)
    }
  }

  private func examples(_ values: [Float], labels: [Int32]? = nil) throws -> DeviceExamples {
    DeviceExamples(
      try Examples(name: "e", storage: .floats(values), shape: [1], labels: labels, classCount: labels.map { _ in 2 }),
      Preparation())
  }

  private func measure(
    _ metric: Metric, _ source: DeviceExamples, _ target: DeviceExamples?
  ) throws -> MetricValue {
    let place = DatasetOptions(cacheDirectory: "/nowhere", allowsNetwork: false)
    let none = try Examples(name: "e", storage: .floats([0]), shape: [1])
    return try Subject(
      "sign", Sign(), on: .test, dataName: "e", MeasuringOptions(place: place), examples: { source },
      trainingExamples: { _ in source }, targetExamples: target.map { target in { target } }, images: { none },
      trainingImages: { none }
    ).measure([metric])[0]
  }

  @Test("domain-accuracy is the mean of the shares of both domains that are told, whatever their sizes")
  func accuracy() throws {
    // 3 of 4 of the source, 1 of 250 of the target, in blocks of 200.
    let target = [Float](repeating: -1, count: 249) + [1]
    let found = try measure(.domainAccuracy, examples([-1, -2, -0.5, 4]), examples(target))
    #expect(abs(found.value - (0.75 + 1.0 / 250) / 2) < 1e-12 && found.count == 254)
    let conventions = Dictionary(uniqueKeysWithValues: found.conventions)
    #expect(conventions["discriminator"] == .text("the model's own") && conventions["source"] == .number(0.75))
  }

  @Test("target-error is of the target's examples whose class is known")
  func error() throws {
    let target = try examples([1, 2, -1, -3, 5], labels: [1, 0, 0, 0, -1])
    let found = try measure(.targetError, examples([1], labels: [0]), target)
    #expect(found.value == 0.25 && found.count == 4)
    let none = #expect(throws: MetricError.self) { try measure(.targetError, examples([1]), examples([1])) }
    #expect(none?.description == "target-error: expected labels in the target, got none")
    let missing = #expect(throws: MetricError.self) { try measure(.domainAccuracy, examples([1]), nil) }
    #expect(missing?.description == "sign: expected a second set of examples, got none")
  }

  /// Goes to b alone.
  private final class OneWay: Translator {
    let destinations = [Domain.b]
    func translate(_ x: Tensor, to domain: Domain, using rng: RandomSource) -> Tensor { x }
  }

  @Test("a direction that a model lacks is refused in words")
  func direction() throws {
    let model = OneWay()
    _ = try Capability<any Translator>.translation(to: .b).of(model)
    let lack = #expect(throws: Lack.self) { _ = try Capability<any Translator>.translation(to: .a).of(model) }
    #expect(lack?.words == "translates nothing to a")
    let other = #expect(throws: Lack.self) { _ = try Capability<any Translator>.translation(to: .b).of(Sign()) }
    #expect(other?.words == "translates no examples")
  }
}
