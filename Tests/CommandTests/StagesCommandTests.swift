import Foundation
import Testing
import Torch

@Suite("Runs made of stages, from the command line")
struct StagesCommandTests {
  /// Three stages on points, tiny.
  private func train(_ tool: Tool) throws -> [String] {
    _ = try tool.points()
    return [
      "train", "asl", "--encoder", "mi", "--density", "flow", "--data", "points.npy", "--epochs", "8", "--quiet",
      "--threads", "1",
    ].setting(
      "encoder.hidden=[16]", "regression.hidden=[16]", "density.couplings=2", "density.hidden=[8]",
      "training.batchSize=20", "training.checkpointSeconds=0.02")
  }

  private static let directories = ["", "/encoder", "/density", "/regression"]

  @Test("killed at any instants of any stage and resumed, the run ends with the bits of the unbroken one")
  func kill() throws {
    try Tool.run { tool in
      let train = try train(tool)
      let clock = Date()
      try tool.succeed(train + ["--run", "whole"])
      let duration = Date().timeIntervalSince(clock)
      var (delays, kills): ([Double], Int) = ([], 0)
      var command = try tool.start(train + ["--run", "broken"])
      while delays.count < 8 {
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
      for directory in Self.directories {
        let isSame = try tool.weights("broken" + directory, "last") == tool.weights("whole" + directory, "last")
        #expect(isSame, "\(directory), killed after \(delays) seconds")
      }
    }
  }

  @Test("the whole is used as one model, and each stage as the run that it is")
  func use() throws {
    try Tool.run { tool in
      try tool.succeed(train(tool) + ["--run", "r"])
      try tool.succeed("sample", "r", "--count", "5", "--out", "x.npy")
      try tool.succeed("encode", "r", "--out", "u.npy")
      try tool.succeed("reconstruct", "r", "--out", "again.npy")
      try tool.succeed("sample", "r/density", "--count", "5", "--out", "codes.npy")
      let described = try tool.succeed("describe", "r").output
      for words in ["I autoencoder", "II ", "III regression", "q(u|x)", "p(u)", "p(x|u)"] {
        #expect(described.contains(words), "\(words): \(described)")
      }
      let measured = try tool.succeed("evaluate", "r", "--metrics", "wasserstein1,squared-error,mmd-prior").output
      #expect(measured.contains("wasserstein1") && measured.contains("squared-error"))
      let refused = try tool("evaluate", "r", "--metrics", "elbo")
      #expect(refused.status == 1 && refused.errors.contains("has no likelihood"), "\(refused.errors)")
      let longer = try tool("resume", "r", "--epochs", "20")
      #expect(longer.status == 1 && longer.errors.contains("is made of stages"), "\(longer.errors)")
      // A damaged stage leaves the others and the whole.
      try Data("no checkpoint".utf8).write(
        to: URL(fileURLWithPath: tool.path("r/density/checkpoints/last.safetensors")))
      try Data("no checkpoint".utf8).write(
        to: URL(fileURLWithPath: tool.path("r/density/checkpoints/best.safetensors")))
      try tool.succeed("sample", "r", "--count", "5", "--out", "y.npy")
      #expect(try tool.bytes("x.npy") == tool.bytes("y.npy"))
      try tool.succeed("encode", "r/encoder", "--out", "v.npy")
      let damaged = try tool("sample", "r/density", "--count", "5", "--out", "z.npy")
      #expect(damaged.status == 1 && damaged.errors.contains("r/density/checkpoints/"), "\(damaged.errors)")
    }
  }

  @Test("a run of one's own is an encoder; one that has no encoder, is not over or is of another shape is refused")
  func ownEncoder() throws {
    try Tool.run { tool in
      _ = try tool.points()
      func own(_ encoder: String, _ data: String = "points.npy") throws -> [String] {
        [
          "train", "asl", "--encoder", encoder, "--data", data, "--epochs", "1", "--quiet", "--run",
          "r-\(encoder.dropFirst(encoder.hasPrefix("./") ? 2 : 0))-\(data)",
        ].setting("density.couplings=2", "density.hidden=[8]", "training.batchSize=20")
      }
      try tool.succeed(
        ["train", "gan", "--data", "points.npy", "--epochs", "1", "--quiet", "--run", "gan"].setting(
          "generator.hidden=[8]", "adversary.hidden=[8]", "training.batchSize=20"))
      let gan = try tool(own("gan"))
      #expect(gan.status == 1 && gan.errors.contains("encoder.from: gan has no encoder"), "\(gan.errors)")
      let none = try tool(own("nothing"))
      #expect(none.status == 1 && none.errors.contains("encoder.from: nothing: no run here"), "\(none.errors)")
      try tool.succeed(
        ["train", "vae", "--data", "points.npy", "--epochs", "1", "--quiet", "--run", "own"].setting(
          "likelihood.family=gaussian", "encoder.hidden=[8]", "decoder.hidden=[8]", "latent.dimensions=2",
          "training.batchSize=20"))
      let shape = try tool(own("./own", "swiss-roll-3d"))
      #expect(shape.status == 1 && shape.errors.contains("[2]") && shape.errors.contains("[3]"), "\(shape.errors)")
      try tool.succeed(own("./own"))
      let idle = try tool("train", "vae", "--encoder", "mi", "--data", "points.npy")
      #expect(idle.status == 2 && idle.errors.contains("--encoder has no effect: vae is not made of stages"))
      let serial = try tool("train", "vae", "--serial", "--data", "points.npy")
      #expect(serial.status == 2 && serial.errors.contains("--serial has no effect"))
    }
  }
}
