import Foundation
import Inference
import Torch

/// Particles that come to stand for a target, along a rate that falls.
final class ParticleWork: SteppedWork {
  private let target: Target
  private let svgd: SVGD
  private let watch: WatchedDensity
  private let plan: InferencePlan
  private var state: SVGD.State
  private var direction: Double?

  /// How far a coordinate moves at first, and in the end as a share of that.
  private static let (rate, lastShare) = (0.1, 0.01)

  /// - Throws: `TargetError` where the density is not a positive number at a start.
  init(_ target: Target, _ plan: InferencePlan, using rng: RandomSource) throws {
    (self.target, self.plan) = (target, plan)
    let watch = WatchedDensity(target)
    self.watch = watch
    svgd = SVGD(of: WeightedDensity { watch($0) })
    let start = target.start(plan.samples, rng).to(.float64)
    _ = try withoutGradients { () throws(TargetError) in
      try target.logDensity(positive: start, because: "where particles start")
    }
    state = svgd.start(at: start)
  }

  var step: Int { state.steps }
  var totalSteps: Int { plan.iterations }
  var isOver: Bool { step >= totalSteps }

  func advance() throws {
    let share = 0.5 * (1 + cos(.pi * Double(step) / Double(totalSteps)))
    let before = state.particles
    direction = svgd.step(&state, rate: Self.rate * max(share, Self.lastShare))
    try watch.check()
    guard let direction, direction.isFinite else {
      return try target.check(svgd.density.point(at: before).gradients[0], at: before)
    }
  }

  var numbers: [(key: String, value: Double)] { direction.map { [("direction", $0)] } ?? [] }

  /// The particles, `[n, d]`.
  var draws: Tensor { state.particles }

  var tensors: [String: Tensor] {
    [
      "particles": state.particles, "squares": state.squares,
      "steps": .full([], Double(state.steps), dtype: .int64),
    ]
  }

  func restore(_ tensors: [String: Tensor], from source: String) throws {
    var reader = TensorReader(tensors, from: source)
    let shape = state.particles.shape
    state = SVGD.State(
      particles: try reader.take("particles", shape, .float64), squares: try reader.take("squares", shape, .float64),
      steps: try reader.take("steps", [], .int64).array(Int.self)[0])
    try reader.finish()
  }
}
