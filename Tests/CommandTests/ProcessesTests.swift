import Foundation
import TestSupport
import Testing
import Torch

@Suite("One run, several processes")
struct ProcessesTests {
  /// What trains each system in double precision, a batch of 12 and less at the end of each pass.
  private func train(_ system: String, _ tool: Tool) throws -> [String] {
    let isImage = ["vae", "gan", "iwcgan", "adgm", "avb-ac"].contains(system)
    let small = ["encoder.hidden=[8]", "decoder.hidden=[8]", "latent.dimensions=2"]
    let changes: [String] =
      switch system {
      case "gan", "iwcgan":
        ["generator.network=mlp", "generator.hidden=[8]", "critic.network=mlp", "critic.hidden=[8]"]
      case "adgm": small + ["auxiliary.dimensions=2", "labels.perClass=2"]
      case "realnvp": ["couplings=2", "hidden=[8]"]
      case "avb-ac":
        [
          "latent.dimensions=2", "encoder.channels=[2, 3]", "encoder.strides=[2, 2]", "decoder.channels=[3, 2]",
          "decoder.strides=[2, 2]",
          "encoder.noiseSize=3", "encoder.basisCount=3", "critic.hidden=[8]", "critic.features=5",
        ]
      default: small + ["encoder.network=mlp", "decoder.network=mlp"] + (isImage ? [] : ["likelihood.family=gaussian"])
      }
    let data = try isImage ? tool.strokes(104) : { try tool.points()[3] }()
    return ["train", system, "--data", data, "--precision", "float64", "--threads", "1", "--quiet"]
      + (changes + ["training.batchSize=12", "training.logEvery=5", "training.steps=200"]).flatMap { ["--set", $0] }
  }

  /// The largest difference of two runs' weights, by the largest weight of both.
  private func difference(_ tool: Tool, _ one: String, _ other: String) throws -> Double {
    func weights(_ run: String) throws -> [String: Tensor] {
      try Safetensors(contentsOf: tool.path(run + "/checkpoints/last.safetensors")).tensors
        .filter { $0.key.hasPrefix("model.") }
    }
    let (a, b) = (try weights(one), try weights(other))
    #expect(a.keys.sorted() == b.keys.sorted())
    var (difference, largest) = (0.0, 0.0)
    for (name, tensor) in a {
      let values = zip(tensor.array(Double.self), try #require(b[name]).array(Double.self))
      for (x, y) in values { (difference, largest) = (max(difference, abs(x - y)), max(largest, abs(x))) }
    }
    return difference / largest
  }

  @Test(
    "two processes end where one does",
    arguments: ["vae", "mmd-vae", "aae", "adgm", "gan", "avb-ac", "realnvp", "iwcgan"])
  func two(_ system: String) throws {
    try Tool.run { tool in
      let train = try train(system, tool)
      try tool.succeed(train + ["--run", "one"])
      try tool.succeed(train + ["--run", "two", "--processes", "2"])
      let difference = try difference(tool, "one", "two")
      #expect(difference < 1e-6, "\(difference)")
      #expect(try tool.state("one")["random.state"] == tool.state("two")["random.state"])
    }
  }

  @Test("three processes that a launcher started, each by its environment, end where one does")
  func launched() throws {
    try Tool.run { tool in
      let train = try train("mmd-vae", tool)
      try tool.succeed(train + ["--run", "one"])
      let port = "\(Int.random(in: 20000..<40000))"
      let all = try (0..<3).map { rank in
        try tool.start(
          train + ["--run", "three"],
          with: ["RANK": "\(rank)", "WORLD_SIZE": "3", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port])
      }
      for process in all {
        let finished = try process.wait()
        #expect(finished.status == 0, "\(finished.errors)")
      }
      #expect(try difference(tool, "one", "three") < 1e-6)
    }
  }

  @Test(
    "a process that is killed ends the others, which name it, and the run goes on to the same bits", arguments: [0, 1])
  func killed(_ rank: Int) throws {
    try Tool.run { tool in
      let train = try train("vae", tool).setting("training.checkpointSeconds=0.05", "training.steps=300")
      try tool.succeed(train + ["--run", "whole", "--processes", "2"])
      let port = "\(Int.random(in: 20000..<40000))"
      func start(_ arguments: [String]) throws -> [Tool.Running] {
        try (0..<2).map { rank in
          try tool.start(
            arguments,
            with: ["RANK": "\(rank)", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port])
        }
      }
      let all = try start(train + ["--run", "broken"])
      tool.waitForLog("broken", all[0])
      all[rank].signal(SIGKILL)
      let clock = Date()
      let other = try all[1 - rank].wait()
      #expect(Date().timeIntervalSince(clock) < 30)
      #expect(try all[rank].wait().status == -Int(SIGKILL))
      #expect(other.status == 1)
      #expect(other.errors.contains("process \(rank) of 0 to 1 has ended"), "\(other.errors)")
      try tool.succeed("resume", "broken", "--quiet", "--processes", "2")
      #expect(try tool.state("broken") == tool.state("whole"))
      #expect(try tool.weights("broken", "best") == tool.weights("whole", "best"))
    }
  }

  @Test("another number of processes goes on, and says so")
  func otherNumber() throws {
    try Tool.run { tool in
      let train = try train("vae", tool)
      try tool.succeed(train.setting("training.steps=20") + ["--run", "run", "--processes", "2"])
      let finished = try tool.succeed("resume", "run", "--quiet", "--steps", "40")
      #expect(finished.errors.contains("processes: 2 have trained this run so far, 1 go on"), "\(finished.errors)")
    }
  }

  @Test(
    "what cannot be shared is refused before anything is written",
    arguments: [
      (["--processes", "5"], "training.batchSize: expected a multiple of the 5 processes"),
      (["--processes", "0"], "--processes: expected at least 1, got 0"),
    ])
  func refused(_ options: [String], _ words: String) throws {
    try Tool.run { tool in
      let finished = try tool(train("vae", tool) + ["--run", "run"] + options)
      #expect(finished.status != 0 && finished.errors.contains(words), "\(finished.errors)")
      #expect(!tool.exists("run"))
    }
  }

  @Test(
    "systems of one process say why",
    arguments: [
      ("infomax", "its estimates of information take all pairs of a batch"), ("asl", "it is made of stages"),
      ("gmm", "expectation maximization"),
    ])
  func alone(_ system: String, _ reason: String) throws {
    try Tool.run { tool in
      let data = try system == "infomax" ? tool.strokes() : tool.points()[3]
      let finished = try tool("train", system, "--data", data, "--processes", "2", "--run", "run")
      #expect(finished.status == 1 && finished.errors.contains(reason), "\(finished.errors)")
      #expect(!tool.exists("run"))
    }
  }
}
