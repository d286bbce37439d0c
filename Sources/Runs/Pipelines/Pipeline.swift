import Configuration
import Datasets
import Foundation
import Systems
import Torch
import Training

/// Runs that build on each other, each in a directory of its own below the pipeline's.
///
///     let pipeline = try Pipeline([Stage("m1", vae), Stage("m2", after: ["m1"]) { runs in ... }])
///     try pipeline.run(in: RunDirectory("runs/m1m2"), place: .fromEnvironment()) { name in SilentObserver() }
///
/// A stage is an ordinary run, `runs/m1m2/m1`, with its own checkpoints, log and report. `pipeline.json` tells which
/// stages there are and how far they are; see ``PipelineRecord``. Killed or stopped at any instant and called again
/// with the same stages, a pipeline ends with the same bits.
///
/// A pipeline of one stage is that run, in the pipeline's own directory and without a `pipeline.json`.
public struct Pipeline: Sendable {
  /// The stages, in the order they were given.
  public let stages: [Stage]
  /// Whether they are below a run that is made of them, which holds the directory.
  private let isOfRun: Bool

  /// - Throws: `PipelineError` for names that are no directories or are taken twice, for stages that come after an
  ///   unknown one, and for circles.
  public init(_ stages: [Stage]) throws(PipelineError) { try self.init(stages, isOfRun: false) }

  /// The stages of a run.
  init(_ stages: [Stage], isOfRun: Bool) throws(PipelineError) {
    guard !stages.isEmpty else { throw .noStages }
    var names: [String] = []
    for stage in stages {
      guard Self.isName(stage.name) else { throw .name(stage.name) }
      guard !names.contains(stage.name) else { throw .duplicate(stage.name) }
      names.append(stage.name)
    }
    for stage in stages {
      if let other = stage.after.first(where: { !names.contains($0) }) {
        throw .unknown(other, after: stage.name, has: names)
      }
    }
    if let circle = Self.circle(stages) { throw .circle(circle) }
    self.stages = stages
    self.isOfRun = isOfRun
  }

  /// Whether it is one run in the directory itself.
  private var isOne: Bool { stages.count == 1 && !isOfRun }

