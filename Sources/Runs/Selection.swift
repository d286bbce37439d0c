import Datasets

/// The examples that something is done with: a split of a set, or all of a user's array.
public struct Selection {
  /// The set.
  public let dataset: Dataset
  /// The split's name, or `all`.
  public let name: String
  /// The split whose examples are taken.
  public let split: Split

  /// A split of a set.
  public init(_ split: Split, of dataset: Dataset) {
    self.dataset = dataset
    self.split = split
    name = split.rawValue
  }

  /// All of an array that was loaded without holding anything out.
  public init(wholeOf dataset: Dataset) {
    self.dataset = dataset
    split = .train
    name = "all"
  }

  /// What results are reported on: the test split, or the next best of a set that has none.
  public init(reportedOf dataset: Dataset) {
    self.init([.test, .validation].first(where: dataset.has) ?? .train, of: dataset)
  }
}
