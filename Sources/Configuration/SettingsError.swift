/// Why settings were refused: which file and line, which key, what was expected and what came.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or option the settings come from; nil where several of them disagree.
  public let source: String?
  /// The line in that file, from 1.
  public let line: Int?
  /// The key path, such as `training.learningRate`; empty for the document itself.
  public let path: String
  /// What was expected and what came.
  public let reason: String

  /// An error without a source or a line is about settings that come from several places.
  public init(source: String? = nil, line: Int? = nil, path: String = "", _ reason: String) {
    self.source = source
    self.line = line
    self.path = path
    self.reason = reason
  }

  /// `recipe.yaml:12: training.learningRate: expected a number above 0, got "fast"`.
  public var description: String {
    let place = source.map {
      [$0, line.map(String.init)].compactMap(\.self).joined(separator: ":")
    }
    return [place, path.isEmpty ? nil : path, reason].compactMap(\.self).joined(separator: ": ")
  }
}
