import Foundation
import Testing
import Torch

@Suite("Runs that are killed, stopped and continued")
struct InterruptionTests {
  /// What is trained, by name.
  private func train(_ kind: String, _ tool: Tool) throws -> [String] {
    (try kind == "points" ? tool.points() : tool.images()).setting(
      "training.checkpointSeconds=0.02", "training.schedule.kind=plateau", "training.schedule.patience=1")
  }

  @Test(
    "killed at any instants and resumed, a run ends with the weights of the unbroken one, bit for bit",
    arguments: ["points", "images"])
  func kill(_ kind: String) throws {
    try Tool.run { tool in
      let train = try train(kind, tool) + ["--epochs", "24", "--quiet"]
      let clock = Date()
      try tool.succeed(train + ["--run", "whole"])
      let duration = Date().timeIntervalSince(clock)
      var delays: [Double] = []
      var kills = 0
      var command = try tool.start(train + ["--run", "broken"])
      while delays.count < 6 {
        // The first kill must find the run at work, also on a machine that has become faster.
        delays.append(Double.random(in: 0.02...(kills == 0 ? 0.3 : 0.7)) * duration)
        usleep(UInt32(delays.last! * 1e6))
        command.signal(SIGKILL)
        let ended = try command.wait()
        #expect([-Int(SIGKILL), 0].contains(ended.status), "\(ended.errors)")
        if ended.status != 0 { kills += 1 }
        // Killed before the directory was made there is nothing to resume.
        command = try tool.start(
          tool.exists("broken/config.yaml") ? ["resume", "broken", "--quiet"] : train + ["--run", "broken"])
      }
      #expect(try command.wait().status == 0)
      #expect(kills > 0, "after \(delays) of \(duration) seconds it had ended")
      #expect(try tool.state("broken") == tool.state("whole"), "killed after \(delays) seconds")
      #expect(try tool.weights("broken", "best") == tool.weights("whole", "best"), "killed after \(delays) seconds")
      #expect(try validations(tool, "broken") == validations(tool, "whole"), "killed after \(delays) seconds")
    }
  }

  @Test("a run killed before its first checkpoint resumes from the start")
  func killedEarly() throws {
    try Tool.run { tool in
      let train = try train("points", tool) + ["--epochs", "2", "--quiet"]
      try tool.succeed(train + ["--run", "whole"])
      let command = try tool.start(train + ["--run", "broken"])
      while command.isRunning, !tool.exists("broken/config.yaml") { usleep(200) }
      command.signal(SIGKILL)
      _ = try command.wait()
      // Whatever it had come to, this is what the earliest instant leaves.
      try FileManager.default.removeItem(atPath: tool.path("broken/checkpoints"))
      try FileManager.default.createDirectory(
        atPath: tool.path("broken/checkpoints"), withIntermediateDirectories: false)
      try tool.succeed("resume", "broken", "--quiet")
      #expect(try tool.state("broken") == tool.state("whole"))
      #expect(try validations(tool, "broken") == validations(tool, "whole"))
    }
  }

  @Test("a run killed while its report was written has its evaluation in the log once")
  func killedLate() throws {
    try Tool.run { tool in
      try tool.succeed(try train("points", tool) + ["--epochs", "2", "--quiet", "--run", "run"])
      let log = try tool.text("run/metrics.jsonl")
      #expect(log.contains("\"kind\": \"evaluation\""))
      try FileManager.default.removeItem(atPath: tool.path("run/report.html"))
      for name in ["run/metrics.jsonl.7-a.partial", "run/checkpoints/last.safetensors.7-a.partial"] {
        try Data("cut off".utf8).write(to: URL(fileURLWithPath: tool.path(name)))
      }
      try tool.succeed("resume", "run", "--quiet")
      #expect(try tool.text("run/metrics.jsonl") == log)
      #expect(tool.exists("run/report.html"))
      #expect(!tool.exists("run/metrics.jsonl.7-a.partial"))
      #expect(!tool.exists("run/checkpoints/last.safetensors.7-a.partial"))
    }
  }

  @Test(
    "Ctrl-C and SIGTERM write a checkpoint, leave with 130 and 143, and the run can go on",
    arguments: [(SIGINT, 130), (SIGTERM, 143)])
  func signals(_ signal: Int32, _ code: Int) throws {
    try Tool.run { tool in
      // No checkpoint by time, and validation at the end alone: only the signal writes one.
      let train =
        try tool.points().setting("training.checkpointSeconds=1000", "training.validationEvery=1000")
        + ["--epochs", "60", "--quiet"]
      try tool.succeed(train + ["--run", "whole"])
      let command = try tool.start(train + ["--run", "broken"])
      tool.waitForLog("broken", command)
      command.signal(signal)
      let stopped = try command.wait()
      #expect(stopped.status == code)
      let words = stopped.output.split(separator: " ")
      let step = try #require(words.count > 3 ? Int(words[3].dropLast()) : nil)
      #expect(stopped.output == "stopped at step \(step); go on with: helmholtz resume broken\n")
      #expect(0 < step && step < 360)
      #expect(!tool.exists("broken/report.html"))
      let manifest = try Safetensors(contentsOf: tool.path("broken/checkpoints/last.safetensors")).metadata["progress"]
      #expect(manifest?.contains("\"step\":\(step)") == true)
      try tool.succeed("resume", "broken", "--quiet")
      #expect(try tool.state("broken") == tool.state("whole"))
    }
  }

