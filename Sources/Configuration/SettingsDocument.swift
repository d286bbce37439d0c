import Foundation
import Yams

/// A YAML text of sections, lists and values, with the line of each.
public struct SettingsDocument: Sendable {
  /// The file's name or the option's, for messages.
  public let source: String
  /// The whole document.
  package let root: SettingsNode

  /// Parses YAML that nobody has vouched for; an empty text is an empty section.
  public init(yaml: String, source: String) throws(SettingsError) {
    self.source = source
    // Editors on Windows put a byte order mark in front.
    let text =
      yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    try YAMLGuard.check(text, source: source)
    do {
      root =
        try Yams.compose(yaml: text).map(SettingsNode.init) ?? SettingsNode(.nothing, line: nil)
    } catch let error as YamlError {
      throw SettingsError(source: source, error)
    } catch {
      throw SettingsError(source: source, "not YAML: \(error)")
    }
  }

  /// Reads and parses a file.
  public init(file path: String) throws(SettingsError) {
    let source = (path as NSString).lastPathComponent
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw SettingsError(source: path, "is a directory; a run's settings are its config.yaml")
    }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      data = try handle.read(upToCount: YAMLGuard.largestSize + 1) ?? Data()
    } catch {
      throw SettingsError(source: path, (error as NSError).localizedDescription)
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw SettingsError(source: source, "expected UTF-8 text, got other bytes")
    }
    try self.init(yaml: text, source: source)
  }

  /// Every value by the path that leads to it, such as `training.epochs`.
  public var values: [String: String] {
    var values: [String: String] = [:]
    func add(_ node: SettingsNode, _ path: [String]) {
      guard case .section(let pairs) = node.content else {
        values[path.joined(separator: ".")] = node.words
        return
      }
      for (key, value) in pairs { add(value, path + [key.words]) }
    }
    add(root, [])
    return values
  }

  /// The same document with another name for a key at its top, which counts as the same key.
  package func calling(_ key: String, _ name: String) -> SettingsDocument {
    guard case .section(let pairs) = root.content else { return self }
    let renamed = pairs.map { pair in
      pair.key.text == key
        ? (key: SettingsNode(.value(name, isQuoted: false), line: pair.key.line), value: pair.value) : pair
    }
    return SettingsDocument(source: source, root: SettingsNode(.section(renamed), line: root.line))
  }

  private init(source: String, root: SettingsNode) { (self.source, self.root) = (source, root) }

  /// One value that an option gives, as it is: nothing in it is taken for YAML.
  ///
  /// - Parameters:
  ///   - path: the keys that lead to it.
  ///   - isText: whether it is a text, in which `null` is a word like any other.
  public init(_ path: [String], _ value: String, isText: Bool = false, source: String) {
    self.source = source
    let node = SettingsNode(.value(value, isQuoted: isText), line: nil)
    root = path.reversed().reduce(node) { node, key in
      SettingsNode(.section([(key: SettingsNode(.value(key, isQuoted: false), line: nil), value: node)]), line: nil)
    }
  }

  /// One assignment of the command line, such as `training.learningRate=3e-4`; the value is YAML.
  public init(assignment: String) throws(SettingsError) {
    source = "--set"
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let keys = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, keys.allSatisfy({ !$0.isEmpty }), keys.count <= YAMLGuard.deepestNesting
    else {
      throw SettingsError(
        source: source, "expected key.path=value, got \"\(shortened(assignment))\"")
    }
    let value: SettingsNode
    do {
      value = try SettingsDocument(yaml: String(parts[1]), source: source).root.withoutLines()
    } catch {
      throw SettingsError(source: source, path: shortened(String(parts[0])), error.reason)
    }
    root = keys.reversed().reduce(value) { value, key in
      SettingsNode(
        .section([(key: SettingsNode(.value(key, isQuoted: false), line: nil), value: value)]),
        line: nil)
    }
  }
}

extension SettingsError {
  fileprivate init(source: String, _ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(source: source, line: mark.line, "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        source: source, line: context.mark.line,
        "expected each key once, got \(keys.map { "'\($0)'" }.joined(separator: ", ")) again")
    default: self.init(source: source, "not YAML: \(error)")
    }
  }
}

/// A part of a document.
package struct SettingsNode: Sendable {
  package indirect enum Content: Sendable {
    /// Nothing behind a colon.
    case nothing
    case value(String, isQuoted: Bool)
    case list([SettingsNode])
    case section([(key: SettingsNode, value: SettingsNode)])
  }

  package let content: Content
  package let line: Int?

  package init(_ content: Content, line: Int?) {
    self.content = content
    self.line = line
  }

  fileprivate init(_ node: Node) {
    line = node.mark?.line
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain
      content =
        isPlain && scalar.string.isEmpty ? .nothing : .value(scalar.string, isQuoted: !isPlain)
    case .sequence(let sequence): content = .list(sequence.map(SettingsNode.init))
    case .mapping(let mapping):
      content = .section(mapping.map { (key: SettingsNode($0.key), value: SettingsNode($0.value)) })
    case .alias: preconditionFailure("SettingsNode: Yams composes no aliases, got \(node)")
    }
  }

  fileprivate func withoutLines() -> SettingsNode {
    switch content {
    case .nothing, .value: SettingsNode(content, line: nil)
    case .list(let items): SettingsNode(.list(items.map { $0.withoutLines() }), line: nil)
    case .section(let pairs):
      SettingsNode(
        .section(pairs.map { (key: $0.key.withoutLines(), value: $0.value.withoutLines()) }),
        line: nil)
    }
  }

  /// The letters of a value without quotes; nil for anything else.
  package var plain: String? {
    if case .value(let text, isQuoted: false) = content { text } else { nil }
  }

  /// The letters of a value, in quotes or not.
  package var text: String? {
    if case .value(let text, _) = content { text } else { nil }
  }

  /// Whether it says that there is no value.
  package var isNull: Bool { plain.map(namesNothing) ?? false }

  /// All that it says, on one line.
  fileprivate var words: String {
    switch content {
    case .nothing: ""
    case .value(let text, _): text
    case .list(let items): "[\(items.map(\.words).joined(separator: ", "))]"
    case .section(let pairs): "{\(pairs.map { "\($0.key.words): \($0.value.words)" }.joined(separator: ", "))}"
    }
  }

  /// How a message calls what came.
  package var described: String {
    switch content {
    case .nothing: "nothing"
    case .value(let text, _): "\"\(shortened(text))\""
    case .list(let items):
      "[" + shortened(items.map { $0.text ?? $0.described }.joined(separator: ", ")) + "]"
    case .section(let pairs):
      "a section (\(shortened(pairs.map { $0.key.text ?? $0.key.described }.joined(separator: ", "))))"
    }
  }
}

/// At most 60 characters of a text that somebody else wrote, on one line.
package func shortened(_ text: String) -> String {
  let longest = 60
  let oneLine = String(
    text.unicodeScalars.prefix(longest + 1).map { $0.value < 0x20 ? " " : Character($0) })
  return text.unicodeScalars.count > longest ? oneLine.prefix(longest) + "..." : oneLine
}
