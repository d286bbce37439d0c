import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Regularizers of codes") struct RegularizerTests {
  private let prior = StandardNormal(3, dtype: .float64)

  private func gaussian(_ mean: Double, _ count: Int) -> DiagonalGaussian {
    DiagonalGaussian(mean: .full([count, 3], mean, dtype: .float64), logScale: .zeros([count, 3], dtype: .float64))
  }

  /// What a regularizer sees of codes and their posterior.
  private func drawn(_ q: DiagonalGaussian, _ z: Tensor) -> Drawn<DiagonalGaussian, StandardNormal> {
    Drawn(x: .zeros([z.size(-2), 1], dtype: .float64), q: q, draw: CodeDraw(z), prior: prior)
  }

  @Test("the unbiased MMD of codes that are the prior's averages to zero (false alarms: 1 in 10^6)")
  func mmdOfEqual() {
    let rng = RandomSource(seed: 1)
    let regularizer = MMDRegularizer<DiagonalGaussian, StandardNormal>(
      kernel: .infoVAE(dimension: 3), estimator: .unbiased, priorSamples: 40)
    let values = (0..<400).map { _ in
      let z = prior.sample([30], using: rng)
      return regularizer.penalty(drawn(gaussian(0, 30), z), using: rng).item()
    }
    expectAverage(values, 0)
    let far = regularizer.penalty(drawn(gaussian(0, 30), prior.sample([30], using: rng) + 1), using: rng)
    #expect(far.item() > 0.05)
  }

  @Test("each of several draws counts as a code")
  func draws() {
    let z = RandomSource(seed: 2).normal([4, 10, 3], dtype: .float64)
    let mmd = MMDRegularizer<DiagonalGaussian, StandardNormal>(kernel: .infoVAE(dimension: 3), priorSamples: 20)
    let penalty = { mmd.penalty(drawn(gaussian(0, 10), $0), using: RandomSource(seed: 3)).item() }
    #expect(penalty(z) == penalty(z.reshaped([40, 3])))
  }

  @Test(
    "the Stein surrogate's gradient is minus the direction that autograd derives",
    arguments: [
      KernelBandwidth.fixed(1.7), .median,
    ])
  func stein(_ bandwidth: KernelBandwidth) {
    let z = RandomSource(seed: 4).normal([12, 3], dtype: .float64) * 0.7 + 0.4
    let n = 12.0
    var width = 1.7
    if bandwidth == .median {
      let values: [Double] = z.array()
      var distances: [Double] = []
      for i in 0..<12 {
        for j in (i + 1)..<12 {
          distances.append((0..<3).reduce(0) { $0 + pow(values[3 * i + $1] - values[3 * j + $1], 2) })
        }
      }
      distances.sort()
      // The lower median of 66 distances.
      width = distances[32] / log(n)
    }
    // phi_i = mean_j [k(z_j, z_i) grad log p(z_j) + grad_{z_j} k(z_j, z_i)], each term by autograd.
    let direction = (0..<12).map { i -> Tensor in
      let own = z.at(i)
      let particles = z.clone().requiringGradient()
      let logDensity = (particles.square() * -0.5).sum()
      let score = gradients(of: logDensity, in: [particles])[0]
      let again = z.clone().requiringGradient()
      let kernel = ((again - own).square().sum(1) * (-1 / width)).exp()
      let slope = gradients(of: kernel.sum(), in: [again])[0]
      return (kernel.detached().unsqueezed(1) * score + slope).mean(0)
    }
    let leaf = z.clone().requiringGradient()
    let surrogate = SteinRegularizer<DiagonalGaussian>(bandwidth: bandwidth)
      .penalty(drawn(gaussian(0, 12), leaf), using: RandomSource(seed: 5))
    expectClose(gradients(of: surrogate, in: [leaf])[0] * -n, .stacked(direction), absolute: 1e-10)
  }

  @Test("codes that descend the Stein surrogate come to the prior")
  func steinDescends() {
    let rng = RandomSource(seed: 6)
    var z = rng.normal([60, 3], dtype: .float64) * 0.3 + 2
    let regularizer = SteinRegularizer<DiagonalGaussian>()
    for _ in 0..<300 {
      let leaf = z.clone().requiringGradient()
      let loss = regularizer.penalty(drawn(gaussian(0, 60), leaf), using: rng)
      z = (z - gradients(of: loss, in: [leaf])[0] * 60 * 0.1).detached()
    }
    #expect(z.mean(0).abs().max().item() < 0.2)
    let variances: [Double] = z.variance(0).array()
    #expect(variances.allSatisfy { (0.5...1.3).contains($0) }, "\(variances)")
  }

  @Test("alpha and lambda weigh the KL of single codes and the divergence of their marginal")
  func information() {
    let (q, rng) = (gaussian(0.5, 20), RandomSource(seed: 7))
    let z = q.sample([], using: rng)
    let mmd = MMDRegularizer<DiagonalGaussian, StandardNormal>(kernel: .infoVAE(dimension: 3))
    func penalty(_ alpha: Double, _ lambda: Double) -> Tensor {
      InformationRegularizer(alpha: alpha, lambda: lambda, marginal: mmd)
        .penalty(drawn(q, z), using: RandomSource(seed: 8))
    }
    let distance = mmd.penalty(drawn(q, z), using: RandomSource(seed: 8))
    expectClose(penalty(0, 1), kl(q, prior), absolute: 1e-12)
    expectClose(penalty(1, 5), distance * 5, absolute: 1e-12)
    expectClose(penalty(0.25, 3), kl(q, prior) * 0.75 + distance * 2.25, absolute: 1e-12)
  }
}

