import Foundation
import Testing

@testable import Experiments

@Suite("Settings as YAML")
struct YAMLTests {
  @Test(
    "the complete settings of every system read back as themselves",
    arguments: Catalog.systems.map(\.name))
  func roundTrip(_ name: String) throws {
    let system = try Catalog.system(named: name)
    let read = try Catalog.settings(SettingsDocument(yaml: system.yaml, source: "config.yaml"))
    #expect(read == system.defaults)
    #expect(read.yaml() == system.defaults.yaml())
  }

  @Test("settings with every key changed read back as themselves")
  func changedRoundTrip() throws {
    var settings = RunSettings(model: "beta-vae")
    settings.samples = 7
    settings.bound = .importanceWeighted
    settings.data.name = "my \"data\" \\ # 1: x.npy"
    settings.data.binarization = .threshold
    settings.data.validation = 0
    settings.data.limit = 12
    settings.data.seed = UInt64(Int.max)
    settings.data.shape = [3, 32, 24]
    settings.encoder.network = .dcgan
    settings.encoder.hidden = [1, 65_536]
    settings.encoder.channels = Array(1...16)
    settings.decoder.activation = .leakyReLU
    settings.latent.dimensions = 3
    settings.likelihood.family = .discretizedLogistic
    settings.likelihood.scale = .perDimension
    settings.likelihood.fixedScale = .leastNonzeroMagnitude
    settings.likelihood.levels = 65_536
    settings.regularizer.divergence = .monteCarloKL
    settings.regularizer.weight = 1.0 / 3
    settings.regularizer.warmupEpochs = 9
    settings.training.epochs = nil
    settings.training.steps = 1_000_000_000
    settings.training.precision = .bf16
    settings.training.device = .cuda
    settings.training.learningRate = 1.7976931348623157e308
    settings.training.schedule.kind = .cosine
    settings.training.adam.epsilon = 1e-30
    settings.training.clip.norm = 1e16
    settings.training.clip.value = 0.25
    settings.training.patience = 4
    settings.training.keepEvery = 2
    let yaml = settings.yaml()
    #expect(try Catalog.settings(SettingsDocument(yaml: yaml, source: "config.yaml")) == settings)
  }

  @Test("texts that YAML could take for something else are quoted and read back")
  func texts() throws {
    for text in [
      "null", "none", "~", "a: b", " 5", "5", "- x", "#1", "*a", "&b", "'", "\"", "\\", "ä ö",
      "a\\n", "!x", "true", "[1]",
    ] {
      var settings = RunSettings(model: "vae")
      settings.data.name = text
      #expect(
        try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: "c")).data.name == text
      )
    }
  }

  @Test("the printed settings are at most 80 columns wide and name every key")
  func layout() throws {
    for system in Catalog.systems {
      let lines = system.yaml.split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
      #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
      let keys = Set(lines.compactMap { $0.split(separator: ":").first.map(String.init) })
      let properties = properties(of: system.defaults)
      #expect(properties.count > 100 && keys.isSuperset(of: properties), "\(Set(properties).subtracting(keys))")
    }
  }

  /// The names of all stored properties, two blanks in for each section around them.
  private func properties(of settings: any Settings, indent: String = "") -> [String] {
    Mirror(reflecting: settings).children.flatMap { child -> [String] in
      let nested = (child.value as? any Settings).map { properties(of: $0, indent: indent + "  ") }
      return [indent + (child.label ?? "")] + (nested ?? [])
    }
  }

  @Test("config vae prints as written here")
  func rendered() { #expect(System.vae.yaml == expectedVAE) }

  @Test("an empty section, a Windows line end and a byte order mark change nothing")
  func harmless() throws {
    let text = "\u{FEFF}---\r\nmodel: vae\r\ntraining:\r\n# nothing yet\r\n"
    #expect(try Catalog.settings(SettingsDocument(yaml: text, source: "c")) == System.vae.defaults)
  }

  @Test("lists may be written in brackets over several lines, or with dashes")
  func lists() throws {
    for text in [
      "[\n  300, # one\n  200\n  ]", "\n  - 300\n  - 200", "[300,200]", "\n  [300, 200,]",
    ] {
      let yaml =
        "model: vae\nencoder:\n  hidden: " + text.replacingOccurrences(of: "\n", with: "\n    ")
      #expect(
        try Catalog.settings(SettingsDocument(yaml: yaml, source: "c")).encoder.hidden == [
          300, 200,
        ])
    }
  }
}
