/// Settings of every type that there is, for hostile YAML to change.
private struct Sample: Settings {
  enum Kind: String, CaseIterable, Sendable { case plain, wide }

  struct Inner: Settings {
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

  var name = "x"
  var rate = 1e-3
  var count = 100
  var side: Int? = 5
  var seed: UInt64 = 1
  var flips = false
  var limit: Double?
  var widths = [500, 500]
  var inner = Inner()
  var maybe: Inner?

  static var fields: [Field<Self>] {
    [
      Field("name", "a text", \.name, .text), Field("rate", "a number", \.rate, .number()),
      Field("count", "a count", \.count, .integer(1...SettingType<Int>.largestInteger)),
      Field("side", "an odd number or null", \.side, .optional(.odd(1...99))),
      Field("seed", "a seed", \.seed, .seed), Field("flips", "a flag", \.flips, .flag),
      Field("limit", "a number or auto", \.limit, .automatic(.number())),
      Field("widths", "a list", \.widths, .list(of: .integer(1...9999), plural: "widths", count: 0...20)),
      Field("inner", "A section.", \.inner), Field("maybe", "Another, or null.", \.maybe, initial: Inner()),
    ]
  }
}

/// Reads hostile bytes as a recipe and as the value of `--set`. What is taken must read the same once it is written.
@Sendable func decodeYAML(_ content: [UInt8]) throws(SettingsError) {
  guard let text = String(validating: content, as: UTF8.self) else { return }
  do throws(SettingsError) {
    var sample = Sample()
    try sample.set("widths=" + text)
  } catch { precondition(!error.description.isEmpty) }
  let document = try SettingsDocument(yaml: text, source: "x.yaml")
  _ = document.values
  var sample = Sample()
  try sample.apply(document)
  var given = Given()
  given.add(document)
  try sample.checkEffects(given)
  var again = Sample()
  let written = try SettingsDocument(yaml: sample.yaml(), source: "written")
  try again.apply(written)
  // Keys without effect are not written.
  precondition(again.yaml() == sample.yaml(), "'\(text)' became other settings")
}
