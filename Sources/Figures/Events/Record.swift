/// The framing of TFRecord files: length, checksum of the length, payload, checksum of the payload.
///
/// All numbers are little-endian; a reader that finds a record cut short, as a killed run leaves
/// it, stops before that record.
enum Record {
  /// The payload as one record.
  static func framed(_ payload: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(payload.count))
    var record = length
    record.reserveCapacity(payload.count + 16)
    record += littleEndian(CRC32C.masked(length))
    record += payload
    record += littleEndian(CRC32C.masked(payload))
    return record
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
  }
}
