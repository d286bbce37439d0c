import Probability
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Chains that resume")
struct AdaptiveChainTests {
  /// A warm-up with a window from step 9 to step 54.
  private static func chain(_ isNUTS: Bool) -> AdaptiveChain {
    let kernel: any MarkovKernel = isNUTS ? NUTS() : HMC(leapfrogSteps: 4)
    return AdaptiveChain(
      kernel, of: WeightedDensity(CorrelatedGaussian.logProb), warmup: Warmup(steps: 60, targetAcceptance: 0.8))
  }

  private static func start(_ isNUTS: Bool) -> Tensor { .zeros(isNUTS ? [2] : [4, 2], dtype: .float64) }

  @Test(
    "a chain that was stopped, written and read back goes on to the bits of the unbroken one",
    arguments: [0, 5, 30, 54, 57, 60, 70], [true, false])
  func resumed(_ stop: Int, _ isNUTS: Bool) throws {
    let chain = Self.chain(isNUTS)
    let rng = RandomSource(seed: 1)
    var whole = chain.start(at: Self.start(isNUTS))
    while whole.steps < stop { _ = chain.step(&whole, using: rng) }
    try withTemporaryDirectory { directory in
      let path = directory + "/chain.safetensors"
      var tensors = whole.tensors
      tensors["rng"] = rng.state
      try Safetensors(tensors: tensors).write(to: path)
      var read = try Safetensors(contentsOf: path).tensors
      let other = RandomSource(seed: 2)
      let stream = read.removeValue(forKey: "rng")
      other.state = try #require(stream)
      // Made anew, as by another process.
      let again = Self.chain(isNUTS)
      var broken = try again.state(read, from: path)
      #expect(broken.steps == stop)
      while whole.steps < 80 {
        let expected = chain.step(&whole, using: rng)
        let found = again.step(&broken, using: other)
        #expect(found.acceptance == expected.acceptance && found.leapfrogSteps == expected.leapfrogSteps)
      }
      let (end, expected) = (broken.tensors, whole.tensors)
      #expect(end.keys.sorted() == expected.keys.sorted())
      for (name, tensor) in expected {
        let isSame = end[name]!.isEqual(to: tensor)
        #expect(isSame, "\(name)")
      }
    }
  }

  @Test("its steps are those of sampleChains")
  func steps() {
    let chain = Self.chain(true)
    let rng = RandomSource(seed: 3)
    var state = chain.start(at: Self.start(true))
    while chain.isWarmingUp(state) { _ = chain.step(&state, using: rng) }
    let values = (0..<20).map { _ in
      _ = chain.step(&state, using: rng)
      return state.point.position
    }
    let draws = sampleChains(
      NUTS(), of: CorrelatedGaussian.logProb, from: Self.start(true), warmup: 60, draws: 20,
      using: RandomSource(seed: 3))
    let isSame = draws.values.isEqual(to: .stacked(values)) && draws.scale.isEqual(to: state.adaptation.scale)
    #expect(isSame && draws.stepSize == chain.stepSize(state) && state.steps == 80)
  }

  @Test("a state is strict about names, shapes and types")
  func strict() throws {
    let chain = Self.chain(false)
    var state = chain.start(at: Self.start(false))
    for _ in 0..<12 { _ = chain.step(&state, using: RandomSource(seed: 4)) }
    let good = state.tensors
    #expect(good["window"]?.shape == [3, 4, 2])
    func message(_ change: (inout [String: Tensor]) -> Void) -> String? {
      var tensors = good
      change(&tensors)
      do {
        _ = try chain.state(tensors, from: "chain")
        return nil
      } catch { return "\(error)" }
    }
    #expect(message { _ in } == nil)
    #expect(message { $0["steps"] = nil } == "chain: no tensor 'steps'")
    #expect(message { $0["rng"] = .zeros([1]) } == "chain: tensor 'rng' belongs to no part of this model")
    #expect(
      message { $0["gradient.0"] = .zeros([4, 3], dtype: .float64) }
        == "chain: tensor 'gradient.0': expected shape [4, 2], found [4, 3]")
    #expect(
      message { $0["window"] = .zeros([3, 2], dtype: .float64) }
        == "chain: tensor 'window': expected shape [0, 4, 2], found [3, 2]")
    #expect(
      message { $0["scale"] = .zeros([2]) } == "chain: tensor 'scale': expected type float64, found float32")
    #expect(
      message { $0["position"] = .zeros([4, 2], dtype: .int64) }
        == "chain: tensor 'position': expected type float64, found int64")
  }
}
