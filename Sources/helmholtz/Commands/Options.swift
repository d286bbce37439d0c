import ArgumentParser
import Datasets
import Experiments
import Foundation
import Torch

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
    var options = Self.fromEnvironment
    if let dataRoot { options.dataRoot = dataRoot }
    return options
  }

  /// The same without a directory of the command line.
  static var fromEnvironment: DatasetOptions {
    var options = DatasetOptions.fromEnvironment()
    options.log = { note($0) }
    options.progress = { DownloadBar.show($0) }
    return options
  }
}

/// How a file or a folder of the user's is to be read.
struct DataForm: ParsableArguments {
  @Option(help: "The array to take from a file of several, or the column of a table.")
  var key: String?
  @Flag(help: "The first line of a CSV file names its columns.") var header = false
  @Option(help: ArgumentHelp("CSV of names or indices and labels.", valueName: "file"))
  var labels: String?
  @Option(help: "Scale and crop images to squares of this side.") var imageSize: Int?
  @Option(help: "Make images grey (1) or RGB (3).") var channels: Int?
  @Flag(help: "Go on without images that cannot be decoded.") var skipBad = false
  @Flag(help: "Read examples from disk, batch by batch.") var stream = false

  /// As changes of a run's settings.
  var changes: [(String, String?)] {
    let on = { (flag: Bool) in flag ? "true" : nil }
    return [
      ("data.key", key), ("data.header", on(header)), ("data.labels", labels),
      ("data.imageSize", imageSize.map(String.init)), ("data.channels", channels.map(String.init)),
      ("data.skipBad", on(skipBad)), ("data.stream", on(stream)),
    ]
  }

  /// The same in place of what `settings` say.
  func apply(to settings: inout DataSettings) {
    if let key { settings.key = key }
    if let labels { settings.labels = labels }
    if let imageSize { settings.imageSize = imageSize }
    if let channels { settings.channels = channels }
    settings.header = settings.header || header
    settings.skipBad = settings.skipBad || skipBad
    settings.stream = settings.stream || stream
  }
}

/// The seed of a command's draws.
struct SeedOption: ParsableArguments {
  @Option(help: "Seed of all draws.") var seed: UInt64 = 1
}

extension Session {
  /// The model of `run`, with the machine set up for it.
  ///
  /// - Parameter generates: whether it has to draw examples.
  static func opened(_ run: String, generates: Bool = true) throws -> Session {
    Runtime.tuneAllocator()
    let session = try open(run)
    if generates { try session.requireGenerator() }
    return session
  }

  /// A set for this model: the run's own, or another one by name.
  func dataset(_ name: String?, _ form: DataForm, _ place: DataPlace) throws -> Dataset {
    var data = settings.data
    if let name, name != data.name {
      data.name = name
      // What is said of one file does not hold for another.
      (data.key, data.labels) = (nil, nil)
    }
    form.apply(to: &data)
    return try data.dataset(place.options)
  }
}
