import Datasets
import Generative
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Metrics by name")
struct MetricTests {
  @Test(
    "a name reads as its metric and prints as itself",
    arguments: [
      ("elbo", .elbo(samples: 1)), ("elbo:10", .elbo(samples: 10)), ("iwae:5000", .iwae(samples: 5000)),
      ("iwae:1", .iwae(samples: 1)), ("kl", .kl), ("reconstruction", .reconstruction),
      ("bpd", .bitsPerDimension(samples: 1)), ("bpd:1000000", .bitsPerDimension(samples: 1_000_000)),
    ] as [(String, Metric)])
  func names(_ text: String, _ metric: Metric) throws {
    #expect(try Metric(text) == metric)
    #expect(metric.name == text)
  }

  @Test("one draw is the default and is not printed")
  func defaults() throws {
    #expect(try Metric("elbo:1").name == "elbo")
    #expect(try Metric("bpd:1").name == "bpd")
  }

  @Test("each metric has its unit")
  func units() throws {
    #expect(try Metric("bpd:3").unit == "bits/dimension")
    #expect(try Metric("probe:svm:1000").unit == "error rate")
    #expect(try Metric("fid").unit == "1")
    for name in ["elbo", "iwae:2", "kl", "reconstruction", "ais", "bdmc", "mi"] {
      #expect(try Metric(name).unit == "nats")
    }
  }

  @Test(
    "an unknown metric names those there are",
    arguments: [
      "fidd", "", "iwae", "kl:5", "reconstruction:2", "elbo:1:2", "ELBO", " elbo",
    ])
  func unknown(_ text: String) {
    let error = #expect(throws: MetricError.self) { try Metric(text) }
    #expect(
      error?.description
        == "unknown metric '\(text)'; there are elbo, iwae:K, kl, reconstruction, bpd:K, ais, bdmc, active-units, mi, "
        + "mmd-prior, logdet, probe:linear|svm|knn[:N], fid, kid, prdc, is, class-ce, memorization, wasserstein1, "
        + "error, ece, confusion")
  }

  @Test(
    "an impossible number of samples is refused",
    arguments: ["0", "-3", "", "1000001", "many", "1.5", "99999999999999999999"])
  func samples(_ count: String) {
    let error = #expect(throws: MetricError.self) { try Metric("iwae:\(count)") }
    #expect(error?.description == "metric 'iwae:\(count)': expected 1 to 1000000 samples, got '\(count)'")
  }

  @Test(
    "parameters that no form has are an unknown metric",
    arguments: ["kl:x", "iwae:5:5", "ais:", "fid:10", "bam:3"])
  func parameters(_ text: String) {
    let error = #expect(throws: MetricError.self) { try Metric(text) }
    #expect(error?.description.hasPrefix("unknown metric '\(text)'; there are elbo, iwae:K, ") == true)
  }

  @Test("every form of the table reads as its example, which prints its own name, and has a meaning")
  func table() throws {
    #expect(Set(Metric.forms.map(\.name)).count == Metric.forms.count)
    for form in Metric.forms {
      let metric = form.example
      #expect(try Metric(metric.name) == metric)
      #expect(metric.name == form.name || metric.name.hasPrefix(form.name + ":"))
      #expect(form.spelling.hasPrefix(form.name) && !form.meaning.isEmpty && !form.meaning.hasSuffix("."))
      #expect("  \(form.spelling)  \(form.meaning)".count <= 80, "help would break the line")
      #expect(!metric.unit.isEmpty && !metric.need.words.isEmpty)
    }
    #expect(try Metric("probe:svm:1000") == .probe(.svm, labels: 1000))
    #expect(try Metric("probe:svm") != .probe(.knn, labels: nil))
    let ofFeatures = Metric.forms.filter(\.example.need.features).map(\.name)
    #expect(ofFeatures == ["fid", "kid", "prdc", "is", "class-ce"])
  }
}

