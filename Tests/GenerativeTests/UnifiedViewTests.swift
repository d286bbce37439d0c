import Testing

@testable import Generative

@Suite("The unified view of a model") struct UnifiedViewTests {
  private static func card(
    _ conditionals: [ModelCard.Entry], _ adversaries: [ModelCard.Adversary] = [], divergence: String? = nil,
    meanings: [String: String] = [:]
  ) -> ModelCard {
    ModelCard(
      conditionals: conditionals, players: [], parameterCount: 0, adversaries: adversaries, divergence: divergence,
      meanings: meanings)
  }

  private static let pz = ModelCard.Entry("p", ["z"], "N(0, I)")
  private static let likelihood = ModelCard.Entry("p", ["x"], given: ["z"], "Bernoulli")
  private static let generator = ModelCard.Entry("p", ["x"], given: ["z"], "x = G(z)", isImplicit: true)
  private static let encoder = ModelCard.Entry("q", ["z"], given: ["x"], "Gaussian")
  private static let judge = ModelCard.Adversary(
    of: ["x"], real: "p_data(x)", generated: "p(x)", objective: .nonSaturating)
  private static let codeJudge = ModelCard.Adversary(
    of: ["z"], real: "p(z)", generated: "q(z)", objective: .jensenShannon)

  private static let gan = card([pz, generator], [judge])
  private static let infoGAN = card([pz, generator, encoder], [judge])
  private static let vae = card([pz, likelihood, encoder])
  private static let aae = card([pz, likelihood, encoder], [codeJudge])

  /// The arrows without their labels, with names exchanged.
  private func shape(_ card: ModelCard, _ names: [String: String] = [:]) -> Set<String> {
    Set(
      UnifiedView(card).processes.map { process in
        func named(_ list: [String]) -> String { list.map { names[$0] ?? $0 }.sorted().joined(separator: " ") }
        return "\(named(process.from)) > \(named(process.to)): \(process.mark)"
          + (process.isImplicit ? " implicit" : "") + (process.isAdversarial ? " adversarial" : "")
      })
  }

  @Test("GAN, InfoGAN and VAE are the columns of Table 1")
  func table1() {
    let gan = UnifiedView(Self.gan).row
    #expect(gan.x == "data/generations" && gan.y == "real/generated indicator" && gan.z == "code vector")
    #expect(gan.px == "[I] p_theta(x|y), implicit generator")
    #expect(gan.qy == "[G] q_phi(y|x), discriminator" && gan.qz == "-")
    #expect(gan.minimized == "KL(p_theta(x|y) || q^r(x|y))")
    let info = UnifiedView(Self.infoGAN).row
    #expect(info.px == gan.px && info.qy == gan.qy && info.qz == "[G] q_eta(z|x, y), infer net")
    #expect(info.minimized == "KL(p_theta(x|y) || q^r(x|z, y))")
    let vae = UnifiedView(Self.vae).row
    #expect(vae.y == "real/generated indicator (degenerate)")
    #expect(vae.px == "[G] p_theta(x|z, y), generator" && vae.qz == "[I] q_eta(z|x, y), infer net")
    #expect(vae.qy == "[I] q_*(y|x), discriminator (degenerate)")
    #expect(vae.minimized == "KL(q_eta(z|x, y) q_*^r(y|x) || p_theta(z, y|x))")
  }

  @Test("the AAE is InfoGAN with x and z exchanged, and a VAE swaps InfoGAN's generation and inference")
  func mirrors() {
    #expect(shape(Self.aae) == shape(Self.infoGAN, ["x": "z", "z": "x"]))
    #expect(shape(Self.aae) != shape(Self.infoGAN))
    let arrows = { (card: ModelCard) in
      Set(UnifiedView(card).processes.map { "\($0.from.sorted()) \($0.to) \($0.isInference)" })
    }
    let swapped = Set(UnifiedView(Self.infoGAN).processes.map { "\($0.from.sorted()) \($0.to) \(!$0.isInference)" })
    #expect(arrows(Self.vae) == swapped)
    let row = UnifiedView(Self.aae).row
    #expect(row.px == "[G] p_theta(x|z, y), generator" && row.qy == "[G] q_phi(y|z), discriminator")
    #expect(row.qz == "[I] q_eta(z|y), implicit infer net" && row.minimized == "KL(q_eta(z|y) || q^r(z|x, y))")
  }

  @Test("a critic that weighs makes the discriminator of a VAE active")
  func activated() {
    let weighing = ModelCard.Adversary(of: ["x"], real: "p_data(x)", generated: "p(x)", use: .weighs)
    let row = UnifiedView(Self.card([Self.pz, Self.likelihood, Self.encoder], [weighing])).row
    #expect(row.y == "real/generated indicator" && row.qy == "[I] q_phi(y|x), discriminator")
    #expect(row.minimized == "KL(q_eta(z|x, y) q_phi^r(y|x) || p_theta(z, y|x))")
    #expect(row.px == UnifiedView(Self.vae).row.px && row.qz == UnifiedView(Self.vae).row.qz)
  }

