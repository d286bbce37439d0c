import Torch

/// Multinomial logistic regression with an L2 penalty, solved to a tolerance.
///
/// It minimizes the mean over the rows of -log softmax(W x + b)_y, in nats, plus l2/2 |W|^2. The bias is free. Features
/// are standardized by the training rows first. scikit-learn's C is 1 / (n l2).
///
/// - Source: Hastie, Tibshirani & Friedman 2009, section 4.4; solved by Newton's method with conjugate gradients
///   (Lin, Weng & Keerthi 2008).
public struct LinearProbe {
  /// Weights of the standardized features in the first d rows, biases in the last: shape `[d + 1, classes]`.
  public let weights: Tensor
  /// The classes, in the order of the columns of `weights`.
  public let classes: [Int]
  /// The largest absolute entry of the objective's gradient at the solution.
  public let gradientNorm: Double
  /// Newton steps that were taken.
  public let steps: Int

  private let standardization: Standardization

  /// Solved when no entry of the gradient is larger than this, unless told otherwise: scikit-learn's rule and number.
  public static let tolerance = 1e-4
  /// A small penalty: what a Gaussian prior of variance 1 gives for 10,000 rows.
  public static let defaultL2 = 1e-4

  private static let rounding = 1e-12
  private static let mostSteps = 200
  private static let mostHalvings = 50
  private static let sufficientDecrease = 1e-4

  /// Learns from `train`.
  ///
  /// - Parameter tolerance: the largest absolute entry of the gradient at a solution.
  public init(
    train: LabelledRows, l2: Double = LinearProbe.defaultL2, tolerance: Double = LinearProbe.tolerance
  ) throws(MetricError) {
    guard l2 >= 0, l2.isFinite else { throw MetricError("linear-probe: expected l2 >= 0, got \(l2)") }
    guard tolerance > 0, tolerance.isFinite else {
      throw MetricError("linear-probe: expected a tolerance > 0, got \(tolerance)")
    }
    standardization = Standardization(train.x)
    classes = train.classes
    let rank = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int64($0)) })
    let problem = LogisticProblem(
      x: LinearProbe.withBias(standardization(train.x)),
      targets: Tensor(train.y.compactMap { rank[$0] }).oneHot(classes.count).to(.float64), l2: l2)

    var w = Tensor.zeros([train.dimension + 1, classes.count], dtype: .float64)
    var point = problem.at(w)
    var step = 0
    // A single class has no gradient but rounding, which is not a goal.
    let goal = max(tolerance, Self.rounding)
    while point.gradientNorm > goal {
      let direction = problem.newtonDirection(point)
      let slope = (direction * point.gradient).sum().item()
      var length = 1.0
      var next = problem.at(w + direction)
      var halvings = 0
      // Near the optimum the decrease drowns in rounding; a smaller gradient is progress as well.
      while !(next.value <= point.value + Self.sufficientDecrease * length * slope
        || next.gradientNorm < 0.5 * point.gradientNorm && next.value - point.value < 1e-12 * abs(point.value))
        && halvings < Self.mostHalvings
      {
        length /= 2
        halvings += 1
        next = problem.at(w + direction * length)
      }
      step += 1
      guard step < Self.mostSteps, halvings < Self.mostHalvings else {
        throw MetricError(
          "linear-probe: no optimum within \(step) steps (gradient \(point.gradientNorm), l2 \(l2)); a larger l2 has one"
        )
      }
      w = w + direction * length
      point = next
    }
    (weights, gradientNorm, steps) = (w, point.gradientNorm, step)
  }

  /// The most probable class of every row of `x` `[n, d]`.
  public func predictions(_ x: Tensor) -> [Int] {
    LinearProbe.withBias(standardization(x)).matmul(weights).argmax(1).array(Int64.self).map { classes[Int($0)] }
  }

  /// The fraction of `test` that is predicted wrongly.
  public func errorRate(_ test: LabelledRows) throws(MetricError) -> Double {
    let features = weights.size(0) - 1
    guard test.dimension == features else {
      throw MetricError(
        "linear-probe: expected test rows of \(features) features, as in training, got \(test.dimension)")
    }
    return test.errorRate(predictions(test.x))
  }

  private static func withBias(_ x: Tensor) -> Tensor {
    Tensor.concatenated([x, Tensor.ones([x.size(0), 1], dtype: .float64)], axis: 1)
  }
}

/// The objective of logistic regression for rows with a last column of ones.
private struct LogisticProblem {
  let x: Tensor  // [n, d + 1]
  let targets: Tensor  // [n, classes]
  let penalty: Tensor  // [d + 1, 1], l2 for weights and 0 for the bias

  /// The objective and what its derivatives are made of.
  struct Point {
    let value: Double
    let gradient: Tensor
    let gradientNorm: Double
    let probabilities: Tensor
  }

  /// The most products with the Hessian for one Newton direction.
  private static let mostProducts = 500
  /// How small the residual of the linear system becomes, relative to the gradient: far from the optimum a rough
  /// direction will do, near it the root of the gradient keeps the steps few (Nocedal & Wright 2006, section 7.1).
  private static let residuals = 1e-4...0.1

  init(x: Tensor, targets: Tensor, l2: Double) {
    (self.x, self.targets) = (x, targets)
    penalty = Tensor([Double](repeating: l2, count: x.size(1) - 1) + [0], shape: [x.size(1), 1])
  }

  func at(_ w: Tensor) -> Point {
    let n = Double(x.size(0))
    let logProbabilities = x.matmul(w).logSoftmax(1)
    let probabilities = logProbabilities.exp()
    let value = -(logProbabilities * targets).sum().item() / n + (w.square() * penalty).sum().item() / 2
    let gradient = x.transposed.matmul(probabilities - targets) / n + w * penalty
    return Point(
      value: value, gradient: gradient, gradientNorm: gradient.abs().max().item(), probabilities: probabilities)
  }

  /// The Hessian at `point` times `v` `[d + 1, classes]`.
  private func hessian(_ point: Point, _ v: Tensor) -> Tensor {
    let p = point.probabilities
    let u = x.matmul(v)
    let change = p * (u - (p * u).sum(1, keepAxes: true))
    return x.transposed.matmul(change) / Double(x.size(0)) + v * penalty
  }

  /// An approximate solution of H s = -g by conjugate gradients.
  ///
  /// H is singular where classes move together; g has no part there, so neither has s.
  func newtonDirection(_ point: Point) -> Tensor {
    var s = Tensor.zeros(point.gradient.shape, dtype: .float64)
    var r = -point.gradient
    var p = r
    var squared = r.square().sum().item()
    let wanted = min(max(point.gradientNorm.squareRoot(), Self.residuals.lowerBound), Self.residuals.upperBound)
    let goal = squared * wanted * wanted
    for _ in 0..<Self.mostProducts where squared > goal {
      let product = hessian(point, p)
      let curvature = (p * product).sum().item()
      guard curvature > 0 else { break }
      let length = squared / curvature
      s = s + p * length
      r = r - product * length
      let next = r.square().sum().item()
      p = r + p * (next / squared)
      squared = next
    }
    return s
  }
}