@Suite("Adversarial divergences") struct AdversarialObjectiveTests {
  private static let shift = 1.2

  /// log q/p of N(shift, 1) and N(0, 1).
  private static func logRatio(_ z: Tensor) -> Tensor { z * shift - shift * shift / 2 }

  /// The best critic of each game and the divergence it attains.
  private static func best(_ objective: AdversarialObjective) -> (critic: (Tensor) -> Tensor, value: Double) {
    let m = shift
    switch objective {
    case .jensenShannon, .nonSaturating, .minimax: return (logRatio, jensenShannon)
    case .kl: return ({ logRatio($0) + 1 }, m * m / 2)
    case .reverseKL: return (logRatio, m * m / 2)
    case .pearson: return ({ (logRatio($0).exp() - 1) * 2 }, exp(m * m) - 1)
    case .hellinger: return ({ logRatio($0) * 0.5 }, 2 - 2 * exp(-m * m / 8))
    case .wasserstein: return ({ $0 }, m)
    case .leastSquares: return ({ logRatio($0).sigmoid() }, triangular / 8)
    // The total variation of two Gaussians a distance m apart is 2 Phi(m/2) - 1 = erf(m / sqrt 8).
    case .hinge: return ({ (logRatio($0) .> 0).to(.float64) * 2 - 1 }, 2 * erf(m / 8.0.squareRoot()))
    }
  }

  /// The integral of (q - p)^2 / (q + p) by quadrature.
  private static let triangular: Double = integral { q, p in (q - p) * (q - p) / (q + p) }

  private static func integral(_ value: (Double, Double) -> Double) -> Double {
    let step = 0.001
    func density(_ x: Double, _ mean: Double) -> Double { exp(-pow(x - mean, 2) / 2) / (2 * .pi).squareRoot() }
    return stride(from: -9.0, to: 10.0, by: step).reduce(0) { $0 + step * value(density($1, shift), density($1, 0)) }
  }

  /// JS of the two Gaussians by quadrature.
  private static let jensenShannon: Double = integral { q, p in
    let m = (q + p) / 2
    return 0.5 * (q * log(q / m) + p * log(p / m))
  }

