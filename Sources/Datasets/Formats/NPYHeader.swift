/// The Python dictionary at the head of a `.npy` file.
///
/// Reads exactly what NumPy writes: the keys `descr` (a string), `fortran_order` and `shape`.
struct NPYHeader: Sendable, Equatable {
  var descr = ""
  var isFortranOrder = false
  var shape: [Int] = []

  private let file: String
  private let text: [UInt8]
  private var position = 0

  init(_ header: String, file: String) throws(DatasetError) {
    self.file = file
    text = Array(header.utf8)
    var missing = ["descr", "fortran_order", "shape"]
    try expect("{")
    while !skip("}") {
      let key = try string()
      guard missing.contains(key) else { throw error("a new key out of \(missing)", "'\(key)'") }
      missing.removeAll { $0 == key }
      try expect(":")
      switch key {
      case "descr": descr = try string()
      case "fortran_order": isFortranOrder = try boolean()
      default: shape = try tuple()
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    guard missing.isEmpty else {
      throw error("the keys descr, fortran_order and shape", "none named '\(missing[0])'")
    }
    skipBlanks()
    guard position == text.count else { throw error("the header's end", came) }
  }

  private mutating func string() throws(DatasetError) -> String {
    skipBlanks()
    guard let quote = current, quote == 0x27 || quote == 0x22 else {
      throw error("a quoted string", came)
    }
    let start = position + 1
    guard let end = text[start...].firstIndex(of: quote) else {
      throw error("a closing quote", "the header's end")
    }
    position = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(DatasetError) -> Bool {
    if skip("True") { return true }
    if skip("False") { return false }
    throw error("True or False", came)
  }

  private mutating func tuple() throws(DatasetError) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !skip(")") {
      sizes.append(try number())
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func number() throws(DatasetError) -> Int {
    skipBlanks()
    let digits = text[position...].prefix { (0x30...0x39).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw error(
        "a size of 0...\(Int.max)",
        digits.isEmpty ? came : String(decoding: digits, as: UTF8.self))
    }
    position += digits.count
    return value
  }

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private var came: String {
    current.map { "'\(String(decoding: [$0], as: UTF8.self))'" } ?? "the header's end"
  }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x0A { position += 1 }
  }

  private mutating func skip(_ word: String) -> Bool {
    skipBlanks()
    guard text[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(DatasetError) {
    guard skip(word) else { throw error("'\(word)'", came) }
  }

  private func error(_ expected: String, _ got: String) -> DatasetError {
    .malformed(
      file: file, place: "header, character \(position)", expected: expected, got: got)
  }
}
