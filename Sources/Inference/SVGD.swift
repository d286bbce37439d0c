import Probability
import Torch

/// Stein variational gradient descent: particles that move together along the direction in which KL to a density falls
/// fastest, until they stand for it.
///
///     let svgd = SVGD(of: WeightedDensity(target))
///     var state = svgd.start(at: target.start(500, rng))
///     while state.steps < 1000 { svgd.step(&state, rate: 0.05) }
///     state.particles                                         // [500, d]
///
/// The kernel is exp(-r^2 / h) with the median heuristic anew in every step; each coordinate's step is divided by the
/// root of a running mean of its squares. There is no noise: the particles are a function of where they start.
///
/// - Source: Liu & Wang 2016, Algorithm 1 and section 5; their code's AdaGrad with a memory of 0.9.
public struct SVGD {
  /// What the particles come to stand for.
  public let density: WeightedDensity
  /// The weight of the past in the running mean of squares.
  public var memory = 0.9

  private static let epsilon = 1e-6
  /// Particles whose pairs tell the median: sorting all pairs would take most of a step.
  private static let rowsOfMedian = 300

  /// Particles for a density.
  public init(of density: WeightedDensity) { self.density = density }

  /// What continues the particles.
  public struct State {
    /// Where they are, `[n, d]`.
    public internal(set) var particles: Tensor
    /// The running mean of the squared directions, `[n, d]`.
    public internal(set) var squares: Tensor
    /// Steps so far.
    public internal(set) var steps: Int

    /// Particles as they were kept.
    public init(particles: Tensor, squares: Tensor, steps: Int) {
      precondition(
        particles.shape == squares.shape && particles.rank == 2,
        "SVGD: expected particles and squares [n, d], got \(particles.shape) and \(squares.shape)")
      (self.particles, self.squares, self.steps) = (particles, squares, steps)
    }
  }

  /// Particles before their first step, at `[n, d]`.
  public func start(at particles: Tensor) -> State {
    State(particles: particles, squares: .zeros(particles.shape, dtype: particles.dtype), steps: 0)
  }

  /// One step; the mean length of the direction, which falls to 0 where the particles settle.
  ///
  /// - Parameter rate: how far a coordinate moves whose direction is as long as it used to be.
  @discardableResult
  public func step(_ state: inout State, rate: Double) -> Double {
    withoutGradients {
      let z = state.particles
      let scores = density.gradient(density.point(at: z))
      let sample = z.narrowed(0, 0..<min(Self.rowsOfMedian, z.size(0)))
      let direction = steinVariationalDirection(
        at: z, from: z, scores: scores, bandwidth: medianBandwidth(sample - z.mean(0)))
      let square = direction.square()
      state.squares = state.steps == 0 ? square : state.squares * memory + square * (1 - memory)
      state.particles = z.addingProduct(direction, (state.squares.sqrt() + Self.epsilon).pow(-1), factor: rate)
      state.steps += 1
      return square.sum(-1).sqrt().mean().item()
    }
  }
}
