/// YAML as it is laid out for people: values to the left, comments beside them in one column, 80 columns in all.
package struct YAMLPage {
  private static let width = 80
  private static let commentColumn = 30
  private static let step = 2

  package private(set) var text = ""
  private var depth = 0

  package init() {}

  private var indent: String { String(repeating: " ", count: depth * Self.step) }

  /// A key and its value, the comment behind it; above it where the value is too long.
  package mutating func value(_ key: String, _ value: String, comment: String) {
    let line = "\(indent)\(key): \(value)"
    guard line.count + Self.step <= Self.commentColumn else {
      self.comment(comment)
      text += line + "\n"
      return
    }
    let lines = Self.wrapped(comment, width: Self.width - Self.commentColumn - 2)
    for (number, words) in lines.enumerated() {
      let start = number == 0 ? line : ""
      let gap = String(repeating: " ", count: Self.commentColumn - start.count)
      text += "\(start)\(gap)# \(words)\n"
    }
  }

  /// A key with keys behind it; sections of the top stand apart.
  package mutating func section(_ key: String, comment: String, _ body: (inout YAMLPage) -> Void) {
    if depth == 0, !text.isEmpty { text += "\n" }
    self.comment(comment)
    text += "\(indent)\(key):\n"
    depth += 1
    body(&self)
    depth -= 1
  }

  /// Lines of their own.
  package mutating func comment(_ words: String) {
    for paragraph in words.split(separator: "\n") {
      for line in Self.wrapped(String(paragraph), width: Self.width - indent.count - 2) {
        text += "\(indent)# \(line)\n"
      }
    }
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
