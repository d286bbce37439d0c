/// A section whose values may each be null, which means the value of another section of the same kind.
///
/// Its keys, their meaning and their limits are those of the section:
///
///     var own = Overrides(AdamSettings())
///     own.beta2 = 0.9
///     own.over(training.adam)  // beta2 is 0.9, the rest as in training.adam
@dynamicMemberLookup
public struct Overrides<Section: Settings>: Settings {
  private let defaults: Section
  /// The values that are not null, among defaults.
  private var section: Section
  /// The keys of these values.
  private var keys: Set<String> = []

  /// All null.
  ///
  /// - Parameter defaults: any section of the kind.
  public init(_ defaults: Section) {
    self.defaults = defaults
    section = defaults
  }

  /// A value, or nil where it is null.
  public subscript<Value>(dynamicMember place: WritableKeyPath<Section, Value>) -> Value? {
    get { keys.contains(Self.key(of: place)) ? section[keyPath: place] : nil }
    set {
      section[keyPath: place] = newValue ?? defaults[keyPath: place]
      if newValue == nil { keys.remove(Self.key(of: place)) } else { keys.insert(Self.key(of: place)) }
    }
  }

  private static func key(of place: PartialKeyPath<Section>) -> String {
    guard let field = Section.fields.first(where: { $0.place == place }) else {
      preconditionFailure("Overrides: expected a key of \(Section.self), got \(place)")
    }
    return field.key
  }

  /// `base` with the values that are not null in the place of its own.
  public func over(_ base: Section) -> Section {
    var result = base
    for field in Section.fields where keys.contains(field.key) { field.copy(section, &result) }
    return result
  }

  public static var fields: [Field<Self>] {
    Section.fields.map { field in
      field.optional(
        in: Self.self, read: { $0.section }, isNull: { !$0.keys.contains(field.key) },
        change: { overrides, value in
          field.copy(value ?? overrides.defaults, &overrides.section)
          if value == nil { overrides.keys.remove(field.key) } else { overrides.keys.insert(field.key) }
        })
    }
  }
}
