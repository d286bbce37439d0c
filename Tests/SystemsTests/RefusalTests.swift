import Foundation
import Testing
import Torch
import Training

@testable import Configuration
@testable import Systems

@Suite("What settings refuse, in these words")
struct RefusalTests {
  @Test("a wrong value tells its line, its key, what was expected and what came")
  func values() {
    #expect(
      refusal("# a recipe\n\ntraining:\n  learningRate: fast\n")
        == "recipe.yaml:4: training.learningRate: expected a number above 0, got \"fast\"")
    #expect(
      refusal("training: {batchSize: 5.0}")
        == "recipe.yaml:1: training.batchSize: expected a whole number from 1 to 1000000, got \"5.0\""
    )
    #expect(
      refusal("latent:\n  dimensions: 0")
        == "recipe.yaml:2: latent.dimensions: expected a whole number from 1 to 65536, got \"0\"")
    #expect(
      refusal("samples: [1, 2]")
        == "recipe.yaml:1: samples: expected a whole number from 1 to 100000, got [1, 2]")
    #expect(
      refusal("samples: {a: 1}")
        == "recipe.yaml:1: samples: expected a whole number from 1 to 100000, got a section (a)")
    #expect(
      refusal("samples:")
        == "recipe.yaml:1: samples: expected a whole number from 1 to 100000, got nothing")
    #expect(
      refusal("training:\n  adam:\n    beta1: 1")
        == "recipe.yaml:3: training.adam.beta1: expected a number from 0 to below 1, got \"1\"")
    #expect(
      refusal("training: {schedule: {factor: 1}}")
        == "recipe.yaml:1: training.schedule.factor: expected a number between 0 and 1, both excluded, got \"1\""
    )
    #expect(
      refusal("encoder:\n  network: cnn")
        == "recipe.yaml:2: encoder.network: expected one of mlp, dcgan, conv, got \"cnn\"")
    #expect(
      refusal("encoder:\n  hidden: [500, wide]")
        == "recipe.yaml:2: encoder.hidden: expected a list of 0 to 16 whole numbers from 1 to 65536, got [500, wide]"
    )
    #expect(
      refusal("encoder: {channels: []}")
        == "recipe.yaml:1: encoder.channels: expected a list of 1 to 16 whole numbers from 1 to 65536, got []"
    )
    #expect(
      refusal("training: {clip: {norm: 0}}")
        == "recipe.yaml:1: training.clip.norm: expected a number above 0, or null, got \"0\"")
    #expect(
      refusal("data: {name: ''}")
        == "recipe.yaml:1: data.name: expected a text on one line, got \"\"")
    #expect(
      refusal("data: {name: \"a\\nb\"}")
        == "recipe.yaml:1: data.name: expected a text on one line, got \"a b\"")
    #expect(
      refusal("data: {name: null}")
        == "recipe.yaml:1: data.name: expected a text on one line, got \"null\"")
    #expect(
      refusal("data: {seed: -1}")
        == "recipe.yaml:1: data.seed: expected a whole number from 0 to 9223372036854775807, got \"-1\""
    )
    #expect(
      refusal("training: {device: gpu}")
        == "recipe.yaml:1: training.device: expected one of cpu, cuda, mps, got \"gpu\"")
  }

  @Test(
    "numbers that are no numbers are refused",
    arguments: [
      "1e999", "-1e999", ".nan", ".inf", "nan", "inf", "0x10", "0b1", "1_000", "' 5'", "\"5\"",
      "+5", "5.", ".5", "010",
      "1e", "1e-999", "--1", "1 000", "1,5", "true", "~", "null", "٣", "1:30",
    ])
  func numbers(_ text: String) {
    #expect(
      refusal("regularizer:\n  weight: \(text)").hasPrefix(
        "recipe.yaml:2: regularizer.weight: expected a number of at least 0, got "))
  }

  @Test(
    "numbers in other notations are accepted",
    arguments: [("0", 0), ("1E3", 1000), ("2e-1", 0.2), ("0.50", 0.5), ("0e5", 0), ("7e+0", 7)])
  func accepted(_ text: String, _ value: Double) throws {
    var settings = Catalog.vae.defaults
    try settings.set("regularizer.weight=\(text)")
    #expect(settings.autoencoder.regularizer.factor.weight == value)
  }

  @Test(
    "whole numbers are digits that fit",
    arguments: [
      "99999999999999999999", "1e2", "5.0", "0x1", "1_0", "'5'", "007", "-0.0", "1000000001",
    ])
  func integers(_ text: String) {
    #expect(
      refusal("data:\n  limit: \(text)").hasPrefix(
        "recipe.yaml:2: data.limit: expected a whole number of at least 1, or null, got "))
  }

  @Test("an unknown key names those that are allowed and the nearest")
  func keys() {
    #expect(
      refusal("regularizer:\n  wieght: 2")
        == "recipe.yaml:2: regularizer.wieght: unknown key; did you mean 'weight'? (allowed: "
        + "divergence, contrast, weight, unit, warmupEpochs, kernel, bandwidth, beta, estimator, priorSamples, alpha, lambda, marginal)"
    )
    #expect(
      refusal("latent:\n  elephants: 2")
        == "recipe.yaml:2: latent.elephants: unknown key (allowed: dimensions, initialScale)")
    #expect(
      refusal("<<: {samples: 2}")
        == "recipe.yaml:1: <<: unknown key (allowed: model, data, samples, bound, moves, encoder, decoder, latent, points, posterior, likelihood, regularizer, contrast, adversary, training)"
    )
    #expect(
      refusal("latent: 50")
        == "recipe.yaml:1: latent: expected a section with keys (allowed: dimensions, initialScale), got \"50\"")
    #expect(
      refusal("latent: [50]")
        == "recipe.yaml:1: latent: expected a section with keys (allowed: dimensions, initialScale), got [50]")
    #expect(refusal("latent: {[a]: 1}") == "recipe.yaml:1: latent: expected a key, got [a]")
    #expect(
      refusal("samples: 1\nsamples: 2")
        == "recipe.yaml:1: expected each key once, got 'samples' again")
    #expect(
      refusal("5").hasPrefix("recipe.yaml:1: expected a section with keys (allowed: model, "))
  }

  @Test("assignments of the command line are refused in the same words")
  func assignments() {
    #expect(
      refusal(setting: "training.learningRate=fast")
        == "--set: training.learningRate: expected a number above 0, got \"fast\"")
    #expect(
      refusal(setting: "regularizer.wieght=1")
        == "--set: regularizer.wieght: unknown key; did you mean 'weight'? (allowed: "
        + "divergence, contrast, weight, unit, warmupEpochs, kernel, bandwidth, beta, estimator, priorSamples, alpha, lambda, marginal)"
    )
    #expect(
      refusal(setting: "latent.dimensions.x=1")
        == "--set: latent.dimensions: expected a whole number from 1 to 65536, got a section (x)")
    #expect(refusal(setting: "samples") == "--set: expected key.path=value, got \"samples\"")
    #expect(refusal(setting: "=1") == "--set: expected key.path=value, got \"=1\"")
    #expect(refusal(setting: "a..b=1") == "--set: expected key.path=value, got \"a..b=1\"")
    #expect(refusal(setting: "samples=[").hasPrefix("--set: samples: not YAML: "))
    #expect(
      refusal(setting: String(repeating: "a.", count: 50_000) + "b=1")
        == "--set: expected key.path=value, got \"\(String(repeating: "a.", count: 30))...\"")
  }

  @Test("assignments change one value, a list or a whole section, and nothing when refused")
  func assigned() throws {
    var settings = Catalog.vae.defaults
    try settings.set("encoder.hidden=[200, 100]")
    try settings.set("training.schedule={kind: step, everyEpochs: 3}")
    try settings.set("data.limit=50")
    try settings.set("data.name=data/a=b.npy")
    #expect(settings.autoencoder.encoder.hidden == [200, 100])
    #expect(settings.training.schedule.kind == .step && settings.training.schedule.everyEpochs == 3)
    #expect(settings.data.limit == 50 && settings.data.name == "data/a=b.npy")
    try settings.set("data.limit=null")
    #expect(settings.data.limit == nil)
    let before = settings
    #expect(message { try settings.set("training={batchSize: 7, seed: x}") } != "no error")
    #expect(settings == before)
  }

  @Test("epochs or steps: the one given replaces the other's default, both or neither are refused")
  func duration() throws {
    var settings = Catalog.vae.defaults
    try settings.set("training.steps=500")
    #expect(settings.training.epochs == nil && settings.training.duration == .steps(500))
    try settings.set("training.epochs=3")
    #expect(settings.training.steps == nil && settings.training.duration == .epochs(3))
    #expect(
      refusal("training:\n  epochs: 3\n  steps: 4")
        == "recipe.yaml:2: training: expected epochs or steps, got both (set one of them to null)")
    #expect(
      refusal("training:\n  epochs: null")
        == "recipe.yaml:2: training: expected epochs or steps, got neither")
    #expect(refusal("training:\n  epochs: null\n  steps: 4") == "no error")
  }

  @Test("training examples are the first N or N of each class, not both")
  func counts() throws {
    func refusal(_ changes: String...) -> String { message { _ = try Catalog.settings("vae", setting: changes) } }
    #expect(refusal("data.perClass=60") == "no error")
    #expect(
      refusal("data.perClass=60", "data.limit=500")
        == "data.perClass: expected data.limit or data.perClass, got 500 and 60 (set one of them to null)")
    #expect(
      refusal("data.perClass=0")
        == "--set: data.perClass: expected a whole number of at least 1, or null, got \"0\"")
  }

  @Test("a document must name its system")
  func model() {
    let systems = Catalog.systems.map(\.name).joined(separator: ", ")
    func catalog(_ yaml: String) -> String {
      message { _ = try Catalog.settings(SettingsDocument(yaml: yaml, source: "recipe.yaml")) }
    }
    #expect(
      catalog("samples: 3")
        == "recipe.yaml: model: expected the name of a system (\(systems)), got nothing"
    )
    #expect(
      catalog("")
        == "recipe.yaml: model: expected the name of a system (\(systems)), got nothing"
    )
    #expect(
      catalog("model: betavae")
        == "recipe.yaml:1: model: expected one of \(systems), got \"betavae\"; did you mean 'beta-vae'?"
    )
    #expect(
      catalog("model: [vae]")
        == "recipe.yaml:1: model: expected one of \(systems), got [vae]"
    )
    #expect(
      message { _ = try Catalog.system(named: "perceptron") }
        == "model: expected one of \(systems), got \"perceptron\""
    )
    #expect(
      message { _ = try Catalog.settings("iwea") }
        == "model: expected one of \(systems), got \"iwea\"; did you mean 'iwae'?"
    )
    #expect(
      message { _ = try Catalog.settings("vae", setting: ["model=iwae"]) }
        == "--set: model: expected vae, which the settings are of, got \"iwae\"")
    #expect(message { _ = try Catalog.settings("nowhere/x.yaml") }.hasPrefix("nowhere/x.yaml: "))
  }

  @Test("settings that contradict each other are refused")
  func contradictions() {
    func run(_ assignments: String...) -> String {
      message { _ = try Catalog.settings("vae", setting: assignments) }
    }
    #expect(
      run("bound=importance-weighted")
        == "bound: importance-weighted needs regularizer.divergence monte-carlo-kl, got kl")
    #expect(run("bound=importance-weighted", "regularizer.divergence=monte-carlo-kl") == "no error")
    #expect(
      run("training.schedule={kind: cosine, floor: 0.1}")
        == "training.schedule.floor: expected at most the learning rate, 0.001, got 0.1")
    #expect(
      run("training.schedule.floor=0.1")
        == "--set: training.schedule.floor: has no effect: the schedule is constant")
  }

  @Test("a key without effect is refused with the reason, wherever it was given, and not printed")
  func effects() throws {
    func run(_ model: String, _ assignments: String...) -> String {
      message { _ = try Catalog.settings(model, setting: assignments) }
    }
    #expect(
      run("vae", "regularizer.kernel=imq") == "--set: regularizer.kernel: has no effect: the divergence is kl")
    #expect(
      run("vae", "adversary.steps=5") == "--set: adversary.steps: has no effect: regularizer.divergence is kl")
    #expect(run("vae", "regularizer.divergence=adversarial", "adversary.steps=5") == "no error")
    #expect(
      run("vae", "likelihood.fixedScale=0.5") == "--set: likelihood.fixedScale: has no effect: the family is bernoulli")
    #expect(
      run("vae", "likelihood.family=gaussian", "likelihood.fixedScale=0.5")
        == "--set: likelihood.fixedScale: has no effect: the scale is shared")
    #expect(run("vae", "likelihood={family: gaussian, scale: fixed, fixedScale: 0.5}") == "no error")
    #expect(
      run("vae", "training.sgd.momentum=0.5")
        == "--set: training.sgd.momentum: has no effect: training.optimizer is adam")
    #expect(
      run("aae", "adversary.optimizer=rmsprop", "adversary.sgd.momentum=0.5").contains("the optimizer is rmsprop"))
    #expect(run("avae", "labels.perClass=3").contains("this system learns from no labels"))
    #expect(run("adgm", "labels.alpha=3", "labels.beta=0.2") == "--set: labels.beta: has no effect: alpha is given")
    #expect(
      message {
        var settings = Catalog.vae.defaults
        try settings.apply(SettingsDocument(yaml: "\n\nencoder:\n  channels: [3]\n", source: "recipe.yaml"))
        try settings.validate()
      } == "recipe.yaml:4: encoder.channels: has no effect: the network is mlp")
    for word in ["kernel:", "adversary:", "auxiliary:", "labels:\n", "channels: [", "fixedScale", "factor:"] {
      #expect(!Catalog.vae.yaml.contains(word), "\(word)")
    }
    // What is null may be said of anything.
    #expect(run("vae", "regularizer.bandwidth=null") == "no error")
  }

  @Test("games of weighed examples refuse what a weight has no meaning for, and classes need a layer to join")
  func weighed() {
    func run(_ model: String, _ assignments: String...) -> String {
      message {
        let settings = try Catalog.settings(model, setting: assignments)
        var facts = Facts(shape: [1, 28, 28], examples: 50)
        facts.classes = 10
        try settings.validate(facts)
      }
    }
    for model in ["aavae", "aacvae", "cgan", "iwgan"] { #expect(run(model) == "no error", "\(model)") }
    for model in ["aavae", "iwgan"] {
      #expect(run(model, "adversary.smoothing=0.1").contains("which smoothed labels are not: expected 0, got 0.1"))
    }
    #expect(run("gan", "adversary.smoothing=0.1") == "no error")
    #expect(run("aavae", "regularizer.divergence=mmd").contains("mmd is of a whole batch"))
    #expect(run("aacvae", "auxiliary.weightPrior=true").contains("a prior of weights is of none"))
    for (model, network) in [("cgan", "generator"), ("cgan", "adversary"), ("aacvae", "adversary")] {
      #expect(
        run(model, "\(network).network=mlp", "\(network).hidden=[]")
          == "\(network).hidden: a class joins every layer of an mlp: expected at least one, got []")
    }
    #expect(run("gan", "generator.network=mlp", "generator.hidden=[]") == "no error")
    #expect(run("vae-gan", "adversary.objective=hinge").contains("set it to null under hinge"))
    #expect(run("vae-gan", "adversary.objective=hinge", "reconstruction.margin=null") == "no error")
  }

  @Test("densities refuse shapes, sizes and keys that they cannot use")
  func densities() throws {
    func run(_ model: String, _ facts: Facts, _ assignments: String...) -> String {
      message {
        let settings = try Catalog.settings(model, setting: assignments)
        try settings.validate(facts)
        try settings.validateCounts(facts, validation: nil)
      }
    }
    let (line, plane) = (Facts(shape: [1], examples: 50), Facts(shape: [2], examples: 50))
    for model in ["realnvp", "nice"] {
      #expect(run(model, plane) == "no error")
      #expect(
        run(model, line)
          == "flow: a coupling moves one half of the dimensions by the other and needs at least 2, got examples of shape [1]; "
          + "autoregressive takes one")
    }
    for model in ["maf", "gmm"] { #expect(run(model, line) == "no error") }
    #expect(
      run("gmm", plane, "components=51")
        == "data: expected at least 51 training examples, one for each component, got 50")
    #expect(
      run("gmm", Facts(shape: [3, 64, 64], examples: 50))
        == "components: expected covariances of at most 1073741824 numbers in all, got 1509949440")
    #expect(
      run("maf", plane, "hidden=[65536, 65536]").hasPrefix(
        "hidden: expected a network of at most 1073741824 weights, got "))
    #expect(
      run("realnvp", plane, "hidden=[]")
        == "--set: hidden: expected a list of 1 to 16 whole numbers from 1 to 65536, got []")
    #expect(
      run("realnvp", plane, "couplings=0") == "--set: couplings: expected a whole number from 1 to 1000, got \"0\"")
    #expect(
      run("realnvp", plane, "components=3") == "--set: components: unknown key; did you mean 'couplings'? "
        + "(allowed: model, data, flow, couplings, hidden, training)")
    for key in [
      "learningRate=0.1", "optimizer=sgd", "adam.beta1=0.5", "clip.norm=1", "schedule.kind=cosine",
      "average=0.9", "precision=bf16",
    ] {
      let name = key.prefix { $0 != "=" }
      #expect(
        run("gmm", plane, "training.\(key)")
          == "--set: training.\(name): has no effect: "
          + "this system learns without gradients")
    }
    let printed = Catalog.gmm.yaml
    for word in ["learningRate", "optimizer:", "adam:", "clip:", "average:", "schedule:"] {
      #expect(!printed.contains(word), "\(word)")
    }
    #expect(printed.contains("components: 10") && printed.contains("batchSize: 256"))
  }

  @Test("an adversary's optimizer follows the model's where it says nothing, the schedule included")
  func sides() throws {
    var settings = try Catalog.settings(
      "aae",
      setting: [
        "adversary.learningRate=null", "training={optimizer: rmsprop, learningRate: 0.02, rmsprop: {decay: 0.8}}",
        "training.schedule={kind: linear, afterEpochs: 30, floor: 0.001}", "training.average=0.9",
      ])
    let same = settings.trainingOptions
    #expect(same.adversary == same.model)
    #expect(same.model.learningRate == .linear(start: 0.02, end: 0.001, after: .epochs(30), until: .epochs(100)))
    #expect(same.model.average == 0.9)
    try settings.set("adversary={learningRate: 0.5, optimizer: sgd, sgd: {momentum: 0.3}, clip: {value: 2}}")
    let adversary = try #require(settings.trainingOptions.adversary)
    #expect(settings.trainingOptions.model == same.model)
    #expect(adversary.learningRate == .linear(start: 0.5, end: 0.001, after: .epochs(30), until: .epochs(100)))
    guard case .sgd(let options) = adversary.optimizer else {
      Issue.record("expected sgd, got \(adversary.optimizer)")
      return
    }
    #expect(options.momentum == 0.3 && adversary.clipping.value == 2 && adversary.average == 0.9)
    #expect(try Catalog.settings("vae").trainingOptions.adversary == nil)
  }

  @Test("a single constant of an adversary leaves the others as under training, also when read back from YAML")
  func singleConstants() throws {
    func sides(_ assignments: String...) throws -> (model: SideOptions, adversary: SideOptions) {
      let settings = try Catalog.settings("gan", setting: assignments)
      let read = try Catalog.settings(SettingsDocument(yaml: settings.yaml(), source: "config.yaml"))
      #expect(read == settings && read.trainingOptions == settings.trainingOptions)
      #expect(message { try read.validate() } == "no error")
      return (settings.trainingOptions.model, try #require(settings.trainingOptions.adversary))
    }
    var adam = Adam.Options()
    adam.weightDecay = 2.5e-5
    (adam.beta1, adam.beta2) = (0.5, 0.9)
    #expect(try sides("adversary.adam.beta2=0.9").adversary.optimizer == .adam(adam))
    adam.beta1 = 0.25
    #expect(try sides("training.adam.beta1=0.25", "adversary.adam.beta2=0.9").adversary.optimizer == .adam(adam))
    #expect(try sides("adversary.adam.beta2=0.9", "training.adam.beta1=0.25").adversary.optimizer == .adam(adam))
    adam.beta1 = 0.5
    adam.beta2 = 0.999
    #expect(try sides("adversary.adam.beta2=0.9", "adversary.adam.beta2=null").adversary.optimizer == .adam(adam))
    #expect(try sides("adversary.adam={}").adversary.optimizer == .adam(adam))
    var rmsProp = RMSProp.Options()
    (rmsProp.decay, rmsProp.momentum) = (0.75, 0.5)
    #expect(
      try sides("training={optimizer: rmsprop, rmsprop: {decay: 0.75}}", "adversary.rmsprop.momentum=0.5")
        .adversary.optimizer == .rmsProp(rmsProp))
    var sgd = SGD.Options()
    (sgd.momentum, sgd.weightDecay) = (0.25, 0.5)
    #expect(
      try sides("training={optimizer: sgd, sgd: {momentum: 0.25}}", "adversary.sgd.weightDecay=0.5")
        .adversary.optimizer == .sgd(sgd))
    let clipped = try sides("training.clip.norm=1", "adversary.clip.value=2")
    #expect(clipped.model.clipping == GradientClipping(norm: 1))
    #expect(clipped.adversary.clipping == GradientClipping(norm: 1, value: 2))
  }

  @Test("constants of another optimizer than the adversary's, its own or that of training, are refused")
  func otherConstants() {
    func run(_ assignments: String...) -> String {
      message { _ = try Catalog.settings("gan", setting: assignments) }
    }
    for (key, optimizer) in [("sgd.momentum", "adam"), ("rmsprop.decay", "adam"), ("adam.beta1", "sgd")] {
      #expect(
        run("training.optimizer=\(optimizer)", "adversary.\(key)=0.5")
          == "--set: adversary.\(key): has no effect: training.optimizer is \(optimizer)")
      #expect(
        run("adversary.optimizer=\(optimizer)", "adversary.\(key)=0.5")
          == "--set: adversary.\(key): has no effect: the optimizer is \(optimizer)")
    }
    #expect(run("training.optimizer=sgd", "adversary={optimizer: adam, adam: {beta1: 0.5}}") == "no error")
    #expect(run("adversary={optimizer: sgd, sgd: {momentum: 0.5, nesterov: true}}") == "no error")
    let still = ["training={optimizer: sgd, sgd: {momentum: 0}}", "adversary.sgd.nesterov=true"]
    #expect(
      run(still[0], still[1]) == "--set: adversary.sgd.nesterov: has no effect: momentum is 0")
    #expect(run(still[0], still[1], "adversary.sgd.momentum=0.5") == "no error")
    #expect(
      run("adversary.adam.beta1=1")
        == "--set: adversary.adam.beta1: expected a number from 0 to below 1, or null, got \"1\"")
    #expect(
      run("adversary.adam.beta3=0.5")
        == "--set: adversary.adam.beta3: unknown key; did you mean 'beta1'? (allowed: beta1, beta2, epsilon, weightDecay)"
    )
    #expect(
      run("adversary.clip.norm=0") == "--set: adversary.clip.norm: expected a number above 0, or null, got \"0\"")
  }
}
