import Datasets
import Foundation
import Inference
import Probability
import Torch

/// A density by its name, with what the name needs: a variant, files of the user's.
public struct NamedTarget: Sendable {
  /// Options that a target can need.
  public struct Options: Sendable {
    /// Which data of the eight schools.
    public var variant: String?
    /// Files of the Gaussian's mean and covariance.
    public var mean, covariance: String?
    /// A table, and its column of 0 and 1.
    public var data, label: String?

    public init() {}
  }

  /// The density.
  public let target: Target
  /// What tells it from others of its name, for a run's configuration.
  public let details: [(key: String, value: String)]

  /// All names.
  public static let names =
    ["eight-schools", "gaussian", "torus", "rosenbrock"] + Potential.all.map(\.name) + ["funnel", "logistic"]

  /// - Throws: `InferenceError` for an unknown name and for options that the target does not need or lacks;
  ///   `DatasetError`, `GaussianTargetError` and `InferenceError` for files that do not fit.
  public init(_ name: String, _ options: Options = Options()) throws {
    guard Self.names.contains(name) else { throw InferenceError.unknown("target", name, Self.names) }
    for (option, value, owner) in [
      ("variant", options.variant, "eight-schools"), ("mean", options.mean, "gaussian"),
      ("covariance", options.covariance, "gaussian"), ("data", options.data, "logistic"),
      ("label", options.label, "logistic"),
    ] where value != nil && owner != name {
      throw InferenceError.unusedOf(option, target: name, belongsTo: owner)
    }
    switch name {
    case "eight-schools":
      let variant = options.variant ?? EightSchools.authors.rawValue
      guard let schools = EightSchools(rawValue: variant) else {
        throw InferenceError.unknown("variant", variant, EightSchools.allCases.map(\.rawValue))
      }
      (target, details) = (schools.target, [("variant", variant)])
    case "gaussian":
      guard let mean = options.mean, let covariance = options.covariance else {
        throw InferenceError.needs("--mean and --covariance", target: name)
      }
      let centre = try ArrayFile.tensor(mean).reshaped([-1])
      guard centre.count > 0 else { throw InferenceError.file(mean, "expected at least one number, got none") }
      target = try .gaussian(mean: centre, covariance: ArrayFile.tensor(covariance))
      details = [("mean", absolutePath(mean)), ("covariance", absolutePath(covariance))]
    case "logistic":
      guard let data = options.data, let label = options.label else {
        throw InferenceError.needs("--data and --label", target: name)
      }
      target = try Self.logistic(NumberTable(contentsOf: data), label: label)
      details = [("data", absolutePath(data)), ("label", label)]
    case "torus": (target, details) = (.torus, [])
    case "rosenbrock": (target, details) = (.rosenbrock, [])
    case "funnel": (target, details) = (.funnel, [])
    default: (target, details) = (Target.potentials.first { $0.name == name }!, [])
    }
  }

  private static func logistic(_ table: NumberTable, label: String) throws -> Target {
    let column = try table.column(label)
    var labels: [Bool] = []
    for (row, line) in zip(table.rows, table.lines) {
      guard row[column] == 0 || row[column] == 1 else {
        throw DatasetError.malformed(
          file: table.file, place: "line \(line), column \(column + 1)", expected: "a label 0 or 1",
          got: "\(row[column])")
      }
      labels.append(row[column] == 1)
    }
    guard labels.contains(true), labels.contains(false) else {
      throw DatasetError.invalid(
        subject: "'\(table.file)', column '\(label)'", expected: "labels of both classes, 0 and 1",
        got: "\(labels[0] ? 1 : 0) alone")
    }
    let others = table.names.indices.filter { $0 != column }
    guard !others.isEmpty else {
      throw DatasetError.invalid(
        subject: "'\(table.file)'", expected: "columns beside '\(label)'", got: "none")
    }
    guard !others.contains(where: { table.names[$0] == "intercept" }) else {
      throw DatasetError.invalid(
        subject: "'\(table.file)'",
        expected: "a column of another name than 'intercept', which is that of the constant",
        got: "'intercept'")
    }
    let x = Tensor(table.rows.flatMap { row in others.map { row[$0] } }, shape: [table.rows.count, others.count])
    return .logistic(x: x, y: labels, columns: others.map { table.names[$0] })
  }
}

extension Target {
  /// Draws of this density out of a file, `[n, d]`: with a column for every coordinate, finite, and no two rows equal.
  public func reference(contentsOf path: String) throws -> Tensor {
    let x = try ArrayFile.tensor(path)
    let width = x.rank == 2 ? x.size(1) : x.rank == 1 ? 1 : nil
    guard width == dimension else {
      let found = width.map(String.init) ?? "shape \(x.shape)"
      throw InferenceError.file(path, "columns: expected \(dimension) (\(Self.list(columns))), got \(found)")
    }
    let rows = x.reshaped([-1, dimension])
    guard rows.size(0) >= 2 else {
      throw InferenceError.file(path, "expected at least 2 rows, got \(rows.size(0))")
    }
    if let place = rows.array(Double.self).firstIndex(where: { !$0.isFinite }) {
      throw InferenceError.file(
        path,
        "expected finite numbers, got \(rows.flattened().at(place).item()) in row \(place / dimension), "
          + "column \(place % dimension)")
    }
    if let (first, second) = equalRows(rows) {
      throw InferenceError.file(
        path, "expected rows that differ, got rows \(first) and \(second) equal; a distance of 0 has no logarithm")
    }
    return rows
  }

  /// Names in which a run of numbers is shown by its ends: `mu, tau, eta1..eta8`.
  static func list(_ names: [String]) -> String {
    var parts: [String] = []
    var index = 0
    while index < names.count {
      var end = index
      while end + 1 < names.count, let next = successor(of: names[end]), names[end + 1] == next { end += 1 }
      parts += end - index >= 2 ? ["\(names[index])..\(names[end])"] : Array(names[index...end])
      index = end + 1
    }
    return parts.joined(separator: ", ")
  }

  /// `eta2` of `eta1`; nil of a name that does not end in a number.
  private static func successor(of name: String) -> String? {
    let stem = name.prefix { !$0.isNumber }
    return Int(name.dropFirst(stem.count)).map { "\(stem)\($0 + 1)" }
  }
}

/// Arrays of numbers out of files of the user's.
enum ArrayFile {
  /// The array of a `.npy`, CSV or other file that holds one, in double precision.
  static func tensor(_ path: String) throws -> Tensor {
    let array = try DataArray(contentsOf: path, ArrayFormat(path: path))
    return Tensor(array.doubles(), shape: array.shape)
  }
}
