/// One key of a section: its name, what it means, where its value lives, what is allowed, and when it has an effect.
public struct Field<Owner> {
  /// The name in files.
  package let key: String
  /// What it means, in a few words.
  let doc: String
  let content: Content
  /// Why it has no effect with these settings; nil where it has one.
  let reason: (Owner) -> String?

  enum Content {
    /// A value: what is expected of it, a hint of what is allowed, its reader and its writer.
    case value(
      expected: String, hint: String, read: (SettingsNode, inout Owner) -> Bool,
      write: (Owner) -> String)
    /// A section of its own: its reader, its writer, and a look for keys without effect.
    case section(
      read: (SettingsNode, inout Owner, Reading) throws(SettingsError) -> Void,
      write: (Owner, inout YAMLPage) -> Void,
      check: (Owner, Given, [String]) throws(SettingsError) -> Void)
  }

  private init(_ key: String, _ doc: String, _ content: Content, _ reason: @escaping (Owner) -> String?) {
    self.key = key
    self.doc = doc
    self.content = content
    self.reason = reason
  }

  /// A key with a value.
  ///
  /// - Parameter unless: says why the key has no effect with the settings it is part of, or nil. Such a key is not
  ///   printed, and refused where somebody gives it.
  public init<Value>(
    _ key: String, _ doc: String, _ place: WritableKeyPath<Owner, Value>, _ type: SettingType<Value>,
    unless reason: @escaping (Owner) -> String? = { _ in nil }
  ) {
    self.init(
      key, doc,
      .value(
        expected: type.expected, hint: type.hint,
        read: { node, owner in
          guard let value = type.read(node) else { return false }
          owner[keyPath: place] = value
          return true
        },
        write: { type.write($0[keyPath: place]) }), reason)
    self.place = place
    copy = { $1[keyPath: place] = $0[keyPath: place] }
  }

  /// A key with a section behind it.
  public init<Section: Settings>(
    _ key: String, _ doc: String, _ place: WritableKeyPath<Owner, Section>,
    unless reason: @escaping (Owner) -> String? = { _ in nil }
  ) {
    self.init(
      key, doc,
      .section(
        read: { (node, owner, reading) throws(SettingsError) in
          try owner[keyPath: place].read(node, reading)
        },
        write: { owner, page in owner[keyPath: place].write(to: &page) },
        check: { (owner, given, path) throws(SettingsError) in
          try owner[keyPath: place].checkEffects(given, path)
        }), reason)
  }

  /// A key with a section behind it, or null.
  ///
  /// - Parameter initial: what a document's keys change where there was no section before.
  public init<Section: Settings>(
    _ key: String, _ doc: String, _ place: WritableKeyPath<Owner, Section?>, initial: Section,
    unless reason: @escaping (Owner) -> String? = { _ in nil }
  ) {
    self.init(
      key, doc,
      .section(
        read: { (node, owner, reading) throws(SettingsError) in
          if node.isNull {
            owner[keyPath: place] = nil
            return
          }
          var section = owner[keyPath: place] ?? initial
          try section.read(node, reading)
          owner[keyPath: place] = section
        },
        write: { owner, page in owner[keyPath: place]?.write(to: &page) },
        check: { (owner, given, path) throws(SettingsError) in
          try owner[keyPath: place]?.checkEffects(given, path)
        }),
      reason)
    isNull = { $0[keyPath: place] == nil }
  }

  /// Where a value lives; nil for a section.
  private(set) var place: PartialKeyPath<Owner>?
  /// Gives the value of the first owner to the second; nothing for a section.
  private(set) var copy: (Owner, inout Owner) -> Void = { _, _ in }

  /// Whether a section is null now.
  private(set) var isNull: (Owner) -> Bool = { _ in false }

  /// The same key in a section that has this one's owner as a part.
  public func lifted<Whole>(
    to place: WritableKeyPath<Whole, Owner>, unless other: @escaping (Whole) -> String? = { _ in nil }
  ) -> Field<Whole> {
    let lifted: Field<Whole>.Content =
      switch content {
      case .value(let expected, let hint, let read, let write):
        .value(
          expected: expected, hint: hint, read: { read($0, &$1[keyPath: place]) },
          write: { write($0[keyPath: place]) })
      case .section(let read, let write, let check):
        .section(
          read: { (node, whole, reading) throws(SettingsError) in try read(node, &whole[keyPath: place], reading) },
          write: { write($0[keyPath: place], &$1) },
          check: { (whole, given, path) throws(SettingsError) in try check(whole[keyPath: place], given, path) })
      }
    let (reason, isNull, copy) = (reason, isNull, copy)
    var field = Field<Whole>(key, doc, lifted) { other($0) ?? reason($0[keyPath: place]) }
    field.isNull = { isNull($0[keyPath: place]) }
    field.place = self.place.flatMap { (place as PartialKeyPath<Whole>).appending(path: $0) }
    field.copy = { copy($0[keyPath: place], &$1[keyPath: place]) }
    return field
  }

  /// The same key with a value that may be null, in a section of another type.
  ///
  /// - Parameters:
  ///   - read: an owner with the value, where it is not null.
  ///   - change: takes the value of an owner, or null.
  func optional<Whole>(
    in: Whole.Type, read owner: @escaping (Whole) -> Owner, isNull: @escaping (Whole) -> Bool,
    change: @escaping (inout Whole, Owner?) -> Void
  ) -> Field<Whole> {
    guard case .value(let expected, let hint, let read, let write) = content else {
      preconditionFailure("Field: expected '\(key)' to have a value, got a section")
    }
    let null = ", or null"
    let reason = reason
    return Field<Whole>(
      key, doc,
      .value(
        expected: expected.hasSuffix(null) ? expected : expected + null, hint: hint,
        read: { node, whole in
          var changed = owner(whole)
          guard node.isNull || read(node, &changed) else { return false }
          change(&whole, node.isNull ? nil : changed)
          return true
        },
        write: { isNull($0) ? "null" : write(owner($0)) }), { reason(owner($0)) })
  }
}

/// The keys that somebody gave a value, by their paths, each with the place where it was given.
public struct Given: Sendable {
  /// The file or option and the line of a key.
  typealias Place = (source: String, line: Int?)

  private(set) var places: [[String]: Place] = [:]

  public init() {}

  /// Takes note of all values of a document; later ones stand for earlier ones.
  public mutating func add(_ document: SettingsDocument) { add(document.root, [], document.source) }

  private mutating func add(_ node: SettingsNode, _ path: [String], _ source: String) {
    guard case .section(let pairs) = node.content else {
      if !node.isNull { places[path] = (source, node.line) }
      return
    }
    for (key, value) in pairs { add(value, path + [key.text ?? ""], source) }
  }

  /// Refuses the first key at or below a path that was given, if any: it has no effect.
  public func refuse(_ path: [String], because reason: String) throws(SettingsError) {
    let below = places.filter { $0.key.starts(with: path) }
    guard let (key, place) = below.min(by: { $0.key.lexicographicallyPrecedes($1.key) }) else { return }
    throw SettingsError(
      source: place.source, line: place.line, path: key.joined(separator: "."), "has no effect: \(reason)")
  }
}