  @Test(
    "at the best critic the estimate is the divergence (0.05 of it or 0.01)", arguments: AdversarialObjective.allCases)
  func best(_ objective: AdversarialObjective) {
    let rng = RandomSource(seed: 1)
    let p = rng.normal([400_000], dtype: .float64)
    let q = rng.normal([400_000], dtype: .float64) + Self.shift
    let (critic, value) = Self.best(objective)
    let found = objective.divergence(q: Logits(critic(q)), p: Logits(critic(p))).item()
    expectClose(found, value, absolute: 0.01, relative: 0.05)
    // Any other critic does worse.
    for factor in [0.5, 1.5] where objective != .wasserstein && !(objective == .hinge && factor > 1) {
      let other = objective.divergence(q: Logits(critic(q) * factor), p: Logits(critic(p) * factor)).item()
      #expect(other < found, "\(factor)")
    }
  }

  @Test(
    "logits of a critic that is sure give finite values, and gradients that lead back",
    arguments: AdversarialObjective.allCases)
  func sure(_ objective: AdversarialObjective) {
    for size in [90.0, 1e4] {
      let values = [Float(size), -Float(size)]
      func check(_ name: String, _ function: (Logits) -> Tensor) {
        let logits = Tensor(values).requiringGradient()
        let value = function(Logits(logits)).sum()
        let slopes = gradients(of: value, in: [logits])[0].array(Float.self)
        #expect(value.item().isFinite && slopes.allSatisfy(\.isFinite), "\(name) \(size): \(slopes)")
        // Squares of gradients, as optimizers take them.
        #expect(slopes.allSatisfy { ($0 * $0).isFinite }, "\(name) \(size): \(slopes)")
      }
      check("gain of q") { objective.gain(q: $0) }
      check("gain of p") { objective.gain(p: $0) }
      check("loss") { objective.loss(q: $0) }
    }
  }

  @Test("an exponential of a logit is e^v to the bit up to 20, and its tangent beyond")
  func exponentials() {
    let v = Tensor([-30, -1, 0, 7, 20, 21, 1000] as [Float])
    let found = (AdversarialObjective.hellinger.gain(p: Logits(v)) * -1).array(Float.self)
    #expect(Array(found.prefix(5)) == v.exp().array(Float.self).prefix(5).map { $0 })
    let top = exp(20.0)
    expectClose(found.suffix(2).map(Double.init), [top * 2, top * 981], relative: 1e-6)
    let logits = Tensor([19.0, 25, 1000]).requiringGradient()
    let slopes: [Double] = gradients(
      of: AdversarialObjective.kl.gain(p: Logits(logits + 1)).sum(), in: [logits])[0].array()
    expectClose(slopes, [-exp(19.0), -top, -top], relative: 1e-12)
  }

  @Test(
    "what q descends grows with the critic's value; minimax descends its negative",
    arguments: AdversarialObjective.allCases)
  func loss(_ objective: AdversarialObjective) {
    // A critic of least squares stays between its two targets.
    let critic = objective == .leastSquares ? [0.1, 0.5, 1] : [-2.0, 0, 3]
    let values: [Double] = objective.loss(q: Logits(Tensor(critic))).array()
    #expect(values[0] < values[1] && values[1] < values[2])
  }

  @Test(
    "gains per row average to the divergence, and the link gives log q/p at the best critic",
    arguments: AdversarialObjective.allCases)
  func rows(_ objective: AdversarialObjective) {
    let rng = RandomSource(seed: 8)
    let (q, p) = (Logits(rng.normal([50], dtype: .float64)), Logits(rng.normal([70], dtype: .float64)))
    let (gains, losses) = (objective.gain(q: q), objective.gain(p: p))
    #expect(gains.shape == [50] && losses.shape == [70])
    expectClose(
      gains.mean().item() + losses.mean().item() + objective.offset, objective.divergence(q: q, p: p).item(),
      absolute: 1e-12)
    let z = Tensor([-1.5, -0.2, 0.4, 2])
    guard let ratio = objective.logRatio(Logits(Self.best(objective).critic(z))) else {
      #expect([.wasserstein, .leastSquares, .hinge].contains(objective))
      return
    }
    expectClose(ratio, Self.logRatio(z), absolute: 1e-9)
  }

