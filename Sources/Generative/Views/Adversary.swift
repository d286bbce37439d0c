extension ModelCard {
  /// A critic that tells two distributions of a variable apart: the discriminator q_phi(y|x) of Hu et al. 2018, with
  /// y = 1 for what it calls real and y = 0 for what is generated.
  ///
  ///     Adversary(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: .nonSaturating)  // a GAN
  ///     Adversary(of: ["z"], real: "p(z)", generated: "q(z)", objective: .jensenShannon)  // an adversarial autoencoder
  ///     Adversary(of: ["x"], real: "p_data(x)", generated: "p(x)", use: .weighs)  // an adversary-activated VAE
  public struct Adversary: Equatable, Sendable {
    /// What the rest of the model does with a critic.
    public enum Use: String, Sendable {
      /// A player descends against it, so that what it judges becomes like what it calls real.
      case isFooled
      /// Its probabilities weigh examples, and nobody descends against it.
      case weighs
      /// It tells the log ratio of densities that stand in a bound.
      case tellsRatio
    }

    /// The variables that it judges, by their names in the conditionals, such as `["x"]`.
    public let variables: [String]
    /// What it sees beside them, such as a class.
    public let given: [String]
    /// The distribution that it calls real, y = 1.
    public let real: String
    /// The distribution that it calls generated, y = 0.
    public let generated: String
    /// What is done with it.
    public let use: Use
    /// The game; nil where the library has no such objective.
    public let objective: AdversarialObjective?

    /// - Parameters:
    ///   - variables: what it judges, by the names in the conditionals.
    ///   - given: what it sees beside them.
    ///   - real: the distribution that it calls real.
    ///   - generated: the distribution that it calls generated.
    public init(
      of variables: [String], given: [String] = [], real: String, generated: String, use: Use = .isFooled,
      objective: AdversarialObjective? = nil
    ) {
      self.variables = variables
      self.given = given
      self.real = real
      self.generated = generated
      self.use = use
      self.objective = objective
    }
  }
}
