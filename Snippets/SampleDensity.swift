// Draw from a density of your own by Hamiltonian Monte Carlo and by NUTS, and ask whether the chains agree.
//
//     swift run -c release SampleDensity

import Inference
import Torch

// snippet.sample
/// Neal's funnel in the plane: x_2 has the log variance x_1. Up to a constant.
func funnel(_ z: Tensor) -> Tensor {
  let (v, x) = (z.at(0, axis: z.rank - 1), z.at(1, axis: z.rank - 1))
  return v.square() * (-1.0 / 2) - (x.square() * (-v).exp() + v) * 0.5
}

// Eight chains at once: draws [1000, 8, 2].
let hmc = sampleChains(
  HMC(leapfrogSteps: 10), of: funnel, from: .zeros([8, 2], dtype: .float64), warmup: 500, draws: 1000,
  targetAcceptance: 0.9, using: RandomSource(seed: 1))
// NUTS says itself how far to go; it takes one chain or many.
let nuts = sampleChains(
  NUTS(), of: funnel, from: .zeros([2], dtype: .float64), warmup: 500, draws: 1000, targetAcceptance: 0.9,
  using: RandomSource(seed: 2))

let first = (0..<8).map { hmc.values.at($0, axis: 1).at(0, axis: 1).array(Double.self) }
let convergence = Convergence(first)
print("\(convergence), \(hmc.divergences) divergences")
print("NUTS: \(Convergence([nuts.values.at(0, axis: 1).array()])), \(nuts.leapfrogSteps) gradients")
// snippet.end
