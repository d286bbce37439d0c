import Datasets
import Foundation
import Generative
import Testing
import Torch
import Training

@testable import Configuration
@testable import Systems

@Suite("Catalog of systems")
struct CatalogTests {
  /// Small networks for a system's other choices.
  static func tiny(_ system: System) -> RunSettings {
    var settings = system.defaults
    settings.design = shrunk(settings.design)
    return settings
  }

  private static func shrunk(_ design: any Design) -> any Design {
    func shrink(_ encoder: inout EncoderSettings) {
      (encoder.hidden, encoder.channels, encoder.conv.strides) = ([7, 6], [3, 4], nil)
    }
    func shrink(_ decoder: inout DecoderSettings) {
      (decoder.hidden, decoder.channels, decoder.layers, decoder.maps) = ([6, 7], [4, 3], 2, 3)
      decoder.conv.strides = nil
    }
    func shrink(_ critic: inout ExampleCriticSettings) {
      (critic.layers.hidden, critic.layers.channels) = ([6], [3, 4])
    }
    switch design {
    case var design as AutoencoderDesign:
      shrink(&design.encoder)
      shrink(&design.decoder)
      design.latent.dimensions = 5
      design.points?.hidden = [7]
      design.samples = min(design.samples, 3)
      (design.adversary.hidden, design.adversary.features) = ([6], 5)
      (design.encoder.noise.noiseSize, design.encoder.noise.basisCount) = (3, 2)
      (design.posterior.hidden, design.posterior.context) = (6, 3)
      return design
    case var design as HamiltonianDesign:
      shrink(&design.encoder)
      shrink(&design.decoder)
      design.latent.dimensions = 5
      (design.hamiltonian.steps, design.hamiltonian.hidden) = (2, [6])
      return design
    case var design as AuxiliaryModelDesign:
      shrink(&design.encoder)
      shrink(&design.decoder)
      design.decoder.hidden = design.encoder.hidden
      design.latent.dimensions = 5
      design.auxiliary.dimensions = 4
      design.samples = min(design.samples, 3)
      return design
    case var design as HelmholtzMachineDesign:
      shrink(&design.encoder)
      shrink(&design.decoder)
      design.layers.sizes = [5, 3]
      return design
    case var design as PredictabilityDesign:
      shrink(&design.encoder)
      shrink(&design.decoder)
      (design.latent.dimensions, design.adversary.hidden) = (5, [4])
      return design
    case var design as ClassifierDesign:
      shrink(&design.encoder)
      return design
    case var design as InfoMaxDesign:
      shrink(&design.encoder)
      (design.latent.dimensions, design.information.units, design.adversary.hidden) = (5, 6, [6])
      design.points?.hidden = [7]
      return design
    case var design as GANDesign:
      (design.generator.layers.hidden, design.generator.layers.channels) = ([6], [4, 3])
      shrink(&design.adversary)
      design.latent.dimensions = 5
      return design
    case var design as VAEGANDesign:
      (design.encoder.hidden, design.encoder.channels) = ([6], [3, 4])
      (design.generator.layers.hidden, design.generator.layers.channels) = ([6], [4, 3])
      shrink(&design.adversary)
      design.latent.dimensions = 5
      (design.reconstruction.layer, design.reconstruction.margin) = (1, nil)
      return design
    case var design as CycleGANDesign:
      (design.generator.hidden, design.generator.maps) = ([6], 2)
      (design.generator.stages, design.generator.blocks) = (1, 1)
      (design.adversary.hidden, design.adversary.channels) = ([6], [3])
      design.history = 3
      return design
    case var design as RegressionDesign:
      shrink(&design.decoder)
      design.latent.dimensions = 5
      return design
    case var design as SupervisedDesign:
      (design.encoder.dimensions, design.encoder.channels, design.encoder.hidden) = (5, [3, 4], [6])
      (design.regression.channels, design.regression.hidden) = ([4, 3], [6])
      (design.density.couplings, design.density.hidden) = (design.density.kind == .flow ? 2 : nil, [6])
      return design
    case var design as FlowDesign:
      (design.couplings, design.hidden) = (3, [6])
      return design
    case var design as MixtureDesign:
      design.components = 2
      return design
    case var design as ADADesign:
      (design.extractor.hidden, design.extractor.channels, design.extractor.filter) = ([6], [3], 3)
      (design.classifier.hidden, design.adversary.layers.hidden) = ([6], [5])
      return design
    case var design as ActivatedDesign<AutoencoderDesign>:
      design.base = shrunk(design.base) as! AutoencoderDesign
      shrink(&design.adversary)
      return design
    case var design as ActivatedDesign<AuxiliaryModelDesign>:
      design.base = shrunk(design.base) as! AuxiliaryModelDesign
      shrink(&design.adversary)
      return design
    default: return design
    }
  }

