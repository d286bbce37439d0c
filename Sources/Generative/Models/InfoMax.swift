import Networks
import Probability
import Torch

/// Codes that say much of an example, without a decoder: Deep InfoMax, Hjelm et al. 2019, Eq. 8.
///
/// The encoder ascends estimates of the mutual information of its code with the example as a whole and with every place
/// of a map inside it, both by statistics that ascend with it, while a critic keeps the codes near the prior. The
/// paper's prior is uniform, behind a sigmoid; here it is N(0, I).
public final class InfoMax: Game, Encoder {
  /// From an example to its code in stages, whose maps the statistics see.
  private let network: any StagedNetwork
  private let head: Linear
  private let whole: PairStatistic?
  private let places: PairStatistic?
  let regularizer: CriticRegularizer<ImplicitPosterior, StandardNormal>
  private let rules: Rules
  private let encoder: Player
  /// p(z): what codes are kept near.
  public let pz: StandardNormal

  /// What the encoder ascends.
  public struct Rules: Sendable {
    /// The estimate of both terms.
    public var estimator = InformationEstimator.jsd
    /// The weight of the information of the whole example, in its last map.
    public var globalWeight = 1.0
    /// The weight of the information of places, averaged over them; 0 for a network without maps.
    public var localWeight = 1.0
    /// Stages in front of the map whose places are seen.
    public var localStages = 2
    /// The weight of the critic's loss.
    public var priorWeight = 0.1
    /// The width of the statistics' networks.
    public var units = 2048
    /// Rounds at first in which the critic alone moves.
    public var pretrainSteps = 0

    public init() {}
  }

  /// - Parameters:
  ///   - network: of examples of a shape.
  ///   - dimension: the length of a code.
  ///   - regularizer: the critic of codes.
  public init(
    _ network: any StagedNetwork, shape: [Int], dimension: Int,
    regularizer: CriticRegularizer<ImplicitPosterior, StandardNormal>, rules: Rules, using rng: RandomSource
  ) {
    precondition(
      rules.globalWeight > 0 || rules.localWeight > 0, "InfoMax: expected a global or a local weight above 0")
    precondition(
      rules.localWeight == 0 || (1...network.stageCount).contains(rules.localStages),
      "InfoMax: expected 1 to \(network.stageCount) stages in front of a map, got \(rules.localStages)")
    self.network = network
    self.regularizer = regularizer
    self.rules = rules
    pz = StandardNormal(dimension)
    head = Linear(network.outputShape.reduce(1, *), dimension, using: rng)
    let blank = Tensor.zeros([1] + shape, device: rng.device)
    func statistic(_ features: (_ blank: Tensor) -> Tensor) -> PairStatistic {
      PairStatistic(withoutGradients { features(blank) }.size(2), dimension, units: rules.units, using: rng)
    }
    whole = rules.globalWeight > 0 ? statistic { Self.whole(network.stages($0, 0..<network.stageCount)) } : nil
    places = rules.localWeight > 0 ? statistic { Self.places(network.stages($0, 0..<rules.localStages)) } : nil
    encoder = Player("encoder", [network, head, whole, places])
  }

  /// A map as one place: `[n, 1, features]`.
  private static func whole(_ map: Tensor) -> Tensor { map.flattened(from: 1).unsqueezed(1) }

  /// The places of a map `[n, maps, height, width]`: `[n, places, maps]`.
  private static func places(_ map: Tensor) -> Tensor { map.flattened(from: 2).transposed }

  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { head(network(x)).inFloat() }

  /// Codes `[n, dimension]` of examples `[n] + shape`, and estimates of what they say of the whole and of its places:
  /// nats.
  func read(_ x: Tensor) -> (z: Tensor, whole: Tensor?, places: Tensor?) {
    let count = network.stageCount
    let inner = places == nil ? count : rules.localStages
    let map = network.stages(x, 0..<inner)
    let last = inner == count ? map : network.stages(map, inner..<count)
    let z = head(network.features(ofStages: last)).inFloat()  // [n, dimension]
    return (
      z, whole.map { rules.estimator($0(Self.whole(last), z)) }, places.map { rules.estimator($0(Self.places(map), z)) }
    )
  }

  // MARK: Training

  public var players: [Player] { [encoder, regularizer.critic] }
  public var batchesPerRound: Int { regularizer.criticSteps }

  /// Encoder and critic move at once on the same codes; what a critic moves more often it does on batches of its own.
  public func play(_ table: any Table) throws {
    let isAlone = table.clock.step < rules.pretrainSteps
    for _ in 0..<(isAlone ? batchesPerRound : batchesPerRound - 1) {
      let x = try table.batch(.main).x
      let drawn = withoutGradients { shown(x, encode(x, using: table.rng)) }
      try table.move(regularizer.critic, regularizer.criticLoss(drawn, using: table.rng))
    }
    if isAlone { return }
    let x = try table.batch(.main).x
    let (z, whole, places) = read(x)
    let (penalty, judged) = regularizer.round(shown(x, z), using: table.rng)
    let terms = [("global_information", whole, rules.globalWeight), ("local_information", places, rules.localWeight)]
    let loss = terms.reduce(penalty * rules.priorWeight) { loss, term in
      term.1.map { loss - $0 * term.2 } ?? loss
    }
    let noted = terms.compactMap { name, value, _ in value.map { Loss.Term(name, $0) } }
    try table.move([
      (encoder, Loss(loss, in: .none, terms: noted + [.init("prior", penalty, in: .none)])),
      (regularizer.critic, judged),
    ])
  }

  /// Codes as a critic is shown them.
  private func shown(_ x: Tensor, _ z: Tensor) -> Drawn<ImplicitPosterior, StandardNormal> {
    Drawn(x: x, q: ImplicitPosterior { _, _ in z }, draw: CodeDraw(z), prior: pz)
  }
}

extension InfoMax: Described {
  public var card: ModelCard {
    func weighed(_ weight: Double, _ gain: String) -> String { weight == 1 ? gain : "\(weight.plain) \(gain)" }
    let gains =
      (whole == nil ? [] : [weighed(rules.globalWeight, "I(x, z)")])
      + (places == nil ? [] : [weighed(rules.localWeight, "mean_l I(x_l, z)")])
    return ModelCard(
      conditionals: [
        .init("p", ["z"], pz.summary),
        .init("q", ["z"], given: ["x"], "z = E(x), \(network.summary)-\(pz.dimension)", isImplicit: true),
      ],
      players: [
        .init(
          "encoder",
          "-\(gains.joined(separator: " - ")) + \(rules.priorWeight) (\(regularizer.formula))"),
        .init(regularizer.critic.name, regularizer.criticFormula),
      ],
      notes: [
        "I(v, z) = \(rules.estimator.formula), E over examples with their codes, E' over examples with codes of others "
          + "among the n of a batch; T ascends it, too",
        whole.map { "T(x, z), x by its last map: \($0.summary)" },
        places.map { "T(x_l, z), x_l a place of map \(rules.localStages): \($0.summary)" }
          ?? "global term only: no map of places is looked at",
      ].compactMap(\.self),
      parameterCount: parameterCount, adversaries: [regularizer.adversary],
      divergence: "KL(q_eta(z|y) || q^r(z|y)) - I(x, z)")
  }
}
