import Inference
import TestSupport
import Testing
import Torch

@Suite("Leapfrog steps of learned sizes") struct LearnedLeapfrogTests {
  /// A correlated Gaussian with a bump, in three dimensions.
  private static func logDensity(_ z: Tensor) -> Tensor {
    let turned = z.matmul(Tensor([1, 0.6, 0, 0, 1.3, -0.4, 0, 0, 0.8], shape: [3, 3]))
    return turned.square().sum(-1) * -0.5 + turned.sin().sum(-1) * 0.3
  }

  private static func gradient(_ z: Tensor) -> Tensor {
    let leaf = z.detached().requiringGradient()
    return gradients(of: logDensity(leaf), in: [leaf])[0]
  }

  private static func leapfrog(steps: Int, stepSize: Double) throws -> LearnedLeapfrog {
    let leapfrog = LearnedLeapfrog(3, steps: steps, stepSize: stepSize)
    leapfrog.convert(to: .float64)
    let sizes = try #require(leapfrog.namedTensors.first { $0.name == "logStepSizes" }).tensor
    try leapfrog.load(["logStepSizes": sizes, "logScale": Tensor([-0.2, 0, 0.3])], from: "test")
    return leapfrog
  }

  private let start = (
    z: RandomSource(seed: 1).normal([50, 3], dtype: .float64),
    v: RandomSource(seed: 2).normal([50, 3], dtype: .float64)
  )

  @Test("a trajectory is reversible: with the velocity turned around it comes back to where it began")
  func reversible() throws {
    try withoutGradients {
      let leapfrog = try Self.leapfrog(steps: 16, stepSize: 0.1)
      let end = leapfrog(start.z, start.v, gradient: Self.gradientOfScope)
      #expect((end.position - start.z).abs().mean().item() > 0.5)
      let back = leapfrog(end.position, -end.velocity, gradient: Self.gradientOfScope)
      expectClose(back.position, start.z, absolute: 1e-12)
      expectClose(back.velocity, -start.v, absolute: 1e-12)
    }
  }

  private static func gradientOfScope(_ z: Tensor) -> Tensor { withGradients { gradient(z) } }

  @Test("the energy changes little, and a fourth of that with half the step over the same time")
  func energy() throws {
    func error(_ steps: Int, _ size: Double) throws -> Double {
      try withoutGradients {
        let end = try Self.leapfrog(steps: steps, stepSize: size)(start.z, start.v, gradient: Self.gradientOfScope)
        func energy(_ z: Tensor, _ v: Tensor) -> Tensor { v.square().sum(-1) * 0.5 - Self.logDensity(z) }
        return (energy(end.position, end.velocity) - energy(start.z, start.v)).square().mean().item().squareRoot()
      }
    }
    let (coarse, fine) = (try error(16, 0.1), try error(32, 0.05))
    #expect(coarse < 0.02)
    expectClose(coarse / fine, 4, absolute: 0.1)
  }

  @Test("volume is kept: the Jacobian in position and velocity has determinant 1, whatever the sizes of the steps")
  func volume() throws {
    let leapfrog = try Self.leapfrog(steps: 3, stepSize: 0.3)
    let sizes = Tensor([0.1, 0.5, 0.3]).log()
    try leapfrog.load(["logStepSizes": sizes, "logScale": Tensor([-0.2, 0, 0.3])], from: "test")
    let state = Tensor([0.3, -0.2, 1, 0.5, 0.1, -0.7]).requiringGradient()
    let end = leapfrog(state.narrowed(0, 0..<3), state.narrowed(0, 3..<6)) { z in
      gradients(of: Self.logDensity(z), in: [z], createGraph: true)[0]
    }
    let values = Tensor.concatenated([end.position, end.velocity])
    let jacobian = Tensor.stacked((0..<6).map { gradients(of: values.at($0), in: [state], retainGraph: true)[0] })
    expectClose(jacobian.singularValues().log().sum().item(), 0, absolute: 1e-10)
  }
}