  /// The design with other networks and another likelihood, where it has a choice of them.
  private static func dressed(
    _ design: any Design, _ encoder: EncoderKind, _ decoder: DecoderKind, _ family: FamilyKind, _ scale: ScaleKind
  ) -> any Design {
    switch design {
    case var design as AutoencoderDesign:
      (design.encoder.network, design.decoder.network) = (encoder, decoder)
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      return design
    case var design as AuxiliaryModelDesign:
      (design.encoder.network, design.decoder.network) = (encoder, decoder)
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      return design
    case var design as HamiltonianDesign:
      (design.encoder.network, design.decoder.network) = (encoder, decoder)
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      return design
    case var design as HelmholtzMachineDesign:
      (design.encoder.network, design.decoder.network) = (encoder, decoder)
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      design.layers.family = scale == .predicted ? .gaussian : .bernoulli
      return design
    case var design as PredictabilityDesign:
      (design.encoder.network, design.decoder.network) = (encoder, decoder)
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      return design
    case var design as RegressionDesign:
      design.decoder.network = decoder
      (design.likelihood.family, design.likelihood.scale) = (family, scale)
      return design
    case var design as ClassifierDesign:
      design.encoder.network = encoder
      return design
    case var design as InfoMaxDesign:
      design.encoder.network = encoder
      return design
    case var design as ActivatedDesign<AutoencoderDesign>:
      design.base = dressed(design.base, encoder, decoder, family, scale) as! AutoencoderDesign
      return design
    case var design as ActivatedDesign<AuxiliaryModelDesign>:
      design.base = dressed(design.base, encoder, decoder, family, scale) as! AuxiliaryModelDesign
      return design
    default: return design
    }
  }

  /// Facts of data with three classes.
  static func facts(_ shape: [Int]) -> Facts { Facts(shape: shape, classes: 3, examples: 40, labelled: 4) }

  private static let plain: [FamilyKind] = [.bernoulli, .gaussian, .discretizedLogistic, .categorical]

  /// The likelihoods that a decoder can have.
  private static let families: [DecoderKind: [FamilyKind]] = [
    .mlp: plain, .dcgan: plain, .conv: plain, .pixelcnn: [.bernoulli, .categorical], .pixelcnnpp: [.logisticMixture],
  ]

  private static func isGiven(_ settings: RunSettings) -> Bool {
    settings.design.usesClasses && settings.design.labels == nil
  }

  /// Plays a round of a model and checks its score, and that the losses of all its players have finite gradients in all that
  /// they own, each of them somewhere not zero. A player that moves by itself has noted its loss.
  ///
  /// - Parameter isGiven: whether every example has a class.
  private static func play(
    _ model: any SystemModel, shape: [Int], isGiven: Bool, using rng: RandomSource
  ) throws {
    // A mixture has more examples than dimensions.
    let batch =
      model is any DensityModel
      ? Batch(x: rng.normal([300] + shape))
      : Batch(
        x: rng.bernoulli(rng.uniform([4] + shape)), labels: Tensor([Int32(0), 2, isGiven ? 1 : -1, 1]).to(.int64),
        codes: rng.normal([4, 5]))
    let labelled = Batch(x: rng.bernoulli(rng.uniform([3] + shape)), labels: Tensor([Int32(0), 2, 1]).to(.int64))
    guard let model = model as? any Game else {
      // Its parts are games of their own, in runs of theirs.
      let whole = try #require(model as? any Decoder & CodeSampler)
      let drawn = withoutGradients { whole.examples(3, as: .draws, using: rng) }
      #expect(drawn.shape == [3] + shape && drawn.sum().item().isFinite)
      #expect(whole.drawnCodes(batch.x, using: rng).shape == [batch.count, whole.prior.dimension])
      return
    }
    if let score = model.score {
      let values = score.value(batch, rng)
      #expect(values.shape == [batch.count] && values.sum().item().isFinite)
    }
    var moved: Set<String> = []
    let names = Dictionary(
      uniqueKeysWithValues: model.namedParameters.map { (ObjectIdentifier($0.parameter), $0.name) })
    let target = Batch(x: rng.bernoulli(rng.uniform([5] + shape)))
    let table = Recorder([.main: batch, .labelled: labelled, .target: target], using: rng) { losses in
      for (player, loss) in losses {
        moved.insert(player.name)
        let all = gradients(of: loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true)
        var isFelt = false
        for (parameter, gradient) in zip(player.parameters, all) {
          let size = gradient.abs().sum().item()
          #expect(size.isFinite, "\(player.name): \(names[ObjectIdentifier(parameter)] ?? "?")")
          isFelt = isFelt || size > 0
        }
        #expect(isFelt, "\(player.name)")
      }
    }
    try TrainingMode.run { try model.play(table) }
    for (player, loss) in table.notes {
      #expect(player.movesItself && loss.value.mean().item().isFinite)
      moved.insert(player.name)
    }
    #expect(moved == Set(model.players.map(\.name)))
  }

