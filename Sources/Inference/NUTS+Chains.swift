import Torch

extension NUTS {
  /// A trajectory of its own for each of many chains: all take a leapfrog step together, and a chain that has turned
  /// back or diverged waits for the others.
  ///
  /// The tree is not recursive: leaf n of a subtree keeps what later leaves compare themselves with (Phan, Pradhan &
  /// Jankowiak 2019, appendix A). Turning is asked of the velocities between the middles of the first and the last step,
  /// which also sees a stretch that turns across its halves.
  func step(
    chains point: Point, of density: WeightedDensity, stepSize: Double, scale: Tensor, using rng: RandomSource
  ) -> (Point, Transition) {
    let (count, type) = (point.position.size(0), point.position.dtype)
    let factor = jitter == 0 ? nil : (rng.uniform([count, 1], dtype: type) * 2 - 1) * jitter + 1  // [chains, 1]
    let length = factor.map { scale * stepSize * $0 } ?? scale * stepSize
    let start = Trajectory.State(point, rng.normal(point.position.shape, dtype: type))
    let energy = Trajectory(density: density, length: length).negativeEnergy(start)  // [chains]
    var (first, last, draw) = (start, start, point)
    var velocities = start.velocity
    var logWeight = Tensor.zeros([count], dtype: type)
    var isActive = logWeight .== 0
    var tally = Tally(count, type)
    for depth in 0..<maximumDepth {
      let isBackwards = rng.uniform([count, 1], dtype: type) .< 0.5
      let sign = isBackwards.to(type) * -2 + 1  // [chains, 1]
      let row = isBackwards.squeezed(-1)
      var half = Stretch(from: first.selected(where: row, else: last), isActive: isActive, depth: depth)
      let trajectory = Trajectory(density: density, length: length * sign)
      for leaf in 0..<1 << depth {
        half.grow(leaf, along: trajectory, energy: energy, tally: &tally, using: rng)
        if !half.isActive.isAny { break }
      }
      // Biased progression: the new half is taken more often than its share, which moves farther.
      let isTaken = half.isActive * (rng.uniform([count], dtype: type).log() .< half.logWeight - logWeight)
      draw = half.draw.selected(where: isTaken, else: draw)
      first = half.end.selected(where: half.isActive * row, else: first)
      last = half.end.selected(where: half.isActive * (row .== 0), else: last)
      velocities = velocities + half.velocities
      logWeight = logSum(logWeight, half.logWeight)
      isActive = half.isActive * (turns(velocities, first.velocity, last.velocity) .== 0)
      if !isActive.isAny { break }
    }
    return (draw, tally.transition)
  }

  /// What all chains have cost in a step.
  private struct Tally {
    var acceptance: Tensor
    var leaves: Tensor
    var divergences: Tensor
    var steps = 0

    init(_ count: Int, _ type: DType) {
      acceptance = .zeros([count], dtype: type)
      (leaves, divergences) = (acceptance, acceptance)
    }

    var transition: Transition {
      Transition(
        acceptance: (acceptance / leaves).mean().item(), divergences: Int(divergences.sum().item()),
        leapfrogSteps: steps)
    }
  }

  /// A half of a trajectory that grows leaf by leaf away from the other half.
  private struct Stretch {
    /// Where the next leaf starts from.
    var end: Trajectory.State
    /// The chains that have neither turned nor diverged, `[chains]`.
    var isActive: Tensor
    /// The sum of the velocities, `[chains, d]`, and of the weights relative to the start's.
    var velocities: Tensor
    var logWeight: Tensor
    var draw: Point
    /// For every level of the tree, the first leaf of the subtree that is open there: its velocity, and the sum with it.
    private var marks: [(velocity: Tensor, sum: Tensor)]

    init(from end: Trajectory.State, isActive: Tensor, depth: Int) {
      (self.end, self.isActive) = (end, isActive)
      velocities = .zeros(end.velocity.shape, dtype: end.velocity.dtype)
      logWeight = .full(isActive.shape, -.infinity, dtype: end.velocity.dtype)
      draw = end.point
      marks = Array(repeating: (velocities, velocities), count: max(1, depth))
    }

    mutating func grow(
      _ leaf: Int, along trajectory: Trajectory, energy: Tensor, tally: inout Tally, using rng: RandomSource
    ) {
      let next = trajectory.leapfrog(end)
      let (zero, least) = (Tensor(0, dtype: energy.dtype), Tensor(-.infinity, dtype: energy.dtype))
      let found = trajectory.negativeEnergy(next) - energy
      let gain = (found .== found).select(found, least)  // [chains]
      let weight = isActive.to(energy.dtype)
      tally.acceptance = tally.acceptance + gain.clamped(-.infinity, 0).exp() * weight
      tally.leaves = tally.leaves + weight
      tally.steps += 1
      let isDivergent = gain .<= -Trajectory.divergence
      tally.divergences = tally.divergences + isDivergent.to(energy.dtype) * weight
      isActive = isActive * (isDivergent .== 0)
      let total = isActive.select(logSum(logWeight, gain), logWeight)
      let isTaken = isActive * (rng.uniform(gain.shape, dtype: gain.dtype).log() .< gain - total)
      draw = next.point.selected(where: isTaken, else: draw)
      logWeight = total
      end = next.selected(where: isActive, else: end)
      velocities = velocities + isActive.unsqueezed(-1).select(next.velocity, zero)
      // Level by level: the number of ones among the digits of a leaf but the last says where it stands.
      let level = (leaf >> 1).nonzeroBitCount
      if leaf.isMultiple(of: 2) {
        marks[level] = (next.velocity, velocities)
      } else {
        for open in (level - (~leaf).trailingZeroBitCount + 1)...level {
          let sum = velocities - marks[open].sum + marks[open].velocity
          isActive = isActive * (turns(sum, marks[open].velocity, next.velocity) .== 0)
        }
      }
    }
  }
}

/// Where a stretch has begun to turn back, `[chains]`: its ends' velocities point against the way between their middles.
private func turns(_ sum: Tensor, _ first: Tensor, _ last: Tensor) -> Tensor {
  let way = sum - (first + last) * 0.5
  return ((way * first).sum(-1) .<= 0) + ((way * last).sum(-1) .<= 0)
}

/// log(e^a + e^b) elementwise.
private func logSum(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.stacked([a, b]).logSumExp(0) }

extension Tensor {
  /// Whether an element is true.
  fileprivate var isAny: Bool { to(.float32).max().item() > 0 }
}

extension Trajectory.State {
  /// This state where `isTaken` `[chains]` is true, else `other`.
  fileprivate func selected(where isTaken: Tensor, else other: Trajectory.State) -> Trajectory.State {
    Trajectory.State(
      point.selected(where: isTaken, else: other.point), isTaken.unsqueezed(-1).select(velocity, other.velocity))
  }
}
