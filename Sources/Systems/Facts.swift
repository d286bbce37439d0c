import Configuration
import Datasets
import Foundation
import Torch

/// What a run knows of its data: a file of the run beside the user's settings, from which the model is made again
/// without the data.
public struct Facts: Codable, Equatable, Sendable {
  /// The shape of one example: `[channels, height, width]` of images, `[d]` of points.
  public var shape: [Int]
  /// The number of classes, where the data have labels.
  public var classes: Int?
  /// The names of the classes, by number, where the data name them.
  public var classNames: [String]?
  /// Whether all values are 0 or 1 as they come; nil counts as no.
  public var isBinary: Bool?
  /// Training examples that are used.
  public var examples: Int
  /// Training examples whose label is used.
  public var labelled: Int?
  /// SHA-256 of the training examples and their labels; of those that stay on disk, of rows from all over them.
  public var hash: String?
  /// The same of the validation examples; nil where there are none.
  public var validation: String?

  /// The second set, of a run between two domains; its examples have the same shape.
  public var target: Target?

  /// What a run knows of its second set of examples.
  public struct Target: Codable, Equatable, Sendable {
    /// The number of classes, where the data have labels.
    public var classes: Int?
    /// The names of the classes, by number, where the data name them.
    public var classNames: [String]?
    /// Training examples that are used.
    public var examples: Int
    /// SHA-256 of the training examples; of those that stay on disk, of rows from all over them.
    public var hash: String?

    public init(classes: Int? = nil, classNames: [String]? = nil, examples: Int, hash: String? = nil) {
      (self.classes, self.classNames, self.examples, self.hash) = (classes, classNames, examples, hash)
    }
  }

  /// - Parameters:
  ///   - examples: as many as a figure or `describe` is to be of; real data say it themselves.
  public init(
    shape: [Int], classes: Int? = nil, classNames: [String]? = nil, examples: Int = 1, labelled: Int? = nil,
    hash: String? = nil
  ) {
    self.shape = shape
    self.classes = classes
    self.classNames = classNames
    self.examples = examples
    self.labelled = labelled
    self.hash = hash
  }

  /// Numbers in one example; beyond it the first layer alone would have billions of weights.
  private static let largestExample = 16_777_216.0

