import Foundation

/// The MD5 of bytes in hexadecimal digits: no defence against an attacker, but all that some publishers give.
///
/// - Source: Rivest 1992, RFC 1321.
func md5(_ bytes: [UInt8]) -> String {
  var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  let whole = bytes.count / 64 * 64
  bytes.withUnsafeBytes { source in
    for start in stride(from: 0, to: whole, by: 64) { mix(source, start, into: &state) }
  }
  // The end is padded by one bit, zeros, and the number of bits.
  var end = bytes[whole...] + [0x80]
  end += [UInt8](repeating: 0, count: (120 - end.count % 64) % 64)
  end += (0..<8).map { UInt8(truncatingIfNeeded: (8 * bytes.count) >> (8 * $0)) }
  Array(end).withUnsafeBytes { source in
    for start in stride(from: 0, to: source.count, by: 64) { mix(source, start, into: &state) }
  }
  return state.flatMap { word in (0..<4).map { hex(UInt8(truncatingIfNeeded: word >> (8 * $0))) } }
    .joined()
}

private let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]

/// The whole part of 2^32 |sin i|, i from 1.
private let sines = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }

private func mix(_ source: UnsafeRawBufferPointer, _ start: Int, into state: inout [UInt32]) {
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  for step in 0..<64 {
    let chosen: UInt32
    let word: Int
    switch step / 16 {
    case 0: (chosen, word) = (b & c | ~b & d, step)
    case 1: (chosen, word) = (d & b | ~d & c, (5 * step + 1) % 16)
    case 2: (chosen, word) = (b ^ c ^ d, (3 * step + 5) % 16)
    default: (chosen, word) = (c ^ (b | ~d), 7 * step % 16)
    }
    let value = UInt32(
      littleEndian: source.loadUnaligned(fromByteOffset: start + 4 * word, as: UInt32.self))
    let sum = a &+ chosen &+ sines[step] &+ value
    let shift = shifts[step / 16][step % 4]
    (a, b, c, d) = (d, b &+ (sum << shift | sum >> (32 - shift)), b, c)
  }
  state[0] &+= a
  state[1] &+= b
  state[2] &+= c
  state[3] &+= d
}