  @Test("printed formulas, read and worked out, are what is descended", arguments: AdversarialObjective.allCases)
  func formulas(_ objective: AdversarialObjective) {
    let rng = RandomSource(seed: 9)
    let (q, p) = (rng.normal([50], dtype: .float64), rng.normal([50], dtype: .float64))
    func read(_ text: String) -> Double { PrintedFormula(text, q: q.array(), p: p.array()).value }
    expectClose(
      read(objective.formula("z")), objective.divergence(q: Logits(q), p: Logits(p)).item(), absolute: 1e-10)
    expectClose(read(objective.lossFormula("z")), objective.loss(q: Logits(q)).mean().item(), absolute: 1e-10)
  }

  @Test("in bf16 the logits of critics are float32 and near the exact ones")
  func precision() {
    let rng = RandomSource(seed: 10)
    let codes = CodeCritic(MLP([3], hidden: [16], using: rng), using: rng)
    let pairs = JointCritic(JointMLP([4, 3], hidden: [16], using: rng), using: rng)
    let (x, z) = (rng.normal([20, 4]), rng.normal([20, 3]))
    for critic in [codes, pairs] as [any Critic] {
      let exact = critic(x, z).values
      let rounded = withPrecision(.bf16, on: .cpu) { critic(x, z).values }
      #expect(exact.dtype == .float32 && rounded.dtype == .float32)
      expectClose(rounded, exact, absolute: 0.05)
      #expect(!rounded.isEqual(to: exact))
    }
  }

  @Test("a critic that is trained comes to the Jensen-Shannon divergence of two Gaussians")
  func trained() {
    let rng = RandomSource(seed: 2)
    let prior = StandardNormal(1)
    let regularizer = CriticRegularizer<DiagonalGaussian, StandardNormal>(
      CodeCritic(MLP([1], hidden: [32], activation: .tanh, using: rng), using: rng), objective: .jensenShannon)
    let parameters = regularizer.parameters
    let adam = Adam(parameters, options: Adam.Options())
    for _ in 0..<500 {
      let z = rng.normal([500, 1]) + Self.shift
      let q = DiagonalGaussian(mean: z, logScale: z)
      let loss = regularizer.criticLoss(Drawn(x: z, q: q, draw: CodeDraw(z), prior: prior), using: rng)
      adam.step(gradients(of: loss.value, in: parameters.map(\.value)), rate: 1e-2)
    }
    let (q, p) = (rng.normal([40_000, 1]) + Self.shift, prior.sample([40_000], using: rng))
    let found = withoutGradients {
      regularizer.objective.divergence(q: regularizer(nil, q), p: regularizer(nil, p)).item()
    }
    expectClose(found, Self.jensenShannon, absolute: 0.015, relative: 0)
  }

  @Test("gradient penalties of an affine critic are those of its slope")
  func penalties() throws {
    let rng = RandomSource(seed: 3)
    let (q, p) = (rng.normal([20, 2], dtype: .float64), rng.normal([20, 2], dtype: .float64))
    let critic: (Tensor) -> Logits = { Logits($0.matmul(Tensor([3.0, 4.0], shape: [2, 1])).squeezed(-1)) }
    let unit = try #require(CriticPenalty.unitGradient(weight: 10)(critic, q: q, p: p, using: rng))
    expectClose(unit.item(), 10 * 16, absolute: 1e-9)
    let r1 = try #require(CriticPenalty.r1(weight: 2)(critic, q: q, p: p, using: rng))
    expectClose(r1.item(), 25, absolute: 1e-9)
    #expect(CriticPenalty.none(critic, q: q, p: p, using: rng) == nil)
  }

