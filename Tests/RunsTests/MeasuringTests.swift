import Datasets
import Evaluation
import Runs
import Systems
import Testing

@Suite("Measuring runs") struct MeasuringTests {
  @Test("batch norm's statistics are gathered over the training examples that are used")
  func gathered() throws {
    let settings = try Catalog.settings(
      "avae",
      setting: [
        "data.name=strokes", "data.limit=60", "training.batchSize=20", "encoder.hidden=[4]", "decoder.hidden=[4]",
        "latent.dimensions=2", "auxiliary.dimensions=2", "training.threads=1",
      ])
    let run = try Run.prepare(settings, place: .fromEnvironment())
    var options = MeasuringOptions(place: run.place)
    options.limit = 5
    var batches: Set<Int> = []
    let measured = try run.measure(
      [.elbo(samples: 1)], on: Selection(.test, of: run.dataset()), options, gathersNorms: true
    ) { what, _, count in if what == "batch norm" { batches.insert(count) } }
    #expect(batches == [3])
    #expect(measured.values[0].value.isFinite)
  }

  @Test("a probe of N labels of each class takes those that the data's seed draws")
  func perClass() throws {
    func error(seed: Int) throws -> (error: Double, labels: Convention?) {
      let settings = try Catalog.settings(
        "vae",
        setting: [
          "data.name=strokes", "data.limit=400", "data.seed=\(seed)", "encoder.hidden=[]", "decoder.hidden=[]",
          "latent.dimensions=8", "training.threads=1",
        ])
      let run = try Run.prepare(settings, place: .fromEnvironment())
      var options = MeasuringOptions(place: run.place)
      options.limit = 300
      let value = try run.measure(
        [.probe(.knn, perClass: 3)], on: Selection(.test, of: run.dataset()), options
      ).values[0]
      return (value.value, value.conventions.first { $0.key == "labels" }?.value)
    }
    let (one, again, other) = (try error(seed: 1), try error(seed: 1), try error(seed: 2))
    #expect(one.error == again.error && one.error != other.error)
    #expect(one.labels == .count(30))
    #expect(try Metric("probe:svm:10-per-class").name == Metric.probe(.svm, perClass: 10).name)
  }
}
