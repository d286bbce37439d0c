import Datasets
import Foundation
import Systems
import TestSupport
import Testing
import Training

@testable import Runs
@testable import Torch

@Suite("Pipelines") struct PipelineTests {
  // MARK: Helpers

  /// What the stages of one call do, heard from all their threads.
  private final class Monitor: @unchecked Sendable {
    // Every access to the two holds the lock.
    private let lock = NSLock()
    private var heard: [(stage: String, step: Int)] = []
    private var stops = false
    /// Called after every round of a stage, by its thread; true stops all.
    let onStep: @Sendable (String, Int) -> Bool

    init(_ onStep: @escaping @Sendable (String, Int) -> Bool = { _, _ in false }) { self.onStep = onStep }

    func completed(_ stage: String, _ step: Int) {
      lock.withLock { heard.append((stage, step)) }
      if onStep(stage, step) { lock.withLock { stops = true } }
    }

    var shouldStop: Bool { lock.withLock { stops } }
    var steps: [(stage: String, step: Int)] { lock.withLock { heard } }
    func steps(of stage: String) -> [Int] { steps.filter { $0.stage == stage }.map(\.step) }
  }

  private final class Observer: TrainingObserver {
    let stage: String
    let monitor: Monitor
    init(_ stage: String, _ monitor: Monitor) { (self.stage, self.monitor) = (stage, monitor) }
    func completed(step: Int, of total: Int) { monitor.completed(stage, step) }
    func logged(_ record: LogRecord) {}
  }