/// Draws grey squares and can do no more.
private final class Squares: Generator {
  let exampleShape = [1, 4, 4]
  let portrayal = "grey squares"

  func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    rng.uniform([count, 1, 1, 1]).expanded([count, 1, 4, 4])
  }
}

/// An encoder of points, a prior, and no likelihood.
private final class Halves: Encoder, Decoder {
  let exampleShape = [3]
  let portrayal = "points"
  let prior: any CodePrior = StandardNormal(3)

  func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor { z * 2 }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { x * 0.5 }
}

/// A subject whose examples must not be read.
private struct WasRead: Error {}

private func subject(_ name: String, _ model: any Module, seed: UInt64 = 1, x: Tensor? = nil) -> Subject {
  var options = MeasuringOptions(place: DatasetOptions(cacheDirectory: "none"))
  options.seed = seed
  func examples(_ limit: Int?) throws -> Examples {
    guard let x else { throw WasRead() }
    let all = try Examples(
      name: "x", storage: .floats(x.to(.float32).array()), shape: Array(x.shape.dropFirst()),
      labels: (0..<x.size(0)).map { Int32($0 % 2) }, classCount: 2)
    return limit.map(all.prefix) ?? all
  }
  func onDevice(_ limit: Int?) throws -> DeviceExamples {
    DeviceExamples(try examples(limit), binarization: .none)
  }
  return Subject(
    name, model, on: .test, dataName: "x", options, examples: { try onDevice(nil) }, trainingExamples: onDevice,
    images: { try examples(nil) }, trainingImages: { try examples(nil) })
}

