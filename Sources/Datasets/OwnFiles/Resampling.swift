/// The weights that make a line of samples out of a longer or a shorter one.
///
/// Output i lies at (i + 1/2) s - 1/2 of the input, s = input / output. Its weights are the triangle
/// max(0, 1 - |distance| / max(s, 1)), divided by their sum and rounded to 1/2^22.
///
/// - Source: Pillow, `Resample.c`; the same arithmetic in the same order, so that the bytes are equal.
struct Resampling {
  /// One output sample: the first input it takes from, and the weights from there on.
  private struct Window {
    let start: Int
    let weights: [Int]
  }

  private static let fractionBits = 22

  private let inputCount: Int
  private let windows: [Window]
  /// Whether the line stays as it is.
  let isIdentity: Bool

  /// The number of samples that come out.
  var count: Int { windows.count }

  /// Weights from `input` to `output` samples, for some of the outputs.
  init(from input: Int, to output: Int, only range: Range<Int>) {
    precondition(
      input > 0 && range.lowerBound >= 0 && range.upperBound <= output,
      "Resampling: expected outputs within 0..<\(output) of \(input) inputs, got \(range)")
    inputCount = input
    isIdentity = input == output && range == 0..<output
    let step = Double(input) / Double(output)
    let reach = max(step, 1)
    windows = range.map { index in
      let center = (Double(index) + 0.5) * step
      let start = max(Int(center - reach + 0.5), 0)
      let end = min(Int(center + reach + 0.5), input)
      let weights = (start..<end).map { sample in
        max(1 - abs((Double(sample) - center + 0.5) * (1 / reach)), 0)
      }
      let sum = weights.reduce(0, +)
      return Window(
        start: start, weights: weights.map { Int(0.5 + $0 / sum * Double(1 << Self.fractionBits)) })
    }
  }

  /// The line resampled in the middle of an array `[outer, line, inner]`.
  func apply(_ values: [UInt8], outer: Int, inner: Int) -> [UInt8] {
    values.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: outer * count * inner) { target, written in
        for block in 0..<outer {
          for window in windows {
            let start = (block * inputCount + window.start) * inner
            window.weights.withUnsafeBufferPointer { weights in
              for offset in 0..<inner {
                var sum = 1 << (Self.fractionBits - 1)
                for index in 0..<weights.count {
                  sum += weights[index] * Int(source[start + index * inner + offset])
                }
                target[written + offset] = UInt8(min(sum >> Self.fractionBits, 255))
              }
            }
            written += inner
          }
        }
      }
    }
  }
}
