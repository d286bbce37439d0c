import Evaluation

/// A metric as claims speak of it: of a cell, with the paper's numbers beside it.
///
///     let nats = Measure(.iwae(samples: 5000), paper: ["avae": -84.59, "avae-2": -82.97])
///     Claim("Two layers are better than one.", nats("avae-2") > nats("avae"))
public struct Measure: Sendable {
  /// The metric's name, as results have it.
  public let metric: String
  /// The paper's numbers by the names of cells, in the unit of the metric.
  public let paper: [String: Double]

  /// A metric by the name that results have it under, such as a part of one.
  public init(_ metric: String, paper: [String: Double] = [:]) {
    self.metric = metric
    self.paper = paper
  }

  /// A metric.
  public init(_ metric: Metric, paper: [String: Double] = [:]) { self.init(metric.name, paper: paper) }

  /// The metric of a cell.
  public func callAsFunction(_ cell: String) -> Quantity {
    Quantity(terms: [.init(cell: cell, metric: metric, paper: paper[cell], factor: 1)], constant: 0)
  }

  /// That every number of the paper comes out, give or take `tolerance` in the unit of the metric.
  public func isAsInPaper(within tolerance: Double) -> Statement {
    Statement(
      comparisons: paper.sorted { $0.key < $1.key }
        .flatMap { self($0.key).isNear($0.value, within: tolerance).comparisons })
  }
}

/// A number of the results: metrics of cells times factors, and a constant.
///
/// It is written as arithmetic of measures: `3 * mi("vae") + 0.1`.
public struct Quantity: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A metric of a cell, times a factor.
  struct Term: Sendable {
    let cell, metric: String
    let paper: Double?
    var factor: Double
  }

  let terms: [Term]
  let constant: Double

  init(terms: [Term], constant: Double) {
    self.terms = terms
    self.constant = constant
  }

  /// A constant.
  public init(_ constant: Double) { self.init(terms: [], constant: constant) }
  /// A constant.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A constant.
  public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// A multiple.
  public static func * (factor: Double, quantity: Quantity) -> Quantity {
    Quantity(
      terms: quantity.terms.map { term in
        var term = term
        term.factor *= factor
        return term
      }, constant: factor * quantity.constant)
  }

  /// A sum.
  public static func + (a: Quantity, b: Quantity) -> Quantity {
    Quantity(terms: a.terms + b.terms, constant: a.constant + b.constant)
  }

  /// A difference.
  public static func - (a: Quantity, b: Quantity) -> Quantity { a + -1 * b }

  /// That one number is below another.
  public static func < (less: Quantity, greater: Quantity) -> Statement {
    Statement(comparisons: [.init(text: "\(less) < \(greater)", margin: greater - less)])
  }

  /// That one number is above another.
  public static func > (greater: Quantity, less: Quantity) -> Statement {
    Statement(comparisons: [.init(text: "\(greater) > \(less)", margin: greater - less)])
  }

  /// That it is a number, give or take `tolerance`.
  public func isNear(_ number: Double, within tolerance: Double) -> Statement {
    let text = "\(self) is \(brief(number)), give or take \(brief(tolerance))"
    return Statement(comparisons: [.init(text: text, margin: self - Quantity(number), tolerance: tolerance)])
  }
}

extension Quantity: CustomStringConvertible {
  /// As a reader says it: `3 x mi of vae + 0.1`.
  public var description: String {
    var parts = terms.map { term in
      let name = "\(term.metric) of \(term.cell)"
      let size = abs(term.factor)
      return (sign: term.factor < 0 ? "-" : "+", text: size == 1 ? name : "\(brief(size)) x \(name)")
    }
    if constant != 0 || parts.isEmpty { parts.append((constant < 0 ? "-" : "+", brief(abs(constant)))) }
    let first = (parts[0].sign == "-" ? "-" : "") + parts[0].text
    return parts.dropFirst().reduce(first) { "\($0) \($1.sign) \($1.text)" }
  }
}

/// Comparisons that are true together.
public struct Statement: Sendable {
  /// That one number is above another, or near it.
  struct Comparison: Sendable {
    /// As a reader says it.
    let text: String
    /// What must be above zero, or near it.
    let margin: Quantity
    /// How far the margin may be from zero on either side; nil where it must be above.
    var tolerance: Double?
    /// Whether medians over the seeds are compared, as box plots show them, and not means.
    var isOfMedians = false

    /// A number over the seeds, as it is compared.
    func value(_ quantity: Quantity, _ results: Results) -> Results.Mean? {
      isOfMedians ? results.median(quantity) : results.mean(quantity)
    }

    /// By how much it is true, over the seeds; nil where a number is missing.
    func difference(_ results: Results) -> Results.Mean? {
      guard let mean = value(margin, results) else { return nil }
      guard let tolerance else { return mean }
      return Results.Mean(
        tolerance - abs(mean.value), seeds: mean.seeds, errorOverSeeds: mean.errorOverSeeds,
        errorOverExamples: mean.errorOverExamples)
    }
  }

  let comparisons: [Comparison]

  /// The same of medians over the seeds in the place of means.
  public var ofMedians: Statement {
    Statement(
      comparisons: comparisons.map { comparison in
        var comparison = comparison
        comparison.isOfMedians = true
        return comparison
      })
  }

  /// Both.
  public static func && (a: Statement, b: Statement) -> Statement {
    Statement(comparisons: a.comparisons + b.comparisons)
  }

  /// All of them.
  public static func all(_ statements: [Statement]) -> Statement {
    Statement(comparisons: statements.flatMap(\.comparisons))
  }

  /// That numbers rise in this order.
  public static func rising(_ quantities: Quantity...) -> Statement {
    Statement(comparisons: zip(quantities, quantities.dropFirst()).flatMap { ($0 < $1).comparisons })
  }

  /// That none of some numbers is above another by more than a share of it.
  public static func alike(_ quantities: [Quantity], within share: Double) -> Statement {
    Statement(
      comparisons: quantities.indices.flatMap { a in
        quantities.indices.filter { $0 != a }
          .flatMap { (quantities[a] < (1 + share) * quantities[$0]).comparisons }
      })
  }
}
