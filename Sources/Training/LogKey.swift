import Generative

/// What a key of the run log is about.
public enum LogKey {
  /// Whether a number is about the training, and no part of a loss.
  public static func isOfTraining(_ key: String) -> Bool {
    key.hasPrefix("learning_rate") || key.hasSuffix("gradient_norm")
      || ["step", "epoch", "training_seconds"].contains(key)
  }

  /// Whether a number is the loss of a player.
  public static func isLoss(_ key: String) -> Bool {
    let name = LossUnit.parts(of: key).name
    return name == "loss" || name.hasSuffix("_loss")
  }

  /// What validations are compared by, of the numbers of one.
  public static func score(_ values: [String: Double]) -> String? { values.keys.filter { !isOfTraining($0) }.min() }
}