  @Test("a penalty takes the gradient's length over all axes of a row, and one point between each pair of images")
  func imagePenalties() throws {
    let rng = RandomSource(seed: 4)
    let shape = [6, 2, 3, 4]
    let (q, p) = (rng.normal(shape, dtype: .float64), rng.normal(shape, dtype: .float64))
    // The slope is 0.5 in each of 24 numbers.
    let affine: (Tensor) -> Logits = { Logits($0.flattened(from: 1).sum(-1) * 0.5) }
    let length = (24 * 0.25).squareRoot()
    let unit = try #require(CriticPenalty.unitGradient(weight: 10)(affine, q: q, p: p, using: rng))
    expectClose(unit.item(), 10 * pow(length - 1, 2), absolute: 1e-9)
    let r1 = try #require(CriticPenalty.r1(weight: 2)(affine, q: q, p: p, using: rng))
    expectClose(r1.item(), 24 * 0.25, absolute: 1e-9)
    // Points lie between their own pairs: with p = 0 and q = 1 each image is one number t everywhere.
    var seen: Tensor?
    _ = CriticPenalty.unitGradient(weight: 1)(
      {
        seen = $0.detached()
        return Logits($0.square().flattened(from: 1).sum(-1))
      }, q: .ones(shape, dtype: .float64), p: .zeros(shape, dtype: .float64), using: rng)
    let rows = try #require(seen).flattened(from: 1)
    #expect(rows.variance(1).max().item() < 1e-20 && rows.variance(0).min().item() > 1e-4)
  }

  @Test("a critic of pairs judges x with z, and the gradient of its regularizer reaches the codes alone")
  func joint() {
    let rng = RandomSource(seed: 5)
    let judge = JointCritic(JointMLP([3, 2], hidden: [6], using: rng), using: rng)
    #expect(judge.seesExamples && judge.summary == "MLP (3 + 2)-6-1")
    let regularizer = CriticRegularizer<DiagonalGaussian, StandardNormal>(judge, objective: .kl)
    let (x, z) = (rng.normal([4, 3]), rng.normal([5, 4, 2]).requiringGradient())
    let q = DiagonalGaussian(mean: .zeros([4, 2]), logScale: .zeros([4, 2]))
    let drawn = Drawn(x: x, q: q, draw: CodeDraw(z), prior: StandardNormal(2))
    let penalty = regularizer.penalty(drawn, using: rng)
    let expected = (0..<5).reduce(0.0) { $0 + judge(x, z.at($1)).values.mean().item() / 5 }
    expectClose(penalty.item(), expected, absolute: 1e-5)
    #expect(gradients(of: penalty, in: [z])[0].abs().max().item() > 0)
    let loss = regularizer.criticLoss(drawn.detached, using: rng)
    #expect(gradients(of: loss.value, in: [z])[0].abs().max().item() == 0)
    #expect(regularizer.formula == "D(q(z|x), p(z)) by a critic of (x, z), kl")
    #expect(regularizer.criticFormula == "-(E_q V(x, z) - E_p exp(V(x, z) - 1)),  V: MLP (3 + 2)-6-1")
  }
}

/// The value of a printed objective of V(z), given V at draws of q and of p.
///
/// It reads sums, products, quotients and powers of numbers, V(z), log, exp, sigmoid and max, with E_q and E_p before the
/// term that they average.
private struct PrintedFormula {
  private let draws: [String: [Double]]
  private var words: [String]
  private var values: [Double] = [0]

  init(_ text: String, q: [Double], p: [Double]) {
    draws = ["E_q": q, "E_p": p]
    let pattern = /E_[qp]|[A-Za-z]+|[0-9.]+|[-+\/^(),\[\]]/
    words = text.replacing("V(z)", with: "V").matches(of: pattern).map { String($0.0) }
  }

