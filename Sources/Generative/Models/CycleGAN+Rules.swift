extension CycleGAN {
  /// What a CycleGAN plays: the objective, the weights of its losses, and the moves of a round. The defaults are those of
  /// Zhu et al. 2017.
  public struct Rules: Sendable {
    public var objective = AdversarialObjective.leastSquares
    public var penalty = CriticPenalty.none
    /// On the translators' adversarial losses; 2 takes away the half that this library has in least squares.
    public var adversarial = 2.0
    /// On the distance between an example and its cycle, the mean of |F(G(a)) - a| over its numbers.
    public var cycle = 10.0
    /// On the distance of G(b) from b, in units of `cycle`; 0 leaves it out.
    public var identity = 0.5
    /// Moves of the critics for one of the translators.
    public var steps = 1
    /// Rounds at first in which the critics alone move.
    public var pretrainSteps = 0

    public init() {}
  }
}
