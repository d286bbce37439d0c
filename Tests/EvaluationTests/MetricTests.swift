import Testing

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
        + "mmd-prior, logdet, probe:linear|svm|knn[:N], fid, kid, prdc, is, class-ce, memorization, "
        + "error, ece, confusion")
  }

  @Test(
    "an impossible number of samples is refused",
    arguments: ["0", "-3", "", "1000001", "many", "1.5", "99999999999999999999"])
  func samples(_ count: String) {
    let error = #expect(throws: MetricError.self) { try Metric("iwae:\(count)") }
    #expect(error?.description == "metric 'iwae:\(count)': expected 1 to 1000000 samples, got '\(count)'")
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
