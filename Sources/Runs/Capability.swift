import Evaluation
import Generative
import Systems
import Torch

extension Run {
  /// The model as one that can do something, or a sentence that says what it can do instead: the one
  /// gate to what models have.
  ///
  ///     let decoder = try run.model(as: .decoder)
  ///     let x = decoder.decode(z, as: .means, using: rng)
  public func model<Model>(as capability: Capability<Model>) throws(RunError) -> Model {
    do throws(Lack) { return try capability.of(model) } catch {
      throw RunError.cannot(settings.model, lack: error.words, has: Self.abilities(of: model))
    }
  }

  /// What a model has, in words.
  private static func abilities(of model: any Module) -> [String] {
    func words<Model>(_ capability: Capability<Model>) -> String? {
      do throws(Lack) {
        _ = try capability.of(model)
        return capability.words
      } catch { return nil }
    }
    return [
      words(.samples), words(.decoder), words(.codes), words(.likelihood).map { _ in "a likelihood" }, words(.classes),
      words(.classSamples), words(.translation),
    ].compactMap(\.self)
  }
}

/// A machine or a data set that does not fit the model, or a model that cannot do what is asked.
public enum RunError: Error, Equatable, CustomStringConvertible {
  /// A model that cannot do something: what it lacks, and what it has.
  case cannot(String, lack: String, has: [String])
  case shape(String, expected: [Int], found: [Int])
  case noImages([Int])
  /// Fewer examples than are needed: whose, how many are needed and found, and what to do about it.
  case tooFew(String, expected: Int, found: Int, String)
  case noPictures(String, [Int])
  case noClasses(String, Int)
  /// A class that the model does not have: which one, the names of those it has, and how many there are.
  case noClass(String, [String], classes: Int)
  /// Data that have changed since the run began: in what, and whether the model can go on with them.
  case changed(String, Facts.Difference, fits: Bool)
  /// Less is asked for than the run has done.
  case done(String, steps: Int, epochs: Int)
  /// Codes that the model's decoder does not take: whose, what it takes, what came.
  case codes(String, expected: String, found: String)
  /// A dimension that codes do not have.
  case noDimension(Int, of: Int)
  /// A part of a code that the model does not have: which one, and those it has.
  case noCode(String, [String])
  /// A value that a part of a code cannot have: the part, what it takes, what came.
  case codeValue(String, expected: String, found: String)
  /// Two files of examples whose results would have one name.
  case sameFile(String, String, becoming: String)

  public var description: String {
    switch self {
    case .cannot(let model, let lack, let has):
      "\(model) \(lack)" + (has.isEmpty ? "" : "; it has \(Self.list(has))")
    case .shape(let name, let expected, let found):
      "data '\(name)': the model takes examples of shape \(expected), these have \(found)"
    case .tooFew(let name, let expected, let found, let advice):
      "\(name): expected at least \(expected) examples, got \(found); \(advice)"
    case .noPictures(let name, let shape):
      "data '\(name)': expected images [channels, height, width], got examples of shape \(shape)"
    case .noClasses(let name, let count):
      "data '\(name)': expected labels of at least 2 classes, got \(count == 0 ? "none" : "\(count)")"
    case .noImages(let shape):
      "examples of shape \(shape) are no images; write arrays with --out x.npy"
    case .changed(let name, let difference, let fits):
      "\(difference.isOfTarget ? "target" : "data") '\(name)' changed since the run began: \(difference.words); "
        + (fits
          ? "give --\(difference.isOfTarget ? "target" : "data") with those it began with, or --accept-other-data to go on with these"
          : "the model cannot go on with them")
    case .done(let path, let steps, let epochs):
      "\(path): \(steps) steps (\(epochs) \(epochs == 1 ? "epoch" : "epochs")) are done already, "
        + "which is more than was asked for; nothing was changed"
    case .codes(let path, let expected, let found): "'\(path)': expected \(expected), got \(found)"
    case .noCode(let wanted, let names):
      names.isEmpty
        ? "no part '\(wanted)' of the code: this model has none with a name"
        : "no part '\(wanted)' of the code: expected \(names.joined(separator: ", "))"
    case .codeValue(let name, let expected, let found): "code \(name): expected \(expected), got \(found)"
    case .sameFile(let one, let other, let name):
      "'\(one)' and '\(other)' would both become '\(name)'; rename one of them"
    case .noDimension(let wanted, let count): "--dimension: expected 0 to \(count - 1), got \(wanted)"
    case .noClass(let wanted, let names, let classes):
      "--class: expected \(names.isEmpty ? "" : names.joined(separator: ", ") + " or ")0 to \(classes - 1), got \(wanted)"
    }
  }

  private static func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words.last!
  }
}
