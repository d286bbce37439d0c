import Datasets
import Foundation
import Systems
import Testing

@Suite("Listings")
struct ListingTests {
  private func json(_ finished: Finished) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
  }

  @Test("models lists every system with its paper in 80 columns, and as JSON")
  func models() throws {
    try Tool.run { tool in
      let table = try tool.succeed("models")
      #expect(table.lines.allSatisfy { $0.count <= 80 })
      for name in ["vae", "iwae", "beta-vae"] { #expect(table.lines.contains { $0.hasPrefix(name + " ") }) }
      let rows = try #require(try json(tool.succeed("models", "--json")) as? [[String: String]])
      #expect(rows.map { $0["name"] } == Catalog.systems.map(\.name))
      #expect(rows.allSatisfy { Set($0.keys) == ["name", "paper", "summary"] })
    }
  }

  @Test("data list, info and get tell of the sets in 80 columns, and as JSON")
  func data() throws {
    try Tool.run { tool in
      let table = try tool.succeed("data", "list")
      #expect(table.lines.allSatisfy { $0.count <= 80 })
      #expect(table.lines.contains { $0.hasPrefix("strokes ") && $0.contains("1x28x28  60000   10000") })
      let rows = try #require(try json(tool.succeed("data", "list", "--json")) as? [[String: Any]])
      #expect(rows.contains { $0["name"] as? String == "two-moons" && $0["shape"] as? [Int] == [2] })

      let info = try tool.succeed("data", "info", "two-moons")
      #expect(info.output.contains("two interleaved half circles"))
      let row = try #require(try json(tool.succeed("data", "info", "mnist", "--json")) as? [String: Any])
      #expect(row["classes"] as? Int == 10)
      #expect(row["examples"] as? [String: Int] == ["train": 60000, "test": 10000])
      #expect(
        try tool.succeed("data", "get", "two-moons").output
          == "two-moons train: 10000 examples\ntwo-moons test: 10000 examples\n")
    }
  }

  @Test("data export writes any number of a generated set, with its labels, and the first of a file")
  func export() throws {
    try Tool.run { tool in
      func array(_ name: String) throws -> DataArray { try DataArray(contentsOf: tool.path(name), .npy) }
      let roll = ["data", "export", "swiss-roll-3d", "--count", "12000"]
      #expect(try tool.succeed(roll + ["--out", "a.npy"]).output == "a.npy: array of shape [12000, 3]\n")
      #expect(try array("a.npy").shape == [12_000, 3] && !tool.exists("a.labels.npy"))
      try tool.succeed(roll + ["--seed", "1", "--out", "b.npy"])
      try tool.succeed(roll + ["--split", "test", "--out", "c.npy"])
      #expect(try Set(["a.npy", "b.npy", "c.npy"].map { try array($0).doubles()[0] }).count == 3)
      try tool.succeed("data", "export", "rings-thin", "--count", "9", "--out", "r.npy")
      #expect(try array("r.labels.npy").doubles() == [0, 1, 2, 3, 0, 1, 2, 3, 0])
      _ = try tool.images()
      try tool.succeed("data", "export", "images.npy", "--count", "5", "--out", "i.npy")
      #expect(try array("i.npy").shape == [5, 1, 8, 8])
      for (arguments, status, message) in [
        (["images.npy", "--seed", "2"], 2, "--seed has no effect: 'images.npy' is not generated"),
        (
          ["images.npy", "--count", "71"], 1,
          "data 'images.npy', train: expected at least 71 examples, got 70; ask for fewer"
        ),
        (["images.npy", "--split", "test"], 1, "images.npy: expected a split out of train, got test"),
      ] {
        let refused = try tool(["data", "export"] + arguments + ["--out", "x.npy"])
        #expect(refused.status == status && refused.errors.hasPrefix("Error: \(message)\n"), "\(refused.errors)")
      }
      #expect(try tool("data", "export", "half-moons", "--out", "h.npy").errors.contains("9994 examples have no class"))
    }
  }

  @Test("data info reads a user's array")
  func userArray() throws {
    try Tool.run { tool in
      _ = try tool.images()
      let row = try #require(try json(tool.succeed("data", "info", "images.npy", "--json")) as? [String: Any])
      #expect(row["shape"] as? [Int] == [1, 8, 8])
      #expect(row["examples"] as? [String: Int] == ["train": 70])
    }
  }

  @Test("describe prints conditionals, players and losses in 80 columns, and as JSON")
  func describe() throws {
    try Tool.run { tool in
      #expect(
        try tool.succeed("describe", "vae").output == """
          conditional distributions
            p(z)         N(0, I), 50 dimensions
            p(x|z)       Bernoulli, MLP 50-500-500-784
            q(z|x)       Gaussian, MLP 784-500-500-50

          players and what each descends
            autoencoder  -E_q(z|x) [log p(x|z) - KL(q(z|x), p(z))]

          1361884 parameters

          in the unified view
            x              data/generations
            y              real/generated indicator (degenerate)
            z              code vector
            p_theta(x|y)   [G] p_theta(x|z, y), generator
            q_phi(y|x)     [I] q_*(y|x), discriminator (degenerate)
            q_eta(z|x, y)  [I] q_eta(z|x, y), infer net
            KL minimized   KL(q_eta(z|x, y) q_*^r(y|x) || p_theta(z, y|x))

          """)
      for model in Catalog.systems.map(\.name) {
        let lines = try tool.succeed("describe", model).lines
        #expect(lines.count > 5 && lines.allSatisfy { $0.count <= 80 }, "\(model)")
      }
      let card = try #require(
        try json(tool.succeed("describe", "iwae", "--set", "samples=50", "--json")) as? [String: Any])
      #expect(card["model"] as? String == "iwae")
      #expect((card["players"] as? [[String: String]])?.first?["meaning"]?.contains("1/50 sum_k") == true)
      #expect((card["conditionals"] as? [[String: String]])?.count == 3)
      let row = try #require(card["table_1"] as? [String: String])
      #expect(Set(row.keys) == ["x", "y", "z", "p_theta(x|y)", "q_phi(y|x)", "q_eta(z|x,y)", "kl"])
      #expect(row["kl"] == "KL(q_eta(z|x, y) q_*^r(y|x) || p_theta(z, y|x))")
      let gan = try #require(try json(tool.succeed("describe", "gan", "--json")) as? [String: Any])
      #expect(
        gan["adversaries"] as? [[String: String]] == [["judges": "x", "real": "p_data(x)", "generated": "p(x)"]])
      let arrows = try #require(gan["arrows"] as? [[String: Any]])
      #expect(arrows.map { $0["label"] as? String } == ["p_theta(x|y)", "q_phi^(r)(y|x)"])
      #expect(arrows.map { $0["implicit"] as? Bool } == [true, false])
      let small = try tool.succeed("describe", "vae", "--shape", "2", "--set", "latent.dimensions=3")
      #expect(small.output.contains("MLP 3-500-500-2"))
    }
  }

  @Test("describe draws the schematic graphical model, and writes the catalogue")
  func drawings() throws {
    try Tool.run { tool in
      let words = try tool.succeed("describe", "aae", "--svg", "aae.svg").output
      #expect(words.contains("KL(q_eta(z|y) || q^r(z|x, y))"))
      #expect(try tool.text("aae.svg").contains("<svg ") && tool.text("aae.svg").contains("θ"))
      let all = try tool.succeed("describe", "--all", "--out", "systems")
      let count = Catalog.systems.count
      #expect(
        all.output
          == "systems: \(2 * count + 3) files, \(count) systems; index.html is for a browser\n")
      for system in Catalog.systems { #expect(tool.exists("systems/\(system.name).svg"), "\(system.name)") }
      for (arguments, message) in [
        (["describe"], "expected a model, a recipe or a run, or --all"),
        (["describe", "--all"], "--all and --out are given together"),
        (["describe", "vae", "--out", "x"], "--all and --out are given together"),
        (
          ["describe", "vae", "--all", "--out", "x"],
          "--all describes every system with the settings of its paper; leave out 'vae'"
        ),
        (
          ["describe", "--all", "--out", "x", "--set", "samples=5"],
          "--all describes every system with the settings of its paper; leave out --set"
        ),
        (["describe", "vae", "--svg", "x.png"], "--svg: expected a .svg file, got 'x.png'"),
      ] {
        let refused = try tool(arguments)
        #expect(refused.status == 2 && refused.errors.hasPrefix("Error: \(message)\n"), "\(refused.errors)")
      }
      #expect(!tool.exists("x"))
    }
  }

  @Test("config prints YAML that trains, and config of that prints it again")
  func config() throws {
    try Tool.run { tool in
      _ = try tool.points()
      let printed = try tool.succeed(
        "config", "vae", "--set", "likelihood.family=gaussian", "--set", "data.name=points.npy", "--set",
        "encoder.hidden=[8]", "--set", "decoder.hidden=[8]", "--set", "training.epochs=2")
      try printed.output.write(toFile: tool.path("x.yaml"), atomically: true, encoding: .utf8)
      #expect(try tool.succeed("config", "x.yaml").output == printed.output)
      try tool.succeed("train", "x.yaml", "--run", "run", "--quiet")
      #expect(tool.exists("run/report.html"))
      // The run's own configuration is complete: it trains the same model again.
      try tool.succeed("train", "run/config.yaml", "--run", "again", "--quiet")
      #expect(try tool.weights("run") == tool.weights("again"))
    }
  }

  /// The names under SUBCOMMANDS in a help text; abstracts that go on in a second line are indented further.
  private func subcommands(_ help: Finished) -> [String] {
    help.lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { !$0.isEmpty }
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .map { String($0.dropFirst(2).prefix { $0 != " " }) }
  }

  @Test("the help of every command that the tool lists has an example of that command")
  func help() throws {
    try Tool.run { tool in
      var waiting: [[String]] = [[]]
      var leaves: Set<String> = []
      while let command = waiting.popLast() {
        let name = (["helmholtz"] + command).joined(separator: " ")
        let help = try tool.succeed(command + ["--help"])
        #expect(help.errors.isEmpty, "\(name)")
        #expect(help.output.contains("\nUSAGE: \(name) "), "\(name): the help of another command")
        let below = subcommands(help)
        if below.isEmpty { leaves.insert(name) }
        waiting += below.map { command + [$0] }
        let title = command.isEmpty ? "Try" : "Example"
        #expect(help.lines.contains { $0.hasPrefix(title) }, "\(name): no example")
        // Behind "Example:", or on an indented line below "Examples:".
        let starts = [title + ":  ", "  "].map { $0 + name + " " }
        #expect(help.lines.contains { starts.contains(where: $0.hasPrefix) }, "\(name): no example of this command")
      }
      // The lists were read, to their ends.
      #expect(
        leaves.isSuperset(of: [
          "helmholtz train", "helmholtz config", "helmholtz data list", "helmholtz data convert",
          "helmholtz metric wasserstein1", "helmholtz metric dmol-logprob", "helmholtz features extract",
        ]))
    }
  }

  @Test("the settings that the help's examples change exist")
  func examples() throws {
    try Tool.run { tool in
      for command in ["train", "describe", "config"] {
        let words = try tool.succeed(command, "--help").output.split(whereSeparator: \.isWhitespace).map(String.init)
        let changes = words.indices.filter { words[$0] == "--set" && $0 + 1 < words.count }.map { words[$0 + 1] }
        // The usage line has a placeholder in brackets.
        for change in changes where change.contains("=") && !change.hasPrefix("<") {
          try tool.succeed("config", change.hasPrefix("samples") ? "iwae" : "vae", "--set", change)
        }
      }
    }
  }

  @Test("the version is printed")
  func version() throws {
    let output = try Tool.run { try $0.succeed("--version").output }
    #expect(output == "0.1.0\n")
  }
}
