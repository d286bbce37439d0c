import Datasets
import Figures
import Foundation
import TestSupport
import Testing
import Torch

@Suite("What a run makes of a user's data")
struct UseTests {
  private func array(_ tool: Tool, _ name: String) throws -> [Double] {
    try DataArray(contentsOf: tool.path(name), .npy).doubles()
  }

  /// `x.npy`: grey noise of 8 x 8, and a VAE of it in `r`.
  private func noise(_ tool: Tool, _ model: [String] = ["vae"], count: Int = 60) throws -> Tensor {
    let x = (RandomSource(seed: 3).uniform([count, 1, 8, 8]) * 255).to(.uint8)
    try x.writeNPY(to: tool.path("x.npy"))
    try tool.succeed(
      ["train"] + model + [
        "--data", "x.npy", "--steps", "5", "--threads", "1", "--quiet", "--run", "r", "--set", "encoder.hidden=[16]",
        "--set", "decoder.hidden=[16]", "--set", "latent.dimensions=4",
      ])
    return x
  }

  @Test("one picture has one code and one reconstruction, wherever it stands and whatever is beside it")
  func onePictureOneCode() throws {
    try Tool.run { tool in
      let x = try noise(tool)
      try x.narrowed(0, 0..<1).expanded([70, 1, 8, 8]).clone().writeNPY(to: tool.path("same.npy"))
      try x.gathered(Tensor([2, 1, 0])).writeNPY(to: tool.path("turned.npy"))
      for (command, size, option) in [("encode", 4, "--limit"), ("reconstruct", 64, "--count")] {
        try tool.succeed(command, "r", "--data", "same.npy", option, "70", "--out", "same-out.npy")
        let same = try array(tool, "same-out.npy")
        #expect(same.count == 70 * size)
        for row in 1..<70 { #expect(Array(same[row * size..<(row + 1) * size]) == Array(same.prefix(size))) }
        try tool.succeed(command, "r", "--data", "x.npy", option, "3", "--out", "a.npy")
        try tool.succeed(command, "r", "--data", "turned.npy", option, "3", "--out", "b.npy")
        let (a, b) = (try array(tool, "a.npy"), try array(tool, "b.npy"))
        #expect(Array(a.prefix(size)) == Array(b.suffix(size)) && Array(a.suffix(size)) == Array(b.prefix(size)))
        #expect(Array(a.prefix(size)) != Array(a.suffix(size)))
      }
    }
  }

  @Test("sample i is a function of the seed and i, whatever is drawn and however many")
  func samplesAreCounted() throws {
    try Tool.run { tool in
      _ = try noise(tool)
      for (name, more) in [("means", []), ("draws", ["--noise"]), ("chain", ["--markov-chain", "2"])] {
        for count in [5, 64, 130] {
          try tool.succeed(["sample", "r", "--count", "\(count)", "--out", "\(name)\(count).npy"] + more)
        }
        let many = try array(tool, "\(name)130.npy")
        for count in [5, 64] {
          let few = try array(tool, "\(name)\(count).npy")
          #expect(few == Array(many.prefix(few.count)), "\(name) \(count)")
        }
        #expect(Set(many).count > 1)
      }
      try tool.succeed("interpolate", "r", "--pairs", "2", "--steps", "3", "--data", "x.npy", "--out", "i2.npy")
      try tool.succeed("interpolate", "r", "--pairs", "5", "--steps", "3", "--data", "x.npy", "--out", "i5.npy")
      let two = try array(tool, "i2.npy")
      #expect(try Array(array(tool, "i5.npy").prefix(two.count)) == two)
    }
  }

  @Test("codes of one's own are decoded, and codes that do not fit are refused")
  func decode() throws {
    try Tool.run { tool in
      _ = try noise(tool)
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "z.npy")
      try tool.succeed("decode", "r", "--codes", "z.npy", "--out", "d.npy")
      try tool.succeed("reconstruct", "r", "--data", "x.npy", "--count", "5", "--out", "y.npy")
      #expect(try array(tool, "d.npy") == array(tool, "y.npy"))
      try Tensor.zeros([2, 3]).writeNPY(to: tool.path("short.npy"))
      let short = try tool("decode", "r", "--codes", "short.npy", "--out", "d.npy")
      #expect(
        short.status == 1 && short.errors == "Error: 'short.npy': expected codes of 4 numbers, got shape [2, 3]\n")
      try Tensor([Float.nan, 0, 0, 0], shape: [1, 4]).writeNPY(to: tool.path("nan.npy"))
      let nan = try tool("decode", "r", "--codes", "nan.npy", "--out", "d.npy")
      #expect(nan.status == 1 && nan.errors == "Error: 'nan.npy': expected finite numbers, got some that are not\n")
    }
  }

  @Test("a traversal changes one dimension, takes a range that begins below 0, and has a row for each without one")
  func traverse() throws {
    try Tool.run { tool in
      _ = try noise(tool)
      try tool.succeed(
        "traverse", "r", "--dimension", "1", "--range", "-2:4", "--steps", "3", "--out", "one.npy")
      try Tensor([Float](arrayLiteral: 0, -2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0), shape: [3, 4])
        .writeNPY(to: tool.path("z.npy"))
      try tool.succeed("decode", "r", "--codes", "z.npy", "--out", "d.npy")
      #expect(try array(tool, "one.npy") == array(tool, "d.npy"))
      try tool.succeed("traverse", "r", "--range", "-2:4", "--steps", "3", "--out", "all.npy")
      let all = try DataArray(contentsOf: tool.path("all.npy"), .npy)
      #expect(all.shape == [4, 3, 1, 8, 8])
      #expect(try Array(all.doubles()[192..<384]) == array(tool, "one.npy"))
      try tool.succeed(
        "traverse", "r", "--data", "x.npy", "--count", "2", "--dimension", "0", "--steps", "2", "--out", "two.npy")
      #expect(try DataArray(contentsOf: tool.path("two.npy"), .npy).shape == [2, 2, 1, 8, 8])
      let far = try tool("traverse", "r", "--dimension", "4", "--out", "x.png")
      #expect(far.status == 1 && far.errors == "Error: --dimension: expected 0 to 3, got 4\n")
    }
  }

  @Test("an output that cannot be written is refused before any work")
  func outputs() throws {
    try Tool.run { tool in
      for (arguments, problem) in [
        (["sample", "r", "--out", "none/s.png"], "--out: there is no directory 'none' for 'none/s.png'"),
        (["encode", "r", "--out", "z.txt"], "--out: expected a .npy file, got 'z.txt'"),
        (
          ["metric", "pca", "--x", "x.npy", "--dim", "1", "--out", "no/p.npy"],
          "--out: there is no directory 'no' for 'no/p.npy'"
        ),
      ] {
        let refused = try tool(arguments)
        #expect(refused.status == 2 && refused.errors.hasPrefix("Error: \(problem)\n"), "\(refused.errors)")
      }
      _ = try noise(tool)
      try tool.succeed("sample", "r", "--count", "4", "--out", "S.PNG")
      try tool.succeed("sample", "r", "--count", "4", "--out", "S.NPY")
      #expect(tool.exists("S.PNG") && tool.exists("S.NPY"))
    }
  }

  @Test("a run goes on from any directory, not with other data, and not backwards")
  func resume() throws {
    try Tool.run { tool in
      let x = try noise(tool)
      try FileManager.default.createDirectory(atPath: tool.path("else"), withIntermediateDirectories: false)
      let script = "cd else && $TOOL evaluate ../r --metrics elbo && $TOOL resume ../r --steps 8 --quiet --json"
      let away = try tool.shell(script)
      #expect(away.status == 0 && away.output.contains(#""step" : 8"#), "\(away.errors)")
      let fewer = try tool("resume", "r", "--steps", "4", "--quiet")
      #expect(
        fewer.status == 1
          && fewer.errors
            == "Error: r: 8 steps (8 epochs) are done already, which is more than was asked for; nothing was changed\n"
      )
      #expect(try tool.text("r/config.yaml").contains("steps: 8"))

      try FileManager.default.moveItem(atPath: tool.path("x.npy"), toPath: tool.path("y.npy"))
      try tool.succeed("resume", "r", "--data", "y.npy", "--steps", "9", "--quiet")
      try Tensor.concatenated([x, x.narrowed(0, 0..<24)]).writeNPY(to: tool.path("y.npy"))
      let changed = "data '\(tool.path("y.npy"))' changed since the run"
      let way = "give --data with those it began with, or --accept-other-data to go on with these"
      let more = try tool("resume", "r", "--steps", "12", "--quiet")
      #expect(
        more.status == 1
          && more.errors == "Error: \(changed) began: 55 training examples then, 77 now; \(way)\n", "\(more.errors)")
      let warned = try tool("evaluate", "r", "--metrics", "elbo")
      #expect(warned.errors.contains("\(changed) was trained: 55 training examples then, 77 now"))
      try (x.to(.float32) * 0.5).to(.uint8).writeNPY(to: tool.path("y.npy"))
      let both = try tool("resume", "r", "--steps", "12", "--epochs", "12")
      #expect(both.status == 2 && both.errors.hasPrefix("Error: Give --epochs or --steps, not both.\n"))
      let other = try tool("resume", "r", "--steps", "12", "--quiet")
      #expect(other.errors == "Error: \(changed) began: other values in as many examples; \(way)\n")
      try tool.succeed("resume", "r", "--steps", "12", "--accept-other-data", "--quiet")
      try tool.succeed("resume", "r", "--steps", "13", "--quiet")
      try x.narrowed(2, 0..<4).narrowed(3, 0..<4).clone().writeNPY(to: tool.path("y.npy"))
      let shape = try tool("resume", "r", "--steps", "20", "--accept-other-data", "--quiet")
      #expect(
        shape.errors == "Error: \(changed) began: examples of shape [1, 8, 8] then, [1, 4, 4] now; "
          + "the model cannot go on with them\n")
    }
  }

  @Test("streamed data are compared as well")
  func streamed() throws {
    try Tool.run { tool in
      let x = try noise(tool, ["vae", "--stream"])
      try tool.succeed("resume", "r", "--steps", "7", "--quiet")
      try (x.to(.float32) * 0.5).to(.uint8).writeNPY(to: tool.path("x.npy"))
      let other = try tool("resume", "r", "--steps", "9", "--quiet")
      #expect(other.status == 1 && other.errors.contains("other values in as many examples"))
    }
  }

  @Test("trainings that start at once have directories of their own, and a directory may hold an @")
  func directories() throws {
    try Tool.run { tool in
      _ = try noise(tool)
      let train = [
        "train", "vae", "--data", "x.npy", "--steps", "2", "--threads", "1", "--quiet", "--set", "encoder.hidden=[8]",
        "--set", "decoder.hidden=[8]",
      ]
      let all = try (0..<4).map { _ in try tool.start(train) }.map { try $0.wait() }
      let runs = all.compactMap { $0.lines.first }
      #expect(Set(runs) == Set((1...4).map { "run     runs/vae-x-\($0)" }), "\(all.map(\.errors))")
      for name in ["me@home", "r@best"] {
        try tool.succeed(train + ["--run", name])
        try tool.succeed("sample", name, "--count", "2", "--out", "s.npy")
        try tool.succeed("sample", name + "@last", "--count", "2", "--out", "s.npy")
        try tool.succeed("resume", name, "--steps", "3", "--quiet")
      }
    }
  }

  /// Folders of striped pictures, a class each.
  private func stripes(_ tool: Tool, _ root: String, _ classes: [(name: String, row: Int)], count: Int) throws {
    let rng = RandomSource(seed: UInt64(root.utf8.count))
    for (name, row) in classes {
      let folder = tool.path("\(root)/\(name)")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let isStripe =
        (Tensor.range(8, dtype: .float32) .>= Double(2 * row)).to(.float32)
        * (Tensor.range(8, dtype: .float32) .< Double(2 * row + 2)).to(.float32)
      for index in 1...count {
        let x = isStripe.unsqueezed(1) * 200 + rng.uniform([8, 8]) * 50
        let image = try PixelImage(intensities: (x / 255).array(Float.self)[...], width: 8, height: 8, channels: 1)
        try image.write(to: URL(fileURLWithPath: "\(folder)/img\(index).png"))
      }
    }
  }

  @Test("classes are matched by name: a test folder without one of them, a table of names, predictions with names")
  func names() throws {
    try Tool.run { tool in
      try stripes(tool, "train", [("ant", 0), ("bee, wild", 1), ("cow", 2)], count: 12)
      try stripes(tool, "test", [("bee, wild", 1), ("cow", 2)], count: 10)
      try stripes(tool, "odd", [("dog", 1)], count: 3)
      try tool.succeed(
        "train", "classifier", "--data", "train", "--set", "labels.perClass=null", "--set", "data.validation=0",
        "--steps", "150", "--threads", "1", "--quiet", "--run", "r", "--set", "encoder.hidden=[30]")
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(tool.bytes("r/facts.json"))) as? [String: Any])
      #expect(facts["classNames"] as? [String] == ["ant", "bee, wild", "cow"])
      let found = try tool.succeed("classify", "r", "--data", "test", "--out", "p.csv")
      #expect(found.output == "p.csv: classes of 20 examples\nerror   0.00 % of the 20 that have a label\n")
      let table = try tool.text("p.csv").split(separator: "\n")
      #expect(table[0] == "index,file,class,probability,entropy,p(ant),\"p(bee, wild)\",p(cow)")
      #expect(table[2].hasPrefix("1,\"bee, wild/img2.png\",\"bee, wild\",0."), "\(table[2])")
      #expect(table[11].hasPrefix("10,cow/img1.png,cow,0."))
      let evaluated = try tool.succeed("evaluate", "r", "--data", "test", "--metrics", "error,confusion")
      #expect(evaluated.lines.contains { $0.hasPrefix("error ") && $0.contains(" 0.0000 ") }, "\(evaluated.output)")
      let odd = try tool("classify", "r", "--data", "odd", "--out", "o.csv")
      #expect(odd.status == 1 && odd.errors.contains("dog"), "\(odd.errors)")
    }
  }

  @Test("classes without names are numbers: folders of numbers match by them, and other names are refused")
  func numbers() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 2)
      let x = Tensor.concatenated((0..<3).map { rng.normal([20, 4]) * 0.1 + Double(4 * $0) })
      try x.writeNPY(to: tool.path("x.npy"))
      try Tensor((0..<60).map { Int32($0 / 20) }).writeNPY(to: tool.path("x.labels.npy"))
      try tool.succeed(
        "train", "classifier", "--data", "x.npy", "--set", "labels.perClass=null", "--set", "data.validation=0",
        "--steps", "400", "--threads", "1", "--quiet", "--run", "r", "--set", "encoder.hidden=[20]", "--set",
        "training.learningRate=0.01")
      try x.narrowed(0, 20..<60).clone().writeNPY(to: tool.path("t.npy"))
      func table(_ names: [String]) throws {
        let lines = (0..<40).map { "\($0),\(names[$0 / 20])\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: tool.path("t.csv")))
      }
      try table(["1", "2"])
      let right = try tool.succeed("classify", "r", "--data", "t.npy", "--labels", "t.csv", "--out", "p.csv")
      #expect(right.output.hasSuffix("error   0.00 % of the 40 that have a label\n"), "\(right.output)")
      try table(["dog", "cat"])
      let strange = try tool("classify", "r", "--data", "t.npy", "--labels", "t.csv", "--out", "p.csv")
      #expect(
        strange.status == 1 && strange.errors.contains("expected classes out of 0, 1, 2"), "\(strange.errors)")
    }
  }

  @Test(
    "options that say which examples to take are refused where none are, and those of metrics that are not asked for")
  func idle() throws {
    try Tool.run { tool in
      _ = try noise(tool)
      for (line, problem) in [
        ("sample r --data none.npy --out s.npy", "--data has no effect: samples are drawn from the model"),
        ("sample r --labels l.csv --out s.npy", "--labels has no effect: samples are drawn from the model"),
        ("interpolate r --prior --key a --out s.npy", "--key has no effect: --prior goes between draws"),
        ("traverse r --stream --out s.npy", "--stream has no effect: codes are those of examples"),
        ("traverse r --range=-1e300:1e300 --out s.npy", "The value '-1e300:1e300' is invalid for '--range <range>'"),
        ("evaluate r --temperatures 5", "--temperatures has no effect: neither ais nor bdmc is asked for"),
        ("evaluate r --samples 5", "--samples has no effect: none of the metrics compares samples"),
        ("evaluate r --features x", "--features has no effect: none of the metrics looks at images"),
        ("data info x.npy --count 5", "--count has no effect: there is no picture without --out"),
      ] {
        let refused = try tool(line.split(separator: " ").map(String.init))
        #expect(refused.status == 2 && refused.errors.hasPrefix("Error: \(problem)"), "\(line): \(refused.errors)")
      }
    }
  }

  @Test("held-out examples are compared too, and labels that a model does not use are not")
  func heldOut() throws {
    try Tool.run { tool in
      let x = try noise(tool)
      let values = x.array(UInt8.self)
      let changed = try (0..<60).first { row in
        var other = values
        other[row * 64] ^= 1
        try Tensor(other, shape: x.shape).writeNPY(to: tool.path("x.npy"))
        return try tool("resume", "r", "--steps", "6", "--quiet").errors.contains("other validation examples")
      }
      #expect(changed != nil)
      try x.writeNPY(to: tool.path("x.npy"))
      try Tensor((0..<60).map { Int32($0 % 2) }).writeNPY(to: tool.path("x.labels.npy"))
      try tool.succeed("resume", "r", "--steps", "6", "--quiet")
    }
  }
}
