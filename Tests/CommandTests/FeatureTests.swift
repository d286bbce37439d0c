import Figures
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Feature networks from the command line")
struct FeatureTests {
  /// `toys.npy` and its labels: 120 grey images of 8 x 8, bright on the left (0) or on the right (1).
  private func toys(_ tool: Tool) throws {
    let rng = RandomSource(seed: 5)
    let slope = Tensor.range(8, dtype: .float32) / 8  // [8]
    let labels = Tensor((0..<120).map { Int32($0 % 2) })
    let side = labels.to(.float32).reshaped([120, 1, 1])
    let x = (slope * side + (1 - slope) * (1 - side) + rng.uniform([120, 8, 8]) * 0.2) * 200
    try x.to(.uint8).writeNPY(to: tool.path("toys.npy"))
    try labels.writeNPY(to: tool.path("toys.labels.npy"))
  }

  private static let tiny = [
    "features", "train", "--data", "toys.npy", "--epochs", "6", "--threads", "1", "--json", "--set", "channels=[4, 8]",
    "--set", "batchSize=16", "--set", "shift=0", "--set", "learningRate=0.01",
  ]

  private struct Trained: Decodable {
    let file, name, hash, split: String?
    let outcome: String
    let accuracy: Double?
    let examples: Int?
    let step: Int
  }

  private func trained(_ finished: Finished) throws -> Trained {
    try JSONDecoder().decode(Trained.self, from: Data(finished.output.utf8))
  }

