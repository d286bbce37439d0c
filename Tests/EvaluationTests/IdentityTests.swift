import Foundation
import Generative
import Testing
import Torch

@testable import Evaluation

@Suite("Identities behind GANs and VAEs")
struct IdentityTests {
  private func gaussian(_ mean: Double, _ scale: Double) throws -> LineGaussian {
    try LineGaussian(mean: mean, scale: scale)
  }

  private func term(_ identity: Identity, _ name: String) -> Double {
    identity.terms.first { $0.name == name }?.value ?? .nan
  }

  private func near(_ a: Double?, _ b: Double, within tolerance: Double = 1e-6) -> Bool {
    a.map { abs($0 - b) <= tolerance } ?? false
  }

  @Test("Lemma 1 between N(1, 1) and N(0, 1) at the best D: .301014 = .5 - .198986, KL .5, JSD .111421")
  func lemma1() throws {
    let lemma = try Identity.lemma1(
      generator: gaussian(1, 1), data: LineMixture(gaussian(0, 1)), logit: (0.5, -1))
    #expect(near(lemma.left, 0.301014) && near(lemma.right, 0.301014) && lemma.holds == true)
    #expect(lemma.terms.map(\.name) == ["kl", "kl_gradient", "jsd", "jsd_gradient"])
    #expect(near(term(lemma, "kl"), 0.5) && near(term(lemma, "kl_gradient"), 0.5))
    #expect(near(term(lemma, "jsd"), 0.111421) && near(term(lemma, "jsd_gradient"), 0.198986))
  }

  @Test("its left side is 0 where D = 1/2, and where pg = p_data is told apart as well as it can be")
  func lemma1AtRest() throws {
    let blind = try Identity.lemma1(
      generator: gaussian(1, 0.7), data: LineMixture([gaussian(-2, 0.5), gaussian(3, 1)], weights: [0.3, 0.7]),
      logit: (0, 0))
    let equal = try Identity.optimalDiscriminator(
      generator: gaussian(1, 0.7), data: LineMixture(gaussian(1, 0.7)), at: [])
    for identity in [blind, equal] {
      #expect(near(identity.left, 0, within: 1e-10) && near(identity.right, 0, within: 1e-10))
      #expect(identity.holds == true)
    }
    #expect(term(blind, "kl_gradient") != 0 && near(term(blind, "kl_gradient"), term(blind, "jsd_gradient")))
  }

  @Test("it holds for critics that are far from the best, and for densities of very different widths")
  func lemma1Anywhere() throws {
    for (mean, scale, first, second, a, b) in [
      (1.0, 1.0, 0.5, 1.0, 0.2, 0.7), (0, 1e-3, 1000, 1e3, 0.5, -1), (-3, 2, 0.1, 0.1, -4, 50), (0, 1, 4, 1, 0, -300),
    ] {
      let data = try LineMixture([gaussian(-2, first), gaussian(3, second)], weights: [0.3, 0.7])
      let lemma = try Identity.lemma1(generator: gaussian(mean, scale), data: data, logit: (a, b))
      #expect(lemma.holds == true && near(lemma.left, lemma.right!, within: 1e-8 * max(1, abs(lemma.left!))))
      #expect(lemma.left != 0)
    }
  }

  @Test("the left side is the slope of the expected loss by finite differences")
  func finiteDifferences() throws {
    let (a, b, h) = (0.2, 0.7, 1e-4)
    func loss(_ mean: Double) throws -> Double {
      let pg = try gaussian(mean, 0.8)
      let line = LineQuadrature([pg])
      return line.integral(pg.logDensity(line.nodes).exp() * (-(line.nodes * b + a)).softplus()).item() / 2
    }
    let slope = try (loss(1 + h) - loss(1 - h)) / (2 * h)
    let lemma = try Identity.lemma1(
      generator: gaussian(1, 0.8), data: LineMixture(gaussian(0, 1)), logit: (a, b))
    #expect(near(lemma.left, slope, within: 1e-7))
  }

