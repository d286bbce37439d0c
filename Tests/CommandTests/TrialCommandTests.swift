import Foundation
import Testing
import Torch

@Suite("Settings that are left to validations, from the command line")
struct TrialCommandTests {
  /// An activated autoencoder on points whose temperature is open.
  private func train(_ tool: Tool) throws -> [String] {
    _ = try tool.points()
    return [
      "train", "aavae", "--data", "points.npy", "--epochs", "8", "--quiet", "--set", "likelihood.family=gaussian",
      "--set", "encoder.network=mlp", "--set", "decoder.network=mlp", "--set", "encoder.hidden=[16]", "--set",
      "decoder.hidden=[16]", "--set", "adversary.hidden=[16]", "--set", "latent.dimensions=2", "--set",
      "training.batchSize=20", "--set", "training.learningRate=0.01", "--set", "activation.temperature=auto",
    ]
  }

  @Test("killed at any instants and resumed, the run ends with the value and the bits of the unbroken one")
  func kill() throws {
    try Tool.run { tool in
      let train = try train(tool).setting("training.checkpointSeconds=0.02")
      let clock = Date()
      try tool.succeed(train + ["--run", "whole"])
      let duration = Date().timeIntervalSince(clock)
      var (delays, kills): ([Double], Int) = ([], 0)
      var command = try tool.start(train + ["--run", "broken"])
      while delays.count < 6 {
        delays.append(Double.random(in: 0.02...(kills == 0 ? 0.3 : 0.7)) * duration)
        usleep(UInt32(delays.last! * 1e6))
        command.signal(SIGKILL)
        let ended = try command.wait()
        #expect([-Int(SIGKILL), 0].contains(ended.status), "\(ended.errors)")
        if ended.status != 0 { kills += 1 }
        command = try tool.start(
          tool.exists("broken/config.yaml") ? ["resume", "broken", "--quiet"] : train + ["--run", "broken"])
      }
      #expect(try command.wait().status == 0)
      #expect(kills > 0, "after \(delays) of \(duration) seconds it had ended")
      #expect(try tool.state("broken") == tool.state("whole"), "killed after \(delays) seconds")
      #expect(try tool.weights("broken", "best") == tool.weights("whole", "best"), "killed after \(delays) seconds")
      #expect(try tool.text("broken/trials.json") == tool.text("whole/trials.json"))
      let chosen = try #require(
        try tool.text("whole/config.yaml").split(separator: "\n").first { $0.contains("temperature:") })
      #expect(!chosen.contains("temperature: auto") && chosen.hasPrefix("  temperature: "))
      #expect(try tool.text("whole/report.html").contains("activation.temperature is "))
    }
  }

  @Test("auto is shown and printed back, and refused without validation examples")
  func shown() throws {
    try Tool.run { tool in
      let train = try train(tool)
      let dry = try tool(train + ["--dry-run"])
      #expect(dry.output.contains("trials  activation.temperature 1, 1.5, 3, 5: a run each, the best is kept\n"))
      let config = try tool("config", "aavae", "--set", "activation.temperature=auto")
      #expect(config.output.contains("  temperature: auto "))
      let refused = try tool(train.setting("data.validation=0"))
      #expect(refused.status == 1)
      #expect(refused.errors == "Error: activation.temperature: there are no validation examples to score\n")
    }
  }
}
