import Datasets

/// How metrics are measured.
public struct MeasuringOptions: Sendable {
  /// How `ais` and `bdmc` anneal.
  public var annealing = AnnealingOptions()
  /// The number of samples that are compared with data; nil is as many as there are data, at most 10,000.
  public var samples: Int?
  /// The network that images are compared in: a file, or a data set's name; nil is that of the run's own data.
  public var features: String?
  /// Whether each sample is stretched to [0, 1] before it is compared, as Dai & Wipf 2019 do.
  public var stretchesSamples = false
  /// The seed of all draws.
  public var seed: UInt64 = 1
  /// Only the first N examples; nil is all.
  public var limit: Int?
  /// Where data come from, and where feature networks and their results are kept.
  public var place: DatasetOptions

  /// All examples, as many samples, 1000 temperatures, seed 1.
  public init(place: DatasetOptions) { self.place = place }
}
