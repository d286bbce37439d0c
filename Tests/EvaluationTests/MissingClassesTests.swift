import Datasets
import Foundation
import Generative
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// Draws images of a few, each as often as the others; a code's class, where it has one, is of no account.
private final class Pool: Generator, ClassConditional {
  let images: Tensor
  let classCount: Int
  let prior: any CodePrior = StandardNormal(1)
  let portrayal = "images of a pool"
  var exampleShape: [Int] { Array(images.shape.dropFirst()) }

  init(_ images: Tensor, classes: Int) { (self.images, classCount) = (images, classes) }

  func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    images.gathered(Tensor((0..<count).map { Int64($0 % images.size(0)) }))
  }
  func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor {
    examples(z.size(0), as: shown, using: rng)
  }
  func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor { code }
  func withoutClass(_ code: Tensor) -> Tensor { code }
}

@Suite("Classes that samples have none of") struct MissingClassesTests {
  /// Probabilities of rows of the given classes.
  private func rows(_ counts: [Int]) -> Tensor {
    let classes = counts.enumerated().flatMap { Array(repeating: Int64($0), count: $1) }
    return Tensor(classes).oneHot(counts.count).to(.float32)
  }

  private func missing(_ counts: [Int], like data: [Double], names: [String]? = nil) -> (String, String?) {
    let found = MissingClasses(rows(counts), like: data, names: names)
    guard case .text(let words) = found.convention.value else { return ("", nil) }
    return (words, found.warning(of: "gan"))
  }

  @Test("a class is missing below one sample in a thousand, and only where there should be ten")
  func definition() {
    #expect(
      missing([400, 600, 0], like: [1, 1, 1])
        == ("2", "samples of gan have none of class 2; the generator may have collapsed"))
    #expect(missing([900, 99, 1], like: [1, 1, 1]) == ("none", nil))
    #expect(
      missing([1500, 1499, 1], like: [1, 1, 1])
        == ("2", "samples of gan have hardly any of class 2; the generator may have collapsed"))
    #expect(
      missing([0, 600, 0, 0], like: [1, 1, 1, 1], names: ["ant", "bee", "cat", "dog"])
        == (
          "ant, cat, dog", "samples of gan have none of classes ant, cat and dog; the generator may have collapsed"
        ))
    // A class that the data hardly have may be missing by chance, and one that they lack is not missed.
    #expect(missing([500, 500, 0], like: [500, 491, 9]) == ("none", nil))
    #expect(missing([500, 500, 0], like: [500, 500, 0]) == ("none", nil))
    #expect(missing([29, 0, 0], like: [1, 1, 1]) == ("unknown, too few samples", nil))
    #expect(missing([30, 0, 0], like: [1, 1, 1]).0 == "1, 2")
  }

  @Test("a generator that never draws one class is named by all metrics that look at classes, and a whole one is not")
  func generators() throws {
    try withTemporaryDirectory { directory in
      // A network of random weights has classes too: those that it takes random images for.
      let rng = RandomSource(seed: 4)
      let network = ResidualNetwork([1, 8, 8], channels: [3, 4], blocks: 1, using: rng)
      let file = directory + "/f.safetensors"
      let classifier = Classifier(network, classes: 5, using: rng)
      let images = rng.uniform([600, 1, 8, 8]) * rng.uniform([600, 1, 8, 1]) * rng.uniform([600, 1, 1, 8])
      _ = TrainingMode.run { classifier.features(images) }
      let features = try ResidualFeatures.write(
        classifier,
        .init(
          data: "toys", imageShape: [1, 8, 8], channels: [3, 4], blocks: 1, classes: 5, accuracy: 1, split: "test",
          epochs: 1, seed: 1), to: file)
      let classes = features.classProbabilities(images).argmax(1).array(Int64.self)
      let counts = (0..<5).map { number in classes.count { $0 == number } }
      let common = counts.indices.filter { counts[$0] >= 20 }
      try #require(common.count >= 2, "\(counts)")
      let lost = common[1]
      let kept = classes.indices.filter { classes[$0] != Int64(lost) }
      let names = ["ant", "bee", "cat", "dog", "eel"]
      let all = try Examples(
        name: "toys", storage: .floats(images.array()), shape: [1, 8, 8], labels: classes.map(Int32.init),
        classCount: 5, classNames: names)
      var options = MeasuringOptions(place: DatasetOptions(cacheDirectory: directory))
      options.features = file
      func measured(_ indices: [Int], _ metrics: [Metric]) throws -> [MetricValue] {
        let pool = Pool(images.gathered(Tensor(indices.map(Int64.init))), classes: 5)
        let subject = Subject(
          "gan", pool, on: .test, dataName: "toys", options, examples: { DeviceExamples(all, binarization: .none) },
          trainingExamples: { _ in DeviceExamples(all, binarization: .none) }, images: { all },
          trainingImages: { all })
        return try subject.measure(metrics)
      }
      func missing(_ value: MetricValue) -> Convention? {
        value.conventions.first { $0.key == "missing_classes" }?.value
      }
      let metrics: [Metric] = [.inceptionScore, .classCrossEntropy, .classCrossEntropyOfCounts]
      let warning = "samples of gan have none of class \(names[lost]); the generator may have collapsed"
      for value in try measured(kept, metrics) {
        #expect(missing(value) == .text(names[lost]) && value.warning == warning, "\(value.metric)")
        #expect(value.conventions.contains { $0.key == "warning" && $0.value == .text(warning) })
      }
      for value in try measured(Array(classes.indices), metrics) {
        #expect(missing(value) == .text("none") && value.warning == nil, "\(value.metric)")
      }
      // Here all classes are wanted alike, and those that the network knows no image of are missing too.
      let conditional = try measured(kept, [.conditionalAccuracy])
      let gone = names.indices.filter { $0 == lost || counts[$0] == 0 }.map { names[$0] }
      #expect(conditional.map(\.metric) == ["conditional-accuracy", "conditional-accuracy:data"])
      #expect(missing(conditional[0]) == .text(gone.joined(separator: ", ")))
      #expect(missing(conditional[1]) == nil && conditional[1].warning == nil && conditional[1].value == 1)
    }
  }
}
