import Configuration
import Testing

@testable import Systems

@Suite("Keys that were given")
struct GivenTests {
  @Test(
    "what `config` prints can be varied by keys that leave others of the file without effect",
    arguments: [
      ("vae", "encoder.network=dcgan"), ("vae", "training.optimizer=sgd"), ("mmd-vae", "regularizer.divergence=stein"),
      ("gan", "generator.network=mlp"), ("aae", "regularizer.divergence=mmd"), ("adgm", "auxiliary.kind=none"),
    ])
  func varied(_ name: String, _ assignment: String) throws {
    var settings = try Catalog.settings(
      SettingsDocument(yaml: Catalog.system(named: name).defaults.yaml(), source: "my.yaml"))
    try settings.set(assignment)
    try settings.validate()
  }

  @Test("a file with a key that has no effect with its others is refused, and so is such a key beside it")
  func refused() throws {
    #expect(throws: SettingsError.self) {
      try Catalog.settings(
        SettingsDocument(yaml: "model: vae\nencoder:\n  network: dcgan\n  hidden: [3]\n", source: "my.yaml"))
    }
    var settings = try Catalog.settings(
      SettingsDocument(yaml: "model: vae\nencoder:\n  network: dcgan\n", source: "my.yaml"))
    try settings.set("encoder.hidden=[3]")
    let error = #expect(throws: SettingsError.self) { try settings.validate() }
    #expect("\(try #require(error))" == "--set: encoder.hidden: has no effect: the network is dcgan")
  }

  @Test("iwae can leave its bound and its divergence together")
  func bound() throws {
    _ = try Catalog.settings("iwae", setting: ["regularizer.divergence=mmd", "bound=mean"])
    #expect(throws: SettingsError.self) { try Catalog.settings("iwae", setting: ["regularizer.divergence=mmd"]) }
  }
}
