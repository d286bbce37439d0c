import Figures
import Foundation
import Testing
import Torch

@Suite("Two domains from the command line")
struct TwoDomainTests {
  /// `a.npy` and `b.npy`, points around (0, 0) and around (3, 1), and what trains translators on them within a second.
  private static func points(_ tool: Tool, steps: Int = 6) throws -> [String] {
    let rng = RandomSource(seed: 1)
    try rng.normal([40, 2]).writeNPY(to: tool.path("a.npy"))
    try (rng.normal([33, 2]) + Tensor([Float(3), 1])).writeNPY(to: tool.path("b.npy"))
    return [
      "train", "cyclegan", "--source", "a.npy", "--target", "b.npy", "--threads", "1", "--quiet", "--set",
      "generator.hidden=[8]", "--set", "adversary.hidden=[8]", "--set", "training.batchSize=7", "--set",
      "training.schedule.kind=constant", "--set", "history=6", "--steps", "\(steps)",
    ]
  }

  /// `s.npy` and `t.npy`, two clouds each, of which those of the source have labels.
  private static func labelled(_ tool: Tool, targetLabels: Bool = true) throws -> [String] {
    let rng = RandomSource(seed: 2)
    let labels = Tensor((0..<60).map { Int64($0 % 2) })
    let place = (labels.to(.float32) * 4 - 2).unsqueezed(1)  // [60, 1]
    let x = rng.normal([60, 2]) * 0.3 + place
    try x.writeNPY(to: tool.path("s.npy"))
    try (x + Tensor([Float(1), -1])).writeNPY(to: tool.path("t.npy"))
    try labels.writeNPY(to: tool.path("s.labels.npy"))
    if targetLabels { try labels.writeNPY(to: tool.path("t.labels.npy")) }
    return [
      "train", "ada", "--source", "s.npy", "--target", "t.npy", "--threads", "1", "--quiet", "--set",
      "features.hidden=[8]", "--set", "classifier.hidden=[]", "--set", "adversary.hidden=[8]", "--set",
      "training.batchSize=20",
    ]
  }

  /// A folder of grey pictures of 8 x 8 pixels.
  private func folder(_ tool: Tool, _ name: String, _ files: [String], value: Int = 90) throws {
    for (index, file) in files.enumerated() {
      let place = URL(fileURLWithPath: tool.path("\(name)/\(file)"))
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      let pixels = (0..<64).map { UInt8((value + 17 * index + $0) % 256) }
      try PixelImage(width: 8, height: 8, channels: 1, pixels: pixels).write(to: place)
    }
  }

  @Test("a game of three players goes on after a stop to the same bits, its history and both places included")
  func resumed() throws {
    try Tool.run { tool in
      let train = try Self.points(tool, steps: 12)
      try tool.succeed(train + ["--run", "whole"])
      try tool.succeed(try Self.points(tool, steps: 5) + ["--run", "r"])
      try tool.succeed("resume", "r", "--steps", "12", "--quiet")
      #expect(try tool.state("r") == tool.state("whole"))
      let state = try tool.state("whole")
      #expect(state.keys.contains("model.historyA.examples") && state.keys.contains("model.historyB.filled"))
      let manifest = try Safetensors(contentsOf: tool.path("r/checkpoints/last.safetensors")).metadata["progress"]
      // Six batches of 7 are a pass over 40 points, five over 33.
      #expect(manifest?.contains("\"places\":{\"main\":12,\"target\":12}") == true)
      #expect(tool.exists("r/figures/a-to-b.svg") && tool.exists("r/figures/b-to-a.svg"))
    }
  }

