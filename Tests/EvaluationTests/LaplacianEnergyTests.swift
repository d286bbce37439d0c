import Datasets
import Foundation
import Generative
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Sharpness")
struct LaplacianEnergyTests {
  @Test("of waves it is that of cosines, of even slopes 0, of white noise 20 sigma^2")
  func closedForms() throws {
    // Whole waves between the frames: sin(a x + b y) has the Laplacian (2 cos a + 2 cos b - 4) sin(a x + b y).
    let side = 24
    for (across, down) in [(1, 0), (3, 2), (0, 5), (12, 12)] {
      let (a, b) = (2 * Double.pi * Double(across) / Double(side), 2 * Double.pi * Double(down) / Double(side))
      let wave: [Double] = (0..<(side + 2) * (side + 2)).map { index in
        let (x, y) = (Double(index % (side + 2)), Double(index / (side + 2)))
        return sin(a * x + b * y + 0.3)
      }
      let energy = try laplacianEnergy(Tensor(wave, shape: [1, 1, side + 2, side + 2]))
      // The mean of a squared sine is 1/2, but where it has two values alone.
      let square = across == 12 ? sin(0.3) * sin(0.3) : 0.5
      let factor = 2 * cos(a) + 2 * cos(b) - 4
      expectClose(energy, [factor * factor * square], absolute: 1e-9)
    }
    let numbers: [Double] = (0..<40).map { index in
      let (across, down) = (Double(index % 8), Double(index / 8))
      return across * 0.1 + down * 0.07
    }
    let slope = Tensor(numbers, shape: [1, 1, 5, 8])
    expectClose(try laplacianEnergy(slope), [0], absolute: 1e-20)
    let noise = RandomSource(seed: 1).normal([40, 3, 30, 20], dtype: .float64) * 0.3
    let energies: [Double] = try laplacianEnergy(noise).array()
    expectAverage(energies, 20 * 0.09)
    #expect(energies.count == 40)
  }

  @Test("blur lowers it; images without a pixel that has four neighbours are refused")
  func blur() throws {
    let image = RandomSource(seed: 2).uniform([2, 1, 12, 12], dtype: .float64)
    let kernel = Tensor([Double](repeating: 1.0 / 9, count: 9), shape: [1, 1, 3, 3])
    let blurred = image.conv2d(weight: kernel, bias: nil, stride: 1, padding: 1)
    let (sharp, soft): ([Double], [Double]) = (try laplacianEnergy(image).array(), try laplacianEnergy(blurred).array())
    for (a, b) in zip(sharp, soft) { #expect(b < 0.2 * a && b > 0) }
    #expect(
      #expect(throws: MetricError.self) { try laplacianEnergy(Tensor.zeros([4, 1, 2, 9])) }?.description
        == "sharpness: expected images [n, channels, height, width] of at least 3 x 3 pixels, got shape [4, 1, 2, 9]")
  }

  /// Makes images a share of what they were, around a grey of 1/2.
  private final class Fading: Encoder, Decoder {
    let exampleShape = [1, 6, 6]
    let portrayal = "faded images"
    let prior: any CodePrior = StandardNormal(36)
    let share: Double

    init(_ share: Double) { self.share = share }

    func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor {
      z.reshaped([-1, 1, 6, 6]) * share + 0.5
    }
    func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { x.flattened(from: 1) - 0.5 }
  }

  private func subject(_ model: any Module, _ x: Tensor) throws -> Subject {
    let examples = try Examples(
      name: "x", storage: .floats(x.to(.float32).array()), shape: Array(x.shape.dropFirst()))
    return Subject(
      "fading", model, on: .test, dataName: "x", MeasuringOptions(place: DatasetOptions(cacheDirectory: "none")),
      examples: { DeviceExamples(examples, Preparation()) },
      trainingExamples: { _ in DeviceExamples(examples, Preparation()) }, images: { examples },
      trainingImages: { examples })
  }

  @Test("the ratio of reconstructions is 1 for perfect ones, and the square of what contrast they keep")
  func reconstructions() throws {
    let x = RandomSource(seed: 3).uniform([30, 1, 6, 6])
    for share in [1, 0.5] {
      let found = try subject(Fading(share), x).measure([.sharpness])
      #expect(found.count == 1 && found[0].metric == "sharpness" && found[0].unit == "1" && found[0].count == 30)
      expectClose(found[0].value, share * share, absolute: 1e-6)
      // Every image keeps the same share, so that the ratio has no error.
      #expect(try #require(found[0].standardError) < 1e-6)
    }
    #expect(
      #expect(throws: MetricError.self) { try subject(Fading(1), x * 0).measure([.sharpness]) }?.description
        == "sharpness: expected data with some detail, got images that are flat")
  }

  @Test("samples of other contrast than the data are as sharp as its square says, within 5 standard errors")
  func samples() throws {
    // A deviation of 0.1 around grey, which clamping hardly cuts, beside data of uniform pixels.
    let x = RandomSource(seed: 4).uniform([500, 1, 6, 6])
    let found = try subject(Fading(0.1), x).measure([.sampleSharpness])[0]
    let error = try #require(found.standardError)
    #expect(found.metric == "sharpness:samples" && abs(found.value - 0.01 * 12) < 5 * error && error < 0.005)
    #expect(found.conventions.contains { $0.key == "samples" && $0.value == .text("faded images") })
  }
}
