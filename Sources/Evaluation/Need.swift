import Torch

/// What a model must have for a metric.
public struct Need: Sendable {
  /// In words, such as `a likelihood and an encoder`.
  public let words: String
  /// Whether it also takes a feature network to look at images through.
  public let features: Bool
  private let check: @Sendable (any Module) throws(Lack) -> Void

  /// The need of a capability.
  ///
  /// - Parameter features: whether it also takes a feature network.
  public init<Model>(_ capability: Capability<Model>, features: Bool = false) {
    words = capability.words
    self.features = features
    check = { (model) throws(Lack) in _ = try capability.of(model) }
  }

  /// What a model lacks; nil for one that meets the need.
  public func lack(of model: any Module) -> Lack? {
    do {
      try check(model)
      return nil
    } catch {
      return error
    }
  }
}

/// What a model does not have.
public struct Lack: Error, Equatable {
  /// What is said of it, such as `has no likelihood`.
  public let words: String

  /// A lack in words that follow the name of a model.
  public init(_ words: String) { self.words = words }
}
