import Foundation
import TestSupport
import Testing
import Torch

@Suite("Spectral norm") struct SpectralNormTests {
  /// Two rotations around the singular values 3 and 1: R(0.3) diag(3, 1) R(1.1).
  private static let known: Tensor = {
    func rotation(_ a: Double) -> Tensor { Tensor([cos(a), -sin(a), sin(a), cos(a)], shape: [2, 2]) }
    return rotation(0.3).matmul(Tensor([3.0, 0, 0, 1], shape: [2, 2])).matmul(rotation(1.1))
  }()

  private func norm(_ outputs: Int) -> SpectralNorm {
    let norm = SpectralNorm(outputs, using: RandomSource(seed: 1))
    norm.convert(to: .float64)
    return norm
  }

  @Test("the converged estimate is the largest singular value, and u its left vector")
  func known() {
    let norm = norm(2)
    // Each step shrinks the error of u by (1/3)^2.
    TrainingMode.run { for _ in 0..<40 { _ = norm(Self.known) } }
    expectClose(norm(Self.known) * 3, Self.known, absolute: 1e-12)
    let u = norm.u.value.array(Double.self)
    expectClose(abs(u[0] * cos(0.3) + u[1] * sin(0.3)), 1, relative: 1e-12)
  }

  @Test("the estimate of a convolution's weight converges to that of its matrix of outputs")
  func convolution() {
    let weight = RandomSource(seed: 2).normal([4, 3, 2, 2], dtype: .float64)
    let norm = norm(4)
    TrainingMode.run { for _ in 0..<500 { _ = norm(weight) } }
    let largest = weight.reshaped([4, 12]).singularValues().array(Double.self)[0]
    expectClose(norm(weight) * largest, weight, absolute: 1e-9, relative: 1e-9)
  }

  @Test("the estimate is never above the singular value, from the first call on")
  func below() {
    let norm = norm(2)
    #expect((Self.known / norm(Self.known)).max().item() <= 3 * (1 + 1e-12))
    expectClose(norm.u.value.square().sum().item(), 1, relative: 1e-6)
  }

  @Test("in training each call takes one step of power iteration by hand, and outside none")
  func modes() {
    let norm = norm(2)
    let w = Self.known.array(Double.self)
    func unit(_ x: [Double]) -> [Double] { x.map { $0 / (x[0] * x[0] + x[1] * x[1]).squareRoot() } }
    for _ in 1...3 {
      let before = norm.u.value.array(Double.self)
      let first = norm(Self.known)
      #expect(norm(Self.known).isEqual(to: first))
      #expect(norm.u.value.array(Double.self) == before)
      let result = TrainingMode.run { norm(Self.known) }
      let v = unit([w[0] * before[0] + w[2] * before[1], w[1] * before[0] + w[3] * before[1]])
      let u = unit([w[0] * v[0] + w[1] * v[1], w[2] * v[0] + w[3] * v[1]])
      let sigma = u[0] * (w[0] * v[0] + w[1] * v[1]) + u[1] * (w[2] * v[0] + w[3] * v[1])
      expectClose(norm.u.value, u, absolute: 1e-12)
      expectClose(result, w.map { $0 / sigma }, absolute: 1e-12)
    }
  }

  @Test("with u fixed, gradients equal central differences, of a gradient's penalty too")
  func gradient() {
    let norm = norm(3)
    let rng = RandomSource(seed: 4)
    let (weight, slope) = (rng.normal([3, 4], dtype: .float64), rng.normal([3, 4], dtype: .float64))
    checkGradients(of: [weight]) { (norm($0[0]) * slope).sum() }
    checkGradients(of: [weight, rng.normal([2, 4])]) { inputs in
      let value = inputs[1].linear(weight: norm(inputs[0]), bias: nil).tanh().sum()
      return gradients(of: value, in: [inputs[1]], createGraph: true)[0].square().sum()
    }
  }

  @Test("the gradient of two calls in training is the sum of theirs: a later call leaves earlier graphs alone")
  func twice() {
    let weight = Self.known.clone().requiringGradient()
    func loss(_ norm: SpectralNorm) -> Tensor { norm(weight).square().sum() }
    let (both, apart) = (norm(2), norm(2))
    TrainingMode.run {
      let together = gradients(of: loss(both) + loss(both), in: [weight])[0]
      let first = gradients(of: loss(apart), in: [weight])[0]
      expectClose(together, first + gradients(of: loss(apart), in: [weight])[0], absolute: 1e-12)
    }
    requireNoLeaks { TrainingMode.run { _ = gradients(of: loss(both), in: [weight]) } }
  }

  @Test("a scope of bf16 leaves the estimate in float32")
  func precision() {
    let norm = SpectralNorm(6, using: RandomSource(seed: 1))
    let weight = RandomSource(seed: 2).normal([6, 5])
    let exact = norm(weight)
    #expect(withPrecision(.bf16, on: .cpu) { norm(weight) }.isEqual(to: exact))
  }

  @Test("layers without it keep draws, names and results; with it they apply the normalized weight")
  func layers() {
    let x = RandomSource(seed: 5).normal([2, 2, 4, 4])
    let (plain, normalized) = (RandomSource(seed: 3), RandomSource(seed: 3))
    let linear = (
      Linear(4, 3, using: plain), Linear(4, 3, isSpectrallyNormalized: true, using: normalized)
    )
    #expect(linear.0.namedTensors.map(\.name) == ["weight", "bias"])
    #expect(linear.1.namedTensors.map(\.name) == ["weight", "bias", "spectralNorm.u"])
    #expect(linear.0.weight.value.isEqual(to: linear.1.weight.value))
    #expect(linear.0.bias!.value.isEqual(to: linear.1.bias!.value))
    // u is drawn after weight and bias, and nothing else.
    _ = plain.normal([3])
    #expect(plain.state.isEqual(to: normalized.state))
    let convolution = (
      Conv2d(2, 3, kernel: 3, using: plain), Conv2d(2, 3, kernel: 3, isSpectrallyNormalized: true, using: normalized)
    )
    #expect(convolution.0.namedTensors.map(\.name) == ["weight", "bias"])
    #expect(convolution.1.namedTensors.map(\.name) == ["weight", "bias", "spectralNorm.u"])
    #expect(convolution.0.weight.value.isEqual(to: convolution.1.weight.value))
    TrainingMode.run {
      for _ in 0..<500 { _ = (linear.1(x), convolution.1(x)) }
    }
    for (weight, pair) in [
      (linear.0.weight.value, (linear.0(x) - linear.0.bias!.value, linear.1(x) - linear.1.bias!.value)),
      (
        convolution.0.weight.value,
        (
          convolution.0(x) - convolution.0.bias!.value.reshaped([3, 1, 1]),
          convolution.1(x) - convolution.1.bias!.value.reshaped([3, 1, 1])
        )
      ),
    ] {
      let largest = weight.flattened(from: 1).singularValues().array(Double.self)[0]
      // Twenty and more float32 operations, each rounded to 24 bits.
      expectClose(pair.1 * largest, pair.0, absolute: 2e-5, relative: 2e-5)
    }
  }

  @Test("a weight of another number of outputs ends the process with its message")
  func shape() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = SpectralNorm(3, using: RandomSource(seed: 1))(Tensor.zeros([2, 3])) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("SpectralNorm: expected a weight of 3 outputs, got shape [2, 3]"))
  }
}