  /// A directory, and data without network.
  private func inDirectory(_ body: (String, DatasetOptions) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try body(
        directory,
        DatasetOptions(cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 66, testCount: 20))
    }
  }

  /// Settings of a system, tiny, on points: 3 rounds an epoch.
  private static func settings(_ system: String, _ changes: String...) throws -> RunSettings {
    try Catalog.settings(
      system,
      setting: [
        "data.name=two-moons", "data.validation=6", "likelihood.family=gaussian", "encoder.hidden=[8]",
        "decoder.hidden=[8]", "latent.dimensions=3", "training.batchSize=20", "training.epochs=3",
        "training.logEvery=2",
      ] + changes)
  }

  /// M2 on the codes of a stage (Kingma et al. 2014, section 2.2).
  private static func stacked(_ name: String, on codes: String, after others: [String] = []) -> Stage {
    Stage(name, after: [codes] + others) { runs in
      try settings("m2", "labels.perClass=5", "labels.batchSize=10", "data.codes=\(runs[codes]!.path)")
    }
  }

  private static func m1m2() throws -> Pipeline {
    try Pipeline([Stage("m1", settings("vae")), stacked("m2", on: "m1")])
  }

  /// Two stages beside each other and one after both.
  private static func three() throws -> Pipeline {
    try Pipeline([
      Stage("a", settings("vae")),
      // With batch norm, whose averages tell whether it was trained in the mode of training.
      Stage("b", settings("avae", "auxiliary.batchNorm=true", "training.seed=2")),
      stacked("c", on: "a", after: ["b"]),
    ])
  }

  @discardableResult
  private func run(
    _ pipeline: Pipeline, _ directory: String, _ place: DatasetOptions, serial: Bool = false,
    _ monitor: Monitor = Monitor()
  ) throws -> PipelineRecord {
    try pipeline.run(
      in: RunDirectory(directory), place: place, serial: serial, observer: { Observer($0, monitor) },
      shouldStop: { monitor.shouldStop })
  }

  /// All tensors of a checkpoint, as bytes.
  private func state(_ run: String, _ name: CheckpointName = .last) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: RunDirectory(run).checkpoint(name)).tensors.mapValues { $0.bytes() }
  }

  private func expectSame(
    _ stages: [String], _ one: String, _ two: String, _ note: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for stage in stages {
      for name in [CheckpointName.last, .best] {
        let isSame = try state("\(one)/\(stage)", name) == state("\(two)/\(stage)", name)
        #expect(isSame, "\(stage)@\(name) \(note)", sourceLocation: sourceLocation)
      }
    }
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  // MARK: What it makes

  @Test("M1+M2 is a pipeline: a run, and a run on its codes, which is the one that is trained by hand")
  func stackedRuns() throws {
    try inDirectory { directory, place in
      let monitor = Monitor()
      let p = directory + "/p"
      let record = try run(Self.m1m2(), p, place, monitor)
      #expect(record.isOver && record.stages.map(\.state) == [.finished, .finished])
      #expect(monitor.steps.map(\.stage) == Array(repeating: "m1", count: 9) + Array(repeating: "m2", count: 9))
      for name in ["m1", "m2"] {
        for file in ["config.yaml", "metrics.jsonl", "report.html", "checkpoints/best.safetensors"] {
          #expect(exists("\(p)/\(name)/\(file)"), "\(name)/\(file)")
        }
      }
      let m2 = try Run.open(p + "/m2", place: place)
      #expect(m2.settings.data.codes == p + "/m1" && m2.facts.shape == [3])
      #expect(m2.settings.training.threads == Runtime.threads)
      let alone = RunDirectory(directory + "/alone")
      _ = try Run.begin(m2.settings, in: alone, place: place).train(observer: Observer("", Monitor()))
      #expect(try state(p + "/m2") == state(alone.path))
    }
  }

  @Test("pipeline.json tells the stages, their order and how far they are")
  func record() throws {
    try inDirectory { directory, place in
      let p = directory + "/p"
      let stopped = try run(Self.m1m2(), p, place, Monitor { stage, step in (stage, step) == ("m1", 2) })
      #expect(!stopped.isOver && stopped.stages.map(\.state) == [.interrupted, .waiting])
      #expect(try PipelineRecord(in: RunDirectory(p)) == stopped)
      let text = try String(contentsOfFile: p + "/pipeline.json", encoding: .utf8)
      #expect(
        text == """
          {
            "format" : "helmholtz-pipeline-1",
            "stages" : [
              {
                "after" : [

                ],
                "name" : "m1",
                "state" : "interrupted"
              },
              {
                "after" : [
                  "m1"
                ],
                "name" : "m2",
                "state" : "waiting"
              }
            ],
            "threads" : \(Runtime.threads)
          }

          """)
      // While a stage is at work, the file says so.
      let file = RunDirectory(p)
      let seen = Monitor { stage, step in
        do {
          let states = try PipelineRecord(in: file).stages.map(\.state)
          #expect(states == (stage == "m1" ? [.training, .waiting] : [.finished, .training]))
        } catch { Issue.record(error) }
        return false
      }
      try run(Self.m1m2(), p, place, seen)
      #expect(seen.steps(of: "m1") == Array(3...9))
      try AtomicFile.write(Array("{}".utf8), to: p + "/pipeline.json")
      #expect(
        message { try run(Self.m1m2(), p, place) }
          == "\(p)/pipeline.json: expected the stages of a pipeline, got something else")
    }
  }

  @Test("a pipeline of one stage is that run in the pipeline's own directory")
  func single() throws {
    try inDirectory { directory, place in
      let stages = [Stage("vae", try Self.settings("vae", "training.epochs=1"))]
      let p = directory + "/p"
      let record = try run(Pipeline(stages), p, place)
      #expect(record.isOver && exists(p + "/report.html") && !exists(p + "/pipeline.json"))
      let monitor = Monitor()
      #expect(try run(Pipeline(stages), p, place, monitor).isOver)
      #expect(monitor.steps.isEmpty)
    }
  }

  // MARK: Side by side

  @Test("stages that are ready run side by side, and end with the bits of one after the other and of no thread at all")
  func sideBySide() throws {
    try inDirectory { directory, place in
      let (a, b) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      // Each waits in its first round until the other one has come there too.
      let together = Monitor { stage, step in
        guard step == 1, stage != "c" else { return false }
        (stage == "a" ? b : a).signal()
        #expect((stage == "a" ? a : b).wait(timeout: .now() + 120) == .success, "the other stage has not begun")
        return false
      }
      #expect(try run(Self.three(), directory + "/together", place, together).isOver)
      #expect(together.steps(of: "a").count == 9 && together.steps(of: "b").count == 9)
      #expect(together.steps.suffix(9).map(\.stage) == Array(repeating: "c", count: 9))
      let serial = Monitor()
      #expect(try run(Self.three(), directory + "/serial", place, serial: true, serial).isOver)
      #expect(serial.steps.map(\.stage) == ["a", "b", "c"].flatMap { Array(repeating: $0, count: 9) })
      try expectSame(["a", "b", "c"], directory + "/together", directory + "/serial")
      for name in ["a", "b"] {
        let settings = try Run.open("\(directory)/serial/\(name)", place: place).settings
        _ = try Run.begin(settings, in: RunDirectory("\(directory)/plain/\(name)"), place: place)
          .train(observer: Observer("", Monitor()))
      }
      try expectSame(["a", "b"], directory + "/serial", directory + "/plain")
    }
  }

  @Test("the modes of the calling thread are not those of the stages, and operations use as many threads there")
  func modes() throws {
    try inDirectory { directory, place in
      let pipeline = try Self.three()
      try run(pipeline, directory + "/plain", place)
      let threads = Runtime.threads
      let monitor = Monitor { _, _ in
        #expect(!Thread.isMainThread && Runtime.threads == threads)
        #expect(!TrainingMode.isOn && TrainingMode.share == nil, "between rounds a module is as in use")
        #expect((Tensor([1.0, 2]).to(.float32).requiringGradient() * 2).requiresGradient)
        return false
      }
      try withoutGradients { _ = try TrainingMode.gather(1) { try run(pipeline, directory + "/odd", place, monitor) } }
      #expect(monitor.steps.count == 27)
      try expectSame(["a", "b", "c"], directory + "/plain", directory + "/odd")
      let means = try state(directory + "/odd/b").filter { $0.key.contains(".norms.") && $0.key.hasSuffix(".mean") }
      #expect(!means.isEmpty && means.values.allSatisfy { $0.contains { $0 != 0 } }, "batch norm has seen batches")
    }
  }

  // MARK: Stopping

  @Test("stopped in any stage and called again, a pipeline ends as the unbroken one, bit for bit")
  func stopped() throws {
    try inDirectory { directory, place in
      let pipeline = try Self.three()
      let whole = directory + "/whole"
      try run(pipeline, whole, place)
      for (index, (stage, step)) in [("a", 1), ("a", 9), ("b", 3), ("b", 8), ("c", 1), ("c", 4)].enumerated() {
        let broken = "\(directory)/broken-\(index)"
        let monitor = Monitor { ($0, $1) == (stage, step) }
        let stopped = try run(pipeline, broken, place, serial: index.isMultiple(of: 2), monitor)
        #expect(!stopped.isOver, "stopped at \(stage) \(step)")
        // Every stage that has begun has left a checkpoint.
        for entry in stopped.stages where entry.state != .waiting {
          #expect(exists("\(broken)/\(entry.name)/checkpoints/last.safetensors"))
        }
        let again = Monitor()
        #expect(try run(pipeline, broken, place, again).isOver)
        for name in ["a", "b", "c"] {
          // It went on, rather than begin anew to the same end.
          #expect(
            monitor.steps(of: name) + again.steps(of: name) == Array(1...9), "stopped at \(stage) \(step): \(name)")
        }
        try expectSame(["a", "b", "c"], whole, broken, "stopped at \(stage) \(step)")
      }
    }
  }

  @Test("stopped before it begins, a pipeline has begun nothing; stages that are over are not trained again")
  func over() throws {
    try inDirectory { directory, place in
      let pipeline = try Pipeline([
        Stage(
          "patient", Self.settings("vae", "training.epochs=200", "training.patience=1", "training.learningRate=0.1")),
        Stage("next", after: ["patient"], Self.settings("vae")),
      ])
      let p = directory + "/p"
      let nothing = try pipeline.run(
        in: RunDirectory(p), place: place, observer: { Observer($0, Monitor()) }, shouldStop: { true })
      #expect(nothing.stages.map(\.state) == [.waiting, .waiting] && !exists(p + "/patient"))
      let first = try run(pipeline, p, place)
      #expect(first.stages.map(\.state) == [.stoppedEarly, .finished])
      let (before, log) = (try state(p + "/patient"), try MetricsLog.records(p + "/patient/metrics.jsonl").count)
      let monitor = Monitor()
      #expect(try run(pipeline, p, place, monitor) == first)
      #expect(monitor.steps.isEmpty)
      #expect(try state(p + "/patient") == before)
      #expect(try MetricsLog.records(p + "/patient/metrics.jsonl").count == log)
      // Killed between its last round and its report, a stage is reported on and not trained.
      try FileManager.default.removeItem(atPath: p + "/patient/report.html")
      #expect(try run(pipeline, p, place, monitor) == first)
      #expect(monitor.steps.isEmpty && exists(p + "/patient/report.html"))
      #expect(try state(p + "/patient") == before)
    }
  }

  @Test("a pipeline that was moved goes on where it lies now")
  func moved() throws {
    try inDirectory { directory, place in
      let (whole, old, new) = (directory + "/whole", directory + "/old", directory + "/new")
      try run(Self.m1m2(), whole, place)
      try run(Self.m1m2(), old, place, Monitor { ($0, $1) == ("m2", 4) })
      try FileManager.default.moveItem(atPath: old, toPath: new)
      #expect(try run(Self.m1m2(), new, place).isOver)
      try expectSame(["m1", "m2"], whole, new)
      #expect(try Run.open(new + "/m2", place: place).settings.data.codes == new + "/m1")
    }
  }

  @Test("a run that was killed before its facts or between its first two checkpoints goes on to the same bits")
  func killed() throws {
    try inDirectory { directory, place in
      let settings = try Self.settings("vae")
      func train(_ run: Run, until stop: Int = .max) throws {
        let monitor = Monitor { _, step in step >= stop }
        _ = try run.train(observer: Observer("", monitor)) { monitor.shouldStop }
      }
      let (whole, broken) = (RunDirectory(directory + "/whole"), RunDirectory(directory + "/broken"))
      try train(Run.begin(settings, in: whole, place: place))
      _ = try Run.begin(settings, in: broken, place: place)
      try FileManager.default.removeItem(atPath: broken.facts)
      // Three rounds are an epoch: its validation writes the best checkpoint, then comes the last one.
      try train(Run.resume(broken, place: place), until: 3)
      #expect(try Facts(contentsOf: broken.facts) == Facts(contentsOf: whole.facts))
      try FileManager.default.removeItem(atPath: broken.checkpoint(.last))
      try train(Run.resume(broken, place: place))
      #expect(try state(whole.path) == state(broken.path))
      #expect(try state(whole.path, .best) == state(broken.path, .best))
    }
  }

  // MARK: Failing

  @Test("a stage that fails names itself and stops the others, whose checkpoints can be used")
  func failing() throws {
    try inDirectory { directory, place in
      let pipeline = try Pipeline([
        Stage("good", Self.settings("vae", "training.epochs=100000")),
        Stage("bad", Self.settings("vae", "training.learningRate=1e30")),
        Self.stacked("next", on: "good"),
      ])
      let p = directory + "/p"
      let text = message { try run(pipeline, p, place) }
      #expect(
        text.hasPrefix("stage 'bad': step ") && text.hasSuffix(" is not finite; no checkpoint holds it"), "\(text)")
      let record = try PipelineRecord(in: RunDirectory(p))
      #expect(record.stages.map(\.state) == [.interrupted, .failed, .waiting])
      #expect(record.stages.map(\.error) == [nil, String(text.dropFirst("stage 'bad': ".count)), nil])
      let good = try Run.open(p + "/good@last", place: place)
      let x = try good.examples(.test, of: good.dataset()).batch(0..<20, using: good.random(1)).x
      let z = try withoutGradients { try good.model(as: .codes).encode(x, using: good.random(1)) }
      #expect(z.shape == [20, 3] && z.array(Float.self).allSatisfy(\.isFinite))
      #expect(!exists(p + "/next"))
    }
  }

  @Test("where pipeline.json cannot be written, all stages stop with a checkpoint and the reason is thrown")
  func noRecord() throws {
    try inDirectory { directory, place in
      let pipeline = try Pipeline([
        Stage("short", Self.settings("vae", "training.epochs=1")),
        Stage("long", Self.settings("vae", "training.epochs=100000")),
      ])
      let file = directory + "/p/pipeline.json"
      // A directory in its place, while both are at work.
      let monitor = Monitor { stage, step in
        guard (stage, step) == ("short", 1) else { return false }
        while try! PipelineRecord(in: RunDirectory(directory + "/p")).stages[1].state == .waiting { usleep(1000) }
        try! FileManager.default.removeItem(atPath: file)
        try! FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        return false
      }
      let text = message { try run(pipeline, directory + "/p", place, monitor) }
      #expect(text == "\(file): cannot rename the file: Is a directory")
      for name in ["short", "long"] { _ = try Run.open("\(directory)/p/\(name)@last", place: place) }
    }
  }

  @Test("what is thrown before a stage starts or in the middle of one tells the stage")
  func told() throws {
    try inDirectory { directory, place in
      let p = directory + "/p"
      func refusal(_ stages: Stage...) -> String { message { try run(Pipeline(stages), p, place) } }
      let vae = try Self.settings("vae", "training.epochs=1")
      var far = vae
      far.data.name = p + "/none.npy"
      #expect(refusal(Stage("a", vae), Stage("b", after: ["a"], far)).hasPrefix("stage 'b': '\(p)/none.npy': "))
      let gan = Stage("g") { _ in try Catalog.settings("gan", setting: ["training.patience=1"]) }
      #expect(
        refusal(Stage("z", vae), gan)
          == "stage 'g': training.patience: gan has no score on validation examples; the last checkpoint is the best")
      let (one, two) = (try Self.settings("vae", "training.threads=1"), try Self.settings("vae", "training.threads=2"))
      #expect(
        message { try run(Pipeline([Stage("one", one), Stage("two", two)]), directory + "/q", place) }
          == "stage 'two': training.threads: expected one number for all stages, got 2 after 1")
    }
  }

  // MARK: Refusals

  @Test("names that are no directories or are taken, unknown stages and circles are refused in words")
  func refusals() throws {
    let vae = Catalog.vae.defaults
    func refusal(_ stages: (String, [String])...) -> String {
      message { _ = try Pipeline(stages.map { Stage($0.0, after: $0.1, vae) }) }
    }
    #expect(refusal() == "expected stages, got none")
    #expect(refusal(("a", []), ("b", []), ("a", [])) == "stage 'a': expected one of this name, got two")
    #expect(refusal(("a", []), ("b", ["a", "x"])) == "stage 'b' comes after 'x': expected one of a, b")
    for name in ["", "..", "a/b", "a@b", "é", "pipeline.json"] {
      #expect(refusal((name, [])) == "stage '\(name)': expected a name of letters, digits, '-' and '_'")
    }
    let circle = "expected stages that can be put in an order, got a circle: "
    #expect(refusal(("a", ["a"])) == circle + "a after a")
    #expect(
      refusal(("s", []), ("d", ["c"]), ("a", ["s", "c"]), ("b", ["a"]), ("c", ["b"])) == circle
        + "c after b after a after c")
    #expect(refusal(("d", ["a", "b"]), ("b", ["a"]), ("a", [])) == "no error")
  }

  @Test("a directory of another pipeline, of a run, or of stages with other settings is refused")
  func otherDirectories() throws {
    try inDirectory { directory, place in
      let p = directory + "/p"
      let pipeline = try Self.m1m2()
      try run(pipeline, p, place, Monitor { ($0, $1) == ("m1", 2) })
      func refusal(_ stages: [Stage], _ path: String) -> String { message { try run(Pipeline(stages), path, place) } }
      #expect(
        refusal([pipeline.stages[0], Self.stacked("m3", on: "m1")], p)
          == "\(p)/pipeline.json: expected the stages m1, m3 after m1, found m1, m2 after m1")
      #expect(
        refusal([pipeline.stages[0]], p) == "\(p)/pipeline.json: expected the stages m1, found m1, m2 after m1")
      #expect(
        refusal([Stage("m1", try Self.settings("vae", "training.epochs=4")), pipeline.stages[1]], p)
          == "\(p)/m1/config.yaml: expected the settings of stage 'm1' with 'epochs: 4', found 'epochs: 3'")
      #expect(
        refusal(pipeline.stages, p + "/m1")
          == "\(p)/m1: the directory holds a run already; continue it with 'helmholtz resume' or name another one")
      let lock = try RunDirectory(p).lock()
      #expect(refusal(pipeline.stages, p) == "\(p): another process is training in this run directory")
      withExtendedLifetime(lock) {}
    }
  }
}
