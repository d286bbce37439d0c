extension CycleGAN {
  /// What a CycleGAN plays: the game of its translators and critics, and the weights of the translators' losses. The
  /// defaults are those of Zhu et al. 2017.
  public struct Rules: Sendable {
    /// Objective, penalty, steps and moves; the translators are the generator. Importance weights and recovered codes
    /// have no place here.
    public var game: GANRules
    /// On the translators' adversarial losses; 2 takes away the half that this library has in least squares.
    public var adversarial = 2.0
    /// On the distance between an example and its cycle, the mean of |F(G(a)) - a| over its numbers.
    public var cycle = 10.0
    /// On the distance of G(b) from b, in units of `cycle`; 0 leaves it out.
    public var identity = 0.5

    public init() {
      game = GANRules()
      game.objective = .leastSquares
    }
  }
}
