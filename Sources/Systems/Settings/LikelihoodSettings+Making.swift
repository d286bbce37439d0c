import Networks
import Probability
import Torch

extension LikelihoodSettings {
  /// p(x|z) with fresh parameters, by the network of a decoder for codes of a length and examples of a shape.
  func make(_ decoder: DecoderSettings, code: Int, shape: [Int], using rng: RandomSource) -> any Likelihood {
    if decoder.network.isAutoregressive {
      let family = pixelFamily!
      return AutoregressiveLikelihood(decoder.makePixels(of: shape, family, codes: code, using: rng), family)
    }
    let family = networkFamily!
    return NetworkLikelihood(
      decoder.make(from: code, to: [shape[0] * family.outputsPerDimension] + shape.dropFirst(), using: rng),
      family, shape: shape, using: rng)
  }
}
