import Foundation
import Torch

/// The no-U-turn sampler: trajectories that double until they turn back, and a multinomial draw from them.
///
/// One chain, `[d]`, or many at once, `[chains, d]`. Run it in float64.
///
/// - Source: Hoffman & Gelman 2014, with the multinomial draw, the biased progression and the turning criterion of
///   Betancourt 2017, appendix A, and Stan's check across neighbouring subtrees.
public struct NUTS: MarkovKernel {
  /// Doublings at most; a trajectory has up to 2^depth - 1 leapfrog steps.
  public var maximumDepth: Int
  /// Each trajectory's step size is drawn evenly from `stepSize x (1 - jitter, 1 + jitter)`: one that is far too long
  /// where a chain is now may be right at the next step.
  public var jitter: Double

  /// - Parameters:
  ///   - maximumDepth: doublings at most.
  ///   - jitter: from 0 to 1; 0 keeps the step size.
  public init(maximumDepth: Int = 10, jitter: Double = 0) {
    precondition((0...1).contains(jitter), "NUTS: expected a jitter of 0 to 1, got \(jitter)")
    (self.maximumDepth, self.jitter) = (maximumDepth, jitter)
  }

  public func step(
    _ point: Point, of density: WeightedDensity, stepSize: Double, scale: Tensor, using rng: RandomSource
  ) -> (Point, Transition) {
    precondition(
      [1, 2].contains(point.position.rank),
      "NUTS: expected positions [d] or [chains, d], got shape \(point.position.shape)")
    return withoutGradients {
      if point.position.rank == 2 {
        return step(chains: point, of: density, stepSize: stepSize, scale: scale, using: rng)
      }
      let factor = jitter == 0 ? 1 : (rng.uniform([], dtype: .float64).item() * 2 - 1) * jitter + 1
      let trajectory = Trajectory(density: density, length: scale * (stepSize * factor))
      let start = Trajectory.State(point, rng.normal(point.position.shape, dtype: point.position.dtype))
      var builder = Builder(trajectory: trajectory, start: trajectory.negativeEnergy(start).item(), rng: rng)
      var tree = Tree(leaf: start, logWeight: 0)
      for depth in 0..<maximumDepth {
        let isBackwards = rng.uniform([], dtype: .float64).item() < 0.5
        guard let other = builder.tree(from: isBackwards ? tree.first : tree.last, depth, isBackwards) else { break }
        // Biased progression: the new half is taken more often than its share, which moves farther.
        if builder.accepts(other.logWeight - tree.logWeight) { tree.draw = other.draw }
        let (whole, isTurning) = isBackwards ? other.joined(with: tree) : tree.joined(with: other)
        tree = whole.drawing(tree.draw)
        if isTurning { break }
      }
      return (
        tree.draw,
        Transition(
          acceptance: builder.acceptance / Double(max(1, builder.steps)), divergences: builder.isDivergent ? 1 : 0,
          leapfrogSteps: builder.steps)
      )
    }
  }

  /// A stretch of a trajectory and the point drawn from it.
  private struct Tree {
    let first: Trajectory.State
    let last: Trajectory.State
    /// The sum of the velocities in the stretch.
    let velocities: Tensor
    /// The log of the sum of exp(-energy) relative to the start's.
    let logWeight: Double
    var draw: Point

    init(leaf: Trajectory.State, logWeight: Double) {
      self.init(first: leaf, last: leaf, velocities: leaf.velocity, logWeight: logWeight, draw: leaf.point)
    }

    private init(
      first: Trajectory.State, last: Trajectory.State, velocities: Tensor, logWeight: Double, draw: Point
    ) {
      self.first = first
      self.last = last
      self.velocities = velocities
      self.logWeight = logWeight
      self.draw = draw
    }

    func drawing(_ point: Point) -> Tree {
      var copy = self
      copy.draw = point
      return copy
    }

    /// This stretch and the one after it, and whether the whole has begun to turn back.
    func joined(with later: Tree) -> (Tree, isTurning: Bool) {
      let whole = Tree(
        first: first, last: later.last, velocities: velocities + later.velocities,
        logWeight: logSum(logWeight, later.logWeight), draw: draw)
      let isTurning =
        whole.turns(whole.velocities, first, later.last)
        || whole.turns(velocities + later.first.velocity, first, later.first)
        || whole.turns(later.velocities + last.velocity, last, later.last)
      return (whole, isTurning)
    }

    private func turns(_ sum: Tensor, _ first: Trajectory.State, _ last: Trajectory.State) -> Bool {
      (sum * first.velocity).sum().item() <= 0 || (sum * last.velocity).sum().item() <= 0
    }
  }

  /// Builds stretches and keeps count of what they cost.
  private struct Builder {
    let trajectory: Trajectory
    /// The negative energy at the start of the trajectory.
    let start: Double
    let rng: RandomSource
    var acceptance = 0.0
    var steps = 0
    var isDivergent = false

    init(trajectory: Trajectory, start: Double, rng: RandomSource) {
      self.trajectory = trajectory
      self.start = start
      self.rng = rng
    }

    /// Whether an event of this log probability, limited to 0, happens.
    func accepts(_ logProbability: Double) -> Bool {
      logProbability >= 0 || Foundation.log(rng.uniform([], dtype: .float64).item()) < logProbability
    }

    /// The stretch of 2^depth steps that goes on from `state`, in the order of time; nil if it turned or diverged.
    mutating func tree(from state: Trajectory.State, _ depth: Int, _ isBackwards: Bool) -> Tree? {
      if depth == 0 {
        let next = trajectory.leapfrog(state, backwards: isBackwards)
        let gain = trajectory.negativeEnergy(next).item() - start
        steps += 1
        acceptance += gain.isNaN ? 0 : min(1, exp(gain))
        isDivergent = !(gain > -Trajectory.divergence)
        return isDivergent ? nil : Tree(leaf: next, logWeight: gain)
      }
      guard let near = tree(from: state, depth - 1, isBackwards),
        let far = tree(from: isBackwards ? near.first : near.last, depth - 1, isBackwards)
      else { return nil }
      let (whole, isTurning) = isBackwards ? far.joined(with: near) : near.joined(with: far)
      if isTurning { return nil }
      return whole.drawing(accepts(far.logWeight - whole.logWeight) ? far.draw : near.draw)
    }
  }
}

/// log(e^a + e^b).
private func logSum(_ a: Double, _ b: Double) -> Double { max(a, b) + log1p(exp(-abs(a - b))) }
