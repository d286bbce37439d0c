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
  func crossEntropy() {
    let classifier = Self.classifier()
    let batch = Batch(x: RandomSource(seed: 2).normal([4, 2]), labels: Self.labels)
    let logits = classifier.logits(features: classifier.features(batch.x)).array(Double.self)
    let expected = [2, 0, 1, 2].enumerated().map { row, label in
      let shares = logits[row * 3..<row * 3 + 3].map { exp($0) }
      return log(shares[label] / shares.reduce(0, +))
    }
    expectClose(classifier.bound(batch, using: RandomSource(seed: 3)), expected)
    let loss = classifier.moves[0].losses(batch, Turn(step: 0, rng: RandomSource(seed: 3)))[0]
    expectClose(loss.value, expected.map { -$0 })
    let wrong = [2, 0, 1, 2].enumerated().map { row, label in
      logits[row * 3..<row * 3 + 3].max() == logits[row * 3 + label] ? 0.0 : 1
    }
    #expect(loss.terms.map(\.name) == ["error_fraction"])
    #expect(loss.terms[0].value.array() == wrong)
    #expect(classifier.isRight(Self.labels, batch.x).array() == wrong.map { 1 - $0 })
  }

  @Test("with labelled examples beside a batch it learns from them alone; unknown classes count nothing in the bound")
  func fewLabels() {
    let classifier = Self.classifier()
    let rng = RandomSource(seed: 5)
    let (x, labels) = (rng.normal([4, 2]), Self.labels)
    let batch = Batch(x: rng.normal([7, 2]), labelled: .init(x: x, classes: labels))
    let loss = classifier.moves[0].losses(batch, Turn(step: 0, rng: rng))[0]
    expectClose(loss.value, -classifier.logProb(of: labels, x))
    let some = Batch(x: x, labels: Tensor([Int64(2), -1, 1, -1]))
    let all = classifier.logProb(of: labels, x).array(Double.self)
    expectClose(classifier.bound(some, using: rng), [all[0], 0, all[2], 0])
    let probabilities = classifier.classProbabilities(x, samples: 9, using: rng)
    expectClose(probabilities.sum(1), [1, 1, 1, 1])
    expectClose(probabilities.log().taken(labels.unsqueezed(1), along: 1).squeezed(1), all)
  }

  @Test("it learns to tell three clouds apart")
  func learning() {
    let rng = RandomSource(seed: 4)
    let centres = Tensor([Float(3), 0, -3, 0, 0, 3], shape: [3, 2])
    let labels = Tensor((0..<90).map { Int64($0 % 3) })
    let x = centres.gathered(labels) + rng.normal([90, 2]) * 0.5
    let classifier = Self.classifier()
    let adam = Adam(classifier.parameters)
    for step in 0..<200 {
      let loss = classifier.moves[0].losses(Batch(x: x, labels: labels), Turn(step: step, rng: rng))[0]
      adam.step(gradients(of: loss.value.mean(), in: classifier.parameters.map(\.value)), rate: 0.03)
    }
    #expect(classifier.isRight(labels, x).mean().item() == 1)
  }
}
