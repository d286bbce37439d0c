import Datasets

/// A section of settings, described well enough to be read, changed and written.
///
/// To conform, give every property a default and list it in `fields`, in the order they are printed. Reading with
/// errors, `--set`, and the commented YAML come for free. The simplest conformer is `LatentSettings`.
public protocol Settings: Equatable, Sendable {
  /// The keys of the section.
  static var fields: [Field<Self>] { get }
  /// Makes keys that exclude each other agree, after a document has set some of them.
  ///
  /// - Parameter given: the keys that the document gives a value.
  /// - Returns: what is wrong, if the document contradicts itself.
  mutating func reconcile(given: Set<String>) -> String?
}

extension Settings {
  public mutating func reconcile(given: Set<String>) -> String? { nil }
}

/// One key of a section: its name, what it means, where its value lives and what is allowed.
public struct Field<Owner> {
  /// The name in files.
  let key: String
  /// What it means, in a few words.
  let doc: String
  let content: Content

  enum Content {
    /// A value: what is expected of it, a hint of what is allowed, its reader and its writer.
    case value(
      expected: String, hint: String, read: (SettingsNode, inout Owner) -> Bool,
      write: (Owner) -> String)
    /// A section of its own: its reader and its writer.
    case section(
      read: (SettingsNode, inout Owner, Reading) throws(SettingsError) -> Void,
      write: (Owner, inout YAMLPage) -> Void)
  }

  /// A key with a value.
  public init<Value>(
    _ key: String, _ doc: String, _ place: WritableKeyPath<Owner, Value>, _ type: SettingType<Value>
  ) {
    self.key = key
    self.doc = doc
    content = .value(
      expected: type.expected, hint: type.hint,
      read: { node, owner in
        guard let value = type.read(node) else { return false }
        owner[keyPath: place] = value
        return true
      },
      write: { type.write($0[keyPath: place]) })
  }

  /// A key with a section behind it.
  public init<Section: Settings>(
    _ key: String, _ doc: String, _ place: WritableKeyPath<Owner, Section>
  ) {
    self.key = key
    self.doc = doc
    content = .section(
      read: { (node, owner, reading) throws(SettingsError) in
        try owner[keyPath: place].read(node, reading)
      },
      write: { owner, page in owner[keyPath: place].write(to: &page) })
  }
}

/// Where in a document the reader is.
struct Reading {
  let source: String
  var path: [String] = []

  func refusal(_ node: SettingsNode, _ reason: String) -> SettingsError {
    SettingsError(source: source, line: node.line, path: path.joined(separator: "."), reason)
  }

  func inside(_ key: String) -> Reading { Reading(source: source, path: path + [key]) }
}

extension Settings {
  /// Changes what the document names and leaves the rest, or throws and changes nothing.
  public mutating func apply(_ document: SettingsDocument) throws(SettingsError) {
    var changed = self
    try changed.read(document.root, Reading(source: document.source))
    self = changed
  }

  /// Changes one value, given as `key.path=value` with YAML behind the equals sign.
  public mutating func set(_ assignment: String) throws(SettingsError) {
    try apply(SettingsDocument(assignment: assignment))
  }

  /// Reads the keys of a section into `self`.
  mutating func read(_ node: SettingsNode, _ reading: Reading) throws(SettingsError) {
    let keys = Self.fields.map(\.key)
    let pairs: [(key: SettingsNode, value: SettingsNode)]
    switch node.content {
    case .nothing: pairs = []
    case .section(let all): pairs = all
    case .value, .list:
      throw reading.refusal(
        node,
        "expected a section with keys (allowed: \(keys.joined(separator: ", "))), got \(node.described)"
      )
    }
    var seen: Set<String> = []
    var given: Set<String> = []
    for (keyNode, value) in pairs {
      guard let key = keyNode.text else {
        throw reading.refusal(keyNode, "expected a key, got \(keyNode.described)")
      }
      guard let field = Self.fields.first(where: { $0.key == key }) else {
        let hint = nearest(to: key, among: keys).map { "; did you mean '\($0)'?" } ?? ""
        throw reading.inside(shortened(key)).refusal(
          keyNode, "unknown key\(hint) (allowed: \(keys.joined(separator: ", ")))")
      }
      let here = reading.inside(key)
      guard seen.insert(key).inserted else {
        throw here.refusal(keyNode, "expected each key once, got it again")
      }
      switch field.content {
      case .value(let expected, _, let read, _):
        guard read(value, &self) else {
          throw here.refusal(value, "expected \(expected), got \(value.described)")
        }
        if !value.isNull { given.insert(key) }
      case .section(let read, _): try read(value, &self, here)
      }
    }
    if let problem = reconcile(given: given) { throw reading.refusal(node, problem) }
  }

  /// The complete settings as YAML, every key with what it means and what is allowed.
  ///
  /// - Parameter heading: lines put in front as a comment.
  public func yaml(heading: String? = nil) -> String {
    var page = YAMLPage()
    if let heading { page.comment(heading) }
    write(to: &page)
    return page.text
  }

  func write(to page: inout YAMLPage) {
    for field in Self.fields {
      switch field.content {
      case .value(_, let hint, _, let write):
        page.value(field.key, write(self), comment: field.doc + hint)
      case .section(_, let write):
        page.section(field.key, comment: field.doc) { write(self, &$0) }
      }
    }
  }
}
