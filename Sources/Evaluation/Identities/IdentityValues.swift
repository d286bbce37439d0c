import Configuration
import Generative
import Torch

/// The parameters of an identity as they were written, read as numbers.
struct IdentityValues {
  let form: IdentityForm
  let given: [String: String]

  private func text(_ name: String) -> String {
    guard let text = optionalText(name) else { preconditionFailure("\(form.name): expected a value of \(name)") }
    return text
  }

  private func optionalText(_ name: String) -> String? {
    given[name] ?? form.parameters.first { $0.name == name }?.standard
  }

  /// What is wrong with a parameter, in one sentence.
  private func wrong(_ name: String, _ expected: String, _ got: String) -> IdentityError {
    IdentityError("--\(name): expected \(expected), got \(got)")
  }

  private func parts(_ text: String, _ separator: Character) -> [String] {
    text.split(separator: separator, omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " }.description }
  }

  private func number(_ text: String, _ name: String, _ expected: String) throws(IdentityError) -> Double {
    guard let value = Double(text), value.isFinite else { throw wrong(name, expected, "'\(text)'") }
    return value
  }

  /// One number.
  func number(_ name: String) throws(IdentityError) -> Double { try number(text(name), name, "a number") }

  /// A whole number of a range.
  func whole(_ name: String, in range: ClosedRange<Int>) throws(IdentityError) -> Int {
    guard let value = Int(text(name)), range.contains(value) else {
      let isOpen = range.upperBound == .max
      let limits = isOpen ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw wrong(name, "a whole number \(limits)", "'\(text(name))'")
    }
    return value
  }

  /// A list of numbers; as many as `count` says.
  func numbers(_ name: String, count: Int? = nil) throws(IdentityError) -> [Double] {
    let words = parts(text(name), ",")
    let expected = count.map { "\($0) numbers with commas between them" } ?? "numbers with commas between them"
    guard count == nil || words.count == count else { throw wrong(name, expected, "'\(text(name))'") }
    var values: [Double] = []
    for word in words { values.append(try number(word, name, expected)) }
    return values
  }

  /// A list of numbers that may be missing.
  func optionalNumbers(_ name: String) throws(IdentityError) -> [Double]? {
    optionalText(name) == nil ? nil : try numbers(name)
  }

  /// Points with the names that they were written under.
  func points(_ name: String) throws(IdentityError) -> [(name: String, x: Double)] {
    Array(zip(parts(text(name), ","), try numbers(name)).map { (name: $0, x: $1) })
  }

  /// A Gaussian, `MEAN:SD`.
  func gaussian(_ name: String) throws(IdentityError) -> LineGaussian {
    let words = parts(text(name), ":")
    guard words.count == 2 else { throw wrong(name, "a Gaussian as MEAN:SD", "'\(text(name))'") }
    return try gaussian(words[0], words[1], name)
  }

  private func gaussian(_ mean: String, _ scale: String, _ name: String) throws(IdentityError) -> LineGaussian {
    let mean = try number(mean, name, "a number for the mean")
    let deviation = try number(scale, name, "a number for the standard deviation")
    guard deviation > 0 else { throw wrong(name, "a standard deviation above 0", scale) }
    return try named(name) { () throws(IdentityError) in try LineGaussian(mean: mean, scale: deviation) }
  }

  /// A mixture, `W:MEAN:SD,...`; one Gaussian may leave out its weight.
  func mixture(_ name: String) throws(IdentityError) -> LineMixture {
    let components = parts(text(name), ",").map { parts($0, ":") }
    if components.count == 1, components[0].count == 2 { return LineMixture(try gaussian(name)) }
    var (gaussians, weights): ([LineGaussian], [Double]) = ([], [])
    for words in components {
      guard words.count == 3 else { throw wrong(name, "Gaussians as W:MEAN:SD,...", "'\(text(name))'") }
      weights.append(try number(words[0], name, "a number for the weight"))
      gaussians.append(try gaussian(words[1], words[2], name))
    }
    let (known, shares) = (gaussians, weights)
    return try named(name) { () throws(IdentityError) in try LineMixture(known, weights: shares) }
  }

  /// What is wrong with a value of a parameter, with the parameter in front.
  private func named<Value>(_ name: String, _ make: () throws(IdentityError) -> Value) throws(IdentityError) -> Value {
    do { return try make() } catch { throw IdentityError("--\(name): \(error.description)") }
  }

  /// The objective of that name.
  func objective() throws(IdentityError) -> AdversarialObjective {
    let name = text("objective")
    if let found = AdversarialObjective(rawValue: name) { return found }
    let names = AdversarialObjective.allCases.map(\.rawValue)
    throw wrong(
      "objective", "one of \(names.joined(separator: ", "))",
      "'\(name)'" + (nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""))
  }

  /// Two distributions over states: those given, or random ones of a size and a seed.
  func pair() throws(IdentityError) -> (generated: [Double], data: [Double]) {
    switch (try optionalNumbers("p"), try optionalNumbers("q")) {
    case (let p?, let q?):
      if let extra = ["size", "seed"].first(where: { given[$0] != nil }) {
        throw IdentityError("--\(extra) has no effect: it is for random distributions, and --p and --q are given")
      }
      return (p, q)
    case (nil, nil):
      return Identity.randomPair(
        size: try whole("size", in: 2...10_000),
        using: RandomSource(seed: UInt64(try whole("seed", in: 0...Int.max))))
    default: throw IdentityError("jsd-bound: expected --p and --q together")
    }
  }
}
