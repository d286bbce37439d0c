import Generative
import Inference
import Torch
import Training

/// A Gaussian's fit that is over when it has converged.
///
/// Adam descends on 100 draws a gradient. Where the mean bound of a window of steps is not above that of the window
/// before by more than chance, the rate falls to a third; where that happens at the smallest rate, the fit is over.
final class GaussianWork: SteppedWork {
  let fit: GaussianFit
  private let plan: InferencePlan
  private let rng: RandomSource
  private let adam: Adam
  private(set) var step = 0
  /// How often the rate has fallen.
  private var falls = 0
  private var window = Window()
  /// The mean bound of the window before, and the square of its standard error.
  private var before: (mean: Double, variance: Double)?
  private var bound: Double?

  private static let draws = 100
  private static let windowSteps = 100
  private static let rates = [0.1, 0.03, 0.01, 0.003, 0.001]
  /// Standard errors that a rise must have.
  private static let leastErrors = 1.0

  /// The bounds of the steps of a window.
  private struct Window {
    var (count, sum, squares) = (0.0, 0.0, 0.0)

    mutating func add(_ bound: Double) { (count, sum, squares) = (count + 1, sum + bound, squares + bound * bound) }

    var mean: Double { sum / count }
    /// The square of the mean's standard error.
    var variance: Double { max(0, squares / count - mean * mean) / count }
  }

  init(_ target: Target, _ plan: InferencePlan, using rng: RandomSource) {
    (self.plan, self.rng) = (plan, rng)
    var design = GaussianFit.Design()
    design.covariance = plan.method == .adviFullRank ? .full : .diagonal
    design.draws = Self.draws
    // One start: the mean of many may lie between modes, where no mode is.
    design.starts = 1
    fit = GaussianFit(target, design, using: rng)
    adam = Adam(fit.parameters)
  }

  var totalSteps: Int { plan.iterations }
  var isOver: Bool { step >= totalSteps || falls >= Self.rates.count }

  func advance() throws {
    let rate = Self.rates[falls]
    let found = try fit.gradient(at: Clock(step: step), using: rng)
    adam.step(found.gradients, rate: rate)
    step += 1
    bound = found.bound
    window.add(found.bound)
    guard window.count == Double(Self.windowSteps) else { return }
    if let before, window.mean - before.mean <= Self.leastErrors * (window.variance + before.variance).squareRoot() {
      falls += 1
      self.before = nil
    } else {
      before = (window.mean, window.variance)
    }
    window = Window()
  }

  var numbers: [(key: String, value: Double)] {
    (bound.map { [("bound_nats", $0)] } ?? []) + [("learning_rate", Self.rates[min(falls, Self.rates.count - 1)])]
  }

  private var counts: [Double] {
    [
      Double(step), Double(falls), window.count, window.sum, window.squares, before?.mean ?? .nan,
      before?.variance ?? .nan,
    ]
  }

  private var targets: [(name: String, tensor: Tensor)] {
    let state = adam.state(fit.namedParameters.map(\.name))
    return state.tensors + state.counts + fit.namedTensors
  }

  var tensors: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: targets + [(SteppedWorkFile.randomState, rng.state), ("counts", Tensor(counts))])
  }

  func restore(_ tensors: [String: Tensor], from source: String) throws {
    var reader = TensorReader(tensors, from: source)
    try reader.restore(rng)
    let numbers = try reader.take("counts", [counts.count], .float64).array(Double.self)
    for (name, tensor) in targets {
      let kept = try reader.take(name, tensor.shape, tensor.dtype)
      withoutGradients { tensor.copyInPlace(kept) }
    }
    try reader.finish()
    (step, falls) = (Int(numbers[0]), Int(numbers[1]))
    (window.count, window.sum, window.squares) = (numbers[2], numbers[3], numbers[4])
    before = numbers[5].isNaN ? nil : (numbers[5], numbers[6])
  }
}

extension GaussianFit {
  /// The bound of a round's draws and the gradients of the loss in its parameters; moves nothing.
  ///
  /// - Throws: `TargetError` for a log density that is no finite number, `TrainingError` for a gradient that is not.
  func gradient(at clock: Clock, using rng: RandomSource) throws -> (bound: Double, gradients: [Tensor]) {
    let table = Recorder(clock: clock, using: rng)
    try play(table)
    let loss = table.loss(of: "fit")
    let found = gradients(of: loss.value.mean(), in: parameters.map(\.value))
    for (name, gradient) in zip(namedParameters.map(\.name), found) where gradient.isFinite().all().item() == 0 {
      throw TrainingError.nonFinite(player: "fit", quantity: "the gradient of '\(name)'", step: clock.step)
    }
    return (loss.terms[0].value.mean().detached().item(), found)
  }
}
