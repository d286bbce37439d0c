import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Helmholtz machines") struct HelmholtzMachineTests {
  typealias Recognition = HelmholtzMachine.Recognition

  private static let pixels = 3

  /// Layers of zeros and ones over three binary pixels in float64, with weights far from their start.
  private static func machine(
    _ sizes: [Int] = [3, 1], particles: Int = 1, _ learning: Recognition = .sleep, _ moves: Moves = .alternating,
    family: LikelihoodFamily = .bernoulli, spread: Double = 0.7, seed: UInt64 = 1
  ) -> HelmholtzMachine {
    let rng = RandomSource(seed: seed)
    func layer(_ inputs: Int, _ size: Int, _ family: LikelihoodFamily) -> NetworkLikelihood {
      NetworkLikelihood(MLP([inputs], hidden: [], using: rng), family, shape: [size], using: rng)
    }
    let upper = zip(sizes, sizes.dropFirst())
    let model = HelmholtzMachine(
      px: layer(sizes[0], pixels, .bernoulli), ph: upper.map { layer($1, $0, family) },
      qh: [layer(pixels, sizes[0], family)] + upper.map { layer($0, $1, family) },
      particles: particles, learning: learning, moves: moves)
    model.convert(to: .float64)
    withoutGradients {
      for parameter in model.parameters {
        parameter.value.addInPlace(rng.normal(parameter.value.shape, dtype: .float64) * spread)
      }
    }
    return model
  }

  /// All words of some bits, `[2^bits, bits]`.
  private static func words(_ bits: Int) -> Tensor {
    Tensor((0..<1 << bits).flatMap { word in (0..<bits).map { Double(word >> $0 & 1) } }, shape: [1 << bits, bits])
  }

  private static let x = words(pixels)

  /// Every (x, h) pair, rows of x within rows of h: `[states * 8, .]`.
  private static func pairs(_ bits: Int) -> (h: Tensor, x: Tensor) {
    let (h, count) = (words(bits), 1 << bits)
    return (
      h.unsqueezed(1).expanded([count, 8, bits]).reshaped([-1, bits]),
      x.unsqueezed(0).expanded([count, 8, pixels]).reshaped([-1, pixels])
    )
  }

  /// log p(x, h) of every state and pixel pattern, `[states, 8]`.
  private static func logJoint(_ model: HelmholtzMachine) -> Tensor {
    let (h, x) = pairs(model.prior.dimension)
    return (model.likelihood(h).logProb(x) + model.prior.logProb(h)).reshaped([-1, 8])
  }

  /// log q(h|x) of the same, in sigmoids of the machine's own weights.
  private static func logPosterior(_ model: HelmholtzMachine, _ sizes: [Int]) -> Tensor {
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    var (h, below) = pairs(model.prior.dimension)
    var total = Tensor(0, dtype: .float64)
    for (index, size) in sizes.enumerated() {
      let (weight, bias) = (named["qh.\(index).output.weight"]!, named["qh.\(index).output.bias"]!)
      let p = (below.matmul(weight.transposed) + bias).sigmoid()  // [rows, size]
      below = h.narrowed(1, 0..<size)
      total = total + (below * p + (1 - below) * (1 - p)).log().sum(-1)
      h = h.narrowed(1, size..<h.size(1))
    }
    return total.reshaped([-1, 8])
  }

  private static let machines = [[4], [3, 1], [2, 1, 1]]

  @Test("the probabilities of all pixels, of all codes, and of q's codes for each x add up to 1", arguments: machines)
  func normalized(_ sizes: [Int]) {
    let model = Self.machine(sizes)
    let joint = Self.logJoint(model).exp()
    expectClose(joint.sum().item(), 1, absolute: 1e-12)
    expectClose(model.prior.logProb(Self.words(4)).exp(), joint.sum(1), absolute: 1e-12)
    expectClose(Self.logPosterior(model, sizes).exp().sum(0), [Double](repeating: 1, count: 8), absolute: 1e-12)
  }

  @Test(
    "sleep: the gradient is that of E_p KL(p(h|x), q(h|x)), by enumeration of four hidden bits", arguments: machines)
  func sleep(_ sizes: [Int]) {
    let model = Self.machine(sizes)
    let values = model.players[1].parameters.map(\.value)
    let joint = withoutGradients { Self.logJoint(model) }  // [16, 8]
    // sum_x p(x) sum_h p(h|x) (log p(h|x) - log q(h|x)).
    let posterior = joint - joint.logSumExp(0, keepAxes: true)
    let divergence = (joint.exp() * (posterior - Self.logPosterior(model, sizes))).sum()
    let expected = gradients(of: divergence, in: values)
    #expect(divergence.item() > 0.01 && expected.allSatisfy { $0.abs().max().item() > 1e-3 })
    // The library's loss of each dream, weighted by how often the machine dreams it.
    let (h, x) = Self.pairs(4)
    let layers = model.pz.parts(h)
    let loss = -(joint.exp().reshaped([-1]) * model.recognitionLogProb(layers, given: x)).sum()
    for (own, other) in zip(gradients(of: loss, in: values), expected) { expectClose(own, other, absolute: 1e-12) }
  }

  @Test("dreams come as often as they should: the drawn sleep gradient has that mean (false alarms: 1 in 10^5)")
  func dreams() {
    let model = Self.machine()
    let values = model.players[1].parameters.map(\.value)
    let (h, x) = Self.pairs(4)
    let joint = withoutGradients { Self.logJoint(model).exp().reshaped([-1]) }
    let exact = gradients(
      of: -(joint * model.recognitionLogProb(model.pz.parts(h), given: x)).sum(), in: values)
    let rng = RandomSource(seed: 2)
    let rounds = 60
    let drawn = (0..<rounds).map { _ in gradients(of: model.sleep(500, using: rng).value.mean(), in: values) }
    for (index, exact) in exact.enumerated() {
      let all = Tensor.stacked(drawn.map { $0[index] })
      let error = (all.variance(0) / Double(rounds)).sqrt()
      // 16 numbers, Student's t of 59 degrees.
      #expect(((all.mean(0) - exact).abs() / error).max().item() < 5.2)
    }
  }

  @Test("the bound is at most the enumerated evidence, and the mean weight is p(x) (false alarms: 1 in 10^5)")
  func bound() {
    for sizes in Self.machines {
      let model = Self.machine(sizes, particles: 4)
      let evidence = withoutGradients { Self.logJoint(model).logSumExp(0) }  // [8]
      let draws = 20_000
      let weights = model.logWeights(Self.x, samples: draws, using: RandomSource(seed: 3))  // [draws, 8]
      #expect((weights.mean(0) - evidence).max().item() < 0)
      // Exactly: E_q log w = log p(x) - KL(q(h|x), p(h|x)).
      let q = withoutGradients { Self.logPosterior(model, sizes) }
      let exact = withoutGradients { (q.exp() * (Self.logJoint(model) - q)).sum(0) }
      #expect((exact - evidence).max().item() < 0)
      let error = (weights.variance(0) / Double(draws)).sqrt()
      #expect(((weights.mean(0) - exact).abs() / error).max().item() < 5)
      let relative = (weights - evidence).exp()
      let spread = (relative.variance(0) / Double(draws)).sqrt()
      #expect(((relative.mean(0) - 1).abs() / spread).max().item() < 5)
      // The score of four particles lies between the two.
      let rng = RandomSource(seed: 4)
      let scores = (0..<400).map { _ in model.score!.value(Batch(x: Self.x), rng).mean().item() }
      let mean = scores.reduce(0, +) / 400
      #expect(mean < evidence.mean().item() && mean > exact.mean().item(), "\(sizes)")
    }
  }

  @Test("each phase leaves the other's parameters without a gradient, and moves whom it should")
  func phases() throws {
    for learning in Recognition.allCases {
      for moves in Moves.allCases {
        let model = Self.machine(particles: learning == .sleep ? 1 : 3, learning, moves)
        let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
        #expect(Set(owned) == Set(model.parameters.map(ObjectIdentifier.init)) && owned.count == Set(owned).count)
        let table = Recorder([.main: Batch(x: Self.x)], using: RandomSource(seed: 5))
        try model.play(table)
        let (g, r) = ("generative", "recognition")
        let expected: [[String]] =
          switch (learning, moves) {
          case (.wake, _), (.sleep, .simultaneous), (.both, .simultaneous): [[g, r]]
          case (.sleep, .alternating): [[g], [r]]
          case (.both, .alternating): [[g, r], [r]]
          }
        #expect(table.moves.map { $0.map(\.player.name) } == expected, "\(learning) \(moves)")
        #expect(table.feedsRead.count == 1)
        for move in table.moves.joined() {
          for player in model.players {
            let slopes = gradients(
              of: move.loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true)
            let size = slopes.map { $0.abs().max().item() }.max()!
            #expect((size > 0) == (player.name == move.player.name), "\(learning) \(moves) \(player.name)")
          }
        }
      }
    }
  }

  @Test("awake, many weighted particles have the gradient of log p(x), and q's is that of KL(p(h|x), q(h|x))")
  func wake() {
    let sizes = [3, 1]
    let model = Self.machine(sizes, particles: 40_000, .both)
    let (generative, recognition) = model.wake(Self.x, using: RandomSource(seed: 6))
    let (theta, lambda) = (model.players[0].parameters.map(\.value), model.players[1].parameters.map(\.value))
    let joint = Self.logJoint(model)
    let exact = gradients(of: -joint.logSumExp(0).mean(), in: theta, retainGraph: true)
    for (own, exact) in zip(gradients(of: generative.value.mean(), in: theta, retainGraph: true), exact) {
      expectClose(own, exact, absolute: 0.01)
    }
    let posterior = (joint - joint.logSumExp(0, keepAxes: true)).detached()
    let divergence = (posterior.exp() * (posterior - Self.logPosterior(model, sizes))).sum(0).mean()
    for (own, exact) in zip(
      gradients(of: recognition!.value.mean(), in: lambda), gradients(of: divergence, in: lambda))
    {
      expectClose(own, exact, absolute: 0.01)
    }
  }

  @Test("one particle counts wholly, and several share a weight of 1")
  func weights() throws {
    for (particles, learning) in [(1, Recognition.sleep), (5, .both)] {
      let model = Self.machine([3, 1], particles: particles, learning)
      let (generative, _) = model.wake(Self.x, using: RandomSource(seed: 7))
      let (logQ, logP, logLikelihood) = model.explanations(of: Self.x, particles, using: RandomSource(seed: 7))
      #expect(logQ.requiresGradient == (learning == .both))
      let w = (logP - logQ).exp()
      let share = w / w.sum(0, keepAxes: true)
      expectClose(generative.value, -(share * logP).sum(0), absolute: 1e-12)
      expectClose(generative.terms[0].value, -(share * logLikelihood).sum(0), absolute: 1e-12)
      #expect(
        generative.terms.map(\.key) == ["reconstruction_nats"] + (particles == 1 ? [] : ["effective_particles"]))
    }
  }

  @Test("a Gaussian layer under binary pixels: the mean weight is the evidence by quadrature (false alarms: 1 in 10^5)")
  func gaussian() {
    let model = Self.machine([1], family: .gaussian(.predicted), spread: 0.1)
    #expect(!model.prior.isBinary && model.prior.summary == "N(0, I), 1 dimensions")
    let grid = (Tensor.range(8000, dtype: .float64) * 0.002 - 8).reshaped([8000, 1, 1])
    let evidence = withoutGradients {
      (model.likelihood(grid).logProb(Self.x) + model.prior.logProb(grid)).logSumExp(0) + log(0.002)
    }
    let weights = (model.logWeights(Self.x, samples: 20_000, using: RandomSource(seed: 8)) - evidence).exp()
    let error = (weights.variance(0) / 20_000).sqrt()
    #expect(((weights.mean(0) - 1).abs() / error).max().item() < 5)
    expectClose(evidence.exp().sum().item(), 1, absolute: 1e-6)
  }

  @Test("both kinds of sleep bring two pairs of equal bits within 0.15 nats of their entropy, log 4")
  func learning() throws {
    for (particles, learning) in [(1, Recognition.sleep), (5, .both), (5, .wake)] {
      let rng = RandomSource(seed: 9)
      func layer(_ inputs: Int, _ size: Int) -> NetworkLikelihood {
        NetworkLikelihood(MLP([inputs], hidden: [], using: rng), .bernoulli, shape: [size], using: rng)
      }
      let model = HelmholtzMachine(
        px: layer(3, 4), ph: [layer(1, 3)], qh: [layer(4, 3), layer(3, 1)], particles: particles, learning: learning)
      var adams = [String: Adam]()
      for player in model.players { adams[player.name] = Adam(player.parameters) }
      let table = Recorder(using: rng) { _, _ in
        let pairs = rng.bernoulli(.full([50, 2, 1], 0.5))
        return Batch(x: pairs.expanded([50, 2, 2]).reshaped([50, 4]))
      } onMove: { losses in
        let steps = losses.map { player, loss in
          (player, gradients(of: loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true))
        }
        for (player, slopes) in steps { adams[player.name]!.step(slopes, rate: 0.03) }
      }
      for _ in 0..<1200 { try model.play(table) }
      let x = Tensor([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], shape: [4, 4]).to(.float32)
      let h = Self.words(4).to(.float32).unsqueezed(1)
      let evidence = withoutGradients { (model.likelihood(h).logProb(x) + model.prior.logProb(h)).logSumExp(0) }
      #expect(evidence.mean().item() > -log(4) - 0.15, "\(learning): \(evidence.mean().item())")
      let bound = model.logWeights(x, samples: 2000, using: rng).mean(0)
      #expect((bound - evidence).mean().item() < 0.02)
    }
  }

  @Test("codes are all layers, the lowest first: means going up, draws of zeros and ones, and p(x|h1) of them")
  func codes() {
    let model = Self.machine([3, 1])
    let rng = RandomSource(seed: 10)
    #expect(model.prior.dimension == 4 && model.prior.isBinary)
    let means = model.encode(Self.x, using: rng)
    let q = model.qh[0](Self.x).mean
    expectClose(means, .concatenated([q, model.qh[1](q).mean], axis: -1), absolute: 1e-12)
    let draws = model.drawnCodes(Self.x, using: rng)
    #expect(draws.shape == [8, 4] && (draws * (1 - draws)).abs().max().item() == 0 && !draws.requiresGradient)
    expectClose(
      model.likelihood(draws).mean, model.px(draws.narrowed(1, 0..<3)).mean, absolute: 0)
    #expect(model.examples(5, as: .draws, using: rng).shape == [5, 3])
    expectClose(model.prior.mean.narrowed(0, 3..<4), model.pz.top.mean, absolute: 0)
  }

  @Test("the card names every layer, and what each player descends")
  func card() {
    let card = Self.machine([3, 1]).card
    #expect(card.conditionals.map(\.symbol) == ["p(h2)", "p(h1|h2)", "p(x|h1)", "q(h1|x)", "q(h2|h1)"])
    #expect(
      card.conditionals.map(\.family) == [
        "Bernoulli, 1 dimensions", "Bernoulli, MLP 1-3", "Bernoulli, MLP 3-3", "Bernoulli, MLP 3-3",
        "Bernoulli, MLP 3-1",
      ])
    #expect(card.players.map(\.loss) == ["-E_q(h|x) log p(x, h)", "-E_p(x, h) log q(h|x)"])
    #expect(card.notes == ["h is h1, h2; q(h|x) goes up, p(h) down."])
    #expect(
      Self.machine(particles: 5, .both).card.players.map(\.loss) == [
        "-sum_k w_k log p(x, h_k),  w_k as p(x, h_k) / q(h_k|x), of 5 draws h_k ~ q(h|x)",
        "-sum_k w_k log q(h_k|x) -E_p(x, h) log q(h|x)",
      ])
  }
}
