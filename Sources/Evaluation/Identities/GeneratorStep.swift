import Foundation
import Torch

/// One step of a generator in one dimension, as Lemma 1 reads it: towards q^r(x|y=0), within the Gaussians.
///
///     let step = GeneratorStep(generator, data, temperature: 2)
///     step.logPosterior(x)           // log q^r(x|y=0), [n]
///     try step.minimizer(rounds: 2000)  // the Gaussian that KL(p, q^r(x|y=0)) descends to
///
/// - Source: Hu et al. 2018, Eqs. 9 and 10 and Figure 2.
public struct GeneratorStep {
  /// pg as it stands.
  public let generator: LineGaussian
  /// p_data.
  public let data: LineMixture
  /// The number that divides the best logit of D; above 1 it makes D less sure, so that q^r(x|y=0) keeps a part of pg.
  public let temperature: Double
  private let line: LineQuadrature
  private let logNormalizer: Double

  /// - Parameter temperature: of D, above 0.
  public init(_ generator: LineGaussian, _ data: LineMixture, temperature: Double) {
    precondition(temperature > 0, "GeneratorStep: expected a temperature above 0, got \(temperature)")
    self.generator = generator
    self.data = data
    self.temperature = temperature
    line = LineQuadrature([generator] + data.components)
    logNormalizer = line.logIntegral(Self.unnormalized(line.nodes, generator, data, temperature)).item()
  }

  private static func unnormalized(
    _ x: Tensor, _ generator: LineGaussian, _ data: LineMixture, _ temperature: Double
  ) -> Tensor {
    let (logG, logP) = (generator.logDensity(x), data.logDensity(x))
    return ((logP - logG) / temperature).logSigmoid() + OneStep.logMean(logG, logP)
  }

  /// log q^r(x|y=0) at points `[n]`, nats, `[n]`.
  public func logPosterior(_ x: Tensor) -> Tensor {
    Self.unnormalized(x, generator, data, temperature) - logNormalizer
  }

  /// Both sides of Lemma 1 with this D.
  public var sides: (left: Double, right: Double) {
    let step = OneStep(generator, data, line) { [self] x in
      (data.logDensity(x) - generator.logDensity(x)) / temperature
    }
    return (step.left, step.right)
  }

  /// JSD(p, p_data) of a Gaussian, nats.
  public func jsd(_ p: LineGaussian) -> Double {
    let line = LineQuadrature([p] + data.components)
    let (logG, logP) = (p.logDensity(line.nodes), data.logDensity(line.nodes))
    let middle = OneStep.logMean(logG, logP)
    return line.integral(logG.exp() * (logG - middle) + logP.exp() * (logP - middle)).item() / 2
  }

  /// How much of q^r(x|y=0) is in a range.
  public func mass(in range: ClosedRange<Double>) -> Double {
    let x = line.nodes
    let isInside = (x .>= range.lowerBound).to(.float64) * (x .<= range.upperBound).to(.float64)
    return line.integral(logPosterior(x).exp() * isInside).item()
  }

  /// The Gaussian that KL(p, q^r(x|y=0)) descends to from pg, by Adam in mean and log deviation.
  public func minimizer(rounds: Int) throws(IdentityError) -> LineGaussian {
    let unit = try LineGaussian(mean: 0, scale: 1)
    let draws = LineQuadrature([unit])
    let weights = unit.logDensity(draws.nodes).exp()
    let mean = Parameter(Tensor(generator.mean, dtype: .float64))
    let logScale = Parameter(Tensor(log(generator.scale), dtype: .float64))
    let adam = Adam([mean, logScale])
    for round in 0..<rounds {
      let x = mean.value + logScale.value.exp() * draws.nodes
      // Up to a constant: minus the entropy, less E_p log q^r.
      let divergence = -logScale.value - draws.integral(weights * logPosterior(x))
      let rate = Self.rate * (1 - Double(round) / Double(rounds))
      adam.step(gradients(of: divergence, in: [mean.value, logScale.value]), rate: rate)
    }
    return try LineGaussian(mean: mean.value.item(), scale: exp(logScale.value.item()))
  }

  private static let rate = 0.05

  /// The Gaussian with the moments of q^r(x|y=0), at which KL(q^r(x|y=0), p) is least.
  public func matched() throws(IdentityError) -> LineGaussian {
    let density = logPosterior(line.nodes).exp()
    let mean = line.integral(density * line.nodes).item()
    let variance = line.integral(density * (line.nodes - mean).square()).item()
    return try LineGaussian(mean: mean, scale: variance.squareRoot())
  }
}

extension LineGaussian {
  /// How much of it is in a range.
  public func mass(in range: ClosedRange<Double>) -> Double {
    func below(_ x: Double) -> Double { 0.5 * erfc(-(x - mean) / scale / 2.0.squareRoot()) }
    return below(range.upperBound) - below(range.lowerBound)
  }
}
