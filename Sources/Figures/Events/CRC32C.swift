/// The cyclic redundancy check of Castagnoli's polynomial, as TensorBoard's records carry it.
///
/// - Source: RFC 3720, Appendix B.4; the mask is TFRecord's.
enum CRC32C {
  /// The checksum of the bytes; that of `123456789` is `0xE3069283`.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
    }
    return ~crc
  }

  /// The checksum, rotated and shifted.
  ///
  /// The plain checksum of bytes that contain their own checksum is a constant, so a checksum that
  /// is stored beside its data is masked.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  /// The checksum of every single byte, before the final inversion.
  private static let table: [UInt32] = (0..<256).map { byte in
    // 0x1EDC6F41 with its bits reversed, because bytes enter lowest bit first.
    let polynomial: UInt32 = 0x82F6_3B78
    return (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1
    }
  }
}
