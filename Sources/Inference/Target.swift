import Probability
import Torch

/// An unnormalized log density of points, with what is known of it: what fits and chains are given.
///
///     let ring = Target("ring", columns: ["x", "y"]) { z in
///       (z.square().sum(-1).sqrt() - 2).square() * -8          // [n]
///     }
///     let draws = sampleChains(NUTS(), of: ring, warmup: 500, draws: 1000, using: rng)
///
/// The closures are called with points of type `float32` by fits and of `float64` by chains.
public struct Target: Sendable {
  /// A short name, for messages and runs.
  public let name: String
  /// Names of the coordinates, in order.
  public let columns: [String]
  /// log f at points `[n, d]`: nats, `[n]`; differentiable. -infinity where f is 0.
  ///
  /// A result of another shape traps: it would broadcast to a wrong number. `logDensity(checked:)` throws instead.
  public let logDensity: @Sendable (_ points: Tensor) -> Tensor
  /// Where chains and fits start: `count` points `[count, d]`.
  public let start: @Sendable (_ count: Int, _ rng: RandomSource) -> Tensor
  /// Draws of the normalized density, `[count, d]`, where they can be made exactly.
  public let reference: (@Sendable (_ count: Int, _ rng: RandomSource) -> Tensor)?
  /// Parts of the space whose masses are told apart, such as the two signs of a coordinate; empty where none are known.
  public let modes: [Mode]
  /// Numbers that are worth a look beside the coordinates, such as a sum of some.
  public let derived: [Derived]
  fileprivate let formula: @Sendable (Tensor) -> Tensor
  private let normalizer: @Sendable () -> Double?

  /// A part of the space.
  public struct Mode: Sendable {
    /// What it is, such as `tau > 0`.
    public let name: String
    /// Which of points `[n, d]` lie in it: `[n]` of type `bool`.
    public let contains: @Sendable (_ points: Tensor) -> Tensor

    /// A part of the space and its name.
    public init(_ name: String, contains: @escaping @Sendable (_ points: Tensor) -> Tensor) {
      (self.name, self.contains) = (name, contains)
    }

    /// The two signs of a coordinate.
    public static func signs(of name: String, _ column: Int) -> [Mode] {
      [
        Mode("\(name) < 0") { $0.at(column, axis: -1) .< 0 }, Mode("\(name) > 0") { $0.at(column, axis: -1) .> 0 },
      ]
    }
  }

  /// A number that is a function of the coordinates.
  public struct Derived: Sendable {
    /// What it is, such as `theta1`.
    public let name: String
    /// The numbers of points `[n, d]`: `[n]`.
    public let value: @Sendable (_ points: Tensor) -> Tensor

    /// A function of the coordinates and its name.
    public init(_ name: String, value: @escaping @Sendable (_ points: Tensor) -> Tensor) {
      (self.name, self.value) = (name, value)
    }
  }

  /// - Parameters:
  ///   - columns: at least one; their number is the dimension.
  ///   - start: nil starts from N(0, I), in `float64`.
  ///   - logNormalizer: log of the integral of f, nats; evaluated whenever it is asked for.
  ///   - reference: exact draws `[count, d]`.
  ///   - logDensity: log f at points `[n, d]`: nats, `[n]`, for any floating-point type.
  public init(
    _ name: String, columns: [String],
    start: (@Sendable (_ count: Int, _ rng: RandomSource) -> Tensor)? = nil,
    logNormalizer: @autoclosure @escaping @Sendable () -> Double? = nil,
    reference: (@Sendable (_ count: Int, _ rng: RandomSource) -> Tensor)? = nil,
    modes: [Mode] = [], derived: [Derived] = [],
    logDensity: @escaping @Sendable (_ points: Tensor) -> Tensor
  ) {
    precondition(!columns.isEmpty, "target '\(name)': expected names of coordinates, got none")
    let dimension = columns.count
    self.name = name
    self.columns = columns
    formula = logDensity
    normalizer = logNormalizer
    self.reference = reference
    self.modes = modes
    self.derived = derived
    self.logDensity = { points in
      let value = logDensity(points)
      if let flaw = TargetError.shape(of: value, at: points, in: name) { preconditionFailure("\(flaw)") }
      return value
    }
    self.start = { count, rng in
      let points = start?(count, rng) ?? rng.normal([count, dimension], dtype: .float64)
      precondition(
        points.shape == [count, dimension],
        "target '\(name)': expected starts of shape \([count, dimension]), got shape \(points.shape)")
      return points
    }
  }

