import Datasets
import Figures
import Foundation
import Generative
import Torch

/// Pictures of a model's examples: tensors to image grids.
public enum Pictures {
  /// Whether examples of this shape are images of one or three channels.
  public static func canShow(_ shape: [Int]) -> Bool {
    shape.count == 3 && (shape[0] == 1 || shape[0] == 3)
  }

  /// Whether examples of this shape are points of the plane or of space.
  public static func canPlot(_ shape: [Int]) -> Bool { shape == [2] || shape == [3] }

  /// Sets of points `[n, 2]` or `[n, 3]`, each in a colour of its own.
  public static func plot(_ sets: [(name: String, x: Tensor)], title: String) -> any Chart {
    func column(_ x: Tensor, _ index: Int) -> [Double] { x.at(index, axis: 1).to(.float64).array() }
    if sets.allSatisfy({ $0.x.size(1) == 2 }) {
      let groups = sets.map { ScatterPlot.Group($0.name, x: column($0.x, 0), y: column($0.x, 1)) }
      return ScatterPlot(title: title, x: "x1", y: "x2", groups: groups)
    }
    let groups = sets.map { name, x in
      let (a, b, c) = (column(x, 0), column(x, 1), column(x, 2))
      return ScatterPlot3D.Group(name, points: a.indices.map { (a[$0], b[$0], c[$0]) })
    }
    return ScatterPlot3D(title: title, x: "x1", y: "x2", z: "x3", groups: groups)
  }

  /// One image per row of `[n, channels, height, width]`, values in [0, 1].
  public static func images(_ x: Tensor) throws -> [PixelImage] {
    let size = x.shape.suffix(3).reduce(1, *)
    let values = x.clamped(0, 1).array(Float.self)
    return try (0..<x.size(0)).map { index in
      try PixelImage(
        intensities: values[index * size..<(index + 1) * size], width: x.size(3), height: x.size(2),
        channels: x.size(1))
    }
  }

  /// One image per example of a set; numbers that are not bytes are taken as they are.
  public static func images(_ examples: Examples) throws -> [PixelImage] {
    guard canShow(examples.shape) else { throw RunError.noImages(examples.shape) }
    let all = DeviceExamples(examples, Preparation())
    return try images(all.batch(0..<examples.count, using: RandomSource(seed: 0)).x)
  }

  /// What a model draws, as its `portrayal` says: `[count] + shape`.
  public static func samples(of model: any Generator, count: Int, using rng: RandomSource) -> Tensor {
    withoutGradients { model.examples(count, as: .means, using: rng) }
  }

  /// Codes `[n, latent]` decoded in every class, behind `x` if there are examples of theirs: `[n, columns] + shape`.
  public static func inEveryClass(
    _ codes: Tensor, by model: any ClassConditional, beside x: Tensor? = nil,
    using rng: RandomSource
  ) -> Tensor {
    withoutGradients {
      let columns =
        (x.map { [$0] } ?? [])
        + (0..<model.classCount).map { index in
          let classes = Tensor([Int32](repeating: Int32(index), count: codes.size(0))).to(.int64).to(codes.device)
          return model.decode(model.code(codes, ofClass: classes), as: .means, using: rng)
        }
      return Tensor.stacked(columns, axis: 1)
    }
  }

  /// What a model makes of the codes of `x`, same shape as `x`.
  public static func reconstructions(
    of x: Tensor, by model: any (Encoder & Decoder), using rng: RandomSource
  ) -> Tensor {
    withoutGradients { model.decode(model.encode(x, using: rng), as: .means, using: rng) }
  }
}

/// The path between two codes.
public enum InterpolationPath: String, CaseIterable, Sendable {
  /// The straight line.
  case linear
  /// The great circle, which keeps the length that draws from the prior have. White 2016.
  case spherical

  /// Points between codes `[pairs, latent]` at `steps` equal fractions, ends included: `[pairs, steps, latent]`.
  public func points(_ from: Tensor, _ to: Tensor, steps: Int) -> Tensor {
    precondition(steps >= 2, "InterpolationPath: expected at least 2 steps, got \(steps)")
    let t = (Tensor.range(steps, dtype: from.dtype, device: from.device) / Double(steps - 1))
      .reshaped([1, steps, 1])
    let (a, b) = (from.unsqueezed(1), to.unsqueezed(1))  // [pairs, 1, latent]
    switch self {
    case .linear: return a * (1 - t) + b * t
    case .spherical: return spherical(a, b, t)
    }
  }

  /// Below this sine the codes are parallel and the straight line is the great circle.
  private static let smallestSine = 1e-4

  private func spherical(_ a: Tensor, _ b: Tensor, _ t: Tensor) -> Tensor {
    let lengths = a.square().sum(-1, keepAxes: true).sqrt() * b.square().sum(-1, keepAxes: true).sqrt()
    let cosine = ((a * b).sum(-1, keepAxes: true) / (lengths + 1e-12)).clamped(-1, 1)
    let angle = arccos(cosine)
    let sine = angle.sin()
    let arc = (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / sine.clamped(Self.smallestSine, 1)
    return (sine .< Self.smallestSine).select(a * (1 - t) + b * t, arc)
  }

  /// The angle in [0, pi] of a cosine, on the host: there are few of them.
  private func arccos(_ cosine: Tensor) -> Tensor {
    Tensor(cosine.array(Double.self).map { acos($0) }, shape: cosine.shape)
      .to(cosine.dtype).to(cosine.device)
  }
}
