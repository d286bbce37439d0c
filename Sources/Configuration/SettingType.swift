import Foundation

/// A kind of value in a settings file: how it is read, how it is written, what is allowed.
public struct SettingType<Value> {
  /// What a message says was expected, such as `a number above 0`.
  let expected: String
  /// What the comment beside the value adds to its meaning; empty where the limits are what one would think.
  let hint: String
  /// The value of a node; nil if it has none of this type.
  let read: (SettingsNode) -> Value?
  /// The YAML of a value.
  let write: (Value) -> String
}

/// Limits of a number.
public enum NumberRange: Sendable {
  case above(Double)
  case atLeast(Double)
  /// From the first, which is allowed, to the second, which is not.
  case halfOpen(Double, Double)
  /// Both ends excluded.
  case open(Double, Double)
  case any

  func contains(_ x: Double) -> Bool {
    switch self {
    case .above(let low): x > low
    case .atLeast(let low): x >= low
    case .halfOpen(let low, let high): low <= x && x < high
    case .open(let low, let high): low < x && x < high
    case .any: true
    }
  }

  fileprivate var words: String {
    switch self {
    case .above(let low): "above \(written(low))"
    case .atLeast(let low): "of at least \(written(low))"
    case .halfOpen(let low, let high): "from \(written(low)) to below \(written(high))"
    case .open(let low, let high): "between \(written(low)) and \(written(high)), both excluded"
    case .any: ""
    }
  }

  /// Limits that one would not think of by oneself.
  fileprivate var hint: String {
    switch self {
    case .above, .atLeast, .any: ""
    case .halfOpen: " (\(words))"
    case .open(let low, let high): " (between \(written(low)) and \(written(high)))"
    }
  }
}

extension SettingType where Value == Double {
  /// A finite decimal number in a range.
  public static func number(_ range: NumberRange = .any) -> Self {
    SettingType(
      expected: "a number \(range.words)".trimmingCharacters(in: .whitespaces), hint: range.hint,
      read: { $0.plain.flatMap(decimal).flatMap { range.contains($0) ? $0 : nil } },
      write: written)
  }
}

extension SettingType where Value == Int {
  /// A whole number in a range; an upper end of `largestInteger` counts as none.
  public static func integer(_ range: ClosedRange<Int>) -> Self {
    let words =
      range.upperBound == largestInteger
      ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    return SettingType(
      expected: "a whole number \(words)", hint: range.lowerBound <= 1 ? "" : " (\(words))",
      read: { $0.plain.flatMap(whole).flatMap { range.contains($0) ? $0 : nil } },
      write: { "\($0)" })
  }

  /// An odd number in a range.
  public static func odd(_ range: ClosedRange<Int>) -> Self {
    let words = "from \(range.lowerBound) to \(range.upperBound)"
    return SettingType(
      expected: "an odd number \(words)", hint: " (odd, \(words))",
      read: { integer(range).read($0).flatMap { $0 % 2 == 1 ? $0 : nil } }, write: integer(range).write)
  }

  /// Beyond any count of steps or examples, and small enough that products of two do not overflow.
  public static var largestInteger: Int { 1_000_000_000 }
}

extension SettingType where Value == UInt64 {
  /// A whole number that starts a random stream.
  public static var seed: Self {
    SettingType(
      expected: "a whole number from 0 to \(Int.max)", hint: "",
      read: { $0.plain.flatMap(whole).flatMap { UInt64(exactly: $0) } }, write: { "\($0)" })
  }
}

extension SettingType where Value == Bool {
  /// `true` or `false`.
  public static var flag: Self {
    SettingType(
      expected: "true or false", hint: "",
      read: { $0.plain == "true" ? true : $0.plain == "false" ? false : nil }, write: { "\($0)" })
  }
}

extension SettingType where Value == String {
  /// Letters on one line, at least one.
  public static var text: Self {
    SettingType(
      expected: "a text on one line", hint: "",
      read: { node in
        guard let text = node.text, !text.isEmpty, !node.isNull,
          text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        return text
      },
      write: quoted)
  }
}

extension SettingType where Value: CaseIterable & Equatable {
  /// One of the cases, under the given names.
  public static func choice(_ name: @escaping (Value) -> String) -> Self {
    let names = Value.allCases.map(name)
    return SettingType(
      expected: "one of \(names.joined(separator: ", "))",
      hint: "; one of " + names.joined(separator: ", "),
      read: { node in Value.allCases.first { name($0) == node.text } }, write: name)
  }
}

extension SettingType
where Value: CaseIterable & Equatable & RawRepresentable, Value.RawValue == String {
  /// One of the cases by its raw value.
  public static var choice: Self { choice(\.rawValue) }
}

extension SettingType {
  /// A list of at most `most` values of one type.
  public static func list<Element>(
    of type: SettingType<Element>, plural: String, count: ClosedRange<Int>
  ) -> SettingType where Value == [Element] {
    SettingType(
      expected: "a list of \(count.lowerBound) to \(count.upperBound) \(plural)", hint: "",
      read: { node in
        guard case .list(let items) = node.content, count.contains(items.count) else { return nil }
        let values = items.compactMap(type.read)
        return values.count == items.count ? values : nil
      },
      write: { "[" + $0.map(type.write).joined(separator: ", ") + "]" })
  }

  /// A value or `null`.
  public static func optional<Wrapped>(_ type: SettingType<Wrapped>) -> SettingType
  where Value == Wrapped? {
    SettingType(
      expected: "\(type.expected), or null", hint: type.hint,
      read: { node in
        if node.isNull { return .some(nil) }
        return type.read(node).map { .some($0) }
      },
      write: { $0.map(type.write) ?? "null" })
  }
}

extension SettingType {
  /// A value, or the word `auto` for one that is chosen later; nil stands for that.
  public static func automatic<Wrapped>(_ type: SettingType<Wrapped>) -> SettingType
  where Value == Wrapped? {
    SettingType(
      expected: "\(type.expected), or auto", hint: type.hint,
      read: { node in
        if node.plain == "auto" { return .some(nil) }
        return type.read(node).map { .some($0) }
      },
      write: { $0.map(type.write) ?? "auto" })
  }
}

/// The words for no value.
func namesNothing(_ text: String) -> Bool { ["null", "none", "~"].contains(text) }

/// A whole number written as one: digits, no sign but a minus, no leading zeros.
private func whole(_ text: String) -> Int? {
  text.wholeMatch(of: /-?(0|[1-9][0-9]*)/) == nil ? nil : Int(text)
}

/// A finite number in decimal digits; not one so small that it would become 0.
private func decimal(_ text: String) -> Double? {
  guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil,
    let value = Double(text), value.isFinite
  else { return nil }
  let mantissa = text.prefix { $0 != "e" && $0 != "E" }
  return value == 0 && mantissa.contains { ("1"..."9").contains($0) } ? nil : value
}

/// The shortest decimal that reads back as the same number.
private func written(_ x: Double) -> String {
  let text = "\(x)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Plain where YAML cannot take it for something else, else in double quotes.
private func quoted(_ text: String) -> String {
  if text.wholeMatch(of: /[A-Za-z\/.][A-Za-z0-9_\/.+-]*/) != nil, !namesNothing(text) {
    return text
  }
  let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
    of: "\"", with: "\\\"")
  return "\"\(escaped)\""
}
