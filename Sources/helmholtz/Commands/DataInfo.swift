import ArgumentParser
import Datasets
import Figures
import Foundation
import Runs
import Systems

extension DataCommand {
  /// `helmholtz data info NAME|PATH`
  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a data set, a file or a folder holds.",
      discussion: """
        Example:  helmholtz data info photos --image-size 64 --out sheet.png

        A named set is not read unless --out asks for a picture of it. Values and classes are those of the training \
        examples.
        """)

    @Argument(help: "A data set's name, a file or a folder of images.") var name: String
    @OptionGroup var form: DataForm
    @OptionGroup var place: DataPlace
    @Option(help: "Picture of the first examples (.png).") var out: String?
    @Option(help: "Number of examples in the picture (default: 100).") var count: Int?
    @Flag(help: "Print JSON.") var json = false

    /// Examples in the picture unless another number is given.
    private static let pictured = 100

    private struct Facts: Encodable {
      let row: Row
      let values: Values?
      let notes: [String]?
      let labelCounts: [Int]?
      let unlabelled: Int?

      func encode(to encoder: any Encoder) throws {
        try row.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(values, forKey: .values)
        try container.encodeIfPresent(notes, forKey: .notes)
        try container.encodeIfPresent(labelCounts, forKey: .labelCounts)
        try container.encodeIfPresent(unlabelled, forKey: .unlabelled)
      }

      private enum Keys: String, CodingKey { case values, notes, labelCounts, unlabelled }
    }

    private struct Values: Encodable {
      let type: String
      let least, most, mean: Double
    }

    func validate() throws {
      try check(count, "--count")
      if count != nil, out == nil { throw ValidationError("--count has no effect: there is no picture without --out") }
      if let out { try checkOutput(out, ".png") }
    }

    func run() throws {
      var settings = DataSettings()
      settings.name = name
      settings.validation = 0
      form.apply(to: &settings)
      let set = try settings.dataset(place.options)
      let isRead = out != nil || Dataset.isFile(name)
      let examples = try isRead ? set.train.prefix(form.stream ? count ?? Self.pictured : .max) : nil
      let values = try examples.map(Self.values)
      let notes = set.info.notes
      let facts = Facts(
        row: Row(set.info), values: values, notes: notes.isEmpty ? nil : notes, labelCounts: examples?.labelCounts,
        unlabelled: examples?.labels.map { $0.count { $0 == Examples.unlabelled } })
      if json { try printJSON(facts) } else { show(facts) }
      if let out, let examples { try writeSheet(examples.prefix(count ?? Self.pictured), to: out) }
    }

    private static func values(_ examples: Examples) throws -> Values {
      switch try examples.loaded().storage {
      case .bytes(let bytes):
        let sum = bytes.withUnsafeBufferPointer { $0.reduce(0) { $0 + Int($1) } }
        return Values(
          type: examples.isBinary ? "binary" : "uint8", least: Double(bytes.min() ?? 0),
          most: Double(bytes.max() ?? 0), mean: Double(sum) / Double(bytes.count))
      case .floats(let values):
        return Values(
          type: "float32", least: Double(values.min() ?? 0), most: Double(values.max() ?? 0),
          mean: values.reduce(0) { $0 + Double($1) } / Double(values.count))
      case .rows: preconditionFailure("Examples: expected loaded values")
      }
    }

    private func show(_ facts: Facts) {
      let row = facts.row
      var lines = [
        ["name", row.name], ["shows", row.summary], ["shape", row.size],
        ["examples", row.counts], ["classes", row.classes.map(String.init) ?? "none"],
      ]
      if let values = facts.values {
        lines.append([
          "values", "\(values.type), \(short(values.least)) to \(short(values.most)), mean \(short(values.mean))",
        ])
      }
      if let names = row.classNames {
        lines.append(["names", listed(names.map { quoted($0.utf8) })])
      }
      if let counts = facts.labelCounts {
        lines.append(["per class", counts.map(String.init).joined(separator: " ")])
      }
      if let unlabelled = facts.unlabelled, unlabelled > 0 {
        lines.append(["unlabelled", "\(unlabelled)"])
      }
      for note in facts.notes ?? [] { lines.append(["note", note]) }
      lines += [["licence", row.licence], ["origin", row.origin]]
      printTable(["", ""], lines)
    }

    private func short(_ value: Double) -> String { String(format: "%g", value) }

    private func writeSheet(_ examples: Examples, to path: String) throws {
      let grid = ImageGrid(try Pictures.images(examples))
      try grid.render().write(to: URL(fileURLWithPath: path))
      note("\(path): \(examples.count) examples")
    }
  }

  /// `helmholtz data convert PATH --format F --out a.npy`
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Decode a file and write its array as .npy, type and shape kept.",
      discussion: """
        Example:  helmholtz data convert train_32x32.mat --format mat --key X --out x.npy

        Images are height x width x channels as stored. Files may be compressed by gzip.
        """)

    @Argument(help: "The file.") var path: String
    @Option(help: "Format of the file.") var format: ArrayFormat
    @Option(help: "The .npy file to write.") var out: String
    @Option(help: "The array in a file of several, or the column of a table with --header.")
    var key: String?
    @Option(help: "Part of a file that holds examples and classes.") var field = ArrayFormat.Field.data
    @Flag(help: "Take the first line of a CSV file as names of its columns.") var header = false

    func validate() throws { try checkOutput(out, ".npy") }

    func run() throws {
      let array = try DataArray(
        contentsOf: path, format, .init(key: key, field: field, hasHeader: header))
      try array.write(npy: out)
      print("\(out): \(array.element.rawValue) of shape \(array.shape)")
    }
  }
}

extension ArrayFormat: ExpressibleByArgument {}
extension ArrayFormat.Field: ExpressibleByArgument {}
