import Probability
import Torch

/// An encoder, a density of its codes, and a way back from codes to examples: u ~ p(u), x = g(u) + e.
///
/// Anonymous 2021 (Training Deep Generative Models via Auxiliary Supervised Learning), section 2.3. The parts are models of
/// their own, trained one after the other; together they sample, reconstruct and encode as one. Without a regression the
/// encoder's own decoder leads back, and the model is the two-stage VAE of Dai & Wipf 2019.
public final class AuxiliarySupervisedModel: CodeSampler, Decoder {
  /// Gives codes to examples; a `Decoder` too where there is no regression.
  public let encoder: any Encoder & Described
  /// The density of codes, as a model that draws them.
  public let density: any Generator & Described
  /// The way back; nil where the encoder's decoder is it.
  public let regression: CodeRegression?
  /// What the regression leaves.
  public let noise: ResidualNoise
  private let learned: LearnedPrior

  /// - Parameters:
  ///   - density: a model of codes, vectors of the encoder's length.
  ///   - regression: g; nil for an encoder that is a decoder too.
  ///   - noise: none for a model without regression.
  public init(
    encoder: any Encoder & Described, density: any Generator & Described, regression: CodeRegression?,
    noise: ResidualNoise
  ) {
    precondition(
      regression != nil || (encoder is any Decoder && noise.kind == .none),
      "AuxiliarySupervisedModel: expected a regression, or an encoder with a decoder and no residuals")
    self.encoder = encoder
    self.density = density
    self.regression = regression
    self.noise = noise
    learned = LearnedPrior(density, summary: Self.summary(density))
  }

  public var exampleShape: [Int] { noise.shape }
  public var prior: any CodePrior { learned }

  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { encoder.encode(x, using: rng) }
  public func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor { encoder.draw(x, using: rng) }

  /// Images are shown as g(u), as their residuals are no picture; points are drawn with their noise.
  private var showsNoise: Bool { exampleShape.count == 1 && noise.kind != .none }

  public func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor {
    guard let regression else { return (encoder as! any Decoder).decode(z, as: shown, using: rng) }
    let prediction = regression.predict(z)
    return shown == .draws || showsNoise ? noise.added(to: prediction, using: rng) : prediction
  }

  public var portrayal: String {
    if let decoder = encoder as? any Decoder, regression == nil { return decoder.portrayal }
    return showsNoise ? "draws of g(u) + e" : "predictions g(u)"
  }

  /// A loss of codes z as one of codes u.
  private static func ofCodes(_ loss: String) -> String {
    [("z|", "u|"), ("|z", "|u"), ("(z)", "(u)")].reduce(loss) { $0.replacing($1.0, with: $1.1) }
  }

  /// What a density is, in one line, of its own card.
  private static func summary(_ density: any Generator & Described) -> String {
    let entries = density.card.conditionals
    let own = entries.first { $0.variables == ["x"] } ?? entries[0]
    return "learned: \(own.family)"
  }
}

extension AuxiliarySupervisedModel: Described {
  /// The cards of its parts, with the code u of one being the example of the next.
  public var card: ModelCard {
    let (first, second) = (encoder.card, density.card)
    func named(_ variables: [String], _ change: [String: String]) -> [String] { variables.map { change[$0] ?? $0 } }
    let renamesCode = ["z": "u"]
    // The density's example is the code u; what it has beside it is its own.
    let renamesExample = ["x": "u"]
    let inference = first.conditionals.filter { $0.role == .inference }.map {
      ModelCard.Entry(
        $0.letter, named($0.variables, renamesCode), given: named($0.given, renamesCode), $0.family,
        isImplicit: $0.isImplicit)
    }
    let codes = second.conditionals.map {
      ModelCard.Entry(
        $0.letter, named($0.variables, renamesExample), given: named($0.given, renamesExample), $0.family,
        isImplicit: $0.isImplicit)
    }
    let back =
      regression?.card.conditionals
      ?? first.conditionals.filter { $0.variables == ["x"] }.map {
        ModelCard.Entry($0.letter, $0.variables, given: named($0.given, renamesCode), $0.family)
      }
    return ModelCard(
      conditionals: inference + codes + back,
      players: first.players.map { .init("I \($0.player)", Self.ofCodes($0.loss)) }
        + second.players.map { .init("II \($0.player)", $0.loss.replacing("x", with: "u")) }
        + (regression?.card.players.map { .init("III \($0.player)", $0.loss) } ?? []),
      notes: [
        "trained in stages: the encoder first, then the density of its codes"
          + (regression == nil ? "" : " and the regression back, side by side")
      ],
      parameterCount: parameterCount,
      divergence: "no KL: three losses in turn")
  }
}