  @Test("a decoder with a likelihood against a critic minimizes both KLs: VAE/GAN")
  func joint() {
    let view = UnifiedView(Self.card([Self.pz, Self.likelihood, Self.encoder], [Self.judge]))
    #expect(
      view.row.minimized
        == "KL(p_theta(x|y) || q^r(x|y)) and KL(q_eta(z|x, y) q_*^r(y|x) || p_theta(z, y|x))")
    #expect(view.processes.filter { $0.to == ["x"] }.map(\.mark) == ["[I]", "[G]"])
  }

  @Test("CycleGAN has an indicator and both processes for either data space")
  func cycle() {
    let back = ModelCard.Entry("q", ["z"], given: ["x"], "z = F(x)", isImplicit: true)
    let view = UnifiedView(
      Self.card([Self.generator, back], [Self.judge, Self.codeJudge], meanings: ["x": "data of B", "z": "data of A"]))
    #expect(view.variables == ["x", "z", "y_x", "y_z"] && view.indicators == ["y_x", "y_z"])
    #expect(
      view.processes.map(\.label) == [
        "p_theta(x|y_x)", "p_theta(x|z)", "q_eta(z|y_z)", "q_eta(z|x)", "q_phi^(r)(y_x|x)", "q_phi^(r)(y_z|z)",
      ])
    #expect(view.row.x == "data of B" && view.row.z == "data of A")
    #expect(view.row.minimized == "KL(p_theta(x|y_x) || q^r(x|z, y_x)) and KL(q_eta(z|y_z) || q^r(z|x, y_z))")
  }

  @Test("a class is t, and a conditional game keeps it as what is given")
  func classes() {
    let view = UnifiedView(
      Self.card(
        [
          Self.pz, .init("p", ["y"], "one of 10"),
          .init("p", ["x"], given: ["z", "y"], "x = G(z, y)", isImplicit: true),
        ], [.init(of: ["x"], given: ["y"], real: "p_data(x|y)", generated: "p(x|y)", objective: .nonSaturating)]))
    #expect(view.variables == ["x", "z", "t", "y"])
    #expect(view.row.z == "z code vector, t class" && view.row.qy == "[G] q_phi(y|x, t), discriminator")
    #expect(view.row.minimized == "KL(p_theta(x|t, y) || q^r(x|t, y))")
  }

  @Test("Lemma 1 is about one game: others minimize the divergence of their objective")
  func objectives() {
    let names: [AdversarialObjective: String] = [
      .minimax: "JSD(p(x) || p_data(x))", .kl: "KL(p(x) || p_data(x))", .reverseKL: "KL(p_data(x) || p(x))",
      .pearson: "chi^2(p(x) || p_data(x))", .hellinger: "H^2(p(x), p_data(x))", .wasserstein: "W1(p(x), p_data(x))",
      .hinge: "TV(p(x), p_data(x))", .leastSquares: "chi^2(p(x) || (p(x) + p_data(x))/2)",
      .nonSaturating: "KL(p_theta(x|y) || q^r(x|y))", .jensenShannon: "KL(p_theta(x|y) || q^r(x|y))",
    ]
    for objective in AdversarialObjective.allCases {
      let judge = ModelCard.Adversary(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: objective)
      #expect(UnifiedView(Self.card([Self.pz, Self.generator], [judge])).row.minimized == names[objective])
    }
  }

  @Test("models without codes, and cards that say themselves what is minimized")
  func others() {
    let pixels = UnifiedView(Self.card([.init("p", ["x"], "product over i")]))
    #expect(pixels.row.minimized == "KL(p_data(x) || p_theta(x))" && pixels.row.y == "-" && pixels.row.z == "-")
    #expect(pixels.row.px == "[G] p_theta(x), generator" && pixels.variables == ["x"])
    let classifier = UnifiedView(Self.card([.init("p", ["y"], given: ["x"], "categorical")]))
    #expect(classifier.row.minimized == "KL(p_data(t|x) || p_theta(t|x))" && classifier.row.px == "-")
    #expect(classifier.row.x == "data")
    let own = Self.card([Self.pz, Self.likelihood, Self.encoder], divergence: "no KL")
    #expect(UnifiedView(own).row.minimized == "no KL")
  }

  @Test("a critic of a ratio stands in the KL of a posterior without a density")
  func ratio() {
    let implicit = ModelCard.Entry("q", ["z"], given: ["x"], "with noise", isImplicit: true)
    let critic = ModelCard.Adversary(
      of: ["z"], given: ["x"], real: "p(z)", generated: "q(z|x)", use: .tellsRatio, objective: .jensenShannon)
    let row = UnifiedView(Self.card([Self.pz, Self.likelihood, implicit], [critic])).row
    #expect(row.qz == "[I] q_eta(z|x, y), implicit infer net" && row.qy == "[G] q_phi(y|z, x), discriminator")
    #expect(row.minimized == "KL(q_eta(z|x) || p_theta(z|x)), with log q/p by the critic")
  }
}
