import Foundation
import Networks
import Torch

/// Drawing images from a gated PixelCNN: cached activations beside a pass over the whole image for every pixel.
struct SamplingBenchmark: Benchmark {
  private let plan: Plan
  private static let (layers, maps, batch) = (7, 32, 16)
  /// The slow way takes the time of many rounds of the fast one.
  private static let slowRounds = 2

  init(_ plan: Plan) { self.plan = plan }

  var name: String {
    "PixelCNN draws, \(Self.layers) layers of \(Self.maps) maps, 28x28, batch \(Self.batch)"
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let network = GatedPixelCNN(
      [1, 28, 28], outputs: 1, layers: Self.layers, maps: Self.maps, using: RandomSource(seed: 1))
    let image = AutoregressiveImage(network, .bernoulli)
    var (cached, whole): (Tensor?, Tensor?)
    let slow = (0..<min(plan.rounds, Self.slowRounds)).map { _ in
      milliseconds { whole = image.sampleByWholeImages([Self.batch], using: RandomSource(seed: 2)) }
    }
    let fast = (0...plan.rounds).map { _ in
      milliseconds { cached = image.sample([Self.batch], using: RandomSource(seed: 2)) }
    }.dropFirst()
    let ours = Row(name: "Helmholtz, cached activations", kind: .ours, values: Array(fast))
    let naive = Row(name: "a pass over the whole image per pixel", kind: .limit, values: slow)
    let isSame = cached!.isEqual(to: whole!)
    return Finding(
      name: name, unit: "ms/batch", rows: [ours, naive],
      notes: [
        String(format: "Whole images take %.0f times as long.", naive.median / ours.median),
        isSame ? "Both gave the same images." : "The images differ.",
      ])
  }
}
