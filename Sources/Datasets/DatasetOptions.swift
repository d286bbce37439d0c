import Foundation

/// Where a data set's files may come from, and which part of it is wanted.
public struct DatasetOptions: Sendable {
  /// The directory that holds the user's data, searched first; nil for none.
  public var dataRoot: String?
  /// Where downloaded files are kept.
  public var cacheDirectory: String
  /// Whether mirrors and packages may be asked.
  public var allowsNetwork: Bool
  /// How long a mirror may stay silent, in seconds.
  public var connectSeconds: Double
  /// Whether labels are read with the examples.
  public var labels: Bool
  /// What is held out of the training examples of a set that has no validation split of its own.
  public var validation: Portion?
  /// Which edition of a generated set, and which shuffle of a validation split.
  public var seed: UInt64
  /// The number of training examples of a generated set; nil for its default.
  public var trainCount: Int?
  /// The number of test examples of a generated set; nil for its default.
  public var testCount: Int?
  /// What is taken out of a file that holds more than one thing.
  public var part = ArrayFormat.Part()
  /// A CSV file with the labels of the user's own examples.
  public var labelFile: String?
  /// Whether examples stay on disk and are read batch by batch.
  public var streams = false
  /// How picture files become examples, for the sets that are made of them.
  public var images: ImageOptions
  /// Receives a line for each source that is asked.
  public var log: @Sendable (String) -> Void
  /// Told of every download, at most ten times a second and at its end.
  public var progress: @Sendable (DownloadProgress) -> Void

  /// Options with explicit places.
  public init(
    dataRoot: String? = nil, cacheDirectory: String, allowsNetwork: Bool = true,
    connectSeconds: Double = 5, labels: Bool = true, validation: Portion? = nil, seed: UInt64 = 0,
    trainCount: Int? = nil, testCount: Int? = nil, images: ImageOptions = ImageOptions(),
    log: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) {
    self.dataRoot = dataRoot
    self.cacheDirectory = cacheDirectory
    self.allowsNetwork = allowsNetwork
    self.connectSeconds = connectSeconds
    self.labels = labels
    self.validation = validation
    self.seed = seed
    self.trainCount = trainCount
    self.testCount = testCount
    self.images = images
    self.log = log
    self.progress = progress
  }

  /// Options with the data root and the cache that the environment names.
  ///
  /// The data root is `HELMHOLTZ_DATA`. The cache is the first of `HELMHOLTZ_CACHE`,
  /// `XDG_CACHE_HOME/helmholtz`, and `~/.cache/helmholtz` (`~/Library/Caches/helmholtz` on macOS).
  public static func fromEnvironment(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> DatasetOptions {
    func value(_ key: String) -> String? {
      environment[key].flatMap { $0.isEmpty ? nil : $0 }
    }
    let home = value("HOME") ?? NSHomeDirectory()
    #if os(macOS)
      let fallback = home + "/Library/Caches/helmholtz"
    #else
      let fallback = home + "/.cache/helmholtz"
    #endif
    let cache =
      value("HELMHOLTZ_CACHE") ?? value("XDG_CACHE_HOME").map { $0 + "/helmholtz" } ?? fallback
    return DatasetOptions(dataRoot: value("HELMHOLTZ_DATA"), cacheDirectory: cache)
  }
}
