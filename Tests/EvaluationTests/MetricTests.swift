import Datasets
import Foundation
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
      ("iwae:1", .iwae(samples: 1)), ("iwae:50:prior", .iwae(samples: 50, from: .prior)),
      ("iwae:2:mixture", .iwae(samples: 2, from: .mixture)), ("kl", .kl), ("reconstruction", .reconstruction),
      ("bpd", .bitsPerDimension(samples: 1)), ("bpd:1000000", .bitsPerDimension(samples: 1_000_000)),
      ("mmd-prior", .priorMMD), ("mmd-prior:rbf-2d", .priorMMD(kernel: .rbf2d)),
      ("mmd-prior:biased", .priorMMD(kernel: .infoVAE, estimator: .biased)),
      ("mmd-prior:rbf-2d:biased", .priorMMD(kernel: .rbf2d, estimator: .biased)),
      ("evidence:quadrature", .evidenceByQuadrature), ("modes", .modes),
      ("evidence:enumeration", .evidenceByEnumeration), ("kl-prior:knn", .priorKL()),
      ("kl-prior:knn:5", .priorKL(k: 5)),
      ("sharpness", .sharpness), ("sharpness:samples", .sampleSharpness),
      ("class-ce", .classCrossEntropy), ("class-ce:counts", .classCrossEntropyOfCounts),
      ("probe:knn", .probe(.knn, labels: nil)), ("probe:knn:draws", .probe(.knn, labels: nil, codes: .draws)),
      ("probe:svm:1000", .probe(.svm, labels: 1000)),
      ("probe:svm:1000:draws", .probe(.svm, labels: 1000, codes: .draws)),
      ("probe:svm:1000x50:draws", .probe(.svm, labels: 1000, codes: .draws, subsets: 50)),
      ("probe:linear:20x3", .probe(.linear, labels: 20, subsets: 3)),
    ] as [(String, Metric)])
  func names(_ text: String, _ metric: Metric) throws {
    #expect(try Metric(text) == metric)
    #expect(metric.name == text)
  }

  @Test("one draw is the default and is not printed")
  func defaults() throws {
    #expect(try Metric("elbo:1").name == "elbo")
    #expect(try Metric("bpd:1").name == "bpd")
    #expect(try Metric("evidence").name == "evidence:quadrature")
    #expect(try Metric("kl-prior").name == "kl-prior:knn" && Metric("kl-prior:knn:1").name == "kl-prior:knn")
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
        == "unknown metric '\(text)'; there are elbo, iwae:K[:prior|mixture], kl, reconstruction, bpd:K, ais, bdmc, "
        + "evidence[:quadrature], evidence:enumeration, active-units, mi, mmd-prior[:rbf-2d][:biased], "
        + "kl-prior[:knn[:K]], logdet, probe:linear|svm|knn[:LABELS][:draws], fid, kid, prdc, is, class-ce[:counts], "
        + "conditional-accuracy, code-information, memorization, sharpness, sharpness:samples, wasserstein1, modes, error, ece, confusion, "
        + "target-error, domain-accuracy"
    )
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
    arguments: ["kl:x", "iwae:5:prior:5", "ais:", "fid:10", "bam:3"])
  func parameters(_ text: String) {
    let error = #expect(throws: MetricError.self) { try Metric(text) }
    #expect(error?.description.hasPrefix("unknown metric '\(text)'; there are elbo, iwae:K[") == true)
  }

  @Test(
    "a parameter that a form does not know is refused with those that it does",
    arguments: [
      ("iwae:5:5", "expected iwae:K, iwae:K:prior or iwae:K:mixture"),
      ("iwae:5:posterior", "expected iwae:K, iwae:K:prior or iwae:K:mixture"),
      ("iwae:1:mixture", "expected 2 to 1000000 samples, got '1'"),
      ("mmd-prior:rbf", "expected mmd-prior, mmd-prior:rbf-2d, or either with :biased behind it"),
      ("mmd-prior:biased:rbf-2d", "expected mmd-prior, mmd-prior:rbf-2d, or either with :biased behind it"),
      ("class-ce:argmax", "expected class-ce or class-ce:counts"),
      ("probe:tree", "expected probe:linear, probe:svm or probe:knn"),
      ("probe:svm:10:modes", "expected draws or nothing behind the labels, got 'modes'"),
      ("probe:svm:1:draws", "expected 2 to 1000000 labels, got '1'"),
      ("probe:svm:10x", "expected 1 to 10000 subsets, got ''"),
    ])
  func grammar(_ text: String, _ message: String) {
    let error = #expect(throws: MetricError.self) { try Metric(text) }
    #expect(error?.description == "metric '\(text)': \(message)")
  }

  @Test("every form of the table reads as its example, which prints its own name, and has a meaning")
  func table() throws {
    #expect(Set(Metric.forms.map(\.advice)).count == Metric.forms.count)
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
    #expect(ofFeatures == ["fid", "kid", "prdc", "is", "class-ce", "conditional-accuracy"])
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

private func subject(
  _ name: String, _ model: any Module, seed: UInt64 = 1, x: Tensor? = nil, labels: [Int32]? = nil
) -> Subject {
  var options = MeasuringOptions(place: DatasetOptions(cacheDirectory: "none"))
  options.seed = seed
  func examples(_ limit: Int?) throws -> Examples {
    guard let x else { throw WasRead() }
    let all = try Examples(
      name: "x", storage: .floats(x.to(.float32).array()), shape: Array(x.shape.dropFirst()),
      labels: labels ?? (0..<x.size(0)).map { Int32($0 % 2) }, classCount: 2)
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
    let samples = "fid, kid, prdc, is, class-ce, memorization, sharpness:samples, wasserstein1, modes"
    func refusal(_ metrics: [Metric], _ name: String, _ model: any Module) -> String? {
      #expect(throws: MetricError.self) { try subject(name, model).measure(metrics) }?.description
    }
    #expect(
      refusal([.frechetDistance, .elbo(samples: 1)], "gan", Squares()) == "elbo: gan has no likelihood; ask \(samples)")
    #expect(refusal([.activeUnits], "gan", Squares()) == "active-units: gan has no encoder; ask \(samples)")
    #expect(
      refusal([.probe(.svm, labels: 7), .annealed], "ae", Halves())
        == "ais: ae has no likelihood; ask active-units, mmd-prior, kl-prior, logdet, probe, wasserstein1, modes")
    #expect(
      refusal([.classificationError], "pca", LinearGaussian(knowsKL: true))
        == "error: pca predicts no classes; ask elbo, iwae, kl, reconstruction, bpd, ais, bdmc, evidence, "
        + "active-units, mi, mmd-prior, kl-prior, logdet, probe, wasserstein1, modes")
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
    let bound = try evaluate([.elbo(samples: 2)], of: model, on: examples, seed: 1)[0].bound
    #expect(together[0].value == bound.mean && together[0].standardError == bound.standardError)
  }

  @Test("the prior's kernel is the one that was asked for, by hand")
  func kernels() throws {
    let x = RandomSource(seed: 3).normal([6, 3])
    let codes = (x * 0.5).to(.float64).array(Double.self)
    let prior = StandardNormal(3).sample([6], using: RandomSource(seed: 9)).to(.float64).array(Double.self)
    func mean(_ a: [Double], _ b: [Double], _ width: Double, skipsSelf: Bool = false) -> Double {
      var sum = 0.0
      for i in 0..<6 {
        for j in 0..<6 where !(skipsSelf && i == j) {
          sum += exp(-(0..<3).reduce(0) { $0 + pow(a[3 * i + $1] - b[3 * j + $1], 2) } / width)
        }
      }
      return sum / (skipsSelf ? 30 : 36)
    }
    for (name, width, isUnbiased) in [
      ("mmd-prior", 9.0, true), ("mmd-prior:rbf-2d", 6, true), ("mmd-prior:biased", 9, false),
      ("mmd-prior:rbf-2d:biased", 6, false),
    ] {
      let found = try Metric(name).measure(subject("ae", Halves(), x: x), RandomSource(seed: 9))
      let expected =
        mean(codes, codes, width, skipsSelf: isUnbiased) + mean(prior, prior, width, skipsSelf: isUnbiased)
        - 2 * mean(codes, prior, width)
      expectClose(found[0].value, expected, absolute: 1e-6)
    }
  }

  /// A posterior of a thousandth of x and a deviation of 1: no information, and a mean that tells all.
  private final class Collapsed: ExplicitPosterior {
    let prior: any CodePrior = StandardNormal(3)
    let exampleShape = [3]

    func likelihood(_ z: Tensor) -> any Distribution { DiagonalGaussian(mean: z, logScale: Tensor(0)) }
    func posterior(_ x: Tensor) -> any ScoredSampler {
      DiagonalGaussian(mean: x * 1e-3, logScale: Tensor(0).expanded(x.shape))
    }
    func closedFormKL(_ x: Tensor) -> Tensor? { nil }
    func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { x * 1e-3 }
  }

  @Test("a probe of means reads a collapsed posterior, one of draws does not: the mean over random subsets")
  func probes() throws {
    // Class 0 at -1 and class 1 at +1, in turn.
    let x = Tensor((0..<400).map { Float($0 % 2 * 2 - 1) }, shape: [400, 1]).expanded([400, 3])
    let found = try subject("vae", Collapsed(), x: x).measure([
      .probe(.knn, labels: 100), .probe(.svm, labels: 100, codes: .draws, subsets: 4), .probe(.linear, labels: nil),
    ])
    #expect(found.map(\.metric) == ["probe:knn:100", "probe:svm:100x4:draws", "probe:linear"])
    #expect(found[0].value == 0 && found[2].value == 0)
    // Half of 400, give or take 5 standard errors of 2.5 % and what a classifier of draws of the same test rows has.
    #expect(abs(found[1].value - 0.5) < 0.13, "\(found[1].value)")
    func said(_ index: Int, _ key: String) -> Convention? { found[index].conventions.first { $0.key == key }?.value }
    #expect(said(0, "subsets") == .count(10) && said(1, "subsets") == .count(4) && said(2, "subsets") == .count(1))
    #expect(said(0, "labels") == .count(100) && said(2, "labels") == .count(400))
    #expect(said(0, "codes") == .text("posterior means") && said(1, "codes") == .text("draws of q(z|x)"))
    #expect(said(0, "deviation") == .number(0) && said(2, "deviation") == nil)
    let shares = try #require(found[1].examples)
    #expect(shares.count == 400 && shares.allSatisfy { [0, 0.25, 0.5, 0.75, 1].contains($0) })
    expectClose(shares.reduce(0, +) / 400, found[1].value, absolute: 1e-12)
  }

  @Test("a probe of few labels learns from random examples, not from the first, which may be of one class")
  func sortedClasses() throws {
    let x = Tensor((0..<400).map { Float($0 < 200 ? -1 : 1) }, shape: [400, 1]).expanded([400, 3])
    let labels = (0..<400).map { Int32($0 < 200 ? 0 : 1) }
    let found = try subject("vae", Collapsed(), x: x, labels: labels).measure([.probe(.knn, labels: 40)])
    #expect(found[0].value == 0)
  }

  @Test("examples without a class are no class of their own")
  func unlabelled() throws {
    let x = Tensor((0..<40).map { Float($0 % 2 * 2 - 1) }, shape: [40, 1]).expanded([40, 3])
    let labels = (0..<40).map { $0 < 30 ? Int32($0 % 2) : Examples.unlabelled }
    let found = try subject("vae", Collapsed(), x: x, labels: labels).measure([.probe(.knn, labels: nil)])
    #expect(found[0].value == 0 && found[0].count == 30)
    #expect(try #require(found[0].examples).map(\.isNaN) == (0..<40).map { $0 >= 30 })
    #expect(throws: MetricError("probe:knn:31: expected 31 labelled training examples, got 30")) {
      try subject("vae", Collapsed(), x: x, labels: labels).measure([.probe(.knn, labels: 31)])
    }
    #expect(throws: MetricError("probe:knn: expected labels in the train split, got none")) {
      try subject("vae", Collapsed(), x: x, labels: .init(repeating: Examples.unlabelled, count: 40))
        .measure([.probe(.knn, labels: nil)])
    }
  }

  @Test("a mixture needs a posterior whose density is known at any code, the prior's draws only a likelihood")
  func proposals() {
    let flow = Flow()
    #expect(Metric.iwae(samples: 5, from: .prior).need.lack(of: flow) == nil)
    #expect(
      Metric.iwae(samples: 5, from: .mixture).need.lack(of: flow)
        == Lack("has no density of its posterior but at its own draws"))
    #expect(Metric.iwae(samples: 5, from: .mixture).need.lack(of: LinearGaussian(knowsKL: true)) == nil)
  }

  /// A posterior that scores its own draws alone.
  private final class Flow: ExplicitPosterior {
    let prior: any CodePrior = StandardNormal(3)
    let exampleShape = [3]

    private struct Draws: ScoredSampler {
      let x: Tensor
      func rsample(_ count: [Int], using rng: RandomSource) -> Tensor { rsampleScored(count, using: rng).value }
      func rsampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor) {
        let q = DiagonalGaussian(mean: x, logScale: Tensor(0).expanded(x.shape))
        let z = q.rsample(count, using: rng)
        return (z, q.logProb(z))
      }
    }

    func likelihood(_ z: Tensor) -> any Distribution { DiagonalGaussian(mean: z, logScale: Tensor(0)) }
    func posterior(_ x: Tensor) -> any ScoredSampler { Draws(x: x) }
    func closedFormKL(_ x: Tensor) -> Tensor? { nil }
    func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { x }
  }

  @Test("codes of a model with classes are measured without the class, and drawn where draws are meant")
  func classCodes() throws {
    var design = AuxiliaryDesign()
    (design.classes, design.auxiliary, design.latentSizes, design.hidden) = (3, .none, [2], [[4]])
    design.isNormalized = false
    let model = AuxiliaryModel([5], .bernoulli, design, using: RandomSource(seed: 1))
    let x = RandomSource(seed: 2).bernoulli(.full([200, 5], 0.5))
    let found = try subject("m2", model, x: x).measure([
      .activeUnits, .logDetCovariance, .priorMMD, .priorMMD(kernel: .rbf2d),
    ])
    // The one-hot class sums to 1, so that with it the codes would span no volume at all.
    #expect(found[1].value.isFinite)
    for value in found { #expect(value.conventions.contains { $0.key == "dimension" && $0.value == .count(2) }) }
    #expect(found[0].value <= 2)
    let examples = try subject("m2", model, x: x).examples()
    let codes = try Codes(model, examples, using: RandomSource(seed: 3))
    #expect(codes.means.shape == [200, 2] && codes.draws.shape == [200, 2])
    // Untrained posteriors are nearly N(0, 1), and their means nearly alike.
    #expect(codes.means.variance(0).max().item() < 0.1 && codes.draws.variance(0).min().item() > 0.5)
  }

  @Test("the elbo of a model with classes is -U(x), the expectation over the class, not the sum of its weights")
  func classBound() throws {
    var design = AuxiliaryDesign()
    (design.classes, design.auxiliary, design.latentSizes, design.hidden) = (3, .none, [2], [[4]])
    (design.isNormalized, design.samples) = (false, 5)
    let model = AuxiliaryModel([5], .bernoulli, design, using: RandomSource(seed: 1))
    let x = RandomSource(seed: 2).bernoulli(.full([20, 5], 0.5))
    let found = withoutGradients { model.unlabelledBound(x, using: RandomSource(seed: 7)) }
    expectClose(Bounds(model, using: RandomSource(seed: 7))(.elbo(samples: 5), x), found, absolute: 1e-5)
    let summed = Bounds(model, using: RandomSource(seed: 7))(.iwae(samples: 1), x).mean().item()
    #expect(found.mean().item() < summed)
  }

  @Test("importance weights say how many of their draws count")
  func effectiveSamples() throws {
    let model = LinearGaussian(knowsKL: false)
    let found = try subject("pca", model, x: LinearGaussian.examples(30)).measure([
      .iwae(samples: 50), .iwae(samples: 50, from: .prior), .elbo(samples: 3),
    ])
    func said(_ index: Int, _ key: String) -> Double? {
      guard case .number(let value) = found[index].conventions.first(where: { $0.key == key })?.value else {
        return nil
      }
      return value
    }
    // All weights are equal at the exact posterior.
    expectClose(try #require(said(0, "effective_samples")), 50, absolute: 1e-3)
    let prior = try #require(said(1, "effective_samples"))
    #expect(prior > 2 && prior < 40)
    #expect(try #require(said(1, "effective_samples_least")) < prior && said(2, "effective_samples") == nil)
    #expect(found[1].conventions.first?.value == .text("p(z)"))
  }

  @Test("metrics of single examples give their numbers, in order; others are refused where these are asked for")
  func perExample() throws {
    let model = LinearGaussian(knowsKL: false)
    let x = LinearGaussian.examples(30)
    let asked = subject("pca", model, x: x)
    let values = try asked.measure([.iwae(samples: 5), .activeUnits, .bitsPerDimension(samples: 1)])
    let evidence = LinearGaussian.rows(x.to(.float32).to(.float64)).map(model.evidence)
    expectClose(try #require(values[0].examples), evidence, absolute: 1e-5)
    #expect(values[1].examples == nil)
    expectClose(try #require(values[2].examples), evidence.map { $0 / (-3 * log(2)) }, absolute: 1e-5)
    let error = MetricError(
      "active-units: expected a metric with a number for each example, got one of the whole set; ask elbo, iwae, kl, "
        + "reconstruction, bpd, ais, evidence, probe")
    #expect(throws: error) { try asked.measure([.kl, .activeUnits], perExample: true) }
    let all = Metric.forms.filter(\.example.isPerExample).map(\.advice)
    #expect(
      all == [
        "elbo", "iwae", "kl", "reconstruction", "bpd", "ais", "evidence", "evidence:enumeration", "probe", "error",
      ])
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
  func byHand() throws {
    // Deviations -1.5, -0.5, 0.5, 1.5: variance 5/3, over 4.
    let estimate = Estimate([1, 2, 3, 4])
    #expect(estimate.mean == 2.5)
    expectClose(try #require(estimate.standardError), (5.0 / 12).squareRoot(), absolute: 1e-15)
    #expect(estimate.count == 4 && estimate.values == [1, 2, 3, 4])
  }

  @Test("a large common offset does not drown the error")
  func offset() throws {
    let error = try #require(Estimate([1e9 + 1, 1e9 + 2, 1e9 + 3]).standardError)
    expectClose(error, (1.0 / 3).squareRoot(), absolute: 1e-6)
  }

  @Test("equal numbers have no error, a single one has none that is known")
  func edges() {
    #expect(Estimate([7, 7, 7]).standardError == 0)
    #expect(Estimate([7]).mean == 7)
    #expect(Estimate([7]).standardError == nil)
  }
}

@Suite("A number for each example")
struct ExampleTableTests {
  private let values = [
    MetricValue("iwae:20", unit: "nats", -1.5, count: 2, examples: [-1, -2]),
    MetricValue("active-units", unit: "units", 3, count: 2),
    MetricValue("error", unit: "error rate", 1, count: 1, examples: [1, .nan]),
  ]

  @Test("a table has an index, names with units, and nothing where there is no number")
  func table() {
    #expect(ExampleTable(values).csv == "index,iwae:20_nats,error_error_rate\n0,-1.0,1.0\n1,-2.0,\n")
    #expect(
      ExampleTable(values, names: ["a, \"b\".png", "c.png"]).csv
        == "file,iwae:20_nats,error_error_rate\n\"a, \"\"b\"\".png\",-1.0,1.0\nc.png,-2.0,\n")
  }

  @Test("an array has a row for each example and a column for each metric")
  func array() throws {
    let array = ExampleTable(values).array
    #expect(array.shape == [2, 2] && array.dtype == .float64)
    let numbers = array.array(Double.self)
    #expect(numbers[0...2] == [-1, 1, -2] && numbers[3].isNaN)
  }

  @Test("a number that is not defined, and none at all, are null in JSON")
  func conventions() throws {
    let encoder = JSONEncoder()
    let text = try encoder.encode([Convention.number(.nan), .number(2), .empty, Convention(nil), Convention(1)])
    #expect(String(decoding: text, as: UTF8.self) == "[null,2,null,null,1]")
  }
}