  /// The number of coordinates.
  public var dimension: Int { columns.count }

  /// log of the integral of f, where it is known: nats.
  public var logNormalizer: Double? { normalizer() }

  /// log f at points `[n, d]`: nats, `[n]`, after a look at every number; waits for the device.
  ///
  /// - Throws: `TargetError` for a result of another shape, and for a number that is NaN or infinity.
  public func logDensity(checked points: Tensor) throws(TargetError) -> Tensor {
    let value = formula(points)
    if let flaw = TargetError.shape(of: value, at: points, in: name) { throw flaw }
    let numbers = value.detached().array(Double.self)
    if let row = numbers.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
      throw .number(
        target: name, found: numbers[row].isNaN ? "NaN" : "infinity", row: row, point: coordinates(of: row, points))
    }
    return value
  }

  /// The same where f must not be 0 either: where chains start, and at the draws of a fit.
  ///
  /// - Parameter reason: why, for the message.
  /// - Throws: `TargetError` also for a row at which f is 0.
  public func logDensity(positive points: Tensor, because reason: String) throws(TargetError) -> Tensor {
    let value = try logDensity(checked: points)
    if let row = value.detached().array(Double.self).firstIndex(of: -.infinity) {
      throw .zero(target: name, reason: reason, row: row, point: coordinates(of: row, points))
    }
    return value
  }

  /// Refuses gradients of log f at points, `[n, d]` both, of which one is not finite.
  public func check(_ gradients: Tensor, at points: Tensor) throws(TargetError) {
    guard let index = gradients.array(Double.self).firstIndex(where: { !$0.isFinite }) else { return }
    let row = index / dimension
    throw .gradient(target: name, row: row, point: coordinates(of: row, points))
  }

  fileprivate func coordinates(of row: Int, _ points: Tensor) -> [String] {
    zip(columns, points.detached().at(row).array(Double.self)).map { "\($0) = \($1)" }
  }
}

/// What is wrong with the log density of a target.
public enum TargetError: Error, Equatable, CustomStringConvertible {
  /// Other than one number per point.
  case shape(target: String, points: [Int], found: [Int])
  /// No log density, at a row of the points with these coordinates.
  case number(target: String, found: String, row: Int, point: [String])
  /// A gradient that is not finite, at a row of the points with these coordinates.
  case gradient(target: String, row: Int, point: [String])
  /// A density of 0 where that cannot be gone on from, and why.
  case zero(target: String, reason: String, row: Int, point: [String])

  public var description: String {
    switch self {
    case .shape(let target, let points, let found):
      return "target '\(target)': expected [n] log densities for points [n, d], got shape \(found) for points \(points)"
    case .number(let target, let found, let row, let point):
      return
        "target '\(target)': expected finite numbers or -infinity, got \(found) in row \(row), at \(Self.place(point))"
    case .gradient(let target, let row, let point):
      return "target '\(target)': expected a finite gradient, got another in row \(row), at \(Self.place(point))"
    case .zero(let target, let reason, let row, let point):
      return "target '\(target)': expected a density above 0 \(reason), got 0 in row \(row), at \(Self.place(point))"
    }
  }

  private static let shownCoordinates = 8

  private static func place(_ point: [String]) -> String {
    point.prefix(shownCoordinates).joined(separator: ", ") + (point.count > shownCoordinates ? ", ..." : "")
  }

