import Datasets
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Data from the command line")
struct DataTests {
  private func write(_ text: String, to name: String, _ tool: Tool) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: tool.path(name)))
  }

  /// Pictures drawn by the tool itself, in a folder.
  private func pictures(_ tool: Tool, _ count: Int, side: Int = 8, folder: String = "photos") throws {
    try FileManager.default.createDirectory(
      atPath: tool.path(folder), withIntermediateDirectories: true)
    let rng = RandomSource(seed: 3)
    for index in 0..<count {
      try (rng.uniform([1, side, side]) * 255).to(.uint8).writeNPY(to: tool.path("one.npy"))
      try tool.succeed("data", "info", "one.npy", "--count", "1", "--out", "\(folder)/img\(index).png")
    }
  }

  @Test("convert writes what a file holds, type and shape kept")
  func convert() throws {
    try Tool.run { tool in
      try write("a,b\n1,2.5\n-3,1e-3\n", to: "t.csv", tool)
      #expect(
        try tool.succeed("data", "convert", "t.csv", "--format", "csv", "--header", "--out", "t.npy").output
          == "t.npy: float64 of shape [2, 2]\n")
      let table = try DataArray(contentsOf: tool.path("t.npy"), .npy)
      #expect(table.doubles() == [1, 2.5, -3, 1e-3])
      try tool.succeed(
        "data", "convert", "t.csv", "--format", "csv", "--header", "--key", "b", "--out", "b.npy")
      #expect(try DataArray(contentsOf: tool.path("b.npy"), .npy).doubles() == [2.5, 1e-3])
      let idx: [UInt8] = [0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 0]
      try Data(idx).write(to: URL(fileURLWithPath: tool.path("x.idx")))
      try tool.succeed("data", "convert", "x.idx", "--format", "idx", "--out", "x.npy")
      let numbers = try DataArray(contentsOf: tool.path("x.npy"), .npy)
      #expect(numbers.element == .int16)
      #expect(numbers.doubles() == [-2, 256])
    }
  }

  @Test("a file that is not what it should be is refused in one line that names it")
  func refusals() throws {
    try Tool.run { tool in
      try write("1,2\n3\n", to: "ragged.csv", tool)
      try write("not an array", to: "text", tool)
      let cases: [(String, String, String)] = [
        ("ragged.csv", "csv", "'ragged.csv', line 2: expected 2 columns as in line 1, got 1"),
        ("text", "npy", "'text', byte 0: expected npy magic \\x93NUMPY, a version and a header, got 6e 6f 74 20 61 6e"),
        ("text", "idx", "'text', byte 0: expected IDX magic 00 00, got 6e 6f"),
        ("none", "mat", "'none': No such file or directory"),
      ]
      for (file, format, expected) in cases {
        let finished = try tool("data", "convert", file, "--format", format, "--out", "x.npy")
        #expect(finished.status == 1)
        #expect(finished.errors == "Error: \(expected)\n")
        #expect(!tool.exists("x.npy"))
      }
      #expect(try tool("data", "convert", "text", "--format", "word", "--out", "x.npy").status == 2)
      for (name, expected) in [
        ("nothing.npy", "'nothing.npy': No such file or directory"),
        ("x.docx", "'x.docx': expected a folder, or a name that ends in .idx, -ubyte, .npy, .npz, *"),
      ] {
        let finished = try tool("data", "info", name)
        #expect(finished.status == 1)
        #expect(finished.errors.hasPrefix("Error: " + expected.replacing("*", with: "")))
      }
    }
  }

  @Test("a folder of pictures is shown, sheet and all, and takes labels from a table")
  func folder() throws {
    try Tool.run { tool in
      try pictures(tool, 11)
      try write("img2.png,cat\nimg10.png,dog\nimg0.png,cat\n", to: "labels.csv", tool)
      let finished = try tool.succeed(
        "data", "info", "photos", "--labels", "labels.csv", "--out", "sheet.png", "--json")
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
      // Small pictures are drawn larger.
      #expect(facts["shape"] as? [Int] == [1, 60, 60])
      #expect(facts["labelCounts"] as? [Int] == [2, 1])
      #expect(facts["unlabelled"] as? Int == 8)
      #expect((facts["values"] as? [String: Any])?["type"] as? String == "uint8")
      #expect(try tool.bytes("sheet.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
      try write("broken", to: "photos/img11.png", tool)
      let refused = try tool("data", "info", "photos")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("Error: 'photos/img11.png'"))
      let skipped = try tool.succeed("data", "info", "photos", "--skip-bad", "--image-size", "6", "--channels", "3")
      #expect(skipped.errors.contains("skipped 1 of 12 pictures"))
      #expect(skipped.output.contains("3x6x6"))
      try write("img77.png,cat\n", to: "wrong.csv", tool)
      #expect(
        try tool("data", "info", "photos", "--skip-bad", "--labels", "wrong.csv").errors
          .contains("'wrong.csv', line 1: expected the name of an example, got 'img77.png'"))
    }
  }

  @Test("a model of scaled pixels shows them as pixels, also when it is opened again")
  func scaling() throws {
    try Tool.run { tool in
      try pictures(tool, 12)
      try tool.succeed(
        ["train", "vae", "--data", "photos", "--run", "run", "--quiet", "--epochs", "2", "--image-size", "8"]
          + ["--set", "likelihood.family=gaussian", "--set", "data.scaling=deviations"]
          + ["--set", "data.dequantize=true", "--set", "encoder.hidden=[8]", "--set", "decoder.hidden=[8]"])
      #expect(tool.exists("run/scaling.safetensors"))
      try tool.succeed("resume", "run", "--quiet", "--epochs", "3")
      try tool.succeed("reconstruct", "run", "--count", "8", "--split", "train", "--out", "r.png")
      let picture = try DataArray(contentsOf: tool.path("r.png"), .image)
      // A tenth is frames, nearly half the originals; divided by their deviation most of those would be white too.
      #expect(picture.bytes.count { $0 == 255 } < picture.count / 5)
      try FileManager.default.removeItem(atPath: tool.path("run/scaling.safetensors"))
      let refused = try tool("sample", "run", "--out", "x.png")
      #expect(refused.status == 1)
      #expect(refused.errors.hasPrefix("Error: run/scaling.safetensors: "))
      #expect(
        try tool("train", "vae", "--data", "photos", "--set", "data.scaling=centred", "--run", "no").errors
          .hasSuffix(
            "Error: data.scaling: centred needs a model of any numbers and pixels that are not binarized, got bernoulli\n"
          ))
    }
  }

  @Test("a run that streams ends with the weights of one that does not, folder and array")
  func stream() throws {
    try Tool.run { tool in
      try pictures(tool, 14)
      _ = try tool.points()
      let common =
        ["--quiet", "--epochs", "2", "--set", "encoder.hidden=[8]", "--set", "decoder.hidden=[8]"]
        + ["--set", "latent.dimensions=2", "--set", "training.batchSize=5", "--set", "data.validation=3"]
      for (data, extra) in [
        ("photos", ["--set", "data.flips=true", "--set", "data.shift=1", "--image-size", "7"]),
        ("points.npy", ["--set", "likelihood.family=gaussian"]),
      ] {
        var states: [[String: [UInt8]]] = []
        for stream in [[], ["--stream"]] {
          let run = "\(data)-\(stream.count)"
          try tool.succeed(["train", "vae", "--data", data, "--run", run] + common + extra + stream)
          let tensors = try Safetensors(contentsOf: tool.path(run + "/checkpoints/last.safetensors")).tensors
          states.append(tensors.mapValues { $0.bytes() })
        }
        #expect(states[0] == states[1])
        #expect(try tool.text("\(data)-1/config.yaml").contains("stream: true"))
      }
    }
  }
}
