/// Whether bytes are 0 and 1, as masks and binary images are often stored; one black image is not enough.
func areBits(_ bytes: [UInt8]) -> Bool {
  bytes.withUnsafeBufferPointer { bytes in !bytes.contains { $0 > 1 } && bytes.contains(1) }
}

/// The same of examples on disk, read up to the first other value.
func areBits(_ rows: RowSource) throws(DatasetError) -> Bool {
  guard rows.value == .byte else { return false }
  let largestBlock = 64
  var (start, block, hasOne) = (0, 1, false)
  while start < rows.rows.count {
    guard case .bytes(let bytes) = try rows.read(start..<min(start + block, rows.rows.count)) else { return false }
    if bytes.contains(where: { $0 > 1 }) { return false }
    hasOne = hasOne || bytes.contains(1)
    (start, block) = (start + block, min(2 * block, largestBlock))
  }
  return hasOne
}

/// What people are told of bytes that are 0 and 1.
let binaryNote = "all values are 0 or 1: read as binary, not as 0 and 1 of 255"

/// What people are told of bytes that are 0.
let blackNote = "all values are 0: black"
