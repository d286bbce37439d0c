import Datasets
import Evaluation
import Foundation
import Runs
import Torch

extension Experiment {
  /// The networks that samples are measured by, on the test sets; appendix G.1.
  static let uniEvaluation = Experiment(
    name: "uni/evaluation",
    summary: "accuracy and Inception score of the networks that samples are measured by, on the test sets",
    notes: """
      A network a seed and data set, as `helmholtz features train` makes them: small residual classifiers. The paper's are the deep \
      residual networks of the TensorFlow models. Inception scores over 10 splits, their error that of the mean over splits. smoke: \
      1 epoch of 500 strokes.
      """,
    cells: { scale in
      UNI.dataSets(["mnist", "svhn", "cifar-10"], scale).map { data in
        Cell(data, on: scale == .smoke ? "strokes" : data, isOptional: data != "mnist") { job in
          try UNI.evaluated(job, scale)
        }
      }
    },
    claims: { _ in
      let accuracy = Measure("accuracy", paper: ["mnist": 0.990, "svhn": 0.902])
      let score = Measure("is", paper: ["mnist": 9.09, "svhn": 6.55, "cifar-10": 8.77])
      return [
        Claim("The network of MNIST is as accurate as the paper's (here: 0.98 at least).", accuracy("mnist") > 0.98),
        Claim(
          "The score of MNIST's test set is near the paper's (here: give or take 0.8).",
          score("mnist").isNear(9.09, within: 0.8)),
      ]
    })
}

extension UNI {
  /// Trains a network on a data set, and scores the test set by it.
  fileprivate static func evaluated(
    _ job: Experiment.Cell.Job, _ scale: Experiment.Scale
  ) throws -> (numbers: [String: Results.Number], steps: Int)? {
    var settings = FeatureSettings(data: job.data)
    settings.seed = job.seed
    if scale == .smoke { (settings.epochs, settings.limit) = (1, 500) }
    let file = job.run.path + "/network.safetensors"
    if !FileManager.default.fileExists(atPath: file) {
      try FileManager.default.createDirectory(atPath: job.run.path, withIntermediateDirectories: true)
      let trained = try FeatureTraining(settings, to: file, job.place)
        .train(observer: job.observer, shouldStop: job.shouldStop)
      if trained.hash == nil { return nil }
    }
    let network = try FeatureNetworks.load(file, cache: job.place.cacheDirectory)
    let test = try Dataset.named(job.data, job.place).examples(.test)
    return (try numbers(network, scale == .smoke ? test.prefix(200) : test), settings.epochs)
  }

  /// Accuracy and Inception score of labelled examples.
  private static func numbers(
    _ network: any FeatureNetwork, _ examples: Examples
  ) throws -> [String: Results.Number] {
    let found = try FeatureSet(of: ImageSet(examples), by: network)
    let (score, deviation) = try inceptionScore(found.probabilities.to(.float64), splits: 10)
    var numbers = ["is": Results.Number(value: score, error: deviation / 10.0.squareRoot())]
    if let labels = examples.labels {
      let right = zip(found.probabilities.argmax(1).array(Int64.self), labels).map { $0 == Int64($1) ? 1.0 : 0 }
      let mean = right.reduce(0, +) / Double(right.count)
      numbers["accuracy"] = Results.Number(
        value: mean, error: (mean * (1 - mean) / Double(right.count)).squareRoot(), examples: right)
    }
    return numbers
  }
}
