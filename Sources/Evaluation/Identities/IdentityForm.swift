import Configuration
import Generative
import Torch

/// A row of the table of identities: how one is asked for, what it says, and how texts become one.
public struct IdentityForm: Sendable {
  /// A number, a list or a name that an identity is about.
  public struct Parameter: Sendable, Equatable {
    /// Its name, such as `generator`.
    public let name: String
    /// How its text looks, such as `MEAN:SD`.
    public let form: String
    /// What it is where nothing is said; nil where it then is nothing.
    public let standard: String?

    init(_ name: String, _ form: String, _ standard: String?) {
      self.name = name
      self.form = form
      self.standard = standard
    }
  }

  /// The name, such as `lemma-1`.
  public let name: String
  /// What it says, for help and for people who read the result.
  public let meaning: String
  /// What it is about.
  public let parameters: [Parameter]
  private let make: @Sendable (IdentityValues) throws -> Identity

  private init(
    _ name: String, _ meaning: String, _ parameters: [Parameter],
    make: @escaping @Sendable (IdentityValues) throws -> Identity
  ) {
    self.name = name
    self.meaning = meaning
    self.parameters = parameters
    self.make = make
  }

  /// The identity of these texts, by the names of parameters; what is not among them is as it is where nothing is said.
  public func identity(_ given: [String: String]) throws -> Identity {
    try make(IdentityValues(form: self, given: given))
  }

  /// The form of this name.
  public static func named(_ name: String) throws(IdentityError) -> IdentityForm {
    if let found = all.first(where: { $0.name == name }) { return found }
    let hint = nearest(to: name, among: all.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
    throw IdentityError("unknown identity '\(name)'; there are \(all.map(\.name).joined(separator: ", "))\(hint)")
  }

  private static let generator = Parameter("generator", "MEAN:SD", "1:1")
  private static let data = Parameter("data", "W:MEAN:SD,...", "1:0:1")

  /// Those that can be verified.
  public static let all: [IdentityForm] = [
    IdentityForm(
      "lemma-1", "d (1/2) E_pg[-log q^r(y=0|x)] = d [(1/2) KL(pg, q^r(x|y=0)) - JSD(pg, p_data)], by pg's mean",
      [generator, data, Parameter("logit", "A,B", "0.5,-1")]
    ) { values in
      let logit = try values.numbers("logit", count: 2)
      return try .lemma1(
        generator: values.gaussian("generator"), data: values.mixture("data"), logit: (logit[0], logit[1]))
    },
    IdentityForm(
      "lemma-2", "the VAE's bound is Eq. 19 under the perfect discriminator, in value and gradient",
      [Parameter("seed", "N", "1")]
    ) { try .lemma2(seed: UInt64($0.whole("seed", in: 0...Int.max))) },
    IdentityForm(
      "optimal-discriminator", "lemma-1 at D = p_data / (pg + p_data), where q^r(x|y=0) = p_data (Eqs. 13, 14)",
      [generator, data, Parameter("at", "X,...", "0,1")]
    ) { values in
      try .optimalDiscriminator(
        generator: values.gaussian("generator"), data: values.mixture("data"), at: values.points("at"))
    },
    IdentityForm(
      "jsd-bound", "JSD(pg, p_data) <= E_p(y) KL(p(x|y), q^r(x|y)) over a few states (Eq. 30)",
      [
        Parameter("p", "P,...", nil), Parameter("q", "P,...", nil), Parameter("d", "D,...", nil),
        Parameter("size", "N", "10"), Parameter("seed", "N", "1"),
      ]
    ) { values in
      let pair = try values.pair()
      return try .jsdBound(generated: pair.generated, data: pair.data, realness: values.optionalNumbers("d"))
    },
    IdentityForm(
      "dirac-gan", "where generator theta and critic psi of the one-parameter game move",
      [
        Parameter("objective", "O", AdversarialObjective.minimax.rawValue), Parameter("theta", "T", "1"),
        Parameter("psi", "P", "1"),
      ]
    ) { try .diracGAN($0.objective(), theta: $0.number("theta"), psi: $0.number("psi")) },
    IdentityForm(
      "conjugate", "what the critic pays on draws of p is f*(t) = sup_u (u t - f(u))",
      [Parameter("objective", "O", AdversarialObjective.kl.rawValue), Parameter("at", "T", "0.3")]
    ) { try .conjugate($0.objective(), at: $0.number("at")) },
    IdentityForm(
      "importance-weights", "D/(1-D) of generated examples, normalized, by the logits of D",
      [Parameter("logits", "L,...", "0,1.386294,-1.386294")]
    ) { try .importanceWeights($0.numbers("logits")) },
  ]
}
