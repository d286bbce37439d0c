/// Refuses hostile YAML before a recursive parser sees it.
///
/// Anchors, aliases, tags, directives, complex keys and texts over several lines have no use in settings and
/// are what bombs are made of; nesting is limited. The scan is flat and needs no stack. Where it cannot know
/// what libyaml would make of a line, it refuses the line.
struct YAMLGuard {
  /// The longest text that is looked at, in bytes.
  static let largestSize = 1 << 20
  /// The deepest nesting of sections and lists.
  static let deepestNesting = 32

  private let source: String
  private var number = 0
  /// Columns at which blocks began, outermost first.
  private var blocks: [Int] = []
  /// Brackets that are open.
  private var brackets = 0
  /// Whether the last token inside brackets was a value, which only a comma or a bracket may follow.
  private var followsValue = false

  private var deepest = 0

  private init(source: String) { self.source = source }

  /// Throws for anything but plain sections, lists, keys and values on one line each.
  ///
  /// - Returns: the deepest nesting it saw. Dashes below a key that are not indented are not counted, so the
  ///   document is at most twice as deep.
  @discardableResult
  static func check(_ text: String, source: String) throws(SettingsError) -> Int {
    guard text.utf8.count <= largestSize else {
      throw SettingsError(
        source: source, "expected at most \(largestSize) bytes of YAML, got \(text.utf8.count)")
    }
    var scan = YAMLGuard(source: source)
    for line in Array(text.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      scan.number += 1
      try scan.scan(Line(bytes: Array(line)))
    }
    return scan.deepest
  }

  private func refuse(_ reason: String) -> SettingsError {
    SettingsError(source: source, line: number, reason)
  }

  private mutating func scan(_ line: Line) throws(SettingsError) {
    if let character = line.forbiddenCharacter {
      throw refuse("expected printable characters, got \(character)")
    }
    var line = line
    line.skipDocumentMarker()
    line.skipBlanks()
    guard !line.isAtEndOrComment else { return }
    if brackets == 0 {
      blocks.removeAll { $0 >= line.position }
      try open(line.position)
    }
    while !line.isAtEndOrComment {
      try token(&line)
      line.skipBlanks()
    }
  }

  private mutating func open(_ column: Int) throws(SettingsError) {
    blocks.append(column)
    try checkDepth()
  }

  private mutating func checkDepth() throws(SettingsError) {
    deepest = max(deepest, blocks.count + brackets)
    if deepest > Self.deepestNesting {
      throw refuse("expected at most \(Self.deepestNesting) levels of nesting, got more")
    }
  }

  private mutating func token(_ line: inout Line) throws(SettingsError) {
    switch line.current {
    case "[", "{":
      line.advance()
      brackets += 1
      followsValue = false
      try checkDepth()
    case "]", "}":
      line.advance()
      brackets = max(0, brackets - 1)
      followsValue = true
    case ",":
      line.advance()
      followsValue = false
    case ":" where brackets > 0 || line.isBlank(after: 1):
      line.advance()
      followsValue = false
    case "-" where line.isBlank(after: 1):
      line.advance()
      line.skipBlanks()
      if brackets == 0, !line.isAtEndOrComment { try open(line.position) }
    case "&", "*":
      throw refuse(
        "expected values written out, got an anchor or alias ('&' or '*'; write it in quotes)")
    case "!": throw refuse("expected values without tags, got '!' (write it in quotes)")
    case "|", ">": throw refuse("expected a value on one line, got a block text ('|' or '>')")
    case "%": throw refuse("expected keys and values, got a directive ('%')")
    case "?" where brackets > 0 || line.isBlank(after: 1):
      throw refuse("expected a plain key, got '?'")
    case "\"", "'":
      try checkSeparated()
      if !line.skipQuoted() { throw refuse("expected a closing quote on the same line") }
    default:
      try checkSeparated()
      if brackets == 0 {
        line.skipPlain()
      } else if !line.skipSimplePlain() {
        throw refuse("expected simple words and numbers inside brackets (write others in quotes)")
      }
    }
  }

  /// Inside brackets two values in a row may be one text for libyaml, with other rules for what is inside it.
  private mutating func checkSeparated() throws(SettingsError) {
    if brackets > 0, followsValue { throw refuse("expected a comma or a closing bracket") }
    followsValue = true
  }
}

/// A line of YAML and a place in it.
private struct Line {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    // A line may end as on Windows.
    self.bytes = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  /// The character here; parts of a longer one come as some letter.
  var current: Unicode.Scalar { byte().map { $0 < 0x80 ? Unicode.Scalar($0) : "a" } ?? " " }

  func isBlank(after offset: Int = 0) -> Bool {
    byte(offset).map { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } ?? true
  }

  var isAtEndOrComment: Bool { byte() == nil || current == "#" }

  mutating func advance() { position += 1 }

  mutating func skipBlanks() { while byte() != nil, isBlank() { advance() } }

  /// `---` and `...` count in the first column alone.
  mutating func skipDocumentMarker() {
    let isMarker = bytes.starts(with: Array("---".utf8)) || bytes.starts(with: Array("...".utf8))
    if isMarker, isBlank(after: 3) { position = 3 }
  }

  /// Skips a text in quotes; false if it does not end on this line.
  mutating func skipQuoted() -> Bool {
    let quote = current
    advance()
    while byte() != nil {
      if quote == "\"", current == "\\" {
        advance()
      } else if current == quote {
        if quote == "'", byte(1) == UInt8(ascii: "'") {
          advance()
        } else {
          advance()
          return true
        }
      }
      advance()
    }
    return false
  }

  /// Skips words outside brackets, up to `: ` or a comment.
  mutating func skipPlain() {
    while byte() != nil {
      if current == ":", isBlank(after: 1) { return }
      let wasBlank = isBlank()
      advance()
      if wasBlank, current == "#" { return }
    }
  }

  /// Skips words inside brackets; false at a character whose meaning there is hard to know.
  mutating func skipSimplePlain() -> Bool {
    while byte() != nil {
      switch current {
      case ",", "[", "]", "{", "}": return true
      case ":" where isBlank(after: 1): return true
      case "#" where position > 0 && isBlank(after: -1): return true
      case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "+", "-", "/", "~", " ", "\t": advance()
      default: return false
      }
    }
    return true
  }

  /// The first control character, or line break that YAML knows and editors do not show.
  var forbiddenCharacter: String? {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.first { scalar in
      let isControl =
        (scalar.value < 0x20 && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
      return isControl || [0x2028, 0x2029, 0xFEFF].contains(scalar.value)
    }.map {
      "U+" + String(repeating: "0", count: max(0, 4 - String($0.value, radix: 16).count))
        + String($0.value, radix: 16, uppercase: true)
    }
  }
}
