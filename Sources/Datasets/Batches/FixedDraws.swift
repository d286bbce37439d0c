/// Draws that belong to an example: a function of a seed, the example's index and the place in it, and of nothing else.
///
/// The same on every device, whatever is read beside it and in whichever order.
struct FixedDraws {
  /// The seed of all of them.
  let seed: UInt64

  /// 0 or 1 with the pixel as the probability of 1: of bytes pixel / 255, of numbers the number itself.
  ///
  /// - Parameters:
  ///   - values: whole examples, one after the other.
  ///   - indices: which examples they are.
  func binarized(_ values: Examples.Storage, of indices: some Collection<Int>) -> [UInt8] {
    switch values {
    case .bytes(let bytes):
      // 257 pixel over 2^16: 0 is always 0, and 255 falls short of 1 by 2^-16.
      return drawn(bytes, indices) { pixel, bits in UInt64(pixel) * 257 > bits >> 48 ? 1 : 0 }
    case .floats(let numbers):
      return drawn(numbers, indices) { number, bits in Float(bits >> 40) * 0x1p-24 < number ? 1 : 0 }
    case .rows: preconditionFailure("FixedDraws: expected values in memory, got some on disk")
    }
  }

  /// Numbers of [0, 1), one for each place of these examples.
  func uniform(_ size: Int, of indices: some Collection<Int>) -> [Float] {
    drawn([UInt8](repeating: 0, count: size * indices.count), indices) { _, bits in Float(bits >> 40) * 0x1p-24 }
  }

  private func drawn<Value, Result>(
    _ values: [Value], _ indices: some Collection<Int>, _ draw: (Value, UInt64) -> Result
  ) -> [Result] {
    guard !indices.isEmpty else { return [] }
    let size = values.count / indices.count
    return values.withUnsafeBufferPointer { values in
      [Result](unsafeUninitializedCapacity: values.count) { results, count in
        for (row, index) in indices.enumerated() {
          var stream = SplitMix64(seed: seed, stream: UInt64(index))
          for place in row * size..<(row + 1) * size {
            results.initializeElement(at: place, to: draw(values[place], stream.next()))
          }
        }
        count = values.count
      }
    }
  }
}
