/// A row of the table of metrics: how one is spelled, what it means, and how a spelling becomes a metric.
public struct MetricForm: Sendable {
  /// How it is asked for, with its parameters, such as `iwae:K`.
  public let spelling: String
  /// What it is, for help: a noun phrase.
  public let meaning: String
  /// One metric that is spelled so; what it needs of a model, all of them need.
  public let example: Metric
  /// What is asked for where people are told what a model can answer: the name, unless a form says otherwise.
  let advice: String
  /// The metric of the parameters behind the name; nil if they are not of this form.
  public let parse: @Sendable (_ parameters: [String]) throws(MetricError) -> Metric?

  /// A form with a grammar of its own.
  ///
  /// - Parameter advice: what people are told to ask for; nil for the name.
  public init(
    _ spelling: String, _ meaning: String, example: Metric, advice: String? = nil,
    parse: @escaping @Sendable (_ parameters: [String]) throws(MetricError) -> Metric?
  ) {
    self.spelling = spelling
    self.meaning = meaning
    self.example = example
    self.advice = advice ?? Self.name(spelling)
    self.parse = parse
  }

  /// A metric without parameters.
  public init(_ metric: Metric, _ meaning: String) {
    self.init(metric.name, meaning, example: metric) { $0.isEmpty ? metric : nil }
  }

  /// The name without parameters, such as `iwae`.
  public var name: String { Self.name(spelling) }

  private static func name(_ spelling: String) -> String { String(spelling.prefix { !":[".contains($0) }) }

  /// A metric that takes a number of draws of a code; nil as `standard` if it must be given.
  static func draws(
    _ spelling: String, _ meaning: String, standard: Int?, _ make: @escaping @Sendable (Int) -> Metric
  ) -> MetricForm {
    let name = String(spelling.prefix { $0 != ":" })
    return MetricForm(spelling, meaning, example: make(standard ?? 1)) { (parameters) throws(MetricError) in
      guard let text = parameters.first, parameters.count == 1 else {
        return parameters.isEmpty ? standard.map(make) : nil
      }
      return make(try number(text, in: 1...1_000_000, "samples", of: "\(name):\(text)"))
    }
  }

  /// A whole number of `things` in the spelling `metric`.
  static func number(
    _ text: String, in range: ClosedRange<Int>, _ things: String, of metric: String
  ) throws(MetricError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw MetricError(
        "metric '\(metric)': expected \(range.lowerBound) to \(range.upperBound) \(things), got '\(text)'")
    }
    return number
  }
}