  @Test("killed at any instant and resumed, a game of three players ends with the bits of the unbroken one")
  func killed() throws {
    try Tool.run { tool in
      let train = try Self.points(tool, steps: 400).setting("training.checkpointSeconds=0.02", "training.logEvery=5")
      let clock = Date()
      try tool.succeed(train + ["--run", "whole"])
      let duration = Date().timeIntervalSince(clock)
      var kills = 0
      var command = try tool.start(train + ["--run", "broken"])
      for attempt in 0..<4 {
        usleep(UInt32(Double.random(in: 0.1...(attempt == 0 ? 0.4 : 0.7)) * duration * 1e6))
        command.signal(SIGKILL)
        if try command.wait().status != 0 { kills += 1 }
        command = try tool.start(
          tool.exists("broken/config.yaml") ? ["resume", "broken", "--quiet"] : train + ["--run", "broken"])
      }
      #expect(try command.wait().status == 0)
      #expect(kills > 0)
      #expect(try tool.state("broken") == tool.state("whole"))
    }
  }

  @Test("translate takes arrays both ways, and the run's own sets where no other is named")
  func arrays() throws {
    try Tool.run { tool in
      try tool.succeed(Self.points(tool) + ["--run", "r"])
      try tool.succeed("translate", "r", "--data", "b.npy", "--to", "a", "--out", "x.npy")
      try tool.succeed("translate", "r", "--split", "train", "--to", "a", "--out", "y.npy")
      try tool.succeed("translate", "r", "--data", "a.npy", "--to", "b", "--out", "z.npy", "--limit", "4")
      #expect(try tool.bytes("x.npy") == tool.bytes("y.npy"))
      #expect(try tool.text(header: "x.npy").contains("(33, 2)") && tool.text(header: "z.npy").contains("(4, 2)"))
      for (arguments, words) in [
        (["--data", "a.npy", "--to", "b", "--out", "folder"], "examples of shape [2] are no images"),
        (["--data", "c.npy", "--to", "b", "--out", "z.npy"], "'c.npy'"),
      ] {
        let refused = try tool(["translate", "r"] + arguments)
        #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.errors)")
      }
    }
  }

