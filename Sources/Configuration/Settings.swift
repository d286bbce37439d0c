/// A section of settings, described well enough to be read, changed and written.
///
/// To conform, give every property a default and list it in `fields`, in the order they are printed; what a property
/// means is said there, once. Reading with
/// errors, `--set`, the refusal of keys without effect, and the commented YAML come for free. The simplest conformer is
/// `LatentSettings`.
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

/// Where in a document the reader is.
package struct Reading {
  let source: String
  var path: [String] = []

  package init(source: String, path: [String] = []) {
    self.source = source
    self.path = path
  }

  package func refusal(_ node: SettingsNode, _ reason: String) -> SettingsError {
    SettingsError(source: source, line: node.line, path: path.joined(separator: "."), reason)
  }

  package func inside(_ key: String) -> Reading { Reading(source: source, path: path + [key]) }
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
  package mutating func read(_ node: SettingsNode, _ reading: Reading) throws(SettingsError) {
    let keys = Self.fields.map(\.key)
    var given: Set<String> = []
    for (keyNode, value) in try node.pairs(allowed: keys, reading) {
      guard let field = Self.fields.first(where: { $0.key == keyNode.text }) else {
        throw unknownKey(keyNode, allowed: keys, reading)
      }
      try read(field, value, reading.inside(field.key))
      if !value.isNull { given.insert(field.key) }
    }
    if let problem = reconcile(given: given) { throw reading.refusal(node, problem) }
  }

  private mutating func read(
    _ field: Field<Self>, _ value: SettingsNode, _ reading: Reading
  ) throws(SettingsError) {
    switch field.content {
    case .value(let expected, _, let read, _):
      guard read(value, &self) else {
        throw reading.refusal(value, "expected \(expected), got \(value.described)")
      }
    case .section(let read, _, _): try read(value, &self, reading)
    }
  }

  /// Refuses keys that somebody gave and that have no effect with these settings.
  public func checkEffects(_ given: Given, _ path: [String] = []) throws(SettingsError) {
    for field in Self.fields {
      let here = path + [field.key]
      if let reason = field.reason(self) { try given.refuse(here, because: reason) }
      if case .section(_, _, let check) = field.content { try check(self, given, here) }
    }
  }

  /// The settings as YAML: every key that has an effect, with what it means and what is allowed.
  ///
  /// - Parameter heading: lines put in front as a comment.
  public func yaml(heading: String? = nil) -> String {
    var page = YAMLPage()
    if let heading { page.comment(heading) }
    write(to: &page)
    return page.text
  }

  package func write(to page: inout YAMLPage) {
    for field in Self.fields { write(field, to: &page) }
  }

  private func write(_ field: Field<Self>, to page: inout YAMLPage) {
    guard field.reason(self) == nil else { return }
    switch field.content {
    case .value(_, let hint, _, let write):
      page.value(field.key, write(self), comment: field.doc + hint)
    case .section(_, let write, _):
      if field.isNull(self) { return page.value(field.key, "null", comment: field.doc) }
      page.section(field.key, comment: field.doc) { write(self, &$0) }
    }
  }
}

extension SettingsNode {
  /// The keys of a section, each once.
  package func pairs(
    allowed keys: [String], _ reading: Reading
  ) throws(SettingsError) -> [(key: SettingsNode, value: SettingsNode)] {
    let pairs: [(key: SettingsNode, value: SettingsNode)]
    switch content {
    case .nothing: return []
    case .section(let all): pairs = all
    case .value, .list:
      throw reading.refusal(
        self, "expected a section with keys (allowed: \(keys.joined(separator: ", "))), got \(described)")
    }
    var seen: Set<String> = []
    for (keyNode, _) in pairs {
      guard let key = keyNode.text else {
        throw reading.refusal(keyNode, "expected a key, got \(keyNode.described)")
      }
      guard seen.insert(key).inserted else {
        throw reading.inside(key).refusal(keyNode, "expected each key once, got it again")
      }
    }
    return pairs
  }
}

/// The refusal of a key that a section does not have, with the nearest one that it has.
package func unknownKey(_ node: SettingsNode, allowed keys: [String], _ reading: Reading) -> SettingsError {
  let key = node.text ?? ""
  let hint = nearest(to: key, among: keys).map { "; did you mean '\($0)'?" } ?? ""
  return reading.inside(shortened(key)).refusal(
    node, "unknown key\(hint) (allowed: \(keys.joined(separator: ", ")))")
}