  /// The run directory of each stage of the pipeline in `directory`, by the stages' names.
  public func runs(in directory: RunDirectory) -> [String: RunDirectory] {
    let pairs = stages.map { stage in
      (stage.name, isOne ? directory : RunDirectory(directory.path + "/" + stage.name))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Trains every stage that is not over, each as soon as those before it are, and leaves checkpoints either way.
  ///
  /// Stages that are ready run side by side, each on a thread of its own. The number of threads that one operation may
  /// use is the process's: it is set before the first stage starts and the same in every stage. It is
  /// `training.threads` of the stages, else what the pipeline was begun with, else what the process uses. Stages of a
  /// run that leaves it open share that where they run side by side.
  ///
  /// - Parameters:
  ///   - serial: runs one stage after the other, with the same results.
  ///   - observer: asked for when a stage starts; used by that stage's thread alone.
  ///   - shouldStop: asked before every round of every stage, by the stages' threads, and before a stage starts. All
  ///     stages stop once it says so.
  /// - Returns: the states of all stages; they are not all over if it was stopped.
  /// - Throws: `PipelineFailure` when a stage fails, after the others have stopped at their next round. Before any
  ///   stage starts: `FileError` for a directory that holds something else, or stages with other settings.
  @discardableResult
  public func run(
    in directory: RunDirectory, place: DatasetOptions, serial: Bool = false,
    observer: (String) -> any TrainingObserver, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> PipelineRecord {
    let runs = runs(in: directory)
    var settings = try settings(runs)
    let begun = try begun(directory)
    let lock = try isOne || isOfRun ? nil : Self.hold(directory)
    defer { withExtendedLifetime(lock) {} }
    let wanted = try threads(settings)
    let threads = wanted ?? begun?.threads ?? Runtime.threads
    Runtime.tuneAllocator()
    // Where it is right already, another run may be computing with it.
    if Runtime.threads != threads { Runtime.threads = threads }
    var record = PipelineRecord(stages, threads: threads)
    for (index, stage) in stages.enumerated() {
      settings[stage.name]!.training.threads =
        isOfRun && wanted == nil && !serial ? share(of: stage, in: threads) : threads
      record.stages[index].state = try state(of: stage, settings[stage.name]!, in: runs[stage.name]!)
    }
    var work = StagesAtWork(
      record: record, runs: runs, settings: settings, place: place, isSerial: serial,
      knowsData: isOfRun, shouldStop: shouldStop
    ) { [isOne] in
      if !isOne { try $0.write(in: directory) }
    }
    return try work.run(observer)
  }

  // MARK: Checking stages

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Stages each of which comes after the next, and the last after the first; nil if there are none.
  private static func circle(_ stages: [Stage]) -> [String]? {
    var rest = stages
    // Takes away what can run, until all that is left waits for what is left.
    while let index = rest.firstIndex(where: { stage in
      !stage.after.contains { name in rest.contains { $0.name == name } }
    }) {
      rest.remove(at: index)
    }
    guard var stage = rest.first else { return nil }
    var path: [String] = []
    while !path.contains(stage.name) {
      path.append(stage.name)
      stage = rest.first { stage.after.contains($0.name) }!
    }
    return Array(path[path.firstIndex(of: stage.name)!...])
  }

  // MARK: Checking a directory

  /// The settings of all stages, checked without data.
  private func settings(_ runs: [String: RunDirectory]) throws(PipelineFailure) -> [String: RunSettings] {
    var all: [String: RunSettings] = [:]
    for stage in stages {
      do {
        let settings = try stage.settings(runs.filter { stage.after.contains($0.key) })
        try settings.validate()
        all[stage.name] = settings
      } catch { throw PipelineFailure(stage.name, error) }
    }
    return all
  }

  /// The number of threads that the settings ask for; nil if they leave it open.
  private func threads(_ settings: [String: RunSettings]) throws(PipelineFailure) -> Int? {
    var wanted: Int?
    for stage in stages {
      let threads = settings[stage.name]!.training.threads
      guard threads > 0 else { continue }
      guard wanted == nil || wanted == threads else {
        throw PipelineFailure(
          stage.name,
          SettingsError(
            path: "training.threads", "expected one number for all stages, got \(threads) after \(wanted!)"))
      }
      wanted = threads
    }
    return wanted
  }

  /// As many threads as each of the stages that start at the same time can have to itself.
  func share(of stage: Stage, in threads: Int) -> Int { max(1, threads / stages.count { $0.after == stage.after }) }

  /// The record of the same pipeline, if it has been begun in this directory.
  private func begun(_ directory: RunDirectory) throws -> PipelineRecord? {
    let file = PipelineRecord.file(in: directory)
    if !isOne, !isOfRun, directory.exists { throw TrainingError.exists(directory.path) }
    guard FileManager.default.fileExists(atPath: file) else {
      guard isOne, let progress = try directory.newest()?.progress else { return nil }
      return PipelineRecord(stages, threads: progress.threads)
    }
    let record = try PipelineRecord(in: directory)
    func words(_ stages: [(name: String, after: [String])]) -> String {
      stages.map { $0.after.isEmpty ? $0.name : "\($0.name) after \($0.after.joined(separator: " and "))" }
        .joined(separator: ", ")
    }
    let (own, found) = (words(stages.map { ($0.name, $0.after) }), words(record.stages.map { ($0.name, $0.after) }))
    guard own == found else { throw FileError(file, "expected the stages \(own), found \(found)") }
    return record
  }

  /// Makes the directory and keeps other processes out of the pipeline.
  private static func hold(_ directory: RunDirectory) throws -> RunLock {
    do {
      try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
    } catch { throw FileError(directory.path, "cannot make the directory: \(error.localizedDescription)") }
    return try directory.lock()
  }

  /// How far a stage is; refuses a run that was begun with other settings.
  private func state(
    of stage: Stage, _ settings: RunSettings, in run: RunDirectory
  ) throws -> PipelineRecord.State {
    guard run.exists else { return .waiting }
    let found = try Catalog.settings(SettingsDocument(file: run.configuration))
    // It may have become one of its trials.
    let wanted = settings.trials.map(\.settings).first { comparable($0, stage) == comparable(found, stage) }
    let pages = [wanted ?? settings, found].map { comparable($0, stage).yaml().split(separator: "\n") }
    if let index = (0..<max(pages[0].count, pages[1].count)).first(where: { at in
      at >= pages[0].count || at >= pages[1].count || pages[0][at] != pages[1][at]
    }) {
      func line(_ page: [Substring]) -> String {
        guard index < page.count else { return "nothing" }
        let value = page[index].firstRange(of: " #").map { page[index][..<$0.lowerBound] } ?? page[index]
        return "'\(value.trimmingCharacters(in: .whitespaces))'"
      }
      throw FileError(
        run.configuration,
        "expected the settings of stage '\(stage.name)' with \(line(pages[0])), found \(line(pages[1]))")
    }
    guard FileManager.default.fileExists(atPath: run.report), let end = try run.end(settings) else {
      return .interrupted
    }
    return end.outcome == .stoppedEarly ? .stoppedEarly : .finished
  }

  /// Settings as they are compared: threads are the machine's, and a pipeline may lie elsewhere today. So may the data of
  /// stages of a run, which have been compared with what it knows of them.
  private func comparable(_ settings: RunSettings, _ stage: Stage) -> RunSettings {
    var settings = settings
    settings.training.threads = 0
    if isOfRun { (settings.data.name, settings.data.labels) = ("", nil) }
    if let codes = settings.data.codes {
      let last = (codes as NSString).lastPathComponent
      if isOfRun || stage.after.contains(String(last.prefix { $0 != "@" })) { settings.data.codes = "../" + last }
    }
    return settings
  }
}
