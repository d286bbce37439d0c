import Probability
import Torch

/// A distribution of images, pixel after pixel in the order of reading: p(x) = product of p(x_i | x_1, ..., x_(i-1)).
///
/// Scoring is one pass of the network over the whole image; drawing goes through the pixels.
public struct AutoregressiveImage: Distribution {
  private let network: any AutoregressiveNetwork
  private let family: PixelFamily
  /// Codes `batch + [latent]`, or nil for a single distribution without a batch.
  private let z: Tensor?

  /// - Parameters:
  ///   - network: with the family's number of outputs.
  ///   - z: codes `batch + [latent]`; nil for a network without a conditioning.
  public init(_ network: any AutoregressiveNetwork, _ family: PixelFamily, given z: Tensor? = nil) {
    let outputs = family.outputs(channels: network.imageShape[0])
    precondition(
      network.outputs == outputs,
      "AutoregressiveImage: expected a network of \(outputs) outputs, got \(network.outputs)")
    self.network = network
    self.family = family
    self.z = z
  }

  private var batch: [Int] { z.map { Array($0.shape.dropLast()) } ?? [] }

  /// - Parameter value: images in [0, 1] whose leading axes broadcast with the codes', `... + [channels, h, w]`.
  /// - Returns: nats per image. Source: van den Oord et al. 2016b, Eq. 1 and 3.
  public func logProb(_ value: Tensor) -> Tensor {
    let image = network.imageShape
    precondition(
      Array(value.shape.suffix(3)) == image,
      "AutoregressiveImage: expected images of shape \(image), got \(value.shape)")
    let lead = Self.broadcast(Array(value.shape.dropLast(3)), batch)
    let x = family.quantized(value).expanded(lead + image).reshaped([-1] + image)  // [n, channels, h, w]
    return family.logProb(network(x, given: codes(lead)), x).reshaped(lead)  // [n] to count + batch
  }

  /// Draws `count + batch + [channels, h, w]`, pixel after pixel with cached activations.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    draw(count, using: rng) { AncestralPass(network, family).stream($0, noise: $1) }
  }

  /// The draws of `sample` from the same random numbers by a pass over the whole image for every pixel.
  ///
  /// It takes as many times longer as there are pixels in what a pixel depends on; the cached draws
  /// are held against it.
  public func sampleByWholeImages(_ count: [Int], using rng: RandomSource) -> Tensor {
    draw(count, using: rng) { AncestralPass(network, family).wholeImages($0, noise: $1) }
  }

  private func draw(
    _ count: [Int], using rng: RandomSource, _ pass: (AncestralPass.Codes, Tensor) -> Tensor
  ) -> Tensor {
    withoutGradients {
      let lead = count + batch
      let rows = lead.reduce(1, *)
      let shape = [rows, family.noises(channels: network.imageShape[0])] + network.imageShape[1...]
      let codes = AncestralPass.Codes(count: rows, z: codes(lead))
      let noise = rng.uniform(lead + shape.dropFirst(), rows: -4).reshaped(shape)
      return pass(codes, noise).reshaped(lead + network.imageShape)  // ... + [channels, h, w]
    }
  }

  /// Not the expectation, which has no closed form: the image in which every pixel is its mean
  /// given the means before it.
  ///
  /// It needs no randomness, and it is grey where draws differ. Pictures show draws.
  public var mean: Tensor {
    withoutGradients {
      let codes = AncestralPass.Codes(count: batch.reduce(1, *), z: codes(batch))
      return AncestralPass(network, family).stream(codes, noise: nil).reshaped(batch + network.imageShape)
    }
  }

  public var isShownByDraw: Bool { true }

  /// The codes of every image of leading axes `lead`, as rows.
  private func codes(_ lead: [Int]) -> Tensor? {
    z.map { $0.expanded(lead + [$0.size(-1)]).reshaped([-1, $0.size(-1)]) }  // [n, latent]
  }

  private static func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    func padded(_ x: [Int]) -> [Int] { Array(repeating: 1, count: rank - x.count) + x }
    return zip(padded(a), padded(b)).map { $0 == 1 ? $1 : $0 }
  }
}