  @Test("with a code to recover, as InfoGAN's Eq. 16 has it, the lemma holds all the same")
  func recovery() throws {
    let (generator, data) = (try gaussian(1, 0.8), LineMixture(try gaussian(0, 1)))
    let line = LineQuadrature([generator] + data.components)
    // q(z|x) = N(z; x^2 / 2, 1) at z = 0.7.
    let recover = { (x: Tensor) in (x.square() * 0.5 - 0.7).square() * -0.5 }
    let plain = OneStep(generator, data, line) { $0 * 0.7 + 0.2 }
    let coded = OneStep(generator, data, line, logRecovery: recover) { $0 * 0.7 + 0.2 }
    #expect(abs(coded.left - coded.right) < 1e-10 && abs(coded.left - plain.left) > 0.01)
    #expect(coded.jsdGradient == plain.jsdGradient && coded.kl != plain.kl)
  }

  @Test("the best logit is log p_data - log pg, and its KL is that to the data")
  func optimalDiscriminator() throws {
    let best = try Identity.optimalDiscriminator(
      generator: gaussian(1, 1), data: LineMixture(gaussian(0, 1)), at: [("0", 0), ("1.0", 1), ("-2", -2)])
    #expect(best.holds == true && near(best.left, 0.301014))
    #expect(best.logits?.map(\.name) == ["0", "1.0", "-2"])
    for (term, expected) in zip(best.logits ?? [], [0.5, -0.5, 2.5]) { #expect(near(term.value, expected)) }
    // KL(N(1, 2^2), N(0, 1)) = (1 + 4 - 1 - log 4) / 2.
    let wide = try Identity.optimalDiscriminator(generator: gaussian(1, 2), data: LineMixture(gaussian(0, 1)), at: [])
    #expect(near(term(wide, "kl"), (4 - log(4)) / 2) && near(term(wide, "kl_gradient"), 0.5))
  }

  @Test("Lemma 2: Eqs. 17 and 19 are equal in value and gradient for every seed")
  func lemma2() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let lemma = try Identity.lemma2(seed: seed)
      #expect(lemma.holds == true && near(lemma.left, lemma.right!, within: 1e-12))
      #expect(lemma.left! < -1 && term(lemma, "left_gradient") > 0.1)
      #expect(term(lemma, "gradient_difference") < 1e-12)
      #expect(near(term(lemma, "constant"), -6 * log(2)))
    }
  }

  @Test("the bound of Eq. 30 holds for the best D on random pairs, and without normalizers for any D")
  func jsdBound() throws {
    for seed in 1...50 as ClosedRange<UInt64> {
      let rng = RandomSource(seed: seed)
      let pair = Identity.randomPair(size: 2 + Int(seed % 9), using: rng)
      let best = try Identity.jsdBound(generated: pair.generated, data: pair.data)
      let direct = zip(pair.generated, pair.data).reduce(0) { sum, states in
        let (g, p) = states
        return sum + g * log(2 * g / (g + p)) / 2 + p * log(2 * p / (g + p)) / 2
      }
      let divergences = zip(pair.generated, pair.data).reduce(0) { $0 + ($1.0 - $1.1) * log($1.0 / $1.1) / 2 }
      #expect(best.holds == true && near(best.left, direct, within: 1e-12), "\(seed)")
      #expect(near(best.right, divergences, within: 1e-12), "\(seed)")
      let d = rng.uniform([pair.data.count], dtype: .float64).array(Double.self).map { 0.001 + 0.998 * $0 }
      let any = try Identity.jsdBound(generated: pair.generated, data: pair.data, realness: d)
      #expect(term(any, "kl_unnormalized") >= any.left! - 1e-12, "\(seed)")
      #expect(any.holds == (any.left! <= any.right! + 1e-12))
    }
    // D takes what is generated for real: q^r(x|y) is p(x|y).
    let deceived = try Identity.jsdBound(generated: [0.9, 0.1], data: [0.1, 0.9], realness: [0.9, 0.1])
    #expect(deceived.holds == false && near(deceived.right, 0, within: 1e-12))
  }

  @Test("the Dirac GAN at (1, 1): minimax (-.268941, .268941), non-saturating (-.731059, .268941), Wasserstein (-1, 1)")
  func dirac() throws {
    for (objective, generator, critic) in [
      (AdversarialObjective.minimax, -0.268941, 0.268941), (.nonSaturating, -0.731059, 0.268941), (.wasserstein, -1, 1),
    ] {
      let game = try Identity.diracGAN(objective, theta: 1, psi: 1)
      #expect(game.terms.map(\.name) == ["generator", "critic"])
      #expect(game.left == nil && game.right == nil && game.holds == nil)
      #expect(near(term(game, "generator"), generator) && near(term(game, "critic"), critic), "\(objective)")
    }
  }

  @Test("its directions are those of f(t) = -log(1 + e^-t) anywhere, for a critic that is high on generated x")
  func diracAnywhere() throws {
    func slope(_ t: Double) -> Double { 1 / (1 + exp(t)) }
    for (theta, psi) in [(0.5, -2.0), (-1.5, 0.3), (2, 2), (0, 1)] {
      let (minimax, other) = try (
        Identity.diracGAN(.minimax, theta: theta, psi: psi), Identity.diracGAN(.nonSaturating, theta: theta, psi: psi)
      )
      for game in [minimax, other] { #expect(near(term(game, "critic"), theta * slope(theta * psi))) }
      #expect(near(term(minimax, "generator"), -psi * slope(theta * psi)))
      #expect(near(term(other, "generator"), -psi * slope(-theta * psi)))
    }
  }

  @Test(
    "conjugates are those of the papers, and the numeric suprema",
    arguments: [
      (AdversarialObjective.kl, 0.3, 0.496585), (.pearson, 0.3, 0.3225), (.hellinger, 0.3, 0.428571),
      (.jensenShannon, 0.3, 0.430566), (.reverseKL, -0.5, -0.306853),
    ])
  func conjugates(objective: AdversarialObjective, t: Double, value: Double) throws {
    let conjugate = try Identity.conjugate(objective, at: t)
    #expect(near(conjugate.left, value) && near(conjugate.right, value) && conjugate.holds == true)
    #expect(conjugate.terms == [.init("value", conjugate.left!)])
    for t in [-1.7, -0.9, -0.05] {
      #expect(try near(Identity.conjugate(objective, at: t).right, Identity.conjugate(objective, at: t).left!), "\(t)")
    }
  }

  @Test("conjugates hold to the ends of what is worked out, and so do lemmas of extreme widths")
  func extremes() throws {
    for objective in AdversarialObjective.allCases {
      guard let form = ConjugateForm(objective) else { continue }
      for t in [form.workable.lowerBound, form.workable.upperBound] {
        let conjugate = try Identity.conjugate(objective, at: t)
        #expect(conjugate.holds == true, "\(objective) at \(t): \(conjugate)")
      }
    }
    for (generator, data) in [(1e-6, 1.0), (1, 1e-6), (1e6, 1e-6), (1e-6, 1e6), (1e-6, 1e-6), (1e6, 1e6)] {
      for shift in [0, 0.5, 50] {
        let best = try Identity.optimalDiscriminator(
          generator: gaussian(shift * generator, generator), data: LineMixture(gaussian(0, data)), at: [])
        #expect(best.holds == true, "\(generator) \(data) \(shift): \(best)")
      }
    }
    for (mean, scale) in [(9e-5, 1e-6), (90, 1e-3), (9e7, 1), (9e13, 1e6)] {
      let lemma = try Identity.lemma1(
        generator: gaussian(mean, scale), data: LineMixture(gaussian(mean + scale, scale)),
        logit: (0.5 - 0.1 * mean / scale, 0.1 / scale))
      #expect(lemma.holds == true && abs(lemma.left! * scale) > 0.01, "\(mean) \(scale): \(lemma)")
    }
    for logit in [(1e7, 1.0), (-1e7, -1), (0, 1e12), (1e7, 1e-300), (0.5, 1e-320)] {
      let lemma = try Identity.lemma1(generator: gaussian(1, 1), data: LineMixture(gaussian(0, 1)), logit: logit)
      #expect(lemma.holds == true, "\(logit): \(lemma)")
    }
  }

  @Test("D = .5, .8, .2 weigh .190476, .761905, .047619; logits of 10,000 stay finite")
  func weights() throws {
    func weights(_ logits: [Double]) throws -> [Double] { try Identity.importanceWeights(logits).weights! }
    let three = try weights([0.5, 0.8, 0.2].map { log($0 / (1 - $0)) })
    for (weight, expected) in zip(three, [0.190476, 0.761905, 0.047619]) { #expect(near(weight, expected)) }
    #expect(try weights([1e4, 0, -1e4]) == [1, 0, 0])
    #expect(try weights([1e4, 1e4]) == [0.5, 0.5] && weights([-1e4]) == [1])
    let term = try Identity.importanceWeights([0, 0, 0, 0]).terms
    #expect(term == [.init("effective_sample_size", 4)])
  }

  @Test("what no identity can be worked out for is refused in a sentence")
  func refusals() throws {
    func message(_ name: String, _ given: [String: String]) -> String {
      do {
        _ = try IdentityForm.named(name).identity(given)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let all = "there are lemma-1, lemma-2, optimal-discriminator, jsd-bound, dirac-gan, conjugate, importance-weights"
    #expect(message("lemma1", [:]) == "unknown identity 'lemma1'; \(all); did you mean 'lemma-1'?")
    #expect(message("zzz", [:]) == "unknown identity 'zzz'; \(all)")
    for (name, given, expected) in [
      ("lemma-1", ["generator": "1:0"], "--generator: expected a standard deviation above 0, got 0"),
      ("lemma-1", ["generator": "1:-2"], "--generator: expected a standard deviation above 0, got -2"),
      ("lemma-1", ["generator": "1"], "--generator: expected a Gaussian as MEAN:SD, got '1'"),
      ("lemma-1", ["generator": "a:1"], "--generator: expected a number for the mean, got 'a'"),
      ("lemma-1", ["data": "0:1"], ""),
      ("lemma-1", ["data": "1:0:1,2:1"], "--data: expected Gaussians as W:MEAN:SD,..., got '1:0:1,2:1'"),
      ("lemma-1", ["data": "1:0:0"], "--data: expected a standard deviation above 0, got 0"),
      (
        "lemma-1", ["data": ".5:0:1,.4:1:1"],
        "--data: expected weights above 0 that sum to 1, got 0.5, 0.4 with the sum 0.9"
      ),
      (
        "lemma-1", ["data": "-1:0:1,2:1:1"],
        "--data: expected weights above 0 that sum to 1, got -1, 2 with the sum 1"
      ),
      ("lemma-1", ["logit": "1"], "--logit: expected 2 numbers with commas between them, got '1'"),
      ("lemma-1", ["logit": "1,inf"], "--logit: expected 2 numbers with commas between them, got 'inf'"),
      (
        "lemma-1", ["generator": "1e300:1"],
        "--generator: expected a mean of at most 1e+08 in size beside a standard deviation of 1, as double precision tells "
          + "no more apart, got 1e+300"
      ),
      (
        "lemma-1", ["data": ".5:0:1,.5:1:1e-5"],
        "--data: expected a mean of at most 0.01 in size beside a standard deviation of 1e-05, as double precision tells "
          + "no more apart, got 1"
      ),
      (
        "optimal-discriminator", ["generator": "0:1e-320"],
        "--generator: expected a standard deviation from 1e-06 to 1e+06, got 9.99989e-321"
      ),
      (
        "lemma-1", ["data": "1:0:1e200"], "--data: expected a standard deviation from 1e-06 to 1e+06, got 1e+200"
      ),
      (
        "lemma-1", ["logit": "1e12,1"],
        "lemma-1: expected logits A + B x with an A of at most 1e+07 in size, beside which densities are lost in double "
          + "precision, got 1e+12"
      ),
      (
        "lemma-1", ["logit": "0,1e308"],
        "lemma-1: these numbers are too extreme for double precision; a result is not finite"
      ),
      ("lemma-2", ["seed": "-1"], "--seed: expected a whole number of at least 0, got '-1'"),
      ("optimal-discriminator", ["at": "0,,1"], "--at: expected numbers with commas between them, got ''"),
      (
        "jsd-bound", ["p": ".5,.5", "q": ".5,.4"],
        "jsd-bound: expected at least 2 data probabilities above 0 that sum to 1, got 0.5, 0.4 with the sum 0.9"
      ),
      (
        "jsd-bound", ["p": "1,0", "q": ".5,.5"],
        "jsd-bound: expected at least 2 generated probabilities above 0 that sum to 1, got 1, 0 with the sum 1"
      ),
      (
        "jsd-bound", ["p": ".5,.5", "q": ".5,.3,.2"],
        "jsd-bound: expected as many states everywhere, got 2 generated, 3 of the data"
      ),
      ("jsd-bound", ["p": ".5,.5", "q": ".5,.5", "d": "0,1"], "jsd-bound: expected D between 0 and 1, got 0"),
      ("jsd-bound", ["p": ".5,.5"], "jsd-bound: expected --p and --q together"),
      (
        "jsd-bound", ["p": ".5,.5", "q": ".5,.5", "size": "3"],
        "--size has no effect: it is for random distributions, and --p and --q are given"
      ),
      ("jsd-bound", ["size": "1"], "--size: expected a whole number from 2 to 10000, got '1'"),
      (
        "dirac-gan", ["objective": "minmax"],
        "--objective: expected one of jensen-shannon, non-saturating, minimax, kl, reverse-kl, pearson, hellinger, "
          + "wasserstein, least-squares, hinge, got 'minmax'; did you mean 'minimax'?"
      ),
      ("dirac-gan", ["theta": "x"], "--theta: expected a number, got 'x'"),
      (
        "conjugate", ["objective": "hinge"],
        "conjugate: expected an objective that is an f-divergence (jensen-shannon, non-saturating, minimax, kl, "
          + "reverse-kl, pearson, hellinger), got hinge"
      ),
      (
        "conjugate", ["objective": "reverse-kl"], "conjugate: f* of reverse-kl is infinite from 0 on, got 0.3"
      ),
      (
        "conjugate", ["objective": "jensen-shannon", "at": "0.7"],
        "conjugate: f* of jensen-shannon is infinite from 0.693147 on, got 0.7"
      ),
      (
        "conjugate", ["objective": "pearson", "at": "-3"],
        "conjugate: the closed form of pearson is f* from -2 on, where the best ratio is 0, got -3"
      ),
      (
        "conjugate", ["at": "50"], "conjugate: both sides of kl are worked out from -1e+100 to 21, got 50"
      ),
      (
        "conjugate", ["objective": "hellinger", "at": "-1e308"],
        "conjugate: both sides of hellinger are worked out from -1e+100 to 0.999999997939, got -1e+308"
      ),
      ("importance-weights", ["logits": "nan"], "--logits: expected numbers with commas between them, got 'nan'"),
    ] {
      #expect(message(name, given) == expected, "\(name) \(given)")
    }
  }
}
