import Foundation
import TestSupport
import Testing
import Torch

@Suite("What users bring, on the command line")
struct InputTests {
  private func write(_ text: String, to name: String, _ tool: Tool) throws {
    let place = URL(fileURLWithPath: tool.path(name))
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: place)
  }

  /// A picture drawn by the tool.
  private func picture(_ name: String, _ tool: Tool) throws {
    let place = URL(fileURLWithPath: tool.path(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try (RandomSource(seed: 3).uniform([1, 32, 32]) * 255).to(.uint8).writeNPY(to: tool.path("one.npy"))
    try tool.succeed("data", "info", "one.npy", "--count", "1", "--out", name)
  }

  @Test("data info lists the names of classes, and what is ignored, by kind")
  func info() throws {
    try Tool.run { tool in
      for name in ["zebra/img10.png", "zebra/img2.png", "ant/img1.PNG"] { try picture("p/" + name, tool) }
      try write("x", to: "p/ant/notes.txt", tool)
      try write("x", to: "p/.hidden", tool)
      let shown = try tool.succeed("data", "info", "p")
      for line in ["names      'ant', 'zebra'", "per class  1 2", "note       ignored: 1 .txt, 1 hidden"] {
        #expect(shown.lines.contains(line), "\(line) in \(shown.output)")
      }
      #expect(shown.errors == "p: 3 pictures in 2 sub-folders, ignored: 1 .txt, 1 hidden\n")
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(tool.succeed("data", "info", "p", "--json").output.utf8))
          as? [String: Any])
      #expect(facts["classNames"] as? [String] == ["ant", "zebra"])
      #expect(facts["notes"] as? [String] == ["ignored: 1 .txt, 1 hidden"])
      #expect(try tool.succeed("data", "info", "fashion-mnist").output.contains("'T-shirt/top', 'Trouser'"))
    }
  }

  @Test("a named set, an array and a folder refuse the options that they have no use for, by option and by setting")
  func options() throws {
    try Tool.run { tool in
      try RandomSource(seed: 1).uniform([50, 16]).writeNPY(to: tool.path("x.npy"))
      let cases: [(arguments: [String], message: String)] = [
        (
          ["--data", "strokes", "--labels", "y.csv"],
          "'strokes', --labels: expected none, because the set brings its own, got 'y.csv'"
        ),
        (
          ["--data", "strokes", "--set", "data.key=foo"],
          "'strokes', --key: expected none, because only .npz, .mat, .safetensors and .csv files name what they hold, got 'foo'"
        ),
        (
          ["--data", "strokes", "--stream"],
          "'strokes', --stream: expected none, because only a folder of images, a .npy or an IDX file is read batch by batch, got one"
        ),
        (
          ["--data", "x.npy", "--set", "data.header=true"],
          "'x.npy', --header: expected none, because only a .csv file can name its columns, got one"
        ),
        (
          ["--data", "x.npy", "--set", "data.imageSize=8"],
          "'x.npy': expected a folder of images, to scale, crop or skip them, got a file"
        ),
        (
          ["--data", "x.npy", "--set", "data.scaling=symmetric", "--set", "likelihood.family=gaussian"],
          "--set: data.scaling: has no effect: examples of shape [16] are no images"
        ),
      ]
      for (arguments, message) in cases {
        let finished = try tool(["train", "vae", "--dry-run"] + arguments)
        #expect(finished.status == 1)
        #expect(finished.errors.contains(message), "\(arguments): \(finished.errors)")
      }
    }
  }

  @Test("the name of a file is a name, whatever stands in it", arguments: ["run.npy #2.npy", "a: b.npy", "[1].npy"])
  func names(name: String) throws {
    try Tool.run { tool in
      try RandomSource(seed: 1).uniform([60, 4]).writeNPY(to: tool.path(name))
      try tool.succeed(
        ["train", "vae", "--data", name, "--steps", "2", "--run", "run", "--quiet", "--threads", "1"]
          + ["--set", "encoder.hidden=[4]", "--set", "decoder.hidden=[4]"])
      #expect(try tool.succeed("evaluate", "run", "--metrics", "elbo").output.contains("elbo"))
      #expect(try tool.succeed("evaluate", "run", "--metrics", "elbo", "--data", name).output.contains("elbo"))
    }
  }

  @Test("too few examples to hold some out: how many are needed, and the way out, which works")
  func tooFew() throws {
    try Tool.run { tool in
      try RandomSource(seed: 1).uniform([4, 3]).writeNPY(to: tool.path("x.npy"))
      let command =
        ["train", "vae", "--data", "x.npy", "--steps", "2", "--run", "run", "--quiet", "--threads", "1"]
        + ["--set", "encoder.hidden=[4]", "--set", "decoder.hidden=[4]"]
      let refused = try tool(command)
      #expect(refused.status == 1)
      #expect(
        refused.errors
          == "Error: x.npy: expected at least 6 examples, to hold some out for validation and learn from the others (--set data.validation=0 holds none out), got 4\n"
      )
      try tool.succeed(command + ["--set", "data.validation=0"])
    }
  }

  @Test("evaluate takes the test split of a folder of splits")
  func splits() throws {
    try Tool.run { tool in
      for index in 0..<12 { try picture("p/train/\(index).png", tool) }
      for index in 0..<3 { try picture("p/test/\(index).png", tool) }
      try tool.succeed(
        ["train", "vae", "--data", "p", "--steps", "2", "--run", "run", "--quiet", "--threads", "1"]
          + ["--set", "encoder.hidden=[4]", "--set", "decoder.hidden=[4]", "--image-size", "4"])
      for more in [[], ["--data", "p"]] {
        let output = try tool.succeed(["evaluate", "run", "--metrics", "elbo"] + more).output
        #expect(output.contains("test") && output.contains(" 3"), "\(output)")
      }
      #expect(try tool("metric", "fid", "--features", "x.safetensors", "--x", "p", "--y", "p").status == 1)
    }
  }

  @Test("metrics take one array of several and one column of a table; options without a use are refused")
  func metrics() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 2)
      let x = rng.normal([30, 3])
      try x.writeNPY(to: tool.path("x.npy"))
      try Safetensors(tensors: ["a": x, "b": rng.normal([30, 3])]).write(to: tool.path("x.safetensors"))
      let rows = x.array(Float.self)
      let lines = (0..<30).map { "\(rows[3 * $0]),\(rows[3 * $0 + 1]),\(rows[3 * $0 + 2])" }
      try write((["u,v,w"] + lines).joined(separator: "\n") + "\n", to: "h.csv", tool)
      let expected = try tool.succeed("metric", "logdet-cov", "--x", "x.npy").lines.first
      #expect(try tool.succeed("metric", "logdet-cov", "--x", "x.safetensors", "--key", "a").lines.first == expected)
      #expect(try tool.succeed("metric", "logdet-cov", "--x", "h.csv", "--header").lines[1] == "n           30")
      let column = try tool.succeed("metric", "logdet-cov", "--x", "h.csv", "--header", "--key", "v")
      #expect(column.output.contains("dimension   1"))
      // A file without names beside one with them is read as it is.
      let same = try tool.succeed(
        "metric", "wasserstein1", "--x", "x.safetensors", "--y", "x.npy", "--key", "a")
      #expect(same.lines.first?.hasSuffix("  0") == true, "\(same.output)")
      for (option, message) in [
        (["--key", "a"], "--key: expected a .npz, .mat, .safetensors or .csv file to take 'a' of, got none"),
        (["--header"], "--header: expected a .csv file, got none"),
      ] {
        let refused = try tool(["metric", "logdet-cov", "--x", "x.npy"] + option)
        #expect(refused.status == 1)
        #expect(refused.errors == "Error: \(message)\n")
      }
    }
  }
}
