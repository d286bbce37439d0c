import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Classifier") struct ClassifierTests {
  private static func classifier(classes: Int = 3, using rng: RandomSource = RandomSource(seed: 1)) -> Classifier {
    Classifier(MLP([2], hidden: [4], activation: .tanh, using: rng), classes: classes, using: rng)
  }

  private static let labels = Tensor([Int64(2), 0, 1, 2])

  static let module = ModuleCase("Classifier", parameters: 2 * 4 + 4 + 4 * 3 + 3) {
    classifier(using: $0)
  } inputs: {
    [$0.normal([4, 2])]
  } apply: {
    $0.logProb(of: labels, $1[0])
  }

  @Test("its log likelihood is differentiated rightly in everything")
  func conformance() throws { try Self.module.check() }

  @Test("the bound is the log of the label's share of exp(logits), and the loss its negative")
  func crossEntropy() throws {
    let classifier = Self.classifier()
    let batch = Batch(x: RandomSource(seed: 2).normal([4, 2]), labels: Self.labels)
    let logits = classifier.logits(features: classifier.features(batch.x)).array(Double.self)
    let expected = [2, 0, 1, 2].enumerated().map { row, label in
      let shares = logits[row * 3..<row * 3 + 3].map { exp($0) }
      return log(shares[label] / shares.reduce(0, +))
    }
    expectClose(try #require(classifier.score).value(batch, RandomSource(seed: 3)), expected)
    let loss = try Self.loss(classifier, [.main: batch])
    expectClose(loss.value, expected.map { -$0 })
    let wrong = [2, 0, 1, 2].enumerated().map { row, label in
      logits[row * 3..<row * 3 + 3].max() == logits[row * 3 + label] ? 0.0 : 1
    }
    #expect(loss.terms.map(\.key) == ["error_fraction"])
    #expect(loss.terms[0].value.array() == wrong)
    #expect(classifier.isRight(Self.labels, batch.x).array() == wrong.map { 1 - $0 })
  }

  private static func loss(_ classifier: Classifier, _ batches: [Feed: Batch]) throws -> Loss {
    let table = Recorder(batches, using: RandomSource(seed: 3))
    try classifier.play(table)
    return table.loss(of: "classifier")
  }

  @Test("it learns from the feed it is told to alone; unknown classes count nothing in the bound")
  func fewLabels() throws {
    let rng = RandomSource(seed: 5)
    let classifier = Classifier(
      MLP([2], hidden: [4], activation: .tanh, using: rng), classes: 3, feed: .labelled, using: rng)
    let (x, labels) = (rng.normal([4, 2]), Self.labels)
    let loss = try Self.loss(classifier, [.labelled: Batch(x: x, labels: labels)])
    expectClose(loss.value, -classifier.logProb(of: labels, x))
    let some = Batch(x: x, labels: Tensor([Int64(2), -1, 1, -1]))
    let all = classifier.logProb(of: labels, x).array(Double.self)
    expectClose(try #require(classifier.score).value(some, rng), [all[0], 0, all[2], 0])
    let probabilities = classifier.classProbabilities(x, samples: 9, using: rng)
    expectClose(probabilities.sum(1), [1, 1, 1, 1])
    expectClose(probabilities.log().taken(labels.unsqueezed(1), along: 1).squeezed(1), all)
  }

  @Test("it learns to tell three clouds apart")
  func learning() throws {
    let rng = RandomSource(seed: 4)
    let centres = Tensor([Float(3), 0, -3, 0, 0, 3], shape: [3, 2])
    let labels = Tensor((0..<90).map { Int64($0 % 3) })
    let x = centres.gathered(labels) + rng.normal([90, 2]) * 0.5
    let classifier = Self.classifier()
    let adam = Adam(classifier.parameters)
    for _ in 0..<200 {
      let loss = try Self.loss(classifier, [.main: Batch(x: x, labels: labels)])
      adam.step(gradients(of: loss.value.mean(), in: classifier.parameters.map(\.value)), rate: 0.03)
    }
    #expect(classifier.isRight(labels, x).mean().item() == 1)
  }
}
