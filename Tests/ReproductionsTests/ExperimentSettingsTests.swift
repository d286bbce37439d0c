import Configuration
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
    #expect(decoders >= 20)
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

  @Test(
    "every cell's settings can be written, read and checked, and stay what they were",
    arguments: Experiment.Scale.allCases)
  func written(_ scale: Experiment.Scale) throws {
    for experiment in Experiment.all {
      for cell in experiment.cells(scale) {
        guard let settings = cell.settings(seed: 2) else { continue }
        let read = try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: cell.name))
        #expect(read == settings, "\(experiment.name), \(cell.name)")
      }
    }
  }

  @Test("under the authors' ELBO the KL weighs 784 / d, under the bound itself 1")
  func elbo() throws {
    var dimensions: Set<Int> = []
    for scale in Experiment.Scale.allCases {
      for experiment in Experiment.all where experiment.name.hasPrefix("info/") {
        for cell in experiment.cells(scale) where cell.settings!.model == "vae" {
          let design = cell.settings!.autoencoder
          let isAuthors = cell.name.hasPrefix("authors-vae")
          let d = design.latent.dimensions
          if isAuthors { dimensions.insert(d) }
          #expect(
            design.regularizer.factor.weight == (isAuthors ? 784 / Double(d) : 1),
            "\(experiment.name), \(cell.name), \(scale)")
          #expect(design.regularizer.factor.unit == .example && design.regularizer.divergence == .kl)
        }
      }
    }
    #expect(dimensions == [2, 5, 10, 20, 40, 80])
  }

  @Test("optimizers on MNIST are those of the authors' code at scale paper, in nats of an example")
  func optimizers() {
    let settings = Info.settings("aae", dimensions: 10, .paper)
    #expect(settings.training.optimizer == .rmsprop && settings.training.learningRate == 1e-3)
    #expect(settings.training.clip.value == 784 && settings.autoencoder.encoder.hidden == [512])
    let critic = settings.autoencoder.adversary.critic.side
    #expect(critic.optimizer == .adam && critic.learningRate == 2e-5)
    #expect(critic.adam?.beta1 == 0.5 && critic.adam?.beta2 == 0.9)
    let colour = Experiment.cifarSettings("vae", dimensions: 10, .paper).training
    #expect(colour.optimizer == .adam && colour.clip.value == nil)
    #expect(Info.settings("aae", dimensions: 10, .cpu).training.optimizer == .adam)
  }

  @Test("M2 of Table 2 is Kingma's at scale paper, and the ADGM without its auxiliary variable below it")
  func m2() throws {
    func m2(_ scale: Experiment.Scale) throws -> RunSettings {
      try #require(Experiment.adgmTable2MNIST.cells(scale).first { $0.name == "m2" }?.settings)
    }
    var paper = try m2(.paper)
    #expect(paper.training.keepEvery == 30 && paper.training.epochs == 3000 && paper.data.name == "mnist")
    paper.training.keepEvery = nil
    #expect(paper == Catalog.m2.defaults)
    #expect(try m2(.cpu) == ADGM.settings("m2", .cpu) && m2(.smoke) == ADGM.settings("m2", .smoke))
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
