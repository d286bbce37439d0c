import Foundation
import Testing

@testable import Configuration
@testable import Systems

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

  @Test("settings with many keys changed read back as themselves")
  func changedRoundTrip() throws {
    var settings = Catalog.betaVAE.defaults
    settings.autoencoder.samples = 7
    settings.autoencoder.bound = .importanceWeighted
    settings.data.name = "my \"data\" \\ # 1: x.npy"
    settings.data.binarization = .threshold
    settings.data.validation = 0
    settings.data.limit = 12
    settings.data.seed = UInt64(Int.max)
    settings.autoencoder.encoder.network = .dcgan
    settings.autoencoder.encoder.channels = Array(1...16)
    settings.autoencoder.decoder.hidden = [1, 65_536]
    settings.autoencoder.decoder.activation = .leakyReLU
    settings.autoencoder.latent.dimensions = 3
    settings.autoencoder.likelihood.family = .discretizedLogistic
    settings.autoencoder.likelihood.scale = .fixed
    settings.autoencoder.likelihood.fixedScale = .leastNonzeroMagnitude
    settings.autoencoder.likelihood.levels = 65_536
    settings.autoencoder.regularizer.divergence = .monteCarloKL
    settings.autoencoder.regularizer.factor.weight = 1.0 / 3
    settings.autoencoder.regularizer.factor.warmupEpochs = 9
    settings.training.epochs = nil
    settings.training.steps = 1_000_000_000
    settings.training.precision = .bf16
    settings.training.device = .cuda
    settings.training.learningRate = 1.7976931348623157e308
    settings.training.schedule.kind = .cosine
    settings.training.adam.epsilon = 1e-30
    settings.training.clip.norm = 1e16
    settings.training.clip.value = 0.25
    settings.training.average = 0.5
    settings.training.patience = 4
    settings.training.keepEvery = 2
    let read = try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: "config.yaml"))
    #expect(read == settings)
    #expect(read.autoencoder == settings.autoencoder && read.training == settings.training)
  }

  @Test("an adversary's sections read back, null or not")
  func adversary() throws {
    var settings = Catalog.aae.defaults
    settings.autoencoder.adversary.critic.side.schedule = ScheduleSettings()
    settings.autoencoder.adversary.critic.side.schedule?.kind = .step
    settings.autoencoder.adversary.critic.side.clip = Overrides(ClippingSettings())
    settings.autoencoder.adversary.critic.side.clip?.value = 3
    settings.autoencoder.adversary.critic.side.adam = Overrides(AdamSettings())
    settings.autoencoder.adversary.critic.side.adam?.epsilon = 0.5
    settings.autoencoder.adversary.critic.side.adam?.beta1 = 0.25
    settings.autoencoder.adversary.critic.side.adam?.beta1 = nil
    settings.autoencoder.adversary.critic.penalty = .r1
    settings.autoencoder.adversary.critic.penaltyWeight = 3
    settings.autoencoder.adversary.hidden = []
    let read = try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: "config.yaml"))
    #expect(read.autoencoder == settings.autoencoder)
    let adam = try #require(read.autoencoder.adversary.critic.side.adam)
    #expect(adam.epsilon == 0.5 && adam.beta1 == nil)
  }

  @Test("texts that YAML could take for something else are quoted and read back")
  func texts() throws {
    for text in [
      "null", "none", "~", "a: b", " 5", "5", "- x", "#1", "*a", "&b", "'", "\"", "\\", "ä ö",
      "a\\n", "!x", "true", "[1]",
    ] {
      var settings = Catalog.vae.defaults
      settings.data.name = text
      #expect(
        try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: "c")).data.name == text
      )
    }
  }

  @Test(
    "the printed settings are at most 80 columns wide, and all that they name has an effect",
    arguments: Catalog.systems.map(\.name))
  func layout(_ name: String) throws {
    let system = try Catalog.system(named: name)
    let lines = system.yaml.split(separator: "\n")
    #expect(lines.count > 40)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    // Read back, every key counts as given by somebody.
    var settings = system.defaults
    try settings.apply(SettingsDocument(yaml: system.yaml, source: "config.yaml"))
    #expect(message { try settings.validate() } == "no error")
  }

  @Test("config vae prints as written here")
  func rendered() { #expect(Catalog.vae.yaml == expectedVAE) }

  @Test("an empty section, a Windows line end and a byte order mark change nothing")
  func harmless() throws {
    let text = "\u{FEFF}---\r\nmodel: vae\r\ntraining:\r\n# nothing yet\r\n"
    #expect(try Catalog.settings(SettingsDocument(yaml: text, source: "c")) == Catalog.vae.defaults)
  }

  @Test("lists may be written in brackets over several lines, or with dashes")
  func lists() throws {
    for text in [
      "[\n  300, # one\n  200\n  ]", "\n  - 300\n  - 200", "[300,200]", "\n  [300, 200,]",
    ] {
      let yaml =
        "model: vae\nencoder:\n  hidden: " + text.replacingOccurrences(of: "\n", with: "\n    ")
      #expect(
        try Catalog.settings(SettingsDocument(yaml: yaml, source: "c")).autoencoder.encoder.hidden == [
          300, 200,
        ])
    }
  }
}
