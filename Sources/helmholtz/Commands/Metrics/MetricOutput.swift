import ArgumentParser
import Evaluation
import Foundation

/// A command that prints one `MetricResult`.
///
/// Declare the options, `output` as the last of them, and `result()`; `run()` comes for free. Commands that measure
/// every row have a `RowOutput` instead. The simplest one to read is `LogDetCovariance`.
protocol MetricSubcommand: ParsableCommand {
  /// Filled by `@OptionGroup`.
  var output: MetricOutput { get }

  /// Measures, and writes the files that options name.
  func result() throws -> MetricResult
}

extension MetricSubcommand {
  func run() throws { try output.show(result()) }
}

/// How a metric's result is printed.
struct MetricOutput: ParsableArguments {
  @Flag(help: "Print JSON.") var json = false

  /// Prints the result for a person or a program.
  func show(_ result: MetricResult) throws {
    if json { return try printJSON(result) }
    printTable(
      ["", ""],
      [[result.metric, String(format: "%.10g", result.value)]]
        + result.conventions.map { [$0.key, $0.value.description] })
  }
}

/// What a metric found, with every convention that was used.
struct MetricResult: Encodable {
  let metric: String
  let value: Double
  /// Estimator, kernel, bandwidth, numbers of examples: what a reader needs to get the same number.
  let conventions: Conventions

  typealias Conventions = [(key: String, value: Convention)]

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(metric, forKey: Key("metric"))
    try container.encode(value, forKey: Key("value"))
    for (key, value) in conventions { try container.encode(value, forKey: Key(key)) }
  }
}

extension Convention: CustomStringConvertible {
  /// As tables print it.
  public var description: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .number(let number): number.isNaN ? "undefined" : String(format: "%.10g", number)
    case .empty: ""
    }
  }
}
