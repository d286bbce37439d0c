import Datasets
import Experiments
import Training

/// The examples a command works on: a split of a set, or all of a user's array.
struct Selection {
  let dataset: Dataset
  /// The split's name, or `all`.
  let name: String
  let split: Split

  init(_ split: Split, of dataset: Dataset) {
    self.dataset = dataset
    self.split = split
    name = split.rawValue
  }

  /// All of an array that was loaded without holding anything out.
  init(wholeOf dataset: Dataset) {
    self.dataset = dataset
    split = .train
    name = "all"
  }

  /// What results are reported on: the test split, or the next best of a set that has none.
  init(reportedOf dataset: Dataset) {
    self.init([.test, .validation].first(where: dataset.has) ?? .train, of: dataset)
  }

  /// The first examples, on the model's device.
  func examples(_ session: Session, limit: Int?) throws -> DeviceExamples {
    try session.examples(split, of: dataset, limit: limit)
  }
}
