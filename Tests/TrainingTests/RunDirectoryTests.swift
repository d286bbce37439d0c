import Foundation
import TestSupport
import Testing

@testable import Torch
@testable import Training

@Suite("The run directory")
struct RunDirectoryTests {
  @Test(
    "a reference names a run and, after an @, a checkpoint",
    arguments: [
      ("runs/a", "runs/a", nil), ("runs/a@best", "runs/a", .best), ("runs/a@last", "runs/a", .last),
      ("runs/a@1200", "runs/a", .step(1200)), ("runs/a@0", "runs/a", .step(0)),
      ("me@home/a", "me@home/a", nil), ("me@home/a@best", "me@home/a", .best), ("a@b/", "a@b/", nil),
      ("", "", nil),
    ] as [(String, String, CheckpointName?)])
  func reference(_ text: String, _ path: String, _ checkpoint: CheckpointName?) throws {
    let reference = try RunReference(text)
    #expect(reference.path == path)
    #expect(reference.checkpoint == checkpoint)
  }

  @Test("a reference to anything else is refused", arguments: ["worst", "", "-1", "1.5", "1e3", "0x10", "best "])
  func badReference(_ name: String) throws {
    try withRun { run in
      #expect(
        message { _ = try RunReference("\(run.path)@\(name)") }
          == "\(run.path): expected a checkpoint 'best', 'last' or a step after '@', got '\(name)'")
      #expect(
        message { _ = try RunReference("\(run.path)x@\(name)") } == "\(run.path)x@\(name): no run here (no config.yaml)"
      )
    }
  }

  @Test("an @ in the name of a run that is there is a letter of it, and a directory is claimed once")
  func letter() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/me@best"
      #expect(try RunDirectory(path).claim())
      #expect(try !RunDirectory(path).claim())
      #expect(try RunReference(path).checkpoint == .best)
      _ = try RunDirectory(path).create(configuration: "model: toy\n")
      #expect(try RunReference(path).path == path && RunReference(path).checkpoint == nil)
      #expect(try RunReference(path + "@last").path == path && RunReference(path + "@last").checkpoint == .last)
    }
  }

  @Test("a look tells whether a trainer has the run, and keeps no trainer out")
  func held() throws {
    try withTemporaryDirectory { directory in
      let run = RunDirectory(directory + "/run")
      #expect(!run.isHeld)
      var lock: RunLock? = try run.create(configuration: "model: toy\n")
      #expect(run.isHeld)
      withExtendedLifetime(lock) {}
      lock = nil
      #expect(!run.isHeld)
      // A look that is slow: the trainer waits for it.
      let file = open(run.path + "/.lock", O_RDONLY)
      flock(file, LOCK_SH)
      Thread {
        usleep(3000)
        close(file)
      }.start()
      lock = try run.lock()
      #expect(run.isHeld)
    }
  }

  @Test("the manifest of a checkpoint is read without its tensors, and that of another file is refused")
  func manifest() throws {
    try withRun { run in
      var progress = TrainingProgress()
      (progress.step, progress.stepsPerEpoch, progress.bestScore) = (120, 10, -90.5)
      let last = run.checkpoint(.last)
      try Checkpoint(progress: progress, tensors: ["model.a": Tensor([1, 2, 3])]).write(to: last)
      #expect(try TrainingProgress(ofCheckpoint: last) == progress)
      for (bytes, problem) in [
        ([UInt8](), "expected a checkpoint, got a file without a header"),
        ([9, 0, 0, 0, 0, 0, 0, 0, 1], "expected a checkpoint, got a file without a header"),
        ([UInt8](repeating: 255, count: 20), "expected a checkpoint, got a file without a header"),
        (
          [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8),
          "expected a checkpoint with a progress manifest, got another header"
        ),
      ] {
        try Data(bytes).write(to: URL(fileURLWithPath: last))
        #expect(message { _ = try TrainingProgress(ofCheckpoint: last) } == "\(last): \(problem)")
      }
    }
  }

  @Test("a run that is not there, and a checkpoint that is not, are told apart")
  func missing() throws {
    try withTemporaryDirectory { directory in
      #expect(
        message { _ = try RunReference(directory + "/none").file() }
          == "\(directory)/none: no run here (no config.yaml)")
      #expect(
        message { _ = try RunDirectory(directory).existing() } == "\(directory): no run here (no config.yaml)")
    }
    try withRun { run in
      #expect(!run.hasCheckpoints)
      #expect(
        message { _ = try RunReference(run.path).file() }
          == "\(run.path): no checkpoint 'best.safetensors'; none has been written yet")
      _ = try Trainer(Toy.slope(), options { $0.duration = .steps(1) }, run).run()
      #expect(run.hasCheckpoints)
      #expect(
        message { _ = try RunReference(run.path + "@7").file() }
          == "\(run.path): no checkpoint 'step-7.safetensors' (there are best.safetensors, last.safetensors)")
    }
  }

  @Test("a second run in the same directory is refused and the first one's configuration stays")
  func exists() throws {
    try withRun { run in
      #expect(
        message { _ = try run.create(configuration: "model: other\n") }
          == "\(run.path): the directory holds a run already; continue it with 'helmholtz resume' or name another one")
      let text = try String(contentsOfFile: run.configuration, encoding: .utf8)
      #expect(text == "model: toy\n")
    }
  }

  @Test("one trainer at a time: a lock keeps others out until it is gone")
  func lock() throws {
    try withRun { run in
      do {
        let lock = try run.lock()
        withExtendedLifetime(lock) {
          #expect(
            message { _ = try run.lock() } == "\(run.path): another process is training in this run directory")
        }
      }
      _ = try run.lock()
    }
  }

  @Test("a directory is locked before its configuration is written")
  func lockedFromTheStart() throws {
    try withTemporaryDirectory { directory in
      let run = RunDirectory(directory)
      let other = try run.lock()
      withExtendedLifetime(other) {
        #expect(
          message { _ = try run.create(configuration: "model: toy\n") }
            == "\(run.path): another process is training in this run directory")
      }
      #expect(!run.exists)
    }
  }

  @Test("a directory that cannot be made is told with the system's reason")
  func unwritable() throws {
    try withTemporaryDirectory { directory in
      try AtomicFile.write([1], to: directory + "/file")
      #expect(
        message { _ = try RunDirectory(directory + "/file/run").create(configuration: "") }
          == "\(directory)/file/run: cannot make the directory: Not a directory")
      #expect(
        message { _ = try RunDirectory(directory + "/file").create(configuration: "") }
          == "\(directory)/file/checkpoints: cannot make the directory: Not a directory")
    }
  }

  @Test("directories above the run are made too")
  func intermediate() throws {
    try withTemporaryDirectory { directory in
      let run = RunDirectory(directory + "/a/b/c")
      _ = try run.create(configuration: "model: toy\n")
      #expect(run.exists)
    }
  }

  @Test("a checkpoint that cannot be written ends the run with the reason and leaves the old one whole")
  func writeFailure() throws {
    try withRun { run in
      let toy = Toy.slope()
      let path = run.checkpoint(.last)
      let listener = Listener()
      var before = Data()
      listener.onStep = { step in
        guard step == 3 else { return }
        do {
          before = try Data(contentsOf: URL(fileURLWithPath: path))
          // The temporary file's name is taken by a directory: it cannot be opened, whoever asks.
          try FileManager.default.createDirectory(
            atPath: AtomicFile.temporary(of: path), withIntermediateDirectories: false)
        } catch { Issue.record(error) }
      }
      let settings = options { $0.duration = .epochs(5) }
      let trainer = try Trainer(toy, validates: false, settings, run, observer: listener)
      #expect(message { _ = try trainer.run() } == "\(path): cannot open the file: Is a directory")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      #expect(try Checkpoint(contentsOf: path).progress.step == 2)
    }
  }
}
