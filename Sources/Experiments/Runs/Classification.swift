import Generative
import Torch

extension Session {
  /// The model, if it knows classes.
  public func classifier() throws(SessionError) -> any ClassPredictor {
    guard let model = trained as? any ClassPredictor, model.classCount > 0 else {
      throw SessionError.noClassifier(settings.model)
    }
    return model
  }

  /// The model, if it draws examples of a class.
  public func classConditional() throws(SessionError) -> any ClassConditional {
    guard let model = try classifier() as? any ClassConditional else { throw .noGenerator(settings.model) }
    return model
  }
}
