import Foundation
import TestSupport
import Testing

@testable import Configuration
@testable import Systems

@Suite("Hostile YAML")
struct HostileYAMLTests {
  @Test("50,000 levels of nesting are one error, however they are written")
  func depth() {
    let deep = 50_000
    let words = "expected at most 32 levels of nesting, got more"
    #expect(refusal(String(repeating: "[", count: deep)) == "recipe.yaml:1: \(words)")
    #expect(refusal(String(repeating: "{a: ", count: deep)) == "recipe.yaml:1: \(words)")
    #expect(
      refusal("a: " + String(repeating: "[", count: deep) + String(repeating: "]", count: deep))
        == "recipe.yaml:1: \(words)")
    #expect(refusal(String(repeating: "- ", count: deep) + "a") == "recipe.yaml:1: \(words)")
    #expect(refusal(String(repeating: "[\n", count: deep)) == "recipe.yaml:32: \(words)")
    let stairs = (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(refusal(stairs) == "recipe.yaml:33: \(words)")
    #expect(
      refusal(String(repeating: "? ", count: deep))
        == "recipe.yaml:1: expected a plain key, got '?'")
  }

  @Test("brackets hidden where libyaml and a careless scan might disagree do not pass")
  func hidden() {
    let deep = String(repeating: "[", count: 40)
    #expect(
      refusal("[foo\n 'bar, \(deep)']") == "recipe.yaml:2: expected a comma or a closing bracket")
    #expect(
      refusal("[a:\"b, \(deep) \"]")
        == "recipe.yaml:1: expected simple words and numbers inside brackets (write others in quotes)"
    )
    #expect(
      refusal("a: 'b\n  c: \(deep)'") == "recipe.yaml:1: expected a closing quote on the same line")
    #expect(
      refusal("--- \(deep)") == "recipe.yaml:1: expected at most 32 levels of nesting, got more")
    #expect(
      refusal("# x\u{85}\(deep)") == "recipe.yaml:1: expected printable characters, got U+0085")
    #expect(refusal("# x\u{2028}*a") == "recipe.yaml:1: expected printable characters, got U+2028")
    #expect(refusal("# x\r*a") == "recipe.yaml:1: expected printable characters, got U+000D")
    #expect(refusal("a: \0") == "recipe.yaml:1: expected printable characters, got U+0000")
    // In quotes and comments brackets are letters.
    #expect(refusal("data:\n  name: '\(deep)' # \(deep)") == "no error")
    #expect(refusal("data:\n  name: it's\(deep)") == "no error")
  }

  @Test(
    "anchors, aliases, tags, directives and block texts are refused before anything is expanded")
  func bombs() {
    let laughs = (["a: &a0 [x, x]"] + (1...40).map { "b\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" })
      .joined(separator: "\n")
    let anchor =
      "expected values written out, got an anchor or alias ('&' or '*'; write it in quotes)"
    #expect(refusal(laughs) == "recipe.yaml:1: \(anchor)")
    #expect(refusal("data: *x") == "recipe.yaml:1: \(anchor)")
    #expect(refusal("data: {name: *x}") == "recipe.yaml:1: \(anchor)")
    #expect(
      refusal("samples: !!int 3")
        == "recipe.yaml:1: expected values without tags, got '!' (write it in quotes)")
    #expect(refusal("%TAG ! x") == "recipe.yaml:1: expected keys and values, got a directive ('%')")
    #expect(
      refusal("data:\n  name: |\n    mnist")
        == "recipe.yaml:2: expected a value on one line, got a block text ('|' or '>')")
    #expect(refusal("data:\n  name: '&x *y !z'") == "no error")
  }

  @Test("a text over a mebibyte is refused unread; one of many keys is refused soon")
  func size() {
    #expect(
      refusal(String(repeating: "#", count: (1 << 20) + 1))
        == "recipe.yaml: expected at most 1048576 bytes of YAML, got 1048577")
    let keys = (0..<20_000).map { "k\($0): 1\n" }.joined()
    #expect(refusal(keys).hasPrefix("recipe.yaml:1: k0: unknown key"))
    let long = String(repeating: "x", count: 100_000)
    #expect(refusal("\(long): 1").count < 300)
    #expect(refusal("samples: \(long)").count < 300)
  }

  @Test("texts that are no YAML tell the line")
  func syntax() {
    #expect(
      refusal("a: b: c")
        == "recipe.yaml:1: not YAML: mapping values are not allowed in this context")
    #expect(refusal("samples: 1\n]").hasPrefix("recipe.yaml:2: not YAML: "))
    #expect(refusal("samples: 1\n---\nsamples: 2").hasPrefix("recipe.yaml:2: not YAML: "))
    #expect(refusal("\tsamples: 1").hasPrefix("recipe.yaml:1: not YAML: "))
    #expect(refusal("samples: [1").hasPrefix("recipe.yaml:2: not YAML: "))
    #expect(refusal("samples: @1").hasPrefix("recipe.yaml:1: not YAML: "))
    #expect(refusal("samples: 'a' 'b'").hasPrefix("recipe.yaml:1: not YAML: "))
  }

  @Test("a file that is no UTF-8 is refused")
  func bytes() throws {
    try withTemporaryDirectory { directory in
      let file = directory + "/settings.yaml"
      try Data([0x6D, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: file))
      #expect(message { _ = try SettingsDocument(file: file) } == "settings.yaml: expected UTF-8 text, got other bytes")
    }
  }

  @Test("a run's directory in place of its settings is refused in words")
  func directory() {
    let path = FileManager.default.temporaryDirectory.path
    #expect(
      message { _ = try SettingsDocument(file: path) }
        == "\(path): is a directory; a run's settings are its config.yaml")
  }

  @Test("4,000 random edits of a good file end in settings or in a refusal, never in a trap")
  func edits() {
    var random = Random(state: 42)
    let good = Array(Catalog.iwae.defaults.yaml().utf8)
    let spice = Array("[]{}:,-?&*!|>'\"%@`#\n\t \\~0e.<=".utf8)
    for _ in 0..<4_000 {
      let start = random(good.count - 200)
      var bytes = Array(good[start..<start + 200])
      for _ in 0...random(6) {
        switch random(3) {
        case 0: bytes[random(bytes.count)] = spice[random(spice.count)]
        case 1: bytes.insert(spice[random(spice.count)], at: random(bytes.count))
        default: bytes.remove(at: random(bytes.count))
        }
      }
      let outcome = refusal(String(decoding: bytes, as: UTF8.self))
      #expect(outcome == "no error" || outcome.hasPrefix("recipe.yaml"), "\(outcome)")
    }
  }

  @Test("what the guard lets through is for libyaml no deeper than it saw, and without aliases")
  func soundness() {
    var random = Random(state: 7)
    let letters = Array("[]{}:,-?#'\"*a \n \n: - b".utf8)
    var passed = 0
    for _ in 0..<40_000 {
      let text = String(
        decoding: (0..<4 + random(24)).map { _ in letters[random(letters.count)] }, as: UTF8.self)
      guard let seen = try? YAMLGuard.check(text, source: "x") else { continue }
      do {
        let document = try SettingsDocument(yaml: text, source: "x")
        #expect(depth(document.root) <= 2 * seen, "\(text.debugDescription)")
        passed += 1
      } catch {
        #expect(!error.reason.contains("alias"), "\(text.debugDescription)")
      }
    }
    #expect(passed > 1000)
  }

  private func depth(_ node: SettingsNode) -> Int {
    switch node.content {
    case .nothing, .value: 0
    case .list(let items): 1 + (items.map(depth).max() ?? 0)
    case .section(let pairs): 1 + (pairs.map { max(depth($0.key), depth($0.value)) }.max() ?? 0)
    }
  }
}

/// A small repeatable generator. Knuth 1997, the multiplier of MMIX.
private struct Random {
  var state: UInt64

  mutating func callAsFunction(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(count))
  }
}
