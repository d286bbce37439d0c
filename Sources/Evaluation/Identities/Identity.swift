/// An equation or inequality of a paper, worked out at one point: both sides, and what they are made of.
///
///     let lemma = try Identity.lemma1(
///       generator: LineGaussian(mean: 1, scale: 1), data: LineMixture([LineGaussian(mean: 0, scale: 1)]),
///       logit: (0.5, -1))
///     lemma.left        // 0.301014
///     lemma.right       // 0.301014
///     lemma.terms       // kl 0.5, kl_gradient 0.5, jsd 0.111421, jsd_gradient 0.198986
///
/// One side is worked out by the losses that models of this library train on, the other by the definition of what stands
/// there. `IdentityForm` makes them of texts, as the command line has them.
public struct Identity: Sendable, Equatable {
  /// A number with its name.
  public struct Term: Sendable, Equatable {
    /// What it is.
    public let name: String
    /// How large it is.
    public let value: Double

    /// A term of this name.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// What is verified, such as `lemma-1`.
  public let name: String
  /// What stands on the left; nil where there are no two sides.
  public let left: Double?
  /// What stands on the right; nil where there are no two sides.
  public let right: Double?
  /// Whether the sides are as the identity says; nil where there are none.
  public let holds: Bool?
  /// What the sides are made of, or the numbers themselves where there are no sides.
  public let terms: [Term]
  /// Importance weights, for the identity that is about them.
  public let weights: [Double]?
  /// The logit of the best critic at points, under the points as they were written, for the identity about it.
  public let logits: [Term]?

  /// Two sides that are equal, or one that is at most the other.
  init(
    _ name: String, left: Double, right: Double, holds: Bool, terms: [Term], logits: [Term]? = nil
  ) throws(IdentityError) {
    try self.init(name, left, right, holds, terms, nil, logits)
  }

  /// Numbers without two sides.
  init(_ name: String, terms: [Term], weights: [Double]? = nil) throws(IdentityError) {
    try self.init(name, nil, nil, nil, terms, weights, nil)
  }

  private init(
    _ name: String, _ left: Double?, _ right: Double?, _ holds: Bool?, _ terms: [Term], _ weights: [Double]?,
    _ logits: [Term]?
  ) throws(IdentityError) {
    let numbers = [left, right].compactMap(\.self) + terms.map(\.value) + (weights ?? []) + (logits ?? []).map(\.value)
    guard numbers.allSatisfy(\.isFinite) else {
      throw IdentityError("\(name): these numbers are too extreme for double precision; a result is not finite")
    }
    self.name = name
    (self.left, self.right, self.holds) = (left, right, holds)
    self.terms = terms
    self.weights = weights
    self.logits = logits
  }

  /// The difference, relative to sides beyond 1, below which two sides are equal. Quadrature and autograd in float64 leave
  /// about 1e-12.
  static let tolerance = 1e-6

  /// Whether two sides are the same number.
  ///
  /// - Parameter rounding: what sums in double precision are off by, where their parts are larger than the sides.
  static func agree(_ left: Double, _ right: Double, rounding: Double = 0) -> Bool {
    abs(left - right) <= tolerance * max(1, abs(left), abs(right)) + rounding
  }
}

/// What is wrong with the numbers of an identity, in a sentence.
public struct IdentityError: Error, Equatable, CustomStringConvertible {
  /// The sentence: what was expected, and what came.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
