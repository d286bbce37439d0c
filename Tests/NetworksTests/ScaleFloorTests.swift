import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

/// Networks whose outputs a test has moved far down.
@Suite("Floors of scales") struct ScaleFloorTests {
  private static func lowered(_ module: any Module, _ names: String..., by amount: Double = -1000) {
    withoutGradients {
      for (name, parameter) in module.namedParameters where names.contains(where: name.hasSuffix) {
        parameter.value.addInPlace(amount)
      }
    }
  }

  private static func least(_ logScale: Tensor) -> Double { logScale.array(Double.self).min() ?? .nan }

  @Test("no posterior's deviation is below e^-7, and one above is as it was to the bit")
  func posteriors() {
    let rng = RandomSource(seed: 1)
    let x = rng.normal([4, 3])
    let qz = GaussianNetwork(MLP([3], hidden: [5], using: rng), dimension: 2, using: rng)
    // The heads by hand: half the log variances, behind the means.
    let named = Dictionary(uniqueKeysWithValues: qz.namedParameters.map { ($0.name, $0.parameter.value) })
    let h = x.linear(weight: named["network.layers.0.weight"]!, bias: named["network.layers.0.bias"]!).relu()
    let heads = h.linear(weight: named["heads.weight"]!, bias: named["heads.bias"]!)
    #expect(qz(x).logScale.isEqual(to: heads.narrowed(-1, 2..<4) * 0.5))
    Self.lowered(qz, "heads.bias")
    #expect(Self.least(qz(x).logScale) == leastLogScale && leastLogScale == -7)
    let joint = JointGaussian(JointMLP([3], hidden: [5], using: rng), dimension: 2, using: rng)
    Self.lowered(joint, "heads.bias")
    #expect(Self.least(joint([x]).logScale) == -7)
  }

  @Test("no predicted or learned scale of a likelihood is below e^-7; a fixed one is as it was given")
  func likelihoods() {
    let rng = RandomSource(seed: 1)
    let z = rng.normal([4, 2])
    for scale in [LikelihoodScale.predicted, .shared, .perDimension, .fixed(1e-5)] {
      let expected = scale == .fixed(1e-5) ? log(1e-5) : -7
      let gaussian = NetworkLikelihood(MLP([2], hidden: [5], using: rng), .gaussian(scale), shape: [3], using: rng)
      Self.lowered(gaussian, "output.bias", "logScale")
      let found = (gaussian(z) as? DiagonalGaussian)?.logScale ?? Tensor(0)
      expectClose(Self.least(found), expected, absolute: 1e-5)
      let logistic = NetworkLikelihood(
        MLP([2], hidden: [5], using: rng), .discretizedLogistic(scale, levels: 256), shape: [3], using: rng)
      Self.lowered(logistic, "output.bias", "logScale")
      let other = (logistic(z) as? DiscretizedLogistic)?.logScale ?? Tensor(0)
      expectClose(Self.least(other), expected, absolute: 1e-5)
    }
  }
}
