import Foundation
import Generative
import Torch

extension Identity {
  /// Lemma 1 of Hu et al. 2018, Eq. 10, in one dimension, by the generator's mean and with p(y) = 1/2:
  ///
  /// the gradient of (1/2) E_pg[-log q^r(y=0|x)] is that of (1/2) KL(pg, q^r(x|y=0)) - JSD(pg, p_data), with
  /// q^r(x|y=0) proportional to q^r(y=0|x) (pg + p_data) / 2 as they stand.
  ///
  /// The left side is the loss of the library's non-saturating generator, moved along with its draws; the right side
  /// integrates densities. The terms `kl` and `jsd` are the plain divergences, `kl_gradient` has the half.
  ///
  /// - Parameters:
  ///   - generator: pg.
  ///   - data: p_data.
  ///   - logit: a and b of q^r(y=0|x) = D(x) = sigmoid(a + b x), the probability that x is real; a is at most 1e7 in
  ///     size.
  public static func lemma1(
    generator: LineGaussian, data: LineMixture, logit: (a: Double, b: Double)
  ) throws(IdentityError) -> Identity {
    guard abs(logit.a) <= largestLogit else {
      throw IdentityError(
        "lemma-1: expected logits A + B x with an A of at most 1e+07 in size, beside which densities are lost in double "
          + "precision, got \(logit.a.sixDigits)")
    }
    let turns = logit.b == 0 ? [] : [(place: -logit.a / logit.b, width: 1 / abs(logit.b))]
    let line = LineQuadrature([generator] + data.components, turns: turns)
    let sides = OneStep(generator, data, line) { $0 * logit.b + logit.a }
    return try Identity(
      "lemma-1", left: sides.left, right: sides.right, holds: sides.agree, terms: sides.terms)
  }

  private static let largestLogit = 1e7
}

/// One step of a generator against a critic that stands still, at its mean: the two sides of Lemma 1.
struct OneStep {
  /// The gradient of (1/2) E_pg[-log D], by the library's loss.
  let left: Double
  /// KL(pg, q^r(x|y=0)) and half its gradient.
  let kl, klGradient: Double
  /// JSD(pg, p_data) and its gradient.
  let jsd, jsdGradient: Double

  /// What the sums behind the gradients are off by at most.
  private let rounding: Double

  /// The difference of the gradients.
  var right: Double { klGradient - jsdGradient }

  /// Whether both sides are the same number.
  var agree: Bool { Identity.agree(left, right, rounding: rounding) }

  var terms: [Identity.Term] {
    [.init("kl", kl), .init("kl_gradient", klGradient), .init("jsd", jsd), .init("jsd_gradient", jsdGradient)]
  }

  /// - Parameters:
  ///   - logRecovery: log q(z|x) of InfoGAN at points `[n]`, which makes it Eq. 16: the posterior is q^r(x|z, y=0); nil for
  ///     a plain GAN.
  ///   - logit: that of D at points `[n]`, high where x looks real.
  init(
    _ generator: LineGaussian, _ data: LineMixture, _ line: LineQuadrature, logRecovery: ((Tensor) -> Tensor)? = nil,
    logit: (Tensor) -> Tensor
  ) {
    let x = line.nodes
    let mean = Tensor(generator.mean, dtype: .float64).requiringGradient()
    func gradient(_ value: Tensor) -> Double { gradients(of: value, in: [mean])[0].item() }
    let start = generator.logDensity(x)
    // Draws move with the mean; a critic of this library is high on generated x.
    let moved = x + (mean - generator.mean)
    let fooled = AdversarialObjective.nonSaturating.loss(q: Logits(-logit(moved)))
    let loss = logRecovery.map { fooled - $0(moved) } ?? fooled
    left = gradient(line.integral(start.exp() * loss) * 0.5)

    let logP = data.logDensity(x)
    let logMixture = Self.logMean(start, logP)
    let logLikelihood = logit(x).logSigmoid()
    let weighted = (logRecovery.map { logLikelihood + $0(x) } ?? logLikelihood) + logMixture
    let logPosterior = weighted - line.logIntegral(weighted)
    // A graph is freed by its gradient, so that each divergence has a graph of its own.
    var logG = generator.logDensity(x, mean: mean)
    let divergence = line.integral(logG.exp() * (logG - logPosterior))
    kl = divergence.item()
    klGradient = gradient(divergence * 0.5)
    // Where the posterior is far from pg, or pg is narrow, large slopes of both signs add up to a small one.
    let parts = start.exp() * (x - generator.mean).abs() * (start - logPosterior).abs()
    rounding = Self.precision * line.integral(parts).item() / (generator.scale * generator.scale)

    logG = generator.logDensity(x, mean: mean)
    let middle = Self.logMean(logG, logP)
    let shannon = (line.integral(logG.exp() * (logG - middle)) + line.integral(logP.exp() * (logP - middle))) * 0.5
    jsd = shannon.item()
    jsdGradient = gradient(shannon)
  }

  /// The share of a sum's parts that it is off by at most.
  private static let precision = 1e-12

  /// log of the mean of two densities, from their logarithms.
  static func logMean(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.stacked([a, b], axis: -1).logSumExp(-1) - log(2) }
}
