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

  @Test("the one draw is seeded by the data, not by the training: all models see the same pixels")
  func seed() throws {
    func seed(_ model: String, _ changes: String...) throws -> UInt64 {
      try Catalog.settings(model, setting: changes).preparation(of: images, scaling: .unit, for: .measuring).seed
    }
    let one = try seed("vae")
    #expect(try seed("avae") == one && seed("vae", "training.seed=7") == one)
    #expect(try seed("vae", "data.seed=7") != one)
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