@Suite("Metrics of a model")
struct SubjectTests {
  @Test("a metric that a model cannot answer is refused before anything is read, with those that it can answer")
  func refusals() {
    let samples = "fid, kid, prdc, is, class-ce, memorization, wasserstein1"
    func refusal(_ metrics: [Metric], _ name: String, _ model: any Module) -> String? {
      #expect(throws: MetricError.self) { try subject(name, model).measure(metrics) }?.description
    }
    #expect(
      refusal([.frechetDistance, .elbo(samples: 1)], "gan", Squares()) == "elbo: gan has no likelihood; ask \(samples)")
    #expect(refusal([.activeUnits], "gan", Squares()) == "active-units: gan has no encoder; ask \(samples)")
    #expect(
      refusal([.probe(.svm, labels: 7), .annealed], "ae", Halves())
        == "ais: ae has no likelihood; ask active-units, mmd-prior, logdet, probe, wasserstein1")
    #expect(
      refusal([.classificationError], "pca", LinearGaussian(knowsKL: true))
        == "error: pca predicts no classes; ask elbo, iwae, kl, reconstruction, bpd, ais, bdmc, active-units, mi, "
        + "mmd-prior, logdet, probe, wasserstein1")
    #expect(refusal([.kl], "nothing", Nothing()) == "kl: nothing has no likelihood")
    #expect(throws: MetricError("kl: nothing has no likelihood")) {
      try Metric.kl.measure(subject("nothing", Nothing()), RandomSource(seed: 1))
    }
  }

  private final class Nothing: Module {}

  @Test("what a model has is told from what it lacks, whatever its type")
  func needs() {
    let normal = LinearGaussian(knowsKL: true)
    #expect(Metric.mutualInformation.need.lack(of: normal) == nil)
    #expect(Metric.mutualInformation.need.lack(of: Halves()) == Lack("has no likelihood"))
    #expect(Metric.memorization.need.lack(of: Squares()) == nil)
    #expect(Metric.priorMMD.need.words == "an encoder and a prior of codes")
  }

  @Test("samples of a model without codes are compared with data")
  func samples() throws {
    let x = RandomSource(seed: 2).uniform([40, 1, 4, 4])
    let found = try subject("gan", Squares(), x: x).measure([.memorization])
    let value = try #require(found.first)
    #expect(found.count == 1 && value.metric == "memorization" && value.unit == "1" && value.count == 40)
    // The held-out images are the training images, so that no sample is nearer.
    #expect(value.value == 0)
    #expect(value.conventions.contains { $0.key == "samples" && $0.value == .text("grey squares") })
    #expect(!value.conventions.contains { $0.key == "picture" })
    // All of a square of grey u goes to 0, over 4 u: 2 on average, with a standard deviation of 1.15 (5 standard errors).
    let distance = try subject("gan", Squares(), x: .zeros([400, 1, 4, 4])).measure([.wasserstein])[0]
    #expect(abs(distance.value - 2) < 0.29 && distance.count == 400 && distance.unit == "units of x")
  }

  @Test("codes of a model without a likelihood are measured")
  func codes() throws {
    let x = RandomSource(seed: 3).normal([300, 3]) * 2
    let values = try subject("ae", Halves(), x: x).measure([.activeUnits, .priorMMD, .logDetCovariance])
    #expect(values.map(\.metric) == ["active-units", "mmd-prior", "logdet"])
    #expect(values[0].value == 3)
    // Codes are N(0, I), as the prior is.
    #expect(abs(values[1].value) < 0.02 && abs(values[2].value) < 0.2, "\(values.map(\.value))")
  }

  @Test("each metric has draws of its own: what is measured beside it changes nothing")
  func streams() throws {
    let model = LinearGaussian(shift: 0.4, spread: 1.2, knowsKL: false)
    let x = LinearGaussian.examples(30)
    let metrics: [Metric] = [
      .elbo(samples: 2), .iwae(samples: 5), .kl, .reconstruction, .bitsPerDimension(samples: 3), .priorMMD,
      .mutualInformation,
    ]
    let together = try subject("pca", model, x: x).measure(metrics)
    #expect(together.map(\.metric) == ["elbo:2", "iwae:5", "kl", "reconstruction", "bpd:3", "mmd-prior", "mi"])
    for (metric, value) in zip(metrics, together) {
      let alone = try subject("pca", model, x: x).measure([metric])
      #expect(alone.map(\.value) == [value.value] && value.unit == metric.unit)
      let other = try subject("pca", model, seed: 2, x: x).measure([metric])
      #expect(other[0].value != value.value)
    }
    // A bound draws from the stream of the seed itself.
    let examples = try subject("pca", model, x: x).examples()
    let bound = try evaluate([.elbo(samples: 2)], of: model, on: examples, seed: 1)[0]
    #expect(together[0].value == bound.mean && together[0].standardError == bound.standardError)
  }

  @Test("a metric of one's own is measured like those of the table")
  func own() throws {
    let mean = Metric("brightness", unit: "1", needs: .samples) { model, _, rng in
      [.init(model.examples(100, as: .means, using: rng).mean().item(), count: 100)]
    }
    let value = try subject("gan", Squares()).measure([mean])[0]
    #expect(value.metric == "brightness" && abs(value.value - 0.5) < 0.2 && value.count == 100)
  }
}

@Suite("Estimates")
struct EstimateTests {
  @Test("the mean and its standard error are those worked out by hand")
  func byHand() {
    // Deviations -1.5, -0.5, 0.5, 1.5: variance 5/3, over 4.
    let estimate = Estimate([1, 2, 3, 4])
    #expect(estimate.mean == 2.5)
    #expect(abs(estimate.standardError - (5.0 / 12).squareRoot()) < 1e-15)
    #expect(estimate.count == 4)
  }

  @Test("a large common offset does not drown the error")
  func offset() {
    #expect(abs(Estimate([1e9 + 1, 1e9 + 2, 1e9 + 3]).standardError - (1.0 / 3).squareRoot()) < 1e-6)
  }

  @Test("equal numbers have no error, a single one has none that is known")
  func edges() {
    #expect(Estimate([7, 7, 7]).standardError == 0)
    #expect(Estimate([7]).mean == 7)
    #expect(Estimate([7]).standardError.isNaN)
  }
}
