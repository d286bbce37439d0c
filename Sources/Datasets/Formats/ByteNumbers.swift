extension [UInt8] {
  /// The unsigned number of `width` bytes at `offset`, which must lie inside the array.
  ///
  /// A number that `Int` cannot hold becomes `Int.max`, which no real size or offset reaches.
  func number(_ width: Int, at offset: Int, isBigEndian: Bool = false) -> Int {
    var value: UInt64 = 0
    for place in 0..<width {
      value |= UInt64(self[offset + place]) << (8 * (isBigEndian ? width - 1 - place : place))
    }
    return Int(clamping: value)
  }
}
