import Evaluation
import Systems
import Testing

@testable import Reproductions

@Suite("Settings of experiments") struct ExperimentSettingsTests {
  @Test(
    "every PixelCNN decoder sees as many rows as an image has, at every scale", arguments: Experiment.Scale.allCases)
  func sight(_ scale: Experiment.Scale) {
    var decoders = 0
    for experiment in Experiment.all {
      for cell in experiment.cells(scale) {
        guard let design = cell.settings?.design as? AutoencoderDesign, let seen = design.decoder.rowsSeen else {
          continue
        }
        decoders += 1
        #expect(seen >= (cell.settings!.data.name == "cifar-10" ? 32 : 28), "\(experiment.name), \(cell.name): \(seen)")
      }
    }
    #expect(decoders > 20)
  }

  @Test("M1 has the labels of the other systems: ten of each class, drawn by the seed of the cell")
  func labels() throws {
    let cells = Experiment.adgmTable2MNIST.cells(.paper)
    let m1 = cells.filter { $0.name == "m1" }
    #expect(m1.map(\.metrics).map { $0.map(\.name) } == [["probe:svm:10-per-class"]])
    let adgm = cells.filter { $0.name == "adgm" }
    for cell in m1 + adgm { #expect(cell.settings(seed: 3)?.data.seed == 3) }
    #expect(adgm.allSatisfy { ($0.settings!.design as! AuxiliaryModelDesign).semi.labels.perClass == 10 })
  }

  @Test("weights on MNIST are those of the authors' code at scale paper, and MMD's that of the system by default")
  func weights() {
    func weight(_ system: String) -> Double {
      Info.settings(system, dimensions: 10, .paper).autoencoder.regularizer.factor.weight
    }
    #expect(["mmd-vae", "stein-vae", "aae"].map(weight) == [784, 78_400, 784])
    let colour = Info.settings("mmd-vae", dimensions: 10, .paper, of: .colour).autoencoder.regularizer
    #expect(colour.factor.weight == 1000 && colour.factor.unit == .example)
  }
}
