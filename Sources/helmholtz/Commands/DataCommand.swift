import ArgumentParser
import Datasets
import Foundation

/// `helmholtz data list|get|info|export|convert`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "List, fetch, inspect, export and convert data.",
    discussion: "Example:  helmholtz data get fashion-mnist",
    subcommands: [List.self, Get.self, Info.self, Export.self, Convert.self])

  struct Row: Encodable {
    let name, summary, licence, origin: String
    let shape: [Int]
    let classes: Int?
    let classNames: [String]?
    let examples: [String: Int]

    init(_ info: DatasetInfo) {
      name = info.name
      summary = info.summary
      licence = info.licence
      origin = info.origin
      shape = info.shape
      classes = info.classCount
      classNames = info.classNames
      examples = Dictionary(uniqueKeysWithValues: info.counts.map { ($0.key.rawValue, $0.value) })
    }

    var counts: String {
      examples.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    var size: String { shape.map(String.init).joined(separator: "x") }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every named data set.", discussion: "Example:  helmholtz data list --json")

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let rows = DataCatalog.entries.map { Row($0.info) }
      if json { return try printJSON(rows) }
      printTable(
        ["name", "shape", "train", "test", "what it shows"],
        rows.map { [$0.name, $0.size, "\($0.examples["train"] ?? 0)", "\($0.examples["test"] ?? 0)", $0.summary] })
    }
  }

  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make sure a data set is here, and say where it came from.",
      discussion: "Example:  helmholtz data get mnist")

    @Argument(help: "A data set's name.") var name: String
    @OptionGroup var place: DataPlace

    func run() throws {
      let set = try Dataset.named(name, place.options)
      for split in Split.allCases where set.has(split) {
        print("\(name) \(split.rawValue): \(try set.examples(split).count) examples")
      }
    }
  }
}
