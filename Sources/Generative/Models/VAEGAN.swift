import Datasets
import Networks
import Probability
import Torch

/// A variational autoencoder whose likelihood is that of a layer of a discriminator, which its decoder plays against.
/// Larsen et al. 2016, Algorithm 1.
///
/// Encoder, decoder and critic each have a loss of their own: the KL and the layer's reconstruction error; that error,
/// scaled, and the game; the game alone. An example's error is half the squared distance in the critic's layer, a
/// Gaussian of variance 1 up to its constant, so there is no density of x.
public final class VAEGAN: Game, Encoder, Decoder {
  /// q(z|x).
  private let qz: GaussianNetwork
  /// p(z).
  private let pz: StandardNormal
  /// x = G(z).
  private let generator: any Network
  /// V(x), on a network of stages, in one of which reconstructions are compared.
  private let critic: CodeCritic
  private let design: Design
  private let encoder: Player
  private let creator: Player
  private let adversary: Player

  /// How the parts of a `VAEGAN` play together.
  public struct Design: Sendable {
    /// What critic and decoder play for.
    public var objective = AdversarialObjective.nonSaturating
    /// Stages of the critic in front of the layer in which reconstructions are compared.
    public var layer = 3
    /// The factor on the reconstruction error beside the game, in the decoder's loss.
    public var reconstructionWeight = 1e-6
    /// Whether the critic is shown reconstructions beside samples.
    public var judgesReconstructions = false
    /// The critic rests while it is surer than this margin below, the decoder while the critic is less sure than it
    /// above, the cost `balance`; nil lets both move always.
    public var margin: Double? = 0.35
    /// The critic's cost of one side, nats, around which both move: -log 1/2 is .69.
    public var balance = 0.68

    public init() {}
  }

  /// - Parameters:
  ///   - body: the critic's network, with more stages than `design.layer` or as many.
  public init(
    qz: GaussianNetwork, generator: any Network, body: any StagedNetwork, design: Design = Design(),
    using rng: RandomSource
  ) {
    precondition(
      (1...body.stageCount).contains(design.layer),
      "VAEGAN: expected a layer of the critic from 1 to \(body.stageCount), got \(design.layer)")
    self.qz = qz
    pz = StandardNormal(qz.dimension)
    self.generator = generator
    critic = CodeCritic(body, using: rng)
    self.design = design
    encoder = Player("encoder", [qz])
    creator = Player("decoder", [generator])
    adversary = Player("critic", side: .adversary, [critic])
  }

  public var exampleShape: [Int] { generator.outputShape }
  public var prior: any CodePrior { pz }
  public let portrayal = "draws of p(x)"

  public func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor { generator(z) }

  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { qz(x).mean }

  // MARK: Training

  /// The critic's network, as it was given.
  private var body: any StagedNetwork {
    guard let body = critic.network as? any StagedNetwork else { preconditionFailure("VAEGAN: expected stages") }
    return body
  }

  public var players: [Player] { [encoder, creator, adversary] }

  /// V and the result of the layer.
  private func judged(_ x: Tensor) -> (logits: Logits, layer: Tensor) {
    let h = body.stages(x, 0..<design.layer)
    let features = body.features(ofStages: body.stages(h, design.layer..<body.stageCount)).flattened(from: 1)
    return (critic.logits(features), h)
  }

  public func play(_ table: any Table) throws {
    let x = try table.batch(.main).x
    let q = qz(x)
    let z = q.rsample([], using: table.rng)
    let (reconstructed, made) = (generator(z), generator(pz.sample([x.size(0)], using: table.rng)))
    let (real, fake) = (judged(x), judged(made))
    let again = design.judgesReconstructions ? judged(reconstructed) : nil
    let layer = again?.layer ?? body.stages(reconstructed, 0..<design.layer)
    let error = (layer - real.layer.detached()).flattened(from: 1).square().sum(-1) * 0.5  // [batch]
    let divergence = kl(q, pz)  // [batch]
    let verdicts = Logits(.concatenated([fake.logits.values] + (again.map { [$0.logits.values] } ?? [])))
    let game = design.objective.loss(q: verdicts)  // [batch], or two numbers per example
    let gain = design.objective.divergence(q: verdicts, p: real.logits)
    let (moves, rests) = resting(real: real.logits, fake: fake.logits)
    let both = Logits(.concatenated([fake.logits.values, real.logits.values]))
    let losses: [(Player, Loss)] = [
      (
        encoder,
        Loss(divergence + error, terms: [.init("kl", divergence), .init("reconstruction", error)] + rests)
      ),
      (
        creator,
        Loss(error.mean() * design.reconstructionWeight + game.mean(), terms: [.init("game", game, in: unit)])
      ),
      (
        adversary,
        Loss(
          -gain, in: unit,
          terms: [.init("divergence", gain, in: unit), CriticSaturation.term(both), Spread.term(made, x)])
      ),
    ]
    try table.move(losses.filter { moves($0.0) })
  }

  private var unit: LossUnit { design.objective.unit }

  /// Who moves, and the shares of rounds in which critic and decoder rest.
  private func resting(real: Logits, fake: Logits) -> (moves: (Player) -> Bool, terms: [Loss.Term]) {
    guard let margin = design.margin else { return ({ _ in true }, []) }
    let costs: [Double] = [real.values.softplus().mean().item(), (-fake.values).softplus().mean().item()]
    var restsCritic = costs.contains { $0 < design.balance - margin }
    var restsDecoder = costs.contains { $0 > design.balance + margin }
    if restsCritic, restsDecoder { (restsCritic, restsDecoder) = (false, false) }
    let (adversary, creator) = (adversary, creator)
    return (
      { ($0 !== adversary || !restsCritic) && ($0 !== creator || !restsDecoder) },
      [("critic_rests", restsCritic), ("decoder_rests", restsDecoder)].map {
        .init($0, Tensor($1 ? 1.0 : 0), in: .fraction)
      }
    )
  }
}

extension VAEGAN: CodeSampler {
  public func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor { qz(x).sample([], using: rng) }
}

extension VAEGAN: Described {
  public var card: ModelCard {
    let error = "|D_\(design.layer)(x) - D_\(design.layer)(G(z))|^2 / 2"
    return ModelCard(
      conditionals: [
        .init("p", ["z"], pz.summary),
        .init("p", ["x"], given: ["z"], "the layer of the critic at G(z), \(generator.summary)"),
        .init("q", ["z"], given: ["x"], qz.summary),
      ],
      players: [
        .init("encoder", "KL(q(z|x), p(z)) + E_q(z|x) \(error)"),
        .init(
          "decoder",
          "\(design.reconstructionWeight.plain) E_q(z|x) \(error) + \(design.objective.lossFormula("x")),  "
            + "q the samples\(design.judgesReconstructions ? " and reconstructions" : "")"),
        .init("critic", "-(\(design.objective.formula("x"))),  p the data, V: \(critic.summary)"),
      ],
      notes: design.margin.map {
        [
          "the critic rests while it is too sure, the decoder while it is not sure enough: costs outside "
            + "\(design.balance.plain) +- \($0.plain) nats"
        ]
      } ?? [], parameterCount: parameterCount,
      adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: design.objective)])
  }
}
