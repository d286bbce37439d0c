/// A model that can say what it is made of.
public protocol Described {
  /// Its conditionals, players and losses.
  var card: ModelCard { get }
}

/// A model as a reader of the papers would write it down: data, from which text, tables and graphs are made.
public struct ModelCard: Equatable, Sendable {
  /// A distribution of the model.
  public struct Entry: Equatable, Sendable {
    /// Which side of the model a distribution is on.
    public enum Role: String, Sendable {
      /// Examples and what they are made of: p.
      case generative
      /// What is inferred from examples: q.
      case inference
    }

    /// The letter of the distribution: p, q, r.
    public let letter: String
    /// What it is over, such as `["z"]`.
    public let variables: [String]
    /// What it is given, such as `["x", "y"]`.
    public let given: [String]
    /// What it is, with its network.
    public let family: String
    /// Whether it is a sampler without a density.
    public let isImplicit: Bool
    /// Which side of the model it is on.
    public let role: Role

    public init(
      _ letter: String, _ variables: [String], given: [String] = [], _ family: String, isImplicit: Bool = false
    ) {
      self.letter = letter
      self.variables = variables
      self.given = given
      self.family = family
      self.isImplicit = isImplicit
      role = letter == "q" ? .inference : .generative
    }

    /// The distribution in the notation of the papers, such as `q(z|x, y)`.
    public var symbol: String {
      let condition = given.isEmpty ? "" : "|" + given.joined(separator: ", ")
      return "\(letter)(\(variables.joined(separator: ", "))\(condition))"
    }
  }

  /// A player and the loss it descends.
  public struct Role: Equatable, Sendable {
    /// The player's name.
    public let player: String
    /// The loss in the notation of the papers.
    public let loss: String

    public init(_ player: String, _ loss: String) {
      self.player = player
      self.loss = loss
    }
  }

  /// The distributions of the generative and the inference model.
  public let conditionals: [Entry]
  /// Each player and the loss it descends.
  public let players: [Role]
  /// What a reader should know beside them, such as a network that stands before all others.
  public let notes: [String]
  /// Numbers that training changes.
  public let parameterCount: Int
  /// The critics and what each tells apart.
  public let adversaries: [Adversary]
  /// What is minimized, where it is not the KL that follows from conditionals and adversaries.
  public let divergence: String?
  /// What variables are, where it is not what their letters say: `["x": "features"]`. The name `real or generated` stands
  /// for what a critic tells.
  public let meanings: [String: String]

  /// - Parameters:
  ///   - adversaries: one for each critic.
  ///   - divergence: nil for the KL that follows from the other parts; see `UnifiedRow`.
  ///   - meanings: of variables whose letters do not tell them.
  public init(
    conditionals: [Entry], players: [Role], notes: [String] = [], parameterCount: Int, adversaries: [Adversary] = [],
    divergence: String? = nil, meanings: [String: String] = [:]
  ) {
    self.conditionals = conditionals
    self.players = players
    self.notes = notes
    self.parameterCount = parameterCount
    self.adversaries = adversaries
    self.divergence = divergence
    self.meanings = meanings
  }
}
