import Foundation
import Generative
import Networks
import Torch

/// A critic that learns from one half of two sets of rows.
///
/// Where the objective's best critic is a function of log q/p, the network is that log ratio: a quadratic of the row and
/// residual layers beside it. The critic is the function of it, and what is trained is the objective. A critic that is
/// the network itself would have to learn an exponential for `pearson`. Under `kl`, `reverse-kl`, `pearson` and
/// `hellinger` the loss of one row has no limit, and log ratios are kept within one: without, `reverse-kl` read .41
/// where KL is .82, led by 7 of 10,000 rows with a quarter of the weight.
final class HalfCritic {
  private let network: ResidualMLP
  private let head: Linear
  /// Of the row and its squares; nil for an objective that tells no log ratio.
  private let quadratic: Linear?
  private let design: CriticEstimate.Design
  private let objective: AdversarialObjective
  /// What log ratios cannot pass; nil where the loss of one row has a limit.
  let largest: Double?
  /// The step whose weights stayed.
  private(set) var chosenStep = 0

  init(
    _ columns: Int, _ design: CriticEstimate.Design, _ objective: AdversarialObjective, using rng: RandomSource
  ) {
    (self.design, self.objective) = (design, objective)
    network = ResidualMLP(columns, width: design.width, blocks: design.blocks, using: rng)
    // It begins with sets that are alike.
    head = Linear(design.width, 1, initialization: .normal(scale: 0), using: rng)
    quadratic =
      objective.tellsLogRatio ? Linear(2 * columns, 1, initialization: .normal(scale: 0), using: rng) : nil
    switch objective {
    case .kl, .reverseKL, .pearson, .hellinger: largest = design.largestLogRatio
    case .jensenShannon, .nonSaturating, .minimax, .wasserstein, .leastSquares, .hinge: largest = nil
    }
  }

  private var parameters: [Parameter] { network.parameters + head.parameters + (quadratic?.parameters ?? []) }

  /// log q/p at standardized rows, or V where the objective tells no log ratio: `[n]`.
  func output(_ rows: Tensor) -> Tensor {
    let v = head(network(rows)).squeezed(-1)
    guard let quadratic else { return v }
    let ratio = v + quadratic(.concatenated([rows, rows.square() - 1], axis: 1)).squeezed(-1)
    return largest.map { (ratio / $0).tanh() * $0 } ?? ratio
  }

  /// V of an output.
  func logits(_ output: Tensor) -> Logits { objective.critic(logRatio: output) ?? Logits(output) }

  // MARK: Training

  /// Adam's decays: a short memory of the slope, as the batches differ, and a long one of its size.
  private static var adam: Adam.Options {
    var options = Adam.Options()
    (options.beta1, options.beta2) = (0.5, 0.999)
    return options
  }

  private var penalty: CriticPenalty {
    objective == .wasserstein ? .unitGradient(weight: design.penaltyWeight) : .none
  }

  /// Learns from most of the rows; those that are left choose the step whose averaged weights stay.
  func train(
    _ metric: String, q: Tensor, p: Tensor, using rng: RandomSource, progress: (Int) -> Void
  ) throws(MetricError) {
    let (q, p) = (cut(q), cut(p))
    let parameters = parameters
    let adam = Adam(parameters, options: Self.adam)
    let average = WeightAverage(parameters, decay: design.averageDecay)
    let rate = Schedule.cosine(start: design.learningRate, end: 0, over: .steps(design.steps))
    var looks: [(step: Int, score: Double, weights: [Tensor])] = []
    for step in 1...design.steps {
      let loss = loss(q: batch(q.learning, rng), p: batch(p.learning, rng), using: rng)
      adam.step(gradients(of: loss, in: parameters.map(\.value)), rate: rate(Clock(step: step - 1)))
      average.update()
      guard step.isMultiple(of: design.lookEvery) || step == design.steps else { continue }
      average.swap()
      let score = score(q: q.choosing, p: p.choosing)
      if score.isFinite { looks.append((step, score, parameters.map { $0.value.detached().clone() })) }
      average.swap()
      progress(step)
    }
    guard let best = looks.map(\.score).max(), let chosen = looks.last(where: { $0.score >= best - design.tolerance })
    else {
      throw MetricError("\(metric): the divergence was not finite at any step of the critic; take another objective")
    }
    chosenStep = chosen.step
    withoutGradients {
      for (parameter, weight) in zip(parameters, chosen.weights) { parameter.value.copyInPlace(weight) }
    }
  }

  private func cut(_ rows: Tensor) -> (choosing: Tensor, learning: Tensor) {
    let count = max(1, Int(design.choosing * Double(rows.size(0))))
    return (rows.narrowed(0, 0..<count), rows.narrowed(0, count..<rows.size(0)))
  }

  private func batch(_ rows: Tensor, _ rng: RandomSource) -> Tensor {
    let count = rows.size(0)
    guard count > design.batchSize else { return rows }
    let places = (rng.uniform([design.batchSize], dtype: .float64) * Double(count)).to(.int64)
    return rows.gathered(places)
  }

  /// What the critic descends.
  private func loss(q: Tensor, p: Tensor, using rng: RandomSource) -> Tensor {
    // One pass for both.
    let v = logits(output(.concatenated([q, p]))).values
    let count = v.size(0)
    let divergence = objective.divergence(
      q: Logits(v.narrowed(0, 0..<q.size(0))), p: Logits(v.narrowed(0, q.size(0)..<count)))
    let rows = min(q.size(0), p.size(0))
    let penalty = penalty(
      { Logits(output($0)) }, q: q.narrowed(0, 0..<rows), p: p.narrowed(0, 0..<rows), using: rng)
    return penalty.map { $0 - divergence } ?? -divergence
  }

  /// How good the critic is on rows that it does not learn from.
  ///
  /// Log ratios are judged by how well they tell q from p, as one row cannot outweigh all others there.
  private func score(q: Tensor, p: Tensor) -> Double {
    if objective.tellsLogRatio {
      return withoutGradients {
        AdversarialObjective.jensenShannon.divergence(q: Logits(output(q)), p: Logits(output(p))).item()
      }
    }
    return -loss(q: q, p: p, using: RandomSource(seed: 0)).item()
  }
}
