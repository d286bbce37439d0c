import ArgumentParser
import Configuration
import Datasets
import Foundation
import Runs
import Systems

/// A model's name or a recipe, and changes to its settings.
struct ModelChoice: ParsableArguments {
  @Argument(help: "A model's name (see 'helmholtz models') or a YAML recipe.")
  var model: String

  @OptionGroup var settingChanges: SettingChanges

  /// What `--set` says, in order.
  var changes: [String] { settingChanges.changes }

  /// The complete settings: the model's or the recipe's, then what options say, then `--set`.
  func settings(_ options: (RunSettings) -> [SettingsDocument?] = { _ in [] }) throws -> RunSettings {
    try Catalog.settings(model, setting: changes) { (settings) throws(SettingsError) in
      for case let option? in options(settings) { try settings.apply(option) }
    }
  }
}

/// Changes of single settings.
struct SettingChanges: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Change a setting; may be repeated.", valueName: "key.path=value"))
  var changes: [String] = []
}

/// The change of a setting that an option makes; nil where it is not given.
func setting(
  _ path: String, _ value: (some CustomStringConvertible)?, isText: Bool = false, option: String
) -> SettingsDocument? {
  value.map {
    SettingsDocument(path.split(separator: ".").map(String.init), "\($0)", isText: isText, source: option)
  }
}

/// Which run, at which checkpoint.
struct RunChoice: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A run, or RUN@best, RUN@last, RUN@STEP.", valueName: "run"))
  var reference: String

  /// The model of the run at that checkpoint.
  func open(_ place: DataPlace) throws -> Run { try .open(reference, place: place.options) }
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
  @Option(help: "Take this array of a file of several, or this column of a table.")
  var key: String?
  @Flag(help: "Take the first line of a CSV file as names of its columns.") var header = false
  @Option(help: ArgumentHelp("CSV file of names or indices and labels.", valueName: "file"))
  var labels: String?
  @Option(help: "Scale and crop images to squares of this side.") var imageSize: Int?
  @Option(help: "Make images grey (1) or RGB (3).") var channels: Int?
  @Flag(help: "Go on without images that cannot be decoded.") var skipBad = false
  @Flag(help: "Read examples from disk, batch by batch.") var stream = false

  /// As changes of a run's settings.
  var changes: [SettingsDocument?] {
    let on = { (flag: Bool) in flag ? true : nil }
    return [
      setting("data.key", key, isText: true, option: "--key"), setting("data.header", on(header), option: "--header"),
      setting("data.labels", labels, isText: true, option: "--labels"),
      setting("data.imageSize", imageSize, option: "--image-size"),
      setting("data.channels", channels, option: "--channels"),
      setting("data.skipBad", on(skipBad), option: "--skip-bad"),
      setting("data.stream", on(stream), option: "--stream"),
    ]
  }

  /// The same instead of what `settings` say.
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
