import Datasets
import Foundation
import Systems
import TestSupport
import Testing
import Training

@testable import Runs
@testable import Torch

@Suite("Training sets of N examples of each class") struct EvenClassesTests {
  private final class Counter: TrainingObserver {
    private(set) var rounds = 0
    func completed(step: Int, of total: Int) { rounds += 1 }
    func logged(_ record: LogRecord) {}
  }

  /// Tiny settings on two half moons, of which 60 points are learned from at most.
  private func settings(_ model: String, _ changes: String...) throws -> RunSettings {
    try Catalog.settings(
      model,
      setting: [
        "data.name=two-moons", "data.validation=6", "likelihood.family=gaussian", "encoder.hidden=[8]",
        "decoder.hidden=[8]", "latent.dimensions=2", "training.batchSize=8", "training.epochs=3", "data.perClass=12",
      ] + changes)
  }

  private func inDirectory(_ body: (String, DatasetOptions) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try body(
        directory,
        DatasetOptions(cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 66, testCount: 20))
    }
  }

  private func state(_ run: String) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: RunDirectory(run).checkpoint(.last)).tensors.mapValues { $0.bytes() }
  }

  @Test("models with and without labels learn of the same examples, and facts say how many", arguments: ["vae", "m2"])
  func facts(_ model: String) throws {
    try inDirectory { directory, place in
      let run =
        try model == "m2"
        ? Run.prepare(settings(model, "labels.perClass=4", "labels.batchSize=4"), place: place)
        : Run.prepare(settings(model), place: place)
      #expect(run.facts.examples == 24 && run.facts.labelled == (model == "m2" ? 8 : nil))
      let used = try run.settings.data.trainingExamples(of: run.dataset())
      #expect(used.labelCounts == [12, 12])
      let feeds = try run.feeds(run.dataset())
      #expect(feeds[.main]?.batchesPerEpoch == 3)
      if model == "m2" { #expect(feeds[.labelled]?.batchesPerEpoch == 2) }
      #expect(try Run.prepare(settings("vae", "data.perClass=null"), place: place).facts.examples == 60)
    }
  }

  @Test("stopped and resumed, the run ends with the same bits; another choice of examples is refused")
  func resumed() throws {
    try inDirectory { directory, place in
      let (whole, broken) = (directory + "/whole", directory + "/broken")
      _ = try Run.begin(settings("vae"), in: RunDirectory(whole), place: place).train(observer: SilentObserver())
      let counter = Counter()
      _ = try Run.begin(settings("vae"), in: RunDirectory(broken), place: place)
        .train(observer: counter) { counter.rounds == 4 }
      #expect(
        message { _ = try Run.resume(RunDirectory(broken), place: place) { $0.data.perClass = 13 } }.contains("26"))
      _ = try Run.resume(RunDirectory(broken), place: place).train(observer: SilentObserver())
      #expect(try state(broken) == state(whole))
    }
  }

  @Test("data without labels are refused")
  func unlabelled() throws {
    try inDirectory { directory, place in
      try Tensor((0..<40).map(Float.init), shape: [20, 2]).writeNPY(to: directory + "/x.npy")
      let words = message {
        _ = try Run.prepare(settings("vae", "data.name=\(directory)/x.npy", "data.validation=0"), place: place)
      }
      #expect(words.hasSuffix(": expected labels, to take 12 of each class (data.perClass), got none"), "\(words)")
    }
  }
}
