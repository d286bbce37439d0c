import Generative
import Torch

extension Identity {
  /// Where generator and critic of the one-parameter game move: the Dirac GAN of Mescheder et al. 2018.
  ///
  /// The generator makes the point theta, the data are the point 0, the critic's logit is psi x, high on generated x.
  /// With f(t) = -log(1 + e^-t) the critic moves by theta f'(theta psi) and the generator by -psi f'(theta psi), or
  /// -psi f'(-theta psi) if it is non-saturating. The numbers are gradients of the library's losses; those of
  /// Jensen-Shannon's critic are doubled, as its divergence is half the value of the game of Goodfellow et al. 2014.
  public static func diracGAN(
    _ objective: AdversarialObjective, theta: Double, psi: Double
  ) throws(IdentityError) -> Identity {
    let point = Tensor([theta]).requiringGradient()
    let slope = Tensor(psi, dtype: .float64).requiringGradient()
    let scale = ConjugateForm(objective)?.scale ?? 1
    let divergence = objective.divergence(q: Logits(point * slope), p: Logits(Tensor([0.0]) * slope)) * scale
    let critic = gradients(of: divergence, in: [slope])[0].item()
    let generator = -gradients(of: objective.loss(q: Logits(point * slope)), in: [point])[0].item()
    return try Identity("dirac-gan", terms: [.init("generator", generator), .init("critic", critic)])
  }
}