  @Test("names and papers are told, and defaults are of their own system and valid")
  func complete() throws {
    #expect(Set(Catalog.systems.map(\.name)).count == Catalog.systems.count)
    for system in Catalog.systems {
      #expect(
        !system.summary.isEmpty && !system.paper.citation.isEmpty && system.summary.count <= 70)
      #expect(system.defaults.model == system.name)
      try system.defaults.validate(Self.facts(system.exampleShape))
    }
  }

  @Test(
    "every system is built with every network and likelihood; its bound and its gradients are finite",
    arguments: Catalog.systems.map(\.name))
  func built(_ name: String) throws {
    let system = try Catalog.system(named: name)
    for encoder in EncoderKind.allCases {
      for decoder in DecoderKind.allCases {
        for family in Self.families[decoder]! {
          // The other families have no scale.
          for scale in [.gaussian, .discretizedLogistic].contains(family) ? ScaleKind.allCases : [.shared] {
            // Red, green and blue of a mixture of logistics follow each other.
            let shape = [family == .logisticMixture ? 3 : 2, 8, 4]
            var settings = Self.tiny(system)
            settings.design = Self.dressed(settings.design, encoder, decoder, family, scale)
            let said = message { try settings.validate(Self.facts(shape)) }
            switch settings.design {
            case let design as AutoencoderDesign
            where encoder == .dcgan && [.layers, .input].contains(design.encoder.noise.noise):
              #expect(
                said == "encoder.noise: \(design.encoder.noise.noise.rawValue) needs network mlp or conv, got dcgan")
              continue
            case is AuxiliaryModelDesign where decoder.isAutoregressive,
              is ActivatedDesign<AuxiliaryModelDesign> where decoder.isAutoregressive:
              #expect(said.contains("have mlp, dcgan or conv, got"))
              continue
            case is RegressionDesign where decoder.isAutoregressive || family == .logisticMixture:
              #expect(said.contains("expected a network whose mean is a prediction, got"))
              continue
            case is HamiltonianDesign where decoder != .mlp && decoder != .conv:
              #expect(said == "decoder.network: Hamiltonian posteriors have mlp or conv, got \(decoder.rawValue)")
              continue
            default: break
            }
            let model = try settings.model(Self.facts(shape))
            if let model = model as? any Generator { #expect(model.exampleShape == shape) }
            if settings.design is AutoencoderDesign { #expect((model as? any Decoder)?.prior.dimension == 5) }
            let rng = RandomSource(seed: 3)
            try Self.play(model, shape: shape, isGiven: Self.isGiven(settings), using: rng)
          }
        }
      }
    }
  }

  @Test(
    "points have MLPs and Gaussian or Bernoulli likelihoods", arguments: Catalog.systems.map(\.name)
  )
  func points(_ name: String) throws {
    let system = try Catalog.system(named: name)
    var settings = Self.tiny(system)
    settings.design = Self.dressed(settings.design, .mlp, .mlp, .gaussian, .shared)
    if var stages = settings.design as? SupervisedDesign {
      (stages.encoder.channels, stages.regression.channels) = (nil, nil)
      settings.design = stages
    }
    let model = try settings.model(Self.facts([2]))
    try Self.play(model, shape: [2], isGiven: Self.isGiven(settings), using: RandomSource(seed: 5))
    guard settings.design.isScored, let model = model as? any Game else { return }
    let rng = RandomSource(seed: 4)
    let labels = Tensor([Int32](repeating: 1, count: 6)).to(.int64)
    let score = try #require(model.score)
    let batch = Batch(x: rng.normal([6, 2]), labels: labels, codes: rng.normal([6, 5]))
    #expect(score.value(batch, rng).shape == [6])
  }

  @Test("parameters are a function of the seed alone")
  func deterministic() throws {
    func weights(_ seed: UInt64) throws -> [[Float]] {
      var settings = Self.tiny(Catalog.vae)
      settings.training.seed = seed
      settings.training.batchSize = Int(seed) + 1
      return try settings.model(Facts(shape: [1, 4, 4]))
        .namedParameters.map { $0.parameter.value.detached().array(Float.self) }
    }
    #expect(try weights(1) == weights(1))
    #expect(try weights(1) != weights(2))
  }

  @Test("shapes that the networks or the likelihood cannot have are refused")
  func shapes() {
    func build(_ shape: [Int], _ change: (inout RunSettings) -> Void) -> String {
      message {
        var settings = Self.tiny(Catalog.vae)
        change(&settings)
        _ = try settings.model(Facts(shape: shape))
      }
    }
    #expect(
      build([2]) { $0.autoencoder.encoder.network = .dcgan }
        == "encoder.network: dcgan needs images [channels, height, width], got examples of shape [2]"
    )
    #expect(build([1, 28, 30]) { $0.autoencoder.decoder.network = .dcgan } == "no error")
    #expect(build([1, 28, 30]) { $0.autoencoder.encoder.network = .dcgan } == "no error")
    #expect(
      message {
        var settings = Self.tiny(Catalog.gan)
        try settings.set("generator.network=residual")
        _ = try settings.model(Facts(shape: [1, 28, 30]))
      } == "generator.channels: 2 stages need sides divisible by 4, got examples of shape [1, 28, 30]")
    #expect(
      build([2]) { $0.autoencoder.likelihood.family = .discretizedLogistic }
        == "likelihood.family: discretized-logistic needs images [channels, height, width], got examples of shape [2]"
    )
    #expect(build([]) { _ in } == "data.shape: expected [d] or [channels, height, width], got []")
    #expect(
      build([28, 28]) { _ in }
        == "data.shape: expected [d] or [channels, height, width], got [28, 28]")
    let side = 16_777_216
    #expect(
      build([side, side, side]) { _ in }
        == "data.shape: expected at most 16777216 values in an example, got [16777216, 16777216, 16777216]"
    )
    #expect(
      build([1, 4, 4]) { $0.autoencoder.encoder.hidden = [65_536, 65_536] }
        == "encoder: expected a network of at most 1073741824 weights, got 4296343552")
    #expect(
      build([1, 4, 4]) {
        $0.autoencoder.decoder.network = .dcgan
        $0.autoencoder.decoder.channels = [65_536, 65_536]
      } == "decoder: expected a network of at most 1073741824 weights, got 107374510080")
    for device in Device.allCases where !device.isAvailable {
      #expect(
        build([2]) { $0.training.device = device }.hasPrefix(
          "training.device: expected a device of this machine (cpu"))
    }
  }

  @Test("values outside 0...1 are refused for pixels' likelihoods and binarizations")
  func values() throws {
    let examples = try Examples(
      name: "mine train", storage: .floats([-1, 0, 0.5, 4]), shape: [1, 1, 2])
    var settings = Catalog.vae.defaults
    #expect(
      message { try settings.validate(examples) }
        == "likelihood.family: bernoulli needs values from 0 to 1, got numbers from -1.0 to 4.0 in mine train"
    )
    settings.autoencoder.likelihood.family = .gaussian
    #expect(message { try settings.validate(examples) } == "no error")
    settings.data.binarization = .dynamic
    #expect(
      message { try settings.validate(examples) }
        == "data.binarization: dynamic needs values from 0 to 1, got numbers from -1.0 to 4.0 in mine train"
    )
  }

  @Test("auto binarizes grey images for a Bernoulli likelihood and nothing else")
  func auto() throws {
    let grey = try Examples(name: "g", storage: .bytes([0, 255]), shape: [1, 1, 2])
    let binary = try Examples(
      name: "b", storage: .bytes([0, 1]), shape: [1, 1, 2], isBinary: true)
    let points = try Examples(name: "p", storage: .floats([0, 1]), shape: [2])
    var settings = Catalog.vae.defaults
    #expect([grey, binary, points].map(settings.binarization(of:)) == [.dynamic, .none, .none])
    settings.autoencoder.likelihood.family = .gaussian
    #expect(settings.binarization(of: grey) == .none)
    for choice in Binarization.allCases {
      settings.data.binarization = BinarizationChoice(rawValue: choice.rawValue)!
      #expect(settings.binarization(of: grey) == choice)
    }
  }

  @Test("ada sees images in [-1, 1] unless the settings say otherwise, and points as they are")
  func centred() throws {
    var settings = Catalog.ada.defaults
    #expect(settings.scaling(of: [3, 28, 28]) == .symmetric && settings.scaling(of: [2]) == .unit)
    let pixels = try Examples(name: "p", storage: .bytes([0, 255, 7, 9]), shape: [1, 2, 2])
    let numbers = try Examples(name: "n", storage: .floats([-7, 0, 0.5, 9]), shape: [1, 2, 2])
    for examples in [pixels, numbers] { #expect(message { try settings.validate(examples) } == "no error") }
    for scaling in PixelScaling.Kind.allCases where scaling != .unit {
      settings.data.scaling = scaling
      #expect(settings.scaling(of: [3, 28, 28]) == scaling)
      #expect(message { try settings.validate(pixels) } == "no error", "\(scaling)")
    }
    settings = Catalog.cycleGAN.defaults
    #expect(settings.scaling(of: [3, 28, 28]) == .symmetric)
    #expect(message { try settings.validate(numbers) }.hasPrefix("model: cyclegan needs values from -1 to 1"))
  }

  @Test("a validation split is held out unless the set brings its own or none is wanted")
  func data() throws {
    let options = DatasetOptions(
      cacheDirectory: "/nowhere", allowsNetwork: false, trainCount: 120, testCount: 10)
    var data = DataSettings()
    data.name = "rings"
    #expect(try data.examples(options).train.count == 110)
    #expect(try data.examples(options).validation?.count == 10)
    data.validation = 20
    data.limit = 30
    #expect(try data.examples(options).validation?.count == 20)
    #expect(try data.trainingExamples(of: data.examples(options)).count == 30)
    data.limit = nil
    #expect(try data.trainingExamples(of: data.examples(options)).count == 100)
    data.perClass = 5
    let even = try data.trainingExamples(of: data.examples(options))
    #expect(even.labelCounts?.allSatisfy { $0 == 5 } == true && even.count == 5 * (even.classCount ?? 0))
    #expect(try data.examples(options).validation?.count == 20 && data.moved(to: "strokes").perClass == nil)
    data.perClass = nil
    data.validation = 0
    #expect(try data.examples(options).has(.validation) == false)
    data.name = "binarized-mnist"
    data.validation = nil
    let published = DatasetOptions(cacheDirectory: "/nowhere", allowsNetwork: false)
    #expect(try data.examples(published).info.counts[.validation] == 10_000)
    data.name = "mnits"
    #expect(
      message { _ = try data.examples(published) }.hasPrefix(
        "unknown data set 'mnits' (did you mean 'mnist'?)"))
  }

  @Test("every recipe loads, names keys that differ from the defaults, and its model is built")
  func everyRecipe() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: recipes.path).filter {
      $0.hasSuffix(".yaml")
    }
    #expect(
      Set(files) == [
        "mnist-vae.yaml", "mnist-iwae.yaml", "fashion-dcgan.yaml", "strokes-vae.yaml", "mnist-avb-ac.yaml",
        "mnist-infogan.yaml", "mnist-aavae.yaml", "fashion-mi.yaml", "fashion-asl.yaml",
        "mnist-ada.yaml", "mnist-cyclegan.yaml",
      ])
    for file in files {
      let settings = try Catalog.settings(recipes.appendingPathComponent(file).path)
      let system = try Catalog.system(named: settings.model)
      #expect(settings != system.defaults)
      let info = try DataCatalog.info(settings.data.name)
      let model = try settings.model(Facts(shape: info.shape, classes: info.classCount))
      #expect(model.card.parameterCount == model.parameterCount && model.parameterCount > 100_000)
    }
  }
}

