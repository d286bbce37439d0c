import Foundation

/// The MD5 of bytes in hexadecimal digits: not a defence against an attacker, but all that some publishers give.
///
/// - Source: Rivest 1992, RFC 1321.
func md5(_ bytes: [UInt8]) -> String {
  var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  // The end is padded by one bit, zeros, and the number of bits.
  let whole = bytes.count / 64 * 64
  var end = bytes[whole...] + [0x80]
  end += [UInt8](repeating: 0, count: (120 - end.count % 64) % 64)
  end += (0..<8).map { UInt8(truncatingIfNeeded: (8 * bytes.count) >> (8 * $0)) }
  sines.withUnsafeBufferPointer { sines in
    bytes.withUnsafeBytes { mix(UnsafeRawBufferPointer(rebasing: $0[..<whole]), sines, into: &state) }
    end.withUnsafeBytes { mix($0, sines, into: &state) }
  }
  return state.flatMap { word in (0..<4).map { hex(UInt8(truncatingIfNeeded: word >> (8 * $0))) } }
    .joined()
}

/// The whole part of 2^32 |sin i|, i from 1.
private let sines = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }

/// Mixes whole blocks of 64 bytes into the state.
private func mix(
  _ source: UnsafeRawBufferPointer, _ sines: UnsafeBufferPointer<UInt32>, into state: inout [UInt32]
) {
  for start in stride(from: 0, to: source.count, by: 64) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for step in 0..<64 {
      let (chosen, word, shifts): (UInt32, Int, (UInt32, UInt32, UInt32, UInt32))
      switch step / 16 {
      case 0: (chosen, word, shifts) = (b & c | ~b & d, step, (7, 12, 17, 22))
      case 1: (chosen, word, shifts) = (d & b | ~d & c, (5 * step + 1) % 16, (5, 9, 14, 20))
      case 2: (chosen, word, shifts) = (b ^ c ^ d, (3 * step + 5) % 16, (4, 11, 16, 23))
      default: (chosen, word, shifts) = (c ^ (b | ~d), 7 * step % 16, (6, 10, 15, 21))
      }
      let value = UInt32(
        littleEndian: source.loadUnaligned(fromByteOffset: start + 4 * word, as: UInt32.self))
      let sum = a &+ chosen &+ sines[step] &+ value
      let shift =
        switch step % 4 {
        case 0: shifts.0
        case 1: shifts.1
        case 2: shifts.2
        default: shifts.3
        }
      (a, b, c, d) = (d, b &+ (sum << shift | sum >> (32 - shift)), b, c)
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
  }
}
