import Datasets
import Foundation
import Generative
import Inference
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// The linear-Gaussian model with its exact posterior as draws alone: log q/p is known to `error`.
private final class Implicit: ApproximatelyBounded, CodeSampler {
  private let exact = LinearGaussian(knowsKL: true)
  private let error: Double
  let exampleShape = [3]
  var prior: any CodePrior { exact.prior }

  init(error: Double) { self.error = error }

  func likelihood(_ z: Tensor) -> any Distribution { exact.likelihood(z) }
  func evidence(_ x: [Double]) -> Double { exact.evidence(x) }

  func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor { exact.posterior(x).sample([], using: rng) }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { drawnCodes(x, using: rng) }

  func approximateBound(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let (z, logQ) = exact.posterior(x).sampleScored([], using: rng)
    return likelihood(z).logProb(x) + prior.logProb(z) - logQ + error
  }
}

@Suite("Approximate bounds of posteriors without a density")
struct ApproximateBoundTests {
  private let x = LinearGaussian.examples(40).to(.float32)

  private func measure(_ metrics: [Metric], error: Double = 0) throws -> [MetricValue] {
    var options = MeasuringOptions(place: DatasetOptions(cacheDirectory: "none"))
    options.annealing.temperatures = 300
    let examples = try Examples(name: "x", storage: .floats(x.array(Float.self)), shape: [3])
    let held = DeviceExamples(examples, binarization: .none)
    return try Subject(
      "avb", Implicit(error: error), on: .test, dataName: "x", options, examples: { held },
      trainingExamples: { _ in held }, images: { examples }, trainingImages: { examples }
    ).measure(metrics)
  }

  @Test("elbo is the model's estimate, and marked as approximate; reconstruction and codes are those of draws")
  func values() throws {
    let found = try measure([.elbo(samples: 1), .elbo(samples: 50), .reconstruction, .priorKL(), .logDetCovariance])
    let evidence = LinearGaussian.rows(x.to(.float64)).map(Implicit(error: 0).evidence)
    // At the exact posterior every draw gives log p(x).
    for value in found[..<2] { expectClose(try #require(value.examples), evidence, absolute: 1e-5) }
    #expect(found.map(\.isApproximate) == [true, true, false, false, false])
    #expect(found.allSatisfy { $0.warning == nil } && found[2].value > 0)
  }

  @Test("a posterior without a density has no importance weights, no KL and no bits per dimension")
  func refusals() {
    func refusal(_ metric: Metric) -> String? {
      #expect(throws: MetricError.self) { try measure([metric]) }?.description
    }
    for metric in [Metric.iwae(samples: 20), .kl, .bitsPerDimension(samples: 1), .iwae(samples: 2, from: .mixture)] {
      #expect(
        refusal(metric)
          == "\(metric.name): avb has a posterior without a density; ask elbo, reconstruction, squared-error, ais, "
          + "bdmc, evidence, active-units, mmd-prior, kl-prior, logdet, probe, tsne:knn, wasserstein1, modes")
    }
  }

  @Test("an approximate bound above ais is warned of, one below it is not")
  func warning() throws {
    let high = try measure([.annealed, .elbo(samples: 1)], error: 0.7)
    let warning = try #require(high[1].warning)
    #expect(
      warning.wholeMatch(
        of:
          /0\.[67]\d{3} nats \(standard error 0\.\d{4}\) above ais: the estimate is no bound here, as whatever took the place of log q\(z\|x\) has erred/
      ) != nil, "\(warning)")
    #expect(high[1].conventions.last?.key == "warning" && high[1].conventions.last?.value == .text(warning))
    #expect(high[0].warning == nil)
    #expect(try measure([.elbo(samples: 1), .annealed], error: -0.7).allSatisfy { $0.warning == nil })
    #expect(try measure([.elbo(samples: 1)], error: 0.7)[0].warning == nil)
  }

  @Test("annealing starts at the moments of the posterior's draws, and comes to the evidence")
  func annealing() throws {
    let found = try measure([.annealed])[0]
    #expect(found.conventions.contains { $0.value == .text("Gaussian of the posterior's moments") })
    let evidence = LinearGaussian.rows(x.to(.float64)).map(Implicit(error: 0).evidence)
    let mean = evidence.reduce(0, +) / Double(evidence.count)
    expectClose(found.value, mean, absolute: 0.02, relative: 0)
    // Far from a start at the prior, so few temperatures are enough.
    var few = AnnealingOptions()
    few.temperatures = 2
    let values = try annealedLogLikelihood(of: Implicit(error: 0), on: x.to(.float64), few, seed: 1)
    expectClose(values.reduce(0, +) / Double(values.count), mean, absolute: 0.02, relative: 0)
  }

  @Test("the KL of all codes to the prior is 0 where they are alike, and that of their Gaussian where not")
  func priorKL() throws {
    /// Codes of mean 1 and deviation 1/2, whatever x is.
    final class Moved: Encoder, Decoder {
      let prior: any CodePrior = StandardNormal(2)
      let exampleShape = [3]
      let portrayal = "points"
      func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor { z }
      func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { rng.normal([x.size(0), 2]) * 0.5 + 1 }
    }
    let examples = try Examples(name: "x", storage: .floats([Float](repeating: 0, count: 3 * 4000)), shape: [3])
    let held = DeviceExamples(examples, binarization: .none)
    let found = try Subject(
      "m", Moved(), on: .test, dataName: "x", MeasuringOptions(place: DatasetOptions(cacheDirectory: "none")),
      examples: { held }, trainingExamples: { _ in held }, images: { examples }, trainingImages: { examples }
    ).measure([.priorKL(), .priorKL(k: 5)])
    // Twice log 2 + (1/4 + 1 - 1) / 2.
    for value in found { expectClose(value.value, 2 * (log(2) + 0.125), absolute: 0.15, relative: 0) }
    #expect(found.map(\.metric) == ["kl-prior:knn", "kl-prior:knn:5"] && found[0].unit == "nats")
    #expect(
      throws: MetricError("metric 'kl-prior:svm': expected kl-prior, kl-prior:knn or kl-prior:knn:K")
    ) { try Metric("kl-prior:svm") }
  }
}
