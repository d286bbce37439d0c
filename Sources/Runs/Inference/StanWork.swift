import Foundation
import Generative
import Inference
import Torch
import Training

/// A Gaussian's fit by the rule of Stan's ADVI.
///
/// One draw a gradient; step k is eta k^(-1/2) g / (1 + sqrt s_k) with s_k = g^2 / 10 + 9 s_(k-1) / 10 and s_1 = g^2.
/// First eta is looked for among 100, 10, 1, 0.1 and 0.01, with 50 steps each from the start: the last one before the
/// bound gets worse. Then the fit goes on until the mean or the median of the last relative changes of the bound, which
/// 100 draws tell every 100 steps, is below 1 %. The mean starts evenly within (-2, 2).
///
/// - Source: Kucukelbir et al. 2017, sections 2.6 and 3.1, with the defaults of Stan. Not as there: L's diagonal is
///   positive, by exp.
final class StanWork: SteppedWork {
  let fit: GaussianFit
  private let plan: InferencePlan
  private let rng: RandomSource
  /// The parameters that the fit starts from, and s.
  private let start: [Tensor]
  private let squares: [Tensor]
  private(set) var step = 0
  /// Steps since the last start, and the candidate that is tried; nil once eta has been found.
  private var sinceStart = 0
  private var candidate: Int? = 0
  private var eta = 0.0
  private var isDone = false
  private var initial = Double.nan
  private var best = -Double.infinity
  private var previous = Double.nan
  /// The last relative changes of the bound.
  private var changes: [Double] = []
  private var bound: Double?

  private static let candidates = [100, 10, 1, 0.1, 0.01]
  private static let stepsOfCandidate = 50
  private static let boundEvery = 100
  private static let boundDraws = 100
  private static let tolerance = 0.01
  private static let (memory, delay) = (0.9, 1.0)

  init(_ target: Target, _ plan: InferencePlan, using rng: RandomSource) {
    (self.plan, self.rng) = (plan, rng)
    var design = GaussianFit.Design()
    design.covariance = plan.method == .adviFullRank ? .full : .diagonal
    design.draws = 1
    fit = GaussianFit(target, design, startingAt: rng.uniform([target.dimension]) * 4 - 2, using: rng)
    start = fit.parameters.map { $0.value.detached().clone() }
    squares = fit.parameters.map { .zeros($0.value.shape) }
  }

  var totalSteps: Int { Self.candidates.count * Self.stepsOfCandidate + plan.iterations }
  var isOver: Bool { isDone }

  func advance() throws {
    if step == 0 { initial = meanBound() }
    sinceStart += 1
    step += 1
    if let candidate {
      // What diverges at a large eta is not an error: a smaller one is tried.
      if let gradients = try attempt() { move(gradients, eta: Self.candidates[candidate]) }
      if sinceStart == Self.stepsOfCandidate { try judge(candidate) }
      return
    }
    move(try fit.gradient(at: Clock(step: step), using: rng).gradients, eta: eta)
    if sinceStart.isMultiple(of: Self.boundEvery) { watch() }
    isDone = isDone || sinceStart >= plan.iterations
  }

  private func attempt() throws -> [Tensor]? {
    do { return try fit.gradient(at: Clock(step: step), using: rng).gradients } catch is TargetError {
      return nil
    } catch TrainingError.nonFinite { return nil }
  }

  private func move(_ gradients: [Tensor], eta: Double) {
    withoutGradients {
      for ((parameter, square), gradient) in zip(zip(fit.parameters, squares), gradients) {
        let now = gradient.square()
        square.copyInPlace(sinceStart == 1 ? now : square * Self.memory + now * (1 - Self.memory))
        let size = -eta / Double(sinceStart).squareRoot()
        parameter.value.addInPlace(gradient / (square.sqrt() + Self.delay) * size)
      }
    }
  }

  /// Whether eta is found once a candidate has had its steps.
  private func judge(_ candidate: Int) throws {
    let found = meanBound()
    if found < best, best > initial {
      eta = Self.candidates[candidate - 1]
    } else if candidate < Self.candidates.count - 1 {
      best = found
    } else {
      guard found > initial else { throw InferenceError.noStepSize }
      eta = Self.candidates[candidate]
    }
    self.candidate = eta > 0 ? nil : candidate + 1
    sinceStart = 0
    withoutGradients {
      for (parameter, value) in zip(fit.parameters, start) { parameter.value.copyInPlace(value) }
    }
    for square in squares { square.fillInPlace(0) }
    previous = initial
  }

  /// Takes the bound and ends the fit where it has hardly changed.
  private func watch() {
    let now = meanBound()
    changes.append(abs((now - previous) / previous))
    if changes.count > max(2, plan.iterations / 10 / Self.boundEvery) { changes.removeFirst() }
    (previous, bound) = (now, now)
    let sorted = changes.sorted()
    let middle = sorted.count / 2
    let median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    isDone = min(median, changes.reduce(0, +) / Double(changes.count)) < Self.tolerance
  }

  /// The bound by a few draws; -infinity where it is no number.
  private func meanBound() -> Double {
    let bound = withoutGradients { fit.bound(count: Self.boundDraws, using: rng).mean().item() }
    return bound.isNaN ? -.infinity : bound
  }

  var numbers: [(key: String, value: Double)] {
    (bound.map { [("bound_nats", $0)] } ?? []) + [("eta", candidate.map { Self.candidates[$0] } ?? eta)]
  }

  private var counts: [Double] {
    [Double(step), Double(sinceStart), Double(candidate ?? -1), eta, isDone ? 1 : 0, initial, best, previous]
  }

  var tensors: [String: Tensor] {
    var tensors = [
      SteppedWorkFile.randomState: rng.state, "counts": Tensor(counts), "changes": Tensor(changes),
      "bound": Tensor([bound ?? .nan]),
    ]
    for (index, (name, parameter)) in fit.namedParameters.enumerated() {
      tensors[name] = parameter.value
      tensors[name + ".start"] = start[index]
      tensors[name + ".square"] = squares[index]
    }
    return tensors
  }

  func restore(_ tensors: [String: Tensor], from source: String) throws {
    var reader = TensorReader(tensors, from: source)
    try reader.restore(rng)
    let numbers = try reader.take("counts", [counts.count], .float64).array(Double.self)
    changes = try reader.take("changes", .float64).array()
    let bound = try reader.take("bound", [1], .float64).item()
    for (index, (name, parameter)) in fit.namedParameters.enumerated() {
      for (suffix, tensor) in [("", parameter.value), (".start", start[index]), (".square", squares[index])] {
        let kept = try reader.take(name + suffix, tensor.shape, tensor.dtype)
        withoutGradients { tensor.copyInPlace(kept) }
      }
    }
    try reader.finish()
    self.bound = bound.isNaN ? nil : bound
    (step, sinceStart, candidate) = (Int(numbers[0]), Int(numbers[1]), numbers[2] < 0 ? nil : Int(numbers[2]))
    (eta, isDone, initial, best, previous) = (numbers[3], numbers[4] == 1, numbers[5], numbers[6], numbers[7])
  }
}
