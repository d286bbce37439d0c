import Datasets
import Evaluation
import Foundation
import TestSupport
import Testing
import Torch

@testable import Reproductions

@Suite("Published numbers beside ours")
struct PublishedNumberTests {
  @Test("as many as the papers print")
  func counts() {
    let counts = Dictionary(grouping: PublishedNumber.all, by: \.paper).mapValues(\.count)
    #expect(counts == ["INFO": 60, "ADGM": 36, "AVB": 29, "UNI": 35, "ASL": 8])
  }

  @Test(
    "what ours comes from is a cell with that metric, at scale cpu and at the paper's",
    arguments: [Experiment.Scale.cpu, .paper])
  func sources(_ scale: Experiment.Scale) throws {
    for number in PublishedNumber.all {
      guard let source = number.source else { continue }
      let experiment = try Experiment.named(source.experiment)
      guard let found = experiment.cells(scale).first(where: { $0.name == source.cell }) else {
        Issue.record("\(source.experiment) has no cell \(source.cell)")
        continue
      }
      // Work without a system does not say before what it measures.
      guard found.settings != nil else { continue }
      #expect(
        source.name(among: (found.metrics + found.trajectory).map(\.name)) != nil,
        "\(source.experiment) \(source.cell) does not measure \(source.metric)")
    }
  }

  @Test("claims have the numbers that are printed")
  func claims() throws {
    for number in PublishedNumber.all {
      guard let source = number.source else { continue }
      let claims = try Experiment.named(source.experiment).claims(.paper)
      for term in claims.flatMap(\.statement.comparisons).flatMap(\.margin.terms) {
        guard term.cell == source.cell, source.name(among: [term.metric]) != nil, let paper = term.paper else {
          continue
        }
        expectClose(source.offset + source.factor * paper, number.value, relative: 1e-9)
      }
    }
  }

  @Test("ours is in the paper's unit, with its errors")
  func converted() throws {
    let accuracy = try #require(PublishedNumber.all.first { $0.place == "Table 4" }?.source)
    let mean = accuracy.converted(.init(0.1, seeds: 3, errorOverSeeds: 0.02, errorOverExamples: nil))
    #expect(mean.value == 0.9 && mean.errorOverSeeds == 0.02 && mean.seeds == 3)
    let percent = try #require(PublishedNumber.all.first { $0.place == "Table 2" && $0.system == "ADGM" }?.source)
    let error = percent.converted(.init(0.0096, seeds: 1, errorOverSeeds: nil, errorOverExamples: 0.001))
    expectClose(error.value, 0.96, relative: 1e-12)
    expectClose(try #require(error.standardError), 0.1, relative: 1e-12)
    #expect(accuracy.name(among: ["error:data", "elbo"]) == "error:data")
    #expect(accuracy.name(among: ["error:data", "error"]) == "error")
    #expect(accuracy.name(among: ["errors"]) == nil)
    let likelihood = try #require(PublishedNumber.all.first { $0.paper == "INFO" && $0.place == "Table 1" }?.source)
    #expect(likelihood.name(among: ["iwae:100", "iwae:100:prior", "iwae:100:mixture"]) == "iwae:100:mixture")
    #expect(likelihood.name(among: ["iwae:100", "iwae:50000:prior"]) == "iwae:50000:prior")
    #expect(likelihood.name(among: ["iwae:100", "kl"]) == "iwae:100")
  }

  /// Says in a directory that a cell came to some numbers.
  private func finish(
    _ cell: String, of name: String, _ scale: Experiment.Scale, _ numbers: [String: Results.Number],
    seed: UInt64 = 1, in everything: AllExperiments
  ) throws {
    let path = everything.path(of: name, scale)
    let reproduction = Reproduction(
      try Experiment.named(name), scale: scale, in: path, place: .fromEnvironment())
    let piece = try #require(reproduction.pieces(seeds: [seed]).first { $0.cell.name == cell })
    let directory = reproduction.path(piece.cell, seed)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var result = Results.CellResult(name: cell, seed: seed, steps: 500, seconds: 90, numbers: numbers)
    result.machine = "a machine"
    try CellFile(reproduction.recipe(piece.cell, seed), result).write(in: directory)
  }

  @Test("the page has every number, ours with seeds, budget and verdict, and the command of what was not run")
  func collected() throws {
    try withTemporaryDirectory { directory in
      let everything = AllExperiments(in: directory + "/all", place: .fromEnvironment())
      let nothing = everything.collected(version: "0")
      #expect(nothing.counts.withOurs == 0 && nothing.experiments.count == Experiment.all.count)
      for seed: UInt64 in 1...3 {
        try finish(
          "svae/1", of: "uni/table-4", .cpu, ["error": .init(value: 0.1 * Double(seed))], seed: seed, in: everything)
      }
      try finish("sdgm", of: "adgm/table-2-norb", .paper, ["error": .init(value: 0.095, error: 0.002)], in: everything)
      try finish("sdgm", of: "adgm/table-2-norb", .cpu, ["error": .init(value: 0.5)], in: everything)
      // One cell of two is not yet the larger budget.
      #expect(
        everything.collected(version: "0").numbers.first { $0.experiment == "adgm/table-2-norb" && $0.cell == "sdgm" }?
          .scale == .cpu)
      try finish("adgm", of: "adgm/table-2-norb", .paper, ["error": .init(value: 0.12)], in: everything)
      let found = everything.collected(version: "0")
      #expect(found.counts.published == PublishedNumber.all.count && found.counts.withOurs == 3)
      let svae = try #require(found.numbers.first { $0.place == "Table 4" && $0.cell == "svae/1" })
      expectClose(try #require(svae.ours).value, 0.8, relative: 1e-12)
      #expect(svae.ours?.seeds == 3 && svae.scale == .cpu && svae.steps == 500 && svae.minutes == 1.5)
      #expect(svae.verdict == "smaller budget" && svae.machine == "a machine")
      #expect(svae.command == "helmholtz reproduce uni/table-4 --scale cpu --out \(directory)/all/uni-table-4-cpu")
      // The larger budget stands there: 9.5 (.2) beside 9.4 (.04).
      let norb = try #require(found.numbers.first { $0.experiment == "adgm/table-2-norb" && $0.cell == "sdgm" })
      #expect(norb.scale == .paper && norb.verdict == "as published")
      let cpu = everything.collected(.cpu, version: "0")
      #expect(cpu.numbers.first { $0.experiment == "adgm/table-2-norb" && $0.cell == "sdgm" }?.ours?.value == 50)
      try everything.write(found)
      let read: CollectedResults = try ResultFile.read(directory + "/all/results.json")
      #expect(read.counts.withOurs == 3)
      let page = try String(contentsOfFile: directory + "/all/results.html", encoding: .utf8)
      for words in [
        "as published", "smaller budget", "cpu, 500 steps, 1.5 min", "cited only", "not run",
        "helmholtz reproduce info/table-1 --scale cpu",
      ] {
        #expect(page.contains(words), "\(words)")
      }
      let list = everything.list(.cpu, version: "0")
      #expect(list.map(\.experiment) == Experiment.all.map(\.name))
      #expect(list.first { $0.experiment == "uni/table-4" }?.state == "3 of 12 cells")
    }
  }

  @Test("a damaged cell hides nothing but its own experiment")
  func damaged() throws {
    try withTemporaryDirectory { directory in
      let everything = AllExperiments(in: directory + "/all", place: .fromEnvironment())
      try finish("svae/1", of: "uni/table-4", .cpu, ["error": .init(value: 0.1)], in: everything)
      try finish("sdgm", of: "adgm/table-2-norb", .cpu, ["error": .init(value: 0.5)], in: everything)
      let cell = everything.path(of: "uni/table-4", .cpu) + "/svae-1-seed1/cell.json"
      try AtomicFile.write(Array("{".utf8), to: cell)
      let found = everything.collected(version: "0")
      #expect(found.counts.withOurs == 1)
      let entry = try #require(found.experiments.first { $0.experiment == "uni/table-4" })
      #expect(entry.state.hasPrefix("unreadable: \(cell): expected what came out of a finished cell"))
      #expect(everything.list(.cpu, version: "0").first { $0.experiment == "uni/table-4" }?.state == entry.state)
    }
  }

  @Test("the claims of a table and the page beside it are of the same metric")
  func sameMetric() throws {
    for scale in [Experiment.Scale.cpu, .paper] {
      for number in PublishedNumber.all where number.paper == "INFO" && number.place == "Table 1" {
        let source = try #require(number.source)
        let experiment = try Experiment.named(source.experiment)
        let cell = try #require(experiment.cells(scale).first { $0.name == source.cell })
        #expect(source.name(among: cell.metrics.map(\.name)) == Info.likelihood(scale).name)
      }
    }
  }

  @Test("a number apart from the published one by more than two standard errors differs")
  func differs() throws {
    try withTemporaryDirectory { directory in
      let everything = AllExperiments(in: directory + "/all", place: .fromEnvironment())
      try finish("sdgm", of: "adgm/table-2-norb", .paper, ["error": .init(value: 0.11, error: 0.002)], in: everything)
      try finish("adgm", of: "adgm/table-2-norb", .paper, ["error": .init(value: 0.5)], in: everything)
      let numbers = everything.collected(version: "0").numbers.filter { $0.experiment == "adgm/table-2-norb" }
      #expect(numbers.map(\.verdict) == ["no standard error", "differs"])
    }
  }
}
