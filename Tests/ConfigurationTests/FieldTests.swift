import Testing

@testable import Configuration

/// A kind, and what belongs to one of its kinds alone.
private struct Inner: Settings {
  enum Kind: String, CaseIterable, Sendable { case plain, wide }

  var kind = Kind.plain
  var width = 3

  static var fields: [Field<Self>] {
    [
      Field("kind", "its kind", \.kind, .choice),
      Field(
        "width", "how wide", \.width, .integer(1...9),
        unless: { $0.kind == .wide ? nil : "the kind is \($0.kind.rawValue)" }),
    ]
  }
}

/// A section that may be missing, and one whose keys stand among its own.
private struct Outer: Settings {
  var first = Inner()
  var maybe: Inner?
  var flat = Inner()

  static var fields: [Field<Self>] {
    [
      Field("first", "A section.", \.first), Field("maybe", "Another, or null.", \.maybe, initial: Inner()),
    ] + Inner.fields.map { $0.lifted(to: \.flat) }
  }
}

@Suite("Fields of settings") struct FieldTests {
  private func read(_ yaml: String) throws -> (outer: Outer, given: Given) {
    var outer = Outer()
    var given = Given()
    let document = try SettingsDocument(yaml: yaml, source: "x.yaml")
    try outer.apply(document)
    given.add(document)
    return (outer, given)
  }

  private func refusal(_ yaml: String) -> String {
    do {
      let (outer, given) = try read(yaml)
      try outer.checkEffects(given)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("keys of a part stand among the whole's own and change the part")
  func lifted() throws {
    let outer = try read("kind: wide\nwidth: 7").outer
    #expect(outer.flat == Inner(kind: .wide, width: 7) && outer.first == Inner())
    #expect(outer.yaml().contains("\nwidth: 7 "))
  }

  @Test("a section that may be missing is null, is made by its first key, and is taken away again")
  func optional() throws {
    #expect(Outer().yaml().contains("maybe: null"))
    var outer = try read("maybe: {kind: wide}").outer
    #expect(outer.maybe == Inner(kind: .wide, width: 3))
    #expect(try read(outer.yaml()).outer == outer)
    try outer.set("maybe=null")
    #expect(outer.maybe == nil)
  }

  @Test("a key without effect is refused with its line and the reason, in sections, parts and optional ones")
  func effects() {
    #expect(refusal("first:\n  width: 4") == "x.yaml:2: first.width: has no effect: the kind is plain")
    #expect(refusal("first: {kind: wide, width: 4}") == "no error")
    #expect(refusal("kind: plain\nwidth: 4") == "x.yaml:2: width: has no effect: the kind is plain")
    #expect(refusal("maybe:\n  width: 4") == "x.yaml:2: maybe.width: has no effect: the kind is plain")
    #expect(refusal("maybe: null") == "no error")
    #expect(!Outer().yaml().contains("width"))
  }

  @Test("a value that an option gives is no YAML: brackets, colons and the word null are letters")
  func options() throws {
    struct Named: Settings {
      var name = ""
      var count: Int?
      static var fields: [Field<Self>] {
        [Field("name", "a text", \.name, .text), Field("count", "a number", \.count, .optional(.integer(1...9)))]
      }
    }
    for text in ["[1]", "a: b", "run #2.npy", "null", "*x", "{", "5"] {
      var named = Named()
      try named.apply(SettingsDocument(["name"], text, isText: true, source: "--name"))
      #expect(named.name == text)
    }
    var named = Named()
    try named.apply(SettingsDocument(["count"], "7", source: "--count"))
    #expect(named.count == 7)
    #expect(
      throws: SettingsError(
        source: "--count", path: "count", "expected a whole number from 1 to 9, or null, got \"12\"")
    ) {
      try named.apply(SettingsDocument(["count"], "12", source: "--count"))
    }
  }
}
