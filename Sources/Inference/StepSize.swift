import Foundation
import Torch

/// A step size that is led to a wanted acceptance by Nesterov's dual averaging.
///
/// - Source: Hoffman & Gelman 2014, section 3.2.1, Eq. 6, with their constants.
public struct DualAveraging: Sendable {
  /// The size to try next.
  public private(set) var value: Double
  /// The average of what was tried, which is what the draws after the warm-up take.
  public var average: Double { count == 0 ? value : exp(logAverage) }

  private let target: Double
  private var centre: Double
  private var error = 0.0
  private var logAverage = 0.0
  private var count = 0.0

  private static let shrinkage = 0.05  // gamma
  private static let delay = 10.0  // t0
  private static let decay = 0.75  // kappa

  /// - Parameters:
  ///   - start: the first step size.
  ///   - target: the wanted acceptance, in (0, 1).
  public init(_ start: Double, target: Double) {
    value = start
    self.target = target
    centre = log(10 * start)
  }

  /// Takes note of the acceptance that `value` has led to.
  public mutating func record(acceptance: Double) {
    count += 1
    error += (target - acceptance - error) / (count + Self.delay)
    let logSize = centre - error * count.squareRoot() / Self.shrinkage
    let weight = pow(count, -Self.decay)
    logAverage += weight * (logSize - logAverage)
    value = exp(logSize)
  }

  /// Begins anew from the present average, as after a change of the metric.
  mutating func restart() { self = DualAveraging(average, target: target) }

  // MARK: Storage

  private static let fields: [(name: String, path: WritableKeyPath<DualAveraging, Double> & Sendable)] = [
    ("value", \.value), ("centre", \.centre), ("error", \.error), ("logAverage", \.logAverage), ("count", \.count),
  ]

  /// The names of `numbers`.
  static var names: [String] { fields.map(\.name) }

  /// All that it goes on from, by name.
  var numbers: [(name: String, number: Double)] { Self.fields.map { ($0.name, self[keyPath: $0.path]) } }

  /// What `numbers` were taken from; all names must be there.
  init(_ numbers: [String: Double], target: Double) {
    self.init(1, target: target)
    for (name, path) in Self.fields { self[keyPath: path] = numbers[name]! }
  }
}

/// A step size for each chain, that grows while its recent acceptance is high and shrinks while it is low.
public struct StepSizeRule: Sendable, Equatable {
  /// Below this acceptance a step size is divided by `factor`.
  public var low: Double
  /// Above this one it is multiplied.
  public var high: Double
  /// By how much, at least 1; 1 keeps the sizes as they are.
  public var factor: Double
  /// The weight of the past in the running mean of acceptance, in [0, 1).
  public var memory: Double

  /// - Parameters:
  ///   - low: the acceptance below which a size is divided by `factor`.
  ///   - high: the acceptance above which it is multiplied.
  ///   - memory: the weight of the past in the running mean of acceptance, in [0, 1).
  public init(low: Double, high: Double, factor: Double, memory: Double = 0.9) {
    self.low = low
    self.high = high
    self.factor = factor
    self.memory = memory
  }

  /// A target of 0.9 approached slowly, so that a step size says little of where its chain is now. On Gaussians of two
  /// dimensions it brings the bias of annealing down from 0.05 nats under `avb` to 0.005.
  public static let steady = StepSizeRule(low: 0.9, high: 0.9, factor: 1.02, memory: 0.97)
  /// Sizes that stay as they are.
  public static let fixed = StepSizeRule(low: 0, high: 1, factor: 1)
  /// As in the code of Mescheder et al. 2017.
  public static let avb = StepSizeRule(low: 0.6, high: 0.7, factor: 1.1)
  /// As in Wu et al. 2017: a target of 0.65 in steps of 2 %.
  public static let wu = StepSizeRule(low: 0.65, high: 0.65, factor: 1.02)

  /// The sizes after steps whose running mean of acceptance is `acceptance`; both of one shape.
  func adapted(_ sizes: Tensor, acceptance: Tensor) -> Tensor {
    let one = Tensor(1, dtype: sizes.dtype, device: sizes.device)
    let change = (acceptance .> high).select(one * factor, (acceptance .< low).select(one / factor, one))
    return sizes * change
  }
}
