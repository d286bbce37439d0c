import ArgumentParser
import Datasets
import Experiments
import Foundation
import Torch
import Training

/// A model's name or a recipe, and changes to its settings.
struct ModelChoice: ParsableArguments {
  @Argument(help: "A model's name (see 'helmholtz models') or a YAML recipe.")
  var model: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key.path=value"))
  var changes: [String] = []

  /// The complete settings; `before` are changes that `--set` may change again.
  func settings(before: [String] = []) throws -> RunSettings {
    try Catalog.settings(model, setting: before + changes)
  }
}

/// Which run, at which checkpoint.
struct RunChoice: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A run, or RUN@best, RUN@last, RUN@STEP.", valueName: "run"))
  var reference: String
}

/// Where data come from.
struct DataPlace: ParsableArguments {
  @Option(help: "Directory with data sets of your own (default: $HELMHOLTZ_DATA).")
  var dataRoot: String?

  /// Options for `Dataset.named`, which names on standard error each source it asks.
  var options: DatasetOptions {
    var options = DatasetOptions.fromEnvironment()
    if let dataRoot { options.dataRoot = dataRoot }
    options.log = { note($0) }
    return options
  }
}

/// The seed of a command's draws.
struct SeedOption: ParsableArguments {
  @Option(help: "Seed of all draws.") var seed: UInt64 = 1
}

extension Session {
  /// The model of `run`, with the machine set up for it.
  static func opened(_ run: String) throws -> Session {
    Runtime.tuneAllocator()
    return try open(RunReference(run))
  }

  /// A set for this model: the run's own, or another one by name.
  func dataset(_ name: String?, _ place: DataPlace) throws -> Dataset {
    var data = settings.data
    if let name { data.name = name }
    return try data.dataset(place.options)
  }
}
