import Torch

/// Classes that no sample belongs to, or hardly any: what a generator has lost that has collapsed onto the others.
///
/// A class counts as missing where a network takes fewer than 1 in 1000 samples for it, though 10 or more would be of it
/// if samples had the classes of the data. With fewer, a class may be missing by chance.
struct MissingClasses {
  /// The missing classes by their names or numbers, in order.
  let names: [String]
  /// Whether they have no sample at all.
  private let areEmpty: Bool
  /// Whether there were enough samples to miss a class at all.
  private let isKnown: Bool

  /// The share of samples below which a class is missing.
  private static let leastShare = 0.001
  /// Samples of a class that there should be before it can be called missing.
  private static let fewestExpected = 10.0

  /// - Parameters:
  ///   - probabilities: a network's, of samples, `[n, classes]`.
  ///   - data: examples of each class, or any numbers in that proportion.
  ///   - names: of the classes; nil takes their numbers.
  init(_ probabilities: Tensor, like data: [Double], names: [String]?) {
    let samples = Metric.ClassShares.counts(probabilities)
    let (count, all) = (Double(probabilities.size(0)), data.reduce(0, +))
    let known = data.indices.filter { all > 0 && count * data[$0] / all >= Self.fewestExpected }
    let missing = known.filter { samples[$0] < Self.leastShare * count }
    isKnown = !known.isEmpty
    areEmpty = missing.allSatisfy { samples[$0] == 0 }
    self.names = missing.map { names?[$0] ?? "\($0)" }
  }

  /// What is missing, for the conventions of a number.
  var convention: (key: String, value: Convention) {
    let words = names.isEmpty ? isKnown ? "none" : "unknown, too few samples" : names.joined(separator: ", ")
    return ("missing_classes", .text(words))
  }

  /// The same as a warning about a model; nil where nothing is missing.
  func warning(of model: String) -> String? {
    guard let last = names.last else { return nil }
    let classes =
      names.count == 1 ? "class \(last)" : "classes \(names.dropLast().joined(separator: ", ")) and \(last)"
    let count = areEmpty ? "none" : "hardly any"
    return "samples of \(model) have \(count) of \(classes); the generator may have collapsed"
  }
}
