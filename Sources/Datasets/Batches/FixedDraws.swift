/// Draws that belong to an example: a function of its values and the place in them, and of nothing else.
///
/// The same on every device, in every run, wherever the example stands and whatever is read beside it. Two copies of a
/// picture have one draw.
enum FixedDraws {
  /// 0 or 1 with the pixel as the probability of 1: of bytes pixel / 255, of numbers the number itself.
  ///
  /// - Parameters:
  ///   - values: whole examples, one after the other.
  ///   - size: the values of one.
  static func binarized(_ values: Examples.Storage, size: Int) -> [UInt8] {
    switch values {
    case .bytes(let bytes):
      // 257 pixel over 2^16: 0 is always 0, and 255 falls short of 1 by 2^-16.
      return drawn(bytes, size, word: UInt64.init, draw: { UInt64($0) * 257 > $1 >> 48 ? 1 : 0 })
    case .floats(let numbers):
      return drawn(
        numbers, size, word: { UInt64($0.bitPattern) }, draw: { Float($1 >> 40) * 0x1p-24 < $0 ? 1 : 0 })
    case .rows: preconditionFailure("FixedDraws: expected values in memory, got some on disk")
    }
  }

  /// Numbers of [0, 1), one for each value. They have 16 bits, which fill the 24 of a float32 together with a pixel's 8.
  static func uniform(_ bytes: [UInt8], size: Int) -> [Float] {
    drawn(bytes, size, word: UInt64.init, draw: { Float($1 >> 48) * 0x1p-16 })
  }

  private static func drawn<Value, Result>(
    _ values: [Value], _ size: Int, word: (Value) -> UInt64, draw: (_ value: Value, _ bits: UInt64) -> Result
  ) -> [Result] {
    values.withUnsafeBufferPointer { values in
      [Result](unsafeUninitializedCapacity: values.count) { results, count in
        for start in stride(from: 0, to: values.count, by: size) {
          // FNV-1a over whole values (Fowler, Noll & Vo): one seed for each content.
          let seed = values[start..<start + size].reduce(0xCBF2_9CE4_8422_2325) { hash, value in
            (hash ^ word(value)) &* 0x100_0000_01B3
          }
          var stream = SplitMix64(seed: seed)
          for place in start..<start + size {
            results.initializeElement(at: place, to: draw(values[place], stream.next()))
          }
        }
        count = values.count
      }
    }
  }
}