@Suite("Training options from settings")
struct TrainingOptionsTests {
  @Test("the settings' defaults are the trainer's")
  func defaults() {
    #expect(Catalog.vae.defaults.trainingOptions == TrainingOptions())
  }

  @Test("schedules keep their epochs")
  func schedules() throws {
    var settings = Catalog.vae.defaults
    try settings.set(
      "training={epochs: 20, learningRate: 0.01, schedule: {kind: step, factor: 0.5, everyEpochs: 3, floor: 1e-5}}"
    )
    #expect(
      settings.trainingOptions.model.learningRate == .step(start: 0.01, factor: 0.5, every: .epochs(3), floor: 1e-5))
    try settings.set("training.schedule.kind=cosine")
    #expect(settings.trainingOptions.model.learningRate == .cosine(start: 0.01, end: 1e-5, over: .epochs(20)))
    try settings.set("training.steps=90")
    #expect(settings.trainingOptions.model.learningRate == .cosine(start: 0.01, end: 1e-5, over: .steps(90)))
    #expect(settings.trainingOptions.duration == .steps(90))
    try settings.set("training.schedule={kind: plateau, patience: 4}")
    let options = settings.trainingOptions
    #expect(
      options.model.learningRate == .constant(0.01)
        && options.model.plateau == PlateauDecay(factor: 0.5, patience: 4))
    #expect(settings.autoencoder.regularizer.factor.schedule(dimensions: 1) == .constant(1))
    try settings.set("regularizer={weight: 4, warmupEpochs: 5}")
    #expect(
      settings.autoencoder.regularizer.factor.schedule(dimensions: 1) == .linear(start: 0, end: 4, until: .epochs(5)))
  }

  @Test("a linear fall begins when it should and ends with the run, counted in epochs or in steps")
  func linearFalls() throws {
    func rates(_ assignments: String...) throws -> [Double] {
      let settings = try Catalog.settings(
        "vae", setting: ["training.schedule.kind=linear", "training.learningRate=0.5"] + assignments)
      let options = settings.trainingOptions
      let stepsPerEpoch = 4
      let steps = options.duration.steps(Clock(stepsPerEpoch: stepsPerEpoch))
      return (0...steps).map { options.model.learningRate(Clock(step: $0, stepsPerEpoch: stepsPerEpoch)) }
    }
    let expected = (0...40).map { $0 < 20 ? 0.5 : 0.5 * Double(40 - $0) / 20 }
    let found = [
      try rates("training.steps=40", "training.schedule.afterEpochs=5"),
      try rates("training.epochs=10", "training.schedule.afterEpochs=5"),
    ]
    for rates in found {
      #expect(rates.count == expected.count)
      for (rate, wanted) in zip(rates, expected) { #expect(abs(rate - wanted) < 1e-15) }
    }
    #expect(try rates("training.steps=40").last == 0)
    #expect(try rates("training.steps=40", "training.schedule.afterEpochs=20").allSatisfy { $0 == 0.5 })
    #expect(try rates("training.epochs=10", "training.schedule.afterEpochs=20").allSatisfy { $0 == 0.5 })
  }

  @Test("everything else is passed on")
  func others() throws {
    var settings = Catalog.vae.defaults
    try settings.set(
      "training={seed: 9, precision: bf16, validationEvery: 2, patience: 6, logEvery: 8, checkpointSeconds: 1.5, keepEvery: 4, adam: {beta1: 0.5, beta2: 0.6, epsilon: 0.7, weightDecay: 0.8}, clip: {norm: 1, value: 2}}"
    )
    var expected = TrainingOptions()
    expected.seed = 9
    expected.precision = .bf16
    expected.validationEvery = 2
    expected.patience = 6
    expected.logEvery = 8
    expected.checkpointSeconds = 1.5
    expected.keepEvery = 4
    var adam = Adam.Options()
    adam.beta1 = 0.5
    adam.beta2 = 0.6
    adam.epsilon = 0.7
    adam.weightDecay = 0.8
    expected.model.optimizer = .adam(adam)
    expected.model.clipping = GradientClipping(norm: 1, value: 2)
    #expect(settings.trainingOptions == expected)
  }
}
