import Networks
import Probability
import Torch

/// How the two sides of a `GAN` play, and those of other games against a critic of examples.
public struct GANRules: Sendable {
  /// Which generated examples are weighted against each other.
  public enum Importance: Sendable, Equatable {
    /// Those of a batch.
    case batch
    /// So many, one group after the other; those that are left over make a smaller one.
    case groups(Int)
  }

  /// What both sides play for.
  public var objective = AdversarialObjective.nonSaturating
  /// What keeps the critic from growing too steep.
  public var penalty = CriticPenalty.none
  /// Who moves when; who is first in turn is the game's own.
  public var moves = Moves.alternating
  /// Moves of the critic in a round, each on a batch of its own.
  public var criticSteps = 1
  /// Moves of the generator in a round, in games that let it have more than one.
  public var generatorSteps = 1
  /// Rounds at first in which the critic alone moves.
  public var pretrainSteps = 0
  /// Weights of generated examples in the generator's loss, for objectives whose critic tells a log ratio; nil for none.
  /// Hu et al. 2018, Eq. 22.
  public var importance: Importance?
  /// How much a real example counts as generated in the critic's loss, from 0 to below 1. Salimans et al. 2016,
  /// section 3.4.
  public var smoothing = 0.0
  /// The deviation of the noise that the critic sees real and generated examples under, over the run. Sønderby et al.
  /// 2017, section 3.
  public var instanceNoise = Schedule.constant(0)
  /// The factor on the recovery of codes in both losses. Chen et al. 2016, Eq. 6. The critic's has the factor that its
  /// objective puts on each side besides, so that the two weigh as published.
  public var informationWeight = 1.0

  public init() {}
}

extension GANRules.Importance {
  /// k times the normalized weight of each example in its group of k: their mean over a group is 1. `[n]`, without
  /// a gradient.
  ///
  /// - Parameter logits: V of generated examples under an objective that tells log q/p, `[n]`.
  func weights(_ logits: Logits, _ objective: AdversarialObjective) -> Tensor {
    guard let logRatio = objective.logRatio(logits) else {
      preconditionFailure("GAN: importance weights need an objective that tells log q/p, got \(objective.rawValue)")
    }
    let realness = -logRatio
    let count = realness.count
    switch self {
    case .batch: return ImportanceWeights.normalized(realness, groups: count) * Double(count)
    case .groups(let size):
      let whole = count / size * size
      let sizes = [(0..<whole, size), (whole..<count, count - whole)].filter { !$0.0.isEmpty }
      return .concatenated(
        sizes.map { ImportanceWeights.normalized(realness.narrowed(0, $0), groups: $1) * Double($1) })
    }
  }

  var formula: String {
    switch self {
    case .batch: "w normalized over the batch"
    case .groups(let size): "w normalized over groups of \(size)"
    }
  }
}

extension GAN: Described {
  public var card: ModelCard {
    let y = classCount > 0 ? ["y"] : []
    let parts = namedCodes.map(\.name)
    let weight = rules.importance == nil ? "" : "w "
    let condition = y.map { "|" + $0 }.joined()
    let note = rules.importance.map { ",  \($0.formula), w = D/(1 - D) = p/q" } ?? ""
    func information(_ weight: Double) -> String {
      let factor = weight == 1 ? "" : "\(weight.plain) "
      return parts.isEmpty ? "" : " - \(factor)E_q log q(\(parts.joined(separator: ", "))|x)"
    }
    let formula = rules.objective.lossFormula(y.isEmpty ? "x" : "x, y")
    var conditionals: [ModelCard.Entry] = [.init("p", ["z"], pz.summary)]
    if classCount > 0 { conditionals.append(.init("p", ["y"], "the class of an example, one of \(classCount)")) }
    let inputs = (["z"] + y).joined(separator: ", ")
    conditionals.append(
      .init("p", ["x"], given: ["z"] + y, "x = G(\(inputs)), \(generator.summary)", isImplicit: true))
    if let recovery { conditionals.append(.init("q", parts, given: ["x"], recovery.summary)) }
    return ModelCard(
      conditionals: conditionals,
      players: [
        .init(
          "generator",
          (weight.isEmpty ? formula : formula.replacing("E_q ", with: "E_q w "))
            + information(rules.informationWeight)
            + ",  q the generated examples\(note)"),
        .init(
          "critic",
          "-(\(rules.objective.formula(y.isEmpty ? "x" : "x, y")))\(rules.penalty.formula)"
            + information(rules.informationWeight * rules.objective.sideWeight) + ",  p the data, V: \(critic.summary)"),
      ],
      parameterCount: parameterCount,
      adversaries: [
        .init(
          of: ["x"], given: y, real: "p_data(x\(condition))", generated: "p(x\(condition))", objective: rules.objective)
      ])
  }
}
