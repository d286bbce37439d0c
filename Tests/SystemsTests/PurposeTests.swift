import Datasets
import Testing
import Torch

@testable import Systems

@Suite("What examples are prepared for")
struct PurposeTests {
  private let images: Examples
  private let purposes: [Purpose] = [.training, .measuring, .coding]

  init() throws {
    images = try Examples(name: "grey", storage: .bytes([UInt8](repeating: 100, count: 64)), shape: [1, 4, 4])
  }

  private func binarizations(_ model: String, _ changes: String...) throws -> [Binarization] {
    let settings = try Catalog.settings(model, setting: changes)
    return purposes.map { settings.preparation(of: images, scaling: .unit, for: $0).binarization }
  }

  @Test("pixels are drawn anew to be learned from, once to be measured, and cut or left grey to be encoded")
  func binarization() throws {
    #expect(try binarizations("vae") == [.dynamic, .fixed, .threshold])
    #expect(try binarizations("avae") == [.dynamic, .fixed, .threshold])
    for model in ["adgm", "sdgm", "m2"] { #expect(try binarizations(model) == [.dynamic, .fixed, .none], "\(model)") }
    #expect(try binarizations("vae", "data.binarization=threshold") == [.threshold, .threshold, .threshold])
    #expect(try binarizations("vae", "likelihood.family=gaussian") == [.none, .none, .none])
    #expect(try binarizations("classifier") == [.none, .none, .none])
  }

  @Test("data.testBinarization changes what is measured and encoded, never what is learned from")
  func choice() throws {
    #expect(try binarizations("vae", "data.testBinarization=none") == [.dynamic, .none, .none])
    #expect(try binarizations("vae", "data.testBinarization=threshold") == [.dynamic, .threshold, .threshold])
    #expect(try binarizations("adgm", "data.testBinarization=fixed") == [.dynamic, .fixed, .threshold])
  }

  @Test("a choice for the test where nothing is drawn in training is refused")
  func refused() throws {
    for (change, why) in [
      ("likelihood.family=gaussian", "auto, which is none here"),
      ("data.binarization=threshold", "threshold, which is threshold here"),
    ] {
      let settings = try Catalog.settings("vae", setting: [change, "data.testBinarization=none"])
      #expect(
        message { try settings.validate(images) }
          == "data.testBinarization: has no effect: the pixels that are learned from are not drawn "
          + "(data.binarization \(why))")
    }
    try Catalog.settings("vae", setting: ["data.testBinarization=none"]).validate(images)
  }

  @Test("all models see the same pixels of a test, whatever their seeds")
  func pixels() throws {
    func pixels(_ model: String, _ changes: String...) throws -> [Float] {
      let settings = try Catalog.settings(model, setting: changes)
      let examples = DeviceExamples(images, settings.preparation(of: images, scaling: .unit, for: .measuring))
      return try examples.batch(0..<images.count, using: RandomSource(seed: UInt64(changes.count))).x.array()
    }
    let vae = try pixels("vae")
    #expect(Set(vae) == [0, 1])
    #expect(try pixels("avae", "training.seed=7", "data.seed=8") == vae && pixels("adgm", "data.seed=3") == vae)
  }

  @Test("noise of a level is fresh, fixed, or its middle")
  func levels() throws {
    let settings = try Catalog.settings(
      "vae", setting: ["likelihood.family=gaussian", "data.dequantize=true"])
    #expect(
      purposes.map { settings.preparation(of: images, scaling: .unit, for: $0).dequantization }
        == [.dynamic, .fixed, .middle])
  }
}
