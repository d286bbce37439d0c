import Torch

/// A number for each example and metric: which examples a model finds unusual.
///
///     let table = ExampleTable(try subject.measure([.elbo(samples: 1), .iwae(samples: 100)]))
///     try table.write(to: "per-example.csv")
public struct ExampleTable {
  /// The keys of the metrics, such as `iwae:100_nats`, and their numbers, one per example, NaN where there is none.
  public let columns: [(key: String, values: [Double])]
  /// What the examples are called; nil for examples without names, which go by their index.
  public let names: [String]?

  /// The metrics among `values` that have a number for each example.
  ///
  /// - Parameter names: one per example.
  public init(_ values: [MetricValue], names: [String]? = nil) {
    columns = values.compactMap { value in value.examples.map { (value.key, $0) } }
    self.names = names
    precondition(
      columns.allSatisfy { $0.values.count == (names?.count ?? columns[0].values.count) },
      "ExampleTable: expected as many numbers of each metric, got \(columns.map(\.values.count))")
  }

  /// How many examples.
  public var count: Int { columns.first?.values.count ?? 0 }

  /// A line for each example behind a header: its name or index, then a number per metric, empty where it has none.
  public var csv: String {
    let header = [names == nil ? "index" : "file"] + columns.map(\.key)
    let rows = (0..<count).map { row in
      [names?[row] ?? "\(row)"] + columns.map { $0.values[row].isNaN ? "" : "\($0.values[row])" }
    }
    return ([header] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// Numbers `[n, metrics]` in float64.
  public var array: Tensor {
    Tensor((0..<count).flatMap { row in columns.map { $0.values[row] } }, shape: [count, columns.count])
  }

  /// Writes an array to a name that ends in .npy, a table to any other.
  public func write(to path: String) throws {
    if path.lowercased().hasSuffix(".npy") { return try array.writeNPY(to: path) }
    try AtomicFile.write(Array(csv.utf8), to: path)
  }

  /// A field of RFC 4180.
  private static func quoted(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
