import Generative
import Torch

extension Identity {
  /// Lemma 1 with the best discriminator, D = p_data / (pg + p_data): Eqs. 13 and 14 of Hu et al. 2018, after Arjovsky &
  /// Bottou 2017.
  ///
  /// Then q^r(x|y=0) is p_data, and the left side the gradient of (1/2) KL(pg, p_data) - JSD(pg, p_data). It holds if the
  /// sides agree and the library's critic has no slope left at the logits of Eq. 13.
  ///
  /// - Parameter points: where the logit of D is wanted, with the names to give it under.
  public static func optimalDiscriminator(
    generator: LineGaussian, data: LineMixture, at points: [(name: String, x: Double)]
  ) throws(IdentityError) -> Identity {
    func logit(_ x: Tensor) -> Tensor { data.logDensity(x) - generator.logDensity(x) }
    let line = LineQuadrature([generator] + data.components)
    let sides = OneStep(generator, data, line, logit: logit)
    let best = logit(line.nodes).detached()
    let critic = (-best).detached().requiringGradient()
    let (q, p) = (generator.logDensity(line.nodes).exp(), data.logDensity(line.nodes).exp())
    let objective = AdversarialObjective.jensenShannon
    let gain = q * objective.gain(q: Logits(critic)) + p * objective.gain(p: Logits(critic))
    let slope = gradients(of: gain, in: [critic])[0].abs()
    let largest = (slope / (q + p + 1e-300)).max(0).item()
    return try Identity(
      "optimal-discriminator", left: sides.left, right: sides.right,
      holds: sides.agree && largest < tolerance, terms: sides.terms,
      logits: points.isEmpty
        ? [] : zip(points, logit(Tensor(points.map(\.x))).array(Double.self)).map { Term($0.name, $1) })
  }
}
