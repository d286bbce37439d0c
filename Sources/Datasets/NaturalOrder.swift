/// Whether a name comes before another as people count: "img2" before "img10".
///
/// Runs of digits compare as numbers of any length, all else byte by byte. Names that differ only in leading zeros
/// compare byte by byte, so that no two different names are equal.
func precedesNaturally(_ first: [UInt8], _ second: [UInt8]) -> Bool {
  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  func number(_ name: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
    while index < name.count, name[index] == 0x30 { index += 1 }
    let start = index
    while index < name.count, isDigit(name[index]) { index += 1 }
    return name[start..<index]
  }
  var (i, j) = (0, 0)
  while i < first.count, j < second.count {
    if isDigit(first[i]), isDigit(second[j]) {
      let (a, b) = (number(first, &i), number(second, &j))
      if a.count != b.count { return a.count < b.count }
      if a != b { return a.lexicographicallyPrecedes(b) }
    } else {
      if first[i] != second[j] { return first[i] < second[j] }
      (i, j) = (i + 1, j + 1)
    }
  }
  if i == first.count, j == second.count { return first.lexicographicallyPrecedes(second) }
  return i == first.count
}
