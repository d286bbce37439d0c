import Dispatch

/// Images of the ten digits drawn as pen strokes whose slant, thickness, place, size and angle are known.
///
/// They stand in for handwritten digits where nothing can be downloaded, and their known factors
/// make them a test of what a code has learned. Image `i` shows digit `i % 10` and depends only on
/// the seed and on `i`: not on the number of images and not on the number of threads.
public enum Strokes {
  /// A factor of variation and the range it is drawn from, evenly.
  public struct Factor: Sendable, Equatable {
    /// The name in ``Examples/factors``.
    public let name: String
    /// The smallest and the largest value.
    public let range: ClosedRange<Float>
    /// What the value means and its unit.
    public let meaning: String
  }

  /// The factors in the order they are drawn.
  public static let factors = [
    Factor(name: "slant", range: -0.2...0.45, meaning: "pixels to the right per pixel upwards"),
    Factor(name: "thickness", range: 1.6...3.6, meaning: "width of the pen in pixels"),
    Factor(name: "x", range: -2...2, meaning: "pixels to the right of the middle"),
    Factor(name: "y", range: -2...2, meaning: "pixels below the middle"),
    Factor(name: "scale", range: 0.75...1.1, meaning: "height of the digit in units of 18 pixels"),
    Factor(name: "rotation", range: -0.15...0.15, meaning: "radians, clockwise"),
  ]

  /// The height and the width of an image.
  public static let size = 28

  /// Draws `count` grey images of shape `[1, 28, 28]` with labels and factors.
  ///
  /// Besides the listed factors, each image has a way of writing its digit (factor "style", 0 or 1)
  /// and a smooth random bend of about half a pixel that no factor tells.
  public static func examples(count: Int, seed: UInt64) throws(DatasetError) -> Examples {
    guard count > 0 else {
      throw .invalid(subject: "strokes, count", expected: "a positive number", got: "\(count)")
    }
    let area = size * size
    let columns = factors.count + 1
    var drawn = [Float](repeating: 0, count: count * columns)
    let pixels = drawn.withUnsafeMutableBufferPointer { drawn in
      [UInt8](unsafeUninitializedCapacity: count * area) { pixels, written in
        // Each image writes its own part of both arrays, so the threads share nothing.
        nonisolated(unsafe) let (image, factor) = (pixels.baseAddress!, drawn.baseAddress!)
        let chunk = 256
        DispatchQueue.concurrentPerform(iterations: (count + chunk - 1) / chunk) { part in
          var canvas = StrokeCanvas(size: size)
          for index in part * chunk..<min((part + 1) * chunk, count) {
            var generator = SplitMix64(seed: seed, stream: UInt64(index))
            let pose = draw(digit: index % 10, on: &canvas, using: &generator)
            for (column, value) in pose.enumerated() { factor[index * columns + column] = value }
            canvas.write(to: image + index * area, thickness: pose[1])
          }
        }
        written = count * area
      }
    }
    let names = factors.map(\.name) + ["style"]
    let table = names.enumerated().map { column, name in
      (name, (0..<count).map { drawn[$0 * columns + column] })
    }
    return try Examples(
      name: "strokes", storage: .bytes(pixels), shape: [1, size, size],
      labels: (0..<count).map { Int32($0 % 10) }, classCount: 10,
      factors: Dictionary(uniqueKeysWithValues: table))
  }

  /// Draws one digit; returns its factors and its style.
  private static func draw(
    digit: Int, on canvas: inout StrokeCanvas, using generator: inout SplitMix64
  ) -> [Float] {
    let pose = factors.map { generator.uniform(in: $0.range) }
    let style = generator.below(Glyph.digits[digit].count)
    let bend = StrokeBend(using: &generator)
    let place = StrokePose(
      slant: pose[0], x: pose[2], y: pose[3], scale: pose[4], rotation: pose[5], size: size)
    canvas.clear()
    for stroke in Glyph.digits[digit][style].strokes {
      canvas.draw(stroke.map { place(bend($0)) }, reach: pose[1] / 2 + StrokeCanvas.softness)
    }
    return pose + [Float(style)]
  }
}

extension DataCatalog.Entry {
  /// The drawn digits as a named data set in MNIST's sizes.
  static let strokes: DataCatalog.Entry = {
    let info = DatasetInfo(
      name: "strokes", summary: "digits drawn as strokes with known factors, grey",
      shape: [1, 28, 28], classCount: 10, counts: [.train: 60_000, .test: 10_000],
      licence: "generated, free of rights", origin: DatasetInfo.generated)
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      let count = info.count(split, options) ?? 0
      let examples = try Strokes.examples(count: count, seed: streamSeed(options.seed, split))
      return options.labels
        ? examples.renamed("strokes \(split.rawValue)")
        : try Examples(
          name: "strokes \(split.rawValue)", storage: examples.storage, shape: examples.shape,
          factors: examples.factors)
    }
  }()
}