  var value: Double {
    var reader = self
    let value = reader.sum()[0]
    precondition(reader.words.isEmpty, "left over: \(reader.words)")
    return value
  }

  private mutating func take(_ word: String) -> Bool {
    guard words.first == word else { return false }
    words.removeFirst()
    return true
  }

  private mutating func sum() -> [Double] {
    var total = take("-") ? term().map { -$0 } : term()
    while true {
      if take("+") {
        total = zip(total, term()).map(+)
      } else if take("-") {
        total = zip(total, term()).map(-)
      } else {
        return total
      }
    }
  }

  private mutating func term() -> [Double] {
    for (name, draws) in draws where take(name) {
      let outside = values
      values = draws
      let all = term()
      values = outside
      return values.map { _ in all.reduce(0, +) / Double(all.count) }
    }
    var product = power()
    while take("/") { product = zip(product, power()).map(/) }
    return product
  }

  private mutating func power() -> [Double] {
    let base = factor()
    return take("^") ? zip(base, factor()).map(pow) : base
  }

  private mutating func factor() -> [Double] {
    let word = words.removeFirst()
    switch word {
    case "V": return values
    case "log": return power().map { log($0) }
    case "exp": return power().map { exp($0) }
    case "sigmoid": return power().map { 1 / (1 + exp(-$0)) }
    case "(", "[":
      let inner = sum()
      words.removeFirst()
      return inner
    case "max":
      words.removeFirst()
      let first = sum()
      words.removeFirst()
      let second = sum()
      words.removeFirst()
      return zip(first, second).map { max($0, $1) }
    default: return values.map { _ in Double(word)! }
    }
  }
}

@Suite("Games of autoencoders") struct AutoencoderGameTests {
  private func model<R: LatentRegularizer>(
    _ regularizer: R, weight: Double = 3
  ) -> Autoencoder<GaussianNetwork, R> where R.Posterior == DiagonalGaussian, R.Prior == StandardNormal {
    let rng = RandomSource(seed: 11)
    return Autoencoder(
      qz: GaussianNetwork(MLP([4], hidden: [5], using: rng), dimension: 2, using: rng),
      px: NetworkLikelihood(MLP([2], hidden: [5], using: rng), .bernoulli, shape: [4], using: rng),
      pz: StandardNormal(2), regularizer: regularizer, weight: .constant(weight))
  }

  private func critic(_ steps: Int = 1) -> CriticRegularizer<DiagonalGaussian, StandardNormal> {
    let rng = RandomSource(seed: 12)
    return CriticRegularizer(
      CodeCritic(MLP([2], hidden: [6], using: rng), using: rng), objective: .wasserstein,
      penalty: .unitGradient(weight: 10), steps: steps)
  }

  private var batch: Batch { Batch(x: (RandomSource(seed: 1).uniform([8, 4]) .> 0.5).to(.float32)) }

