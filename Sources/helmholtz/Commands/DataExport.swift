import ArgumentParser
import Datasets
import Foundation
import Runs
import Systems
import Torch

extension DataCommand {
  /// `helmholtz data export NAME|PATH --out x.npy`
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the examples of a split as .npy, and their labels beside them.",
      discussion: """
        Example:  helmholtz data export swiss-roll-3d --split test --count 2000 --seed 7 --out true.npy

        Values are as they are stored: bytes of pictures, numbers of points. Classes go to true.labels.npy, where --data \
        true.npy finds them. A generated set has any number of examples, and others at every seed.
        """)

    @Argument(help: "A data set's name, a file or a folder of images.") var name: String
    @Option(help: "Split of the data.") var split = Split.train
    @Option(help: "Number of examples (default: all).") var count: Int?
    @Option(help: "Seed of a generated set.") var seed: UInt64?
    @Option(help: "File for the array (.npy).") var out: String
    @OptionGroup var form: DataForm
    @OptionGroup var place: DataPlace

    func validate() throws {
      try check(count, "--count", in: 1...Int.max)
      try checkOutput(out, ".npy")
    }

    func run() throws {
      var settings = DataSettings()
      (settings.name, settings.validation) = (name, 0)
      form.apply(to: &settings)
      let isGenerated = try !Dataset.isFile(name) && DataCatalog.info(name).isGenerated
      if let seed {
        guard isGenerated else { throw ValidationError("--seed has no effect: '\(name)' is not generated") }
        settings.seed = seed
      }
      var options = place.options
      if isGenerated { (options.trainCount, options.testCount) = (count, count) }
      let dataset = try settings.dataset(options)
      let all = try dataset.examples(split)
      if let count, count > all.count {
        throw RunError.tooFew(
          "data '\(dataset.info.name)', \(split.rawValue)", expected: count, found: all.count, "ask for fewer")
      }
      let examples = try all.prefix(count ?? all.count).loaded()
      let shape = [examples.count] + examples.shape
      switch examples.storage {
      case .bytes(let bytes): try Tensor(bytes, shape: shape).writeNPY(to: out)
      case .floats(let values): try Tensor(values, shape: shape).writeNPY(to: out)
      case .rows: preconditionFailure("Examples: expected loaded values")
      }
      print("\(out): array of shape \(shape)")
      guard let labels = examples.labels else { return }
      let unknown = labels.count { $0 == Examples.unlabelled }
      guard unknown == 0 else { return note("\(unknown) examples have no class: no labels are written") }
      let file = (out as NSString).deletingPathExtension + ".labels.npy"
      try Tensor(labels.map(Int64.init)).writeNPY(to: file)
      print("\(file): \(examples.count) labels")
    }
  }
}