  @Test("images go from a folder to one of PNG files with the same names")
  func images() throws {
    try Tool.run { tool in
      try folder(tool, "a", (0..<6).map { "img\($0).png" })
      try folder(tool, "b", (0..<5).map { "sub/\($0).png" }, value: 200)
      let train = [
        "train", "cyclegan", "--source", "a", "--target", "b", "--threads", "1", "--quiet", "--steps", "3", "--set",
        "generator.maps=2", "--set", "generator.stages=1", "--set", "generator.blocks=1", "--set",
        "adversary.channels=[3]", "--set", "training.schedule.kind=constant",
      ]
      try tool.succeed(train + ["--run", "r"])
      #expect(tool.exists("r/figures/a-to-b.png") && tool.exists("r/report.html"))
      let events = try FileManager.default.contentsOfDirectory(atPath: tool.path("r/events"))
        .flatMap { try tool.bytes("r/events/\($0)") }
      #expect(String(decoding: events, as: UTF8.self).contains("a-to-b"))
      try tool.succeed("translate", "r", "--data", "a", "--to", "b", "--out", "out")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: tool.path("out")).sorted()
          == (0..<6).map { "img\($0).png" })
      try tool.succeed("translate", "r", "--data", "b", "--to", "a", "--out", "back", "--limit", "2")
      #expect(tool.exists("back/sub/0.png") && tool.exists("back/sub/1.png") && !tool.exists("back/sub/2.png"))
      let again = try tool("translate", "r", "--data", "a", "--to", "b", "--out", "out")
      #expect(
        again.status == 2
          && again.errors.hasPrefix(
            "Error: --out: expected a new or an empty folder, got 'out' with 6 files\nUsage: helmholtz translate "
          ),
        "\(again.errors)")
      try folder(tool, "twins", ["x.png", "x.jpg"])
      let twins = try tool("translate", "r", "--data", "twins", "--to", "b", "--out", "x")
      #expect(
        twins.status == 1
          && twins.errors.hasSuffix("Error: 'x.jpg' and 'x.png' would both become 'x.png'; rename one of them\n"),
        "\(twins.errors)")
      let second = try tool("resume", "r", "--target", "b", "--steps", "3", "--quiet")
      #expect(second.status == 0, "\(second.errors)")
      try tool.succeed(train + ["--run", "short", "--steps", "1"])
      try tool.succeed("resume", "short", "--steps", "3", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
    }
  }

  @Test("ada reports the errors of both domains and how well they are told apart; classify takes it")
  func adaptation() throws {
    try Tool.run { tool in
      try tool.succeed(Self.labelled(tool) + ["--steps", "60", "--run", "r"])
      let measured = try tool.succeed("evaluate", "r", "--json")
      for words in ["\"target-error\"", "\"domain-accuracy\"", "\"the model's own\""] {
        #expect(measured.output.contains(words), "\(measured.output)")
      }
      #expect(!measured.errors.contains("changed"), "\(measured.errors)")
      try tool.succeed("classify", "r", "--data", "t.npy", "--out", "p.csv")
      #expect(try tool.text("p.csv").split(separator: "\n").count == 61)
      try tool.succeed(Self.labelled(tool) + ["--steps", "20", "--run", "short", "--set", "reversal=true"])
      try tool.succeed("resume", "short", "--steps", "60", "--quiet")
      try tool.succeed(Self.labelled(tool) + ["--steps", "60", "--run", "whole", "--set", "reversal=true"])
      // Rate and weight are functions of the run's length, so that the first steps of a longer run are others.
      #expect(try tool.state("short") != tool.state("whole"))
      // A target without labels is what adaptation is for.
      try FileManager.default.removeItem(atPath: tool.path("t.labels.npy"))
      try tool.succeed(Self.labelled(tool, targetLabels: false) + ["--steps", "3", "--run", "u"])
      let refused = try tool("evaluate", "u", "--metrics", "target-error")
      #expect(refused.status == 1)
      #expect(refused.errors.hasSuffix("Error: target-error: expected labels in the target, got none\n"))
      #expect(
        try tool("translate", "r", "--data", "s.npy", "--to", "b", "--out", "x.npy").errors
          == "Error: ada translates no examples; it has predicted classes\n")
    }
  }

  @Test("sets that do not fit each other are refused with both named, and no run is left behind")
  func refusals() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 3)
      func write(_ name: String, _ shape: [Int], labels: Int? = nil) throws {
        try (rng.uniform(shape) * 255).to(.uint8).writeNPY(to: tool.path("\(name).npy"))
        if let labels {
          try Tensor((0..<shape[0]).map { Int64($0 % labels) }).writeNPY(to: tool.path("\(name).labels.npy"))
        }
      }
      try write("grey", [12, 1, 28, 28], labels: 2)
      try write("plain", [12, 1, 28, 28])
      try write("rgb", [12, 3, 32, 32], labels: 2)
      try write("single", [12, 1, 28, 28], labels: 1)
      try write("three", [12, 1, 28, 28], labels: 3)
      try folder(tool, "one", ["a.png"])
      try folder(tool, "two", ["a.png", "b.png"])
      try folder(tool, "cats", ["cat/1.png", "cat/2.png", "dog/1.png"])
      try folder(tool, "birds", ["bird/1.png", "fish/2.png"])
      try FileManager.default.createDirectory(atPath: tool.path("none"), withIntermediateDirectories: false)
      for (model, source, target, words) in [
        (
          "cyclegan", "grey.npy", "rgb.npy",
          "target: expected examples of one shape: source has shape 1x28x28, target 3x32x32 (grey.npy, rgb.npy)"
        ),
        (
          "ada", "grey.npy", "three.npy",
          "target: expected the classes of the source: source has 2 classes, target 3 classes"
        ),
        (
          "ada", "cats", "birds",
          "target: expected the classes of the source: source has classes cat, dog, target classes bird, fish"
        ),
        ("ada", "plain.npy", "grey.npy", "data: expected labels of at least 2 classes in the source, got none"),
        ("ada", "single.npy", "grey.npy", "data: expected labels of at least 2 classes in the source, got 1"),
        (
          "cyclegan", "one", "two",
          "data: expected at least 2 training examples of a domain, got 1 in one"
        ),
        (
          "cyclegan", "two", "one",
          "target: expected at least 2 training examples of a domain, got 1 in one"
        ),
        ("cyclegan", "two", "none", "'none': expected files ending in .png, .jpg or .jpeg, got an empty folder"),
        (
          "cyclegan", "two", "two",
          "adversary.channels: expected stages that leave maps of more than one pixel, got 4 for examples of shape [1, 8, 8]"
        ),
        (
          "ada", "cats", "two",
          "features.channels: expected stages that leave a pixel, got 2 with kernels of 5 for examples of shape [1, 8, 8]"
        ),
      ] {
        let refused = try tool("train", model, "--source", source, "--target", target, "--steps", "1", "--run", "r")
        #expect(refused.status == 1 && refused.errors.hasSuffix("Error: \(words)\n"), "\(refused.errors)")
        #expect(!tool.exists("r"))
      }
    }
  }

  @Test("a set of the user's own is not paired with one that is there by default")
  func half() throws {
    try Tool.run { tool in
      _ = try Self.points(tool)
      for (option, words) in [
        ("--source", "--source 'a.npy' is alone: give --target too, which would be mnist-shifted"),
        ("--data", "--data 'a.npy' is alone: give --target too, which would be mnist-shifted"),
        ("--target", "--target 'a.npy' is alone: give --source too, which would be mnist"),
      ] {
        let refused = try tool("train", "cyclegan", option, "a.npy", "--steps", "1")
        #expect(refused.status == 2 && refused.errors.hasPrefix("Error: \(words)\n"), "\(refused.errors)")
      }
      try tool.succeed(
        "train", "cyclegan", "--source", "a.npy", "--set", "target.name=b.npy", "--steps", "1", "--dry-run")
    }
  }

  @Test("a target that changed since the training is named where it is measured")
  func changedTarget() throws {
    try Tool.run { tool in
      try tool.succeed(try Self.labelled(tool) + ["--steps", "2", "--run", "r"])
      try (RandomSource(seed: 9).normal([60, 2])).writeNPY(to: tool.path("t.npy"))
      let measured = try tool.succeed("evaluate", "r", "--metrics", "error")
      #expect(
        measured.errors.contains("t.npy' changed since the run was trained: other values in as many examples; "),
        "\(measured.errors)")
      #expect(measured.errors.contains("target '"), "\(measured.errors)")
    }
  }

  @Test("grey is repeated where the other set is RGB, and that is said")
  func grey() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 4)
      try (rng.uniform([12, 8, 8]) * 255).to(.uint8).writeNPY(to: tool.path("grey.npy"))
      try Tensor((0..<12).map { Int64($0 % 2) }).writeNPY(to: tool.path("grey.labels.npy"))
      try (rng.uniform([10, 3, 8, 8]) * 255).to(.uint8).writeNPY(to: tool.path("rgb.npy"))
      let trained = try tool.succeed(
        "train", "ada", "--source", "grey.npy", "--target", "rgb.npy", "--steps", "2", "--run", "r", "--set",
        "features.channels=[4]", "--quiet")
      #expect(trained.errors.contains("grey repeated to RGB, as the other set has 3 channels"), "\(trained.errors)")
      try tool.succeed("classify", "r", "--data", "grey.npy", "--out", "p.csv")
      try tool.succeed("classify", "r", "--data", "rgb.npy", "--out", "q.csv")
      // Another target than the run began with is seen.
      try (rng.uniform([10, 3, 8, 8]) * 255).to(.uint8).writeNPY(to: tool.path("rgb.npy"))
      let changed = try tool("resume", "r", "--steps", "3")
      let words = "rgb.npy' changed since the run began: other values in as many examples; give --target with"
      #expect(changed.status == 1 && changed.errors.contains(words), "\(changed.errors)")
      #expect(changed.errors.contains("Error: target '"), "\(changed.errors)")
    }
  }
}

extension Tool {
  /// The readable head of an array's file.
  fileprivate func text(header name: String) throws -> String {
    String(decoding: try bytes(name).prefix(128), as: UTF8.self)
  }
}