  fileprivate static func shape(of value: Tensor, at points: Tensor, in target: String) -> TargetError? {
    value.shape == [points.size(0)] ? nil : .shape(target: target, points: points.shape, found: value.shape)
  }
}

// MARK: For chains

extension Target {
  /// log f at points `[..., d]` with any leading axes: nats, `[...]`.
  public var density: LogDensity {
    { z in logDensity(z.reshaped([-1, dimension])).reshaped(Array(z.shape.dropLast())) }
  }
}

/// The log density of a target as chains call it, with a look at every number.
///
/// A trajectory cannot throw, and a chain would take NaN for a refused step: what is wrong is kept, and thrown by
/// `check` after the step. Points beyond `farthest`, where a trajectory that has diverged overflows, are left alone.
public final class WatchedDensity {
  private let target: Target
  private var flaw: TargetError?

  private static let farthest = 1e8

  /// A watch over `target`.
  public init(_ target: Target) { self.target = target }

  /// Throws what was wrong with the log density since the watch began.
  public func check() throws(TargetError) { if let flaw { throw flaw } }

  /// log f at points `[..., d]`: nats, `[...]`.
  public func callAsFunction(_ z: Tensor) -> Tensor {
    let points = z.reshaped([-1, target.dimension])
    var value = target.formula(points)
    if let found = TargetError.shape(of: value, at: points, in: target.name) {
      flaw = flaw ?? found
      value = points.sum(-1) * .nan
    } else if flaw == nil, withoutGradients({ (value - value).abs().max() }).item().isNaN {
      flaw = withoutGradients { self.flaw(in: value, at: points) }
    }
    return value.reshaped(Array(z.shape.dropLast()))
  }

  /// The first row that is neither a log density nor out of reach.
  private func flaw(in value: Tensor, at points: Tensor) -> TargetError? {
    let numbers = value.array(Double.self)
    let reach = points.abs().max(-1).array(Double.self)
    guard
      let row = numbers.indices.first(where: {
        (numbers[$0].isNaN || numbers[$0] == .infinity) && reach[$0] <= Self.farthest
      })
    else { return nil }
    return .number(
      target: target.name, found: numbers[row].isNaN ? "NaN" : "infinity", row: row,
      point: target.coordinates(of: row, points))
  }
}

extension DensityTerm {
  /// A target's density, with gradients by autograd.
  public init(_ target: Target) { self.init(target.density) }
}

extension WeightedDensity {
  /// A target's density as it is.
  public init(_ target: Target) { self.init([DensityTerm(target)], weights: [1]) }
}

/// Runs a kernel over a target from its own starts, in `float64`; as `sampleChains(_:of:from:)` otherwise.
///
/// - Parameter chains: as many chains `[chains, d]` at once; nil: one chain `[d]`.
public func sampleChains(
  _ kernel: some MarkovKernel, of target: Target, chains: Int? = nil, warmup: Int, draws: Int,
  targetAcceptance: Double = 0.8, thinning: Int = 1, using rng: RandomSource, progress: (Int) -> Void = { _ in }
) -> ChainDraws {
  let start = target.start(chains ?? 1, rng).to(.float64)
  return sampleChains(
    kernel, of: target.density, from: chains == nil ? start.at(0) : start, warmup: warmup, draws: draws,
    targetAcceptance: targetAcceptance, thinning: thinning, using: rng, progress: progress)
}

// MARK: The potentials

extension Target {
  /// A potential of the plane; log Z is a quadrature over the square of its defaults.
  public init(_ potential: Potential) {
    self.init(
      potential.name, columns: ["z1", "z2"], logNormalizer: potential.logNormalizer(),
      modes: potential.name == "u1" ? Mode.signs(of: "z1", 0) : [], logDensity: { potential.logDensity($0) })
  }

  /// The four potentials of Rezende & Mohamed 2015, Table 1, in its order.
  public static let potentials = Potential.all.map { Target($0) }
}
