import Datasets
import Foundation
import Systems
import TestSupport
import Testing
import Torch
import Training

@testable import Evaluation
@testable import Runs

@Suite("Warnings of an evaluation") struct WarningTests {
  @Test("what a number warns of is in the log, and in the report until the next evaluation")
  func recorded() throws {
    try withTemporaryDirectory { directory in
      let place = DatasetOptions(
        cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 66, testCount: 20)
      let settings = try Catalog.settings(
        "vae",
        setting: [
          "data.name=two-moons", "data.validation=6", "likelihood.family=gaussian", "encoder.hidden=[8]",
          "decoder.hidden=[8]", "latent.dimensions=2", "training.steps=2",
        ])
      let run = RunDirectory(directory + "/run")
      _ = try Run.begin(settings, in: run, place: place).train(observer: SilentObserver())
      let trained = try Run.open(run.path, place: place)
      func record(_ warning: String?) throws -> MetricsLog.Entry? {
        var finding = Metric.Finding(2, count: 1000)
        finding.warning = warning
        let selection = Selection(reportedOf: try trained.dataset())
        try trained.record(.init(selection: selection, values: [MetricValue("is", unit: "1", finding)]))
        return try MetricsLog.records(run.metrics).last
      }
      func report() throws -> String { try String(contentsOfFile: run.report, encoding: .utf8) }
      let warning = "samples of gan have none of class \"a\\b\"; the generator may have collapsed"
      let line = try record(warning)
      #expect(line?.warning == "is: " + warning && line?.values["is"] == 2)
      #expect(try report().contains("On the test split, is: samples of gan have none of class"))
      #expect(try record(nil)?.warning == nil)
      #expect(try !report().contains("the generator may have collapsed"))
    }
  }
}
