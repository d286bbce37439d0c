/// Where names stand in a list, found by their bytes and else by what they look like.
///
/// Swift takes "é" of one code point and "é" of two for equal, a file system takes them for two names. A name that is
/// in the list byte by byte is found as such; one that is not is the only one that Unicode calls equal, so that names
/// written down on another system are found.
struct NameIndex {
  private var byBytes: [[UInt8]: Int] = [:]
  /// Nil where names of different bytes look alike.
  private var byLook: [String: Int?] = [:]

  init(_ names: [String]) {
    for (index, name) in names.enumerated() {
      byBytes[Array(name.utf8)] = index
      byLook[name] = .some(byLook[name] == nil ? index : nil)
    }
  }

  /// The place of a name; nil if it is not in the list, or if several look like it.
  subscript(name: String) -> Int? { byBytes[Array(name.utf8)] ?? byLook[name] ?? nil }
}
