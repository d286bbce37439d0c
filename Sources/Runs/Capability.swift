import Datasets
import Generative
import Systems

extension Run {
  /// The model as one that can do something, or a sentence that says what it can do instead.
  ///
  ///     let decoder = try run.model(as: (any Decoder).self)
  public func model<Capability>(as capability: Capability.Type) throws(RunError) -> Capability {
    if let model = model as? Capability { return model }
    throw RunError.cannot(settings.model, needs: Self.words(for: capability), can: abilities)
  }

  /// The model, if it knows classes.
  public func classifier() throws(RunError) -> any ClassPredictor {
    guard let found = model as? any ClassPredictor, found.classCount > 0 else {
      throw RunError.cannot(settings.model, needs: "a model that learns classes", can: abilities)
    }
    return found
  }

  /// The model, if it draws examples of a class.
  public func classConditional() throws(RunError) -> any ClassConditional {
    guard let found = model as? any ClassConditional, found.classCount > 0 else {
      throw RunError.cannot(settings.model, needs: "a model that draws examples of a class", can: abilities)
    }
    return found
  }

  private static func words<Capability>(for capability: Capability.Type) -> String {
    switch capability {
    case is (any Generator).Type: "a model that draws examples"
    case is (any Decoder).Type: "a model that decodes codes"
    case is (any Encoder).Type: "a model with an encoder"
    case is (any Encoder & Decoder).Type: "a model with an encoder and a decoder"
    case is (any LatentVariableModel).Type: "a model with an encoder and a likelihood"
    default: "a model of the kind \(capability)"
    }
  }

  /// What the model can do, in words.
  private var abilities: [String] {
    var found: [String] = []
    if model is any Generator { found.append("draws examples") }
    if model is any Decoder { found.append("decodes codes") }
    if model is any Encoder { found.append("encodes examples") }
    if model is any LatentVariableModel { found.append("has a likelihood") }
    if (model as? any ClassPredictor)?.classCount ?? 0 > 0 { found.append("tells classes") }
    return found
  }
}

/// A machine or a data set that does not fit the model, or a model that cannot do what is asked.
public enum RunError: Error, Equatable, CustomStringConvertible {
  /// A model that cannot do something: what is needed, and what it can do.
  case cannot(String, needs: String, can: [String])
  case shape(String, expected: [Int], found: [Int])
  case noImages([Int])
  case tooFew(String, expected: Int, found: Int)
  case noPictures(String, [Int])
  case noClasses(String, Int)
  /// Classes that the model does not have: which one, and how many there are.
  case noClass(Int, classes: Int)

  public var description: String {
    switch self {
    case .cannot(let model, let needs, let can):
      "\(model): expected \(needs); \(model) \(can.isEmpty ? "can only be trained" : Self.list(can))"
    case .shape(let name, let expected, let found):
      "data '\(name)': the model takes examples of shape \(expected), these have \(found)"
    case .tooFew(let name, let expected, let found):
      "\(name): expected at least \(expected) examples, got \(found)"
    case .noPictures(let name, let shape):
      "data '\(name)': expected images [channels, height, width], got examples of shape \(shape)"
    case .noClasses(let name, let count):
      "data '\(name)': expected labels of at least 2 classes, got \(count == 0 ? "none" : "\(count)")"
    case .noImages(let shape):
      "examples of shape \(shape) are no images; write arrays with --out x.npy"
    case .noClass(let wanted, let classes):
      "--class: expected 0 to \(classes - 1), got \(wanted)"
    }
  }

  private static func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words.last!
  }
}