  @Test("a second trainer in the same directory is refused, while the model can be used")
  func secondTrainer() throws {
    try Tool.run { tool in
      let train = try tool.points().setting("training.checkpointSeconds=0.02") + ["--epochs", "100000", "--quiet"]
      let first = try tool.start(train + ["--run", "run"])
      tool.waitForLog("run", first)
      while first.isRunning, !tool.exists("run/checkpoints/best.safetensors") { usleep(5000) }
      let resumed = try tool("resume", "run")
      #expect(resumed.status == 1)
      #expect(resumed.errors == "Error: run: another process is training in this run directory\n")
      let again = try tool(train + ["--run", "run"])
      #expect(again.status == 1)
      #expect(
        again.errors
          == "Error: run: the directory holds a run already; continue it with 'helmholtz resume' or name another one\n")
      try tool.succeed("sample", "run", "--out", "x.npy")
      let evaluated = try tool.succeed("evaluate", "run")
      #expect(evaluated.errors.hasSuffix("the report is left as it is while the run is being trained\n"))
      #expect(!tool.exists("run/report.html"))
      #expect(first.isRunning)
      first.signal(SIGKILL)
      _ = try first.wait()
    }
  }

  @Test("resume --epochs and --steps extend a run to what the longer one would have been")
  func extend() throws {
    try Tool.run { tool in
      let train = try tool.points() + ["--quiet"]
      try tool.succeed(train + ["--epochs", "4", "--run", "whole"])
      try tool.succeed(train + ["--epochs", "2", "--run", "short"])
      try tool.succeed("resume", "short", "--epochs", "3", "--quiet")
      try tool.succeed("resume", "short", "--steps", "24", "--quiet")
      #expect(try tool.state("short") == tool.state("whole"))
      #expect(try tool.text("short/config.yaml").contains("steps: 24"))
      #expect(try validations(tool, "short") == validations(tool, "whole"))
    }
  }

  @Test("a disk without room ends the run with the reason, keeps the last checkpoint whole, and the run can go on")
  func fullDisk() throws {
    try Tool.run { tool in
      let train = try tool.points().setting("encoder.hidden=[200]", "decoder.hidden=[200]") + ["--quiet"]
      try tool.succeed(train + ["--epochs", "3", "--run", "whole"])
      try tool.succeed(train + ["--epochs", "1", "--run", "run"])
      let before = try tool.bytes("run/checkpoints/last.safetensors")
      // Files may have 48 blocks, less than a checkpoint; the signal is ignored, so that writing fails as on a full disk.
      let limited = try tool.shell("trap '' XFSZ; ulimit -f 48; exec \"$TOOL\" resume run --epochs 3 --quiet")
      #expect(limited.status == 1)
      #expect(
        ["best", "last"].map { "Error: run/checkpoints/\($0).safetensors: cannot write the file: File too large\n" }
          .contains(limited.errors), "\(limited.errors)")
      #expect(try tool.bytes("run/checkpoints/last.safetensors") == before)
      let names = try FileManager.default.contentsOfDirectory(atPath: tool.path("run/checkpoints"))
      #expect(names.sorted() == ["best.safetensors", "last.safetensors"])
      try tool.succeed("resume", "run", "--quiet")
      #expect(try tool.state("run") == tool.state("whole"))
    }
  }

  @Test("a number that is not finite ends a run with its place, and the last good checkpoint stays")
  func nonFinite() throws {
    try Tool.run { tool in
      #expect(try tool(tool.points() + ["--quiet", "--epochs", "1", "--run", "run"]).status == 0)
      try tool.text("run/config.yaml").replacing(/learningRate: \S+/, with: "learningRate: 1e30")
        .write(toFile: tool.path("run/config.yaml"), atomically: true, encoding: .utf8)
      let before = try tool.bytes("run/checkpoints/last.safetensors")
      let finished = try tool("resume", "run", "--quiet", "--epochs", "3")
      #expect(finished.status == 1)
      #expect(finished.errors.hasPrefix("Error: step "))
      #expect(finished.errors.hasSuffix(" is not finite; no checkpoint holds it\n"), "\(finished.errors)")
      #expect(try tool.bytes("run/checkpoints/last.safetensors") == before)
      // The run says so later too, until it goes on.
      #expect(try "Error: " + tool.text("run/failure.txt") == finished.errors)
      try tool.text("run/config.yaml").replacing(/learningRate: \S+/, with: "learningRate: 1e-3")
        .write(toFile: tool.path("run/config.yaml"), atomically: true, encoding: .utf8)
      try tool.succeed("resume", "run", "--quiet")
      #expect(!tool.exists("run/failure.txt"))
    }
  }

  /// The validation lines of a run's log: they must not depend on how often it was killed.
  private func validations(_ tool: Tool, _ run: String) throws -> [Substring] {
    try tool.text(run + "/metrics.jsonl").split(separator: "\n").filter { $0.hasPrefix("{\"kind\": \"validation\"") }
  }
}