  @Test("an adversarial autoencoder has two players that share all parameters out, with or without a KL beside it")
  func players() throws {
    let plain = model(critic(5))
    let mixed = model(InformationRegularizer(alpha: 0.5, lambda: 2, marginal: critic(5)))
    for model in [plain as any Game, mixed] {
      #expect(model.batchesPerRound == 5)
      #expect(model.players.map(\.name) == ["autoencoder", "critic"])
      #expect(model.players.map(\.side) == [.model, .adversary])
      let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
      #expect(Set(owned) == Set(model.parameters.map(ObjectIdentifier.init)) && owned.count == Set(owned).count)
      let table = Recorder([.main: batch], using: RandomSource(seed: 2))
      try model.play(table)
      #expect(
        table.moves.map { $0.map(\.player.name) }
          == [[String]](repeating: ["critic"], count: 4) + [["autoencoder", "critic"]])
      #expect(table.feedsRead.count == 5)
    }
  }

  private func losses(_ model: any Game) throws -> Recorder {
    let table = Recorder([.main: batch], using: RandomSource(seed: 2))
    try model.play(table)
    return table
  }

  @Test("the critic's loss does not reach the autoencoder; the autoencoder's reaches its encoder through the critic")
  func losses() throws {
    let model = model(critic())
    let encoder = model.qz.parameters.map(\.value)
    let table = try losses(model)
    #expect(table.moves.count == 1)
    let own = table.loss(of: "autoencoder").value.mean()
    let critic = table.loss(of: "critic").value.mean()
    #expect(gradients(of: critic, in: encoder, retainGraph: true).allSatisfy { $0.abs().max().item() == 0 })
    let with = gradients(of: own, in: encoder)
    let without = self.model(unregularized, weight: 0)
    let free = try losses(without).loss(of: "autoencoder").value.mean()
    let alone = gradients(of: free, in: without.qz.parameters.map(\.value))
    #expect(zip(with, alone).contains { ($0 - $1).abs().max().item() > 1e-3 })
  }

  private var unregularized: NoRegularizer<DiagonalGaussian, StandardNormal> { NoRegularizer() }

  @Test("without a regularizer the loss is the reconstruction")
  func none() throws {
    let loss = try losses(model(NoRegularizer<DiagonalGaussian, StandardNormal>())).loss(of: "autoencoder")
    expectClose(loss.value, loss.terms[0].value, absolute: 1e-6)
  }

  @Test("validations compare the evidence bound, the weighted distance, or the likelihood alone")
  func bounds() {
    let rng = { RandomSource(seed: 5) }
    func parts<R>(_ model: Autoencoder<GaussianNetwork, R>) -> (bound: Tensor, likelihood: Tensor, penalty: Tensor) {
      let found = model.bound(batch.x, weight: 1, using: rng())
      return (model.bound(batch.x, using: rng()), found.logLikelihood, found.penalty)
    }
    let elbo = parts(model(ClosedFormKL()))
    expectClose(elbo.bound, elbo.likelihood - elbo.penalty, absolute: 1e-5)
    let mmd = parts(model(MMDRegularizer(kernel: .infoVAE(dimension: 2))))
    expectClose(mmd.bound, mmd.likelihood - mmd.penalty * 3, absolute: 1e-5)
    let stein = parts(model(SteinRegularizer()))
    expectClose(stein.bound, stein.likelihood, absolute: 1e-5)
  }

  @Test("the chain x to z to x keeps shapes, and repeats for a seed")
  func chain() {
    let model = model(NoRegularizer<DiagonalGaussian, StandardNormal>())
    let chain = MarkovChain(model)
    func run() -> Tensor {
      let rng = RandomSource(seed: 6)
      var x = chain.noise(7, isBinary: true, using: rng)
      for _ in 0..<3 { x = chain.step(x, using: rng).x }
      return x
    }
    #expect(run().shape == [7, 4])
    #expect(run().isEqual(to: run()))
    let values: [Float] = run().array()
    #expect(values.allSatisfy { $0 == 0 || $0 == 1 })
  }

  @Test("a chain of binary pixels starts from zeros and ones, half of each; another from numbers between them")
  func noise() {
    let chain = MarkovChain(model(NoRegularizer<DiagonalGaussian, StandardNormal>()))
    let bits = chain.noise(1000, isBinary: true, using: RandomSource(seed: 6)).array(Float.self)
    #expect(bits.allSatisfy { $0 == 0 || $0 == 1 })
    // Five standard errors of 4000 fair coins: a false alarm in a million.
    #expect(abs(bits.reduce(0, +) / 4000 - 0.5) < 0.04)
    let grey = chain.noise(1000, isBinary: false, using: RandomSource(seed: 6)).array(Float.self)
    #expect(grey.contains { $0 > 0.2 && $0 < 0.8 })
  }
}