  private func json(_ finished: Finished) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
  }

  @Test("training learns, names and hashes a network; the same command again changes nothing")
  func training() throws {
    try Tool.run { tool in
      try toys(tool)
      let result = try trained(tool.succeed(Self.tiny))
      #expect(result.outcome == "finished" && result.name == "residual-toys" && result.split == "validation")
      #expect(result.file == tool.path("cache/features/toys.safetensors"))
      #expect(result.accuracy == 1 && result.examples == 10)
      let bytes = try tool.bytes("cache/features/toys.safetensors")
      let again = try trained(tool.succeed(Self.tiny))
      #expect(again.hash == result.hash)
      #expect(try tool.bytes("cache/features/toys.safetensors") == bytes)

      let info = try json(tool.succeed("features", "info", "toys", "--json"))
      #expect(info["hash"] as? String == result.hash && info["features"] as? Int == 8 && info["classes"] as? Int == 2)
      let text = try tool.succeed("features", "info", "cache/features/toys.safetensors").output
      #expect(text.contains("residual-toys") && text.contains("100.00 % on the validation split of toys"))

      let other = try tool(Self.tiny + ["--set", "blocks=2"])
      #expect(other.status == 1)
      let run = tool.path("cache/features/toys.run")
      #expect(
        other.errors.hasSuffix(
          "Error: \(run): expected a training with these settings, found one with others; remove it or name another "
            + "--out\n"))
    }
  }

  @Test("an example that would be a batch of its own is left out, with a note")
  func lonely() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 6)
      // 2 of 19 examples are held out; three stages leave one place of 4 x 4.
      try (rng.uniform([19, 4, 4]) * 255).to(.uint8).writeNPY(to: tool.path("few.npy"))
      try Tensor((0..<19).map { Int32($0 % 3) }).writeNPY(to: tool.path("few.labels.npy"))
      let finished = try tool.succeed(
        "features", "train", "--data", "few.npy", "--epochs", "1", "--set", "batchSize=16", "--set",
        "channels=[2, 3, 4]")
      #expect(finished.errors.contains("few.npy: the last of 17 examples is left out, as it would be a batch of one\n"))
      #expect(finished.output.contains("network   residual-few, hash "))
    }
  }

  @Test("a training that was killed goes on to the network of the unbroken one")
  func resuming() throws {
    try Tool.run { tool in
      try toys(tool)
      let finished = try tool.succeed(Self.tiny + ["--out", "whole.safetensors"])
      #expect(finished.errors.contains("epoch 1, step 7"))
      let unbroken = try trained(finished)
      for signal in [SIGTERM, SIGKILL] {
        let name = "broken-\(signal)"
        let arguments = Self.tiny + ["--out", name + ".safetensors"]
        let running = try tool.start(arguments)
        while running.isRunning, !tool.exists(name + ".run/checkpoints/last.safetensors") { usleep(1000) }
        running.signal(signal)
        _ = try running.wait()
        let resumed = try tool.succeed(arguments)
        // It goes on: the first epoch is not heard of again.
        #expect(!resumed.errors.contains("epoch 1, step 7"))
        let result = try trained(resumed)
        #expect(result.hash == unbroken.hash && result.step == unbroken.step)
      }
    }
  }

  @Test("metrics compare folders and arrays of images, say by what, and cache the first set")
  func metrics() throws {
    try Tool.run { tool in
      try toys(tool)
      let network = try trained(tool.succeed(Self.tiny))
      try tool.succeed(
        "features", "extract", "--features", "toys", "--x", "toys.npy", "--out", "f.npy", "--probabilities", "p.npy")
      let rng = RandomSource(seed: 8)
      try (rng.uniform([60, 1, 8, 8])).writeNPY(to: tool.path("noise.npy"))
      try tool.succeed("features", "extract", "--features", "toys", "--x", "noise.npy", "--out", "g.npy")
      for metric in ["fid", "kid", "prdc"] {
        let images = try json(
          tool.succeed("metric", metric, "--features", "toys", "--x", "toys.npy", "--y", "noise.npy", "--json"))
        let arrays = try json(tool.succeed("metric", metric, "--x", "f.npy", "--y", "g.npy", "--json"))
        #expect(images["value"] as? Double == arrays["value"] as? Double)
        #expect(images["network"] as? String == "residual-toys")
        #expect(images["network_hash"] as? String == network.hash.map { String($0.prefix(12)) })
        #expect(images["layer"] as? String == "mean over places of the last block, 8 features")
        #expect(images["resize"] as? String == "none")
        #expect(images["x_cached"] as? String == "yes")
        #expect(arrays["network"] == nil)
      }
      let first = try json(
        tool.succeed(
          "metric", "fid", "--features", "toys", "--x", "toys.npy", "--y", "noise.npy", "--limit", "50", "--json"))
      #expect(first["x_cached"] as? String == "no" && first["n"] as? Int == 50 && first["m"] as? Int == 50)
      let score = try json(tool.succeed("metric", "inception-score", "--features", "toys", "--x", "toys.npy", "--json"))
      let rows = try json(tool.succeed("metric", "inception-score", "--x", "p.npy", "--json"))
      #expect(score["value"] as? Double == rows["value"] as? Double)
      #expect(score["probabilities"] as? String == "softmax of the logits")
    }
  }

  @Test("two folders of pictures are compared; a picture in both ways is the same")
  func folders() throws {
    try Tool.run { tool in
      try toys(tool)
      try tool.succeed(Self.tiny)
      for folder in ["a", "b"] {
        try FileManager.default.createDirectory(atPath: tool.path(folder), withIntermediateDirectories: true)
      }
      let rng = RandomSource(seed: 9)
      var all: [Tensor] = []
      for index in 0..<6 {
        let picture = (rng.uniform([1, 8, 8]) * 255).round()
        all.append(picture.to(.uint8))
        let image = try PixelImage(
          intensities: (picture / 255).array(Float.self)[...], width: 8, height: 8, channels: 1)
        for folder in ["a", "b"] { try image.write(to: URL(fileURLWithPath: tool.path("\(folder)/\(index).png"))) }
      }
      let same = try json(tool.succeed("metric", "fid", "--features", "toys", "--x", "a", "--y", "b", "--json"))
      #expect(try #require(same["value"] as? Double) < 1e-6)
      try tool.succeed("features", "extract", "--features", "toys", "--x", "a", "--out", "f.npy")
      try Tensor.concatenated(all).writeNPY(to: tool.path("all.npy"))
      try tool.succeed("features", "extract", "--features", "toys", "--data", "all.npy", "--out", "g.npy")
      #expect(try tool.bytes("f.npy") == tool.bytes("g.npy"))
    }
  }

  @Test("wrong calls and wrong files are refused in one line")
  func refusals() throws {
    try Tool.run { tool in
      let zeros = Tensor.zeros([4, 5])
      try zeros.writeNPY(to: tool.path("rows.npy"))
      try FileManager.default.createDirectory(atPath: tool.path("photos"), withIntermediateDirectories: true)
      let cases: [(String, Int, String)] = [
        (
          "metric fid --x photos --y rows.npy", 1,
          "'photos': expected an array of features, got a folder; name the network that images go through with "
            + "--features, such as --features mnist or the file of an Inception network"
        ),
        (
          "metric kid --features mnist --x rows.npy --y rows.npy", 1,
          "features 'mnist': no network has been trained on this data set (no '\(tool.directory)/cache/features/"
            + "mnist.safetensors'); train one with 'helmholtz features train --data mnist', or name a .safetensors "
            + "file"
        ),
        ("features info none.safetensors", 1, "none.safetensors: cannot open the file: No such file or directory"),
        (
          "features train --data rows.npy", 1,
          "data 'rows.npy': expected images [channels, height, width], got examples of shape [5]"
        ),
        ("features train --data rows.npy --out net", 2, "--out: expected a .safetensors file, got 'net'"),
        ("features extract --features mnist --x a --out f.png", 2, "--out: expected a .npy file, got 'f.png'"),
        ("metric fid --x a.npy --y b.npy --limit 3", 2, "--limit needs --features."),
        ("features train --data rows.npy --threads=-1", 2, "--threads: expected 0 to 4096, got -1"),
      ]
      for (line, status, expected) in cases {
        let finished = try tool(line.split(separator: " ").map(String.init))
        #expect(finished.status == status, "\(line)")
        #expect(finished.errors.hasPrefix("Error: \(expected)\n"), "\(line): \(finished.errors)")
      }
      try toys(tool)
      try tool.succeed(Self.tiny)
      try Tensor.zeros([3, 1, 9, 9]).writeNPY(to: tool.path("large.npy"))
      let finished = try tool("features", "extract", "--features", "toys", "--x", "large.npy", "--out", "f.npy")
      #expect(
        finished.errors
          == "Error: features 'residual-toys': expected images of 8 x 8 pixels, got examples of shape [1, 9, 9]\n")
      let nothing = try tool("features", "extract", "--features", "toys", "--x", "mnist", "--out", "f.npy")
      #expect(
        nothing.errors
          == "Error: 'mnist': expected a folder of images, an array [n, channels, height, width], or a data set and "
          + "its split such as 'mnist:test'\n")
    }
  }
}