  /// Refuses shapes that are neither images nor points, or too large.
  func validate() throws(SettingsError) {
    guard [1, 3].contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw SettingsError(path: "data.shape", "expected [d] or [channels, height, width], got \(shape)")
    }
    guard shape.reduce(1.0, { $0 * Double($1) }) <= Self.largestExample else {
      throw SettingsError(
        path: "data.shape", "expected at most \(Int(Self.largestExample)) values in an example, got \(shape)")
    }
  }

  /// Refuses data without at least two classes for a setting that needs them.
  func requireClasses(_ path: String) throws(SettingsError) {
    if (classes ?? 0) < 2 {
      throw SettingsError(
        path: path, "expected labels of at least 2 classes, got \(classes.map(String.init) ?? "none")")
    }
  }

  /// In what these data differ from others, in words; nil where they are the same.
  ///
  /// - Parameters:
  ///   - kept: the facts that a run was begun with.
  ///   - usesLabels: whether classes belong to the data that the run uses.
  public func difference(from kept: Facts, usesLabels: Bool) -> Difference? {
    if let words = differenceOfSource(from: kept, usesLabels: usesLabels) {
      return Difference(words, isOfTarget: false)
    }
    guard let was = kept.target, let now = target else { return nil }
    if was.examples != now.examples {
      return Difference("\(was.examples) training examples then, \(now.examples) now", isOfTarget: true)
    }
    if let hash = was.hash, hash != now.hash { return Difference("other values in as many examples", isOfTarget: true) }
    return nil
  }

  /// In what data differ from those that a run was begun with.
  public struct Difference: Equatable, Sendable {
    /// In words.
    public let words: String
    /// Whether it is the second set of two that differs.
    public let isOfTarget: Bool

    init(_ words: String, isOfTarget: Bool) { (self.words, self.isOfTarget) = (words, isOfTarget) }
  }

  private func differenceOfSource(from kept: Facts, usesLabels: Bool) -> String? {
    func names(_ facts: Facts) -> String {
      facts.classNames?.joined(separator: ", ") ?? (facts.classes.map { "\($0) without names" } ?? "none")
    }
    if shape != kept.shape { return "examples of shape \(kept.shape) then, \(shape) now" }
    if examples != kept.examples { return "\(kept.examples) training examples then, \(examples) now" }
    if usesLabels, classes != kept.classes || classNames != kept.classNames {
      return "classes then: \(names(kept)); now: \(names(self))"
    }
    if labelled != kept.labelled { return "\(kept.labelled ?? 0) labelled examples then, \(labelled ?? 0) now" }
    if let hash = kept.hash, hash != self.hash { return "other values in as many examples" }
    if let validation = kept.validation, validation != self.validation { return "other validation examples" }
    return nil
  }

  /// Whether a model of these facts can go on with data of others.
  public func fits(_ other: Facts, usesLabels: Bool) -> Bool {
    shape == other.shape && (!usesLabels || (classes == other.classes && classNames == other.classNames))
  }

  /// Whether examples are images.
  public var isImage: Bool { shape.count == 3 }

  /// The facts in a file, which may claim anything.
  public init(contentsOf path: String) throws(FileError) {
    do {
      self = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw FileError(path, "expected the facts of a run's data (shape, classes, examples), got something else")
    }
    guard [1, 3].contains(shape.count), shape.allSatisfy({ $0 > 0 }), examples > 0, (classes ?? 1) > 0,
      classNames.map({ $0.count == classes }) ?? true
    else {
      throw FileError(
        path,
        "expected the shape of an example and counts above 0, got shape \(shape), classes \(classes ?? 0), examples \(examples)"
      )
    }
  }

  /// Writes them whole or not at all.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(Array(encoder.encode(self)), to: path)
  }
}

/// What a model wants its examples to be, where the settings leave it open.
public struct PixelWish: Sendable, Equatable {
  /// Whether pixels of images become 0 or 1.
  public var isBinarized = false
  /// Whether pixels stay grey where an example is encoded or classified.
  public var isGreyInUse = false
  /// The range that pixels are scaled to and all values must have; nil takes any.
  public var range: ClosedRange<Double>?
  /// Whether pixels become numbers in [-1, 1] where the settings leave it open.
  public var isCentred = false
  /// The setting that the wish comes from, and its value, for messages.
  public var because: (path: String, value: String)

  public static func == (a: PixelWish, b: PixelWish) -> Bool {
    a.isBinarized == b.isBinarized && a.isGreyInUse == b.isGreyInUse && a.range == b.range
      && a.isCentred == b.isCentred && a.because == b.because
  }

  /// Zeros and ones: grey pixels are probabilities of 1.
  public static func binarized(_ path: String, _ value: String) -> PixelWish {
    PixelWish(isBinarized: true, range: 0...1, because: (path, value))
  }

  /// Values in [0, 1].
  public static func unit(_ path: String, _ value: String) -> PixelWish {
    PixelWish(range: 0...1, because: (path, value))
  }

  /// Pixels in [-1, 1].
  public static func symmetric(_ path: String, _ value: String) -> PixelWish {
    PixelWish(range: -1...1, isCentred: true, because: (path, value))
  }

  /// Any numbers; pixels become those in [-1, 1] unless the settings say otherwise.
  public static func centred(_ path: String, _ value: String) -> PixelWish {
    PixelWish(isCentred: true, because: (path, value))
  }

  /// Any numbers, as they are.
  public static func asTheyAre(_ path: String, _ value: String) -> PixelWish { PixelWish(because: (path, value)) }
}
