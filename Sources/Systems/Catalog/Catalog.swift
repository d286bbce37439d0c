import Configuration

/// The systems that have a name.
public enum Catalog {
  /// All systems, in the order they are listed to people.
  public static let systems =
    autoencoders + richPosteriors + adversarialBayes + encoders + [pm] + helmholtzMachines + auxiliaryModels
    + [classifier] + gans + activated + twoDomains + densities + supervisedLearning

  /// The system of this name.
  public static func system(named name: String) throws(SettingsError) -> System {
    if let system = systems.first(where: { $0.name == name }) { return system }
    throw unknown(name, source: nil, line: nil)
  }

  /// The settings of a document: the defaults of the system it names, and what it says otherwise.
  ///
  /// A key without effect is refused here; later changes may leave the document's keys without any.
  public static func settings(_ document: SettingsDocument) throws(SettingsError) -> RunSettings {
    guard case .section(let pairs) = document.root.content,
      let (key, value) = pairs.first(where: { $0.key.text == "model" })
    else {
      throw SettingsError(
        source: document.source, path: "model",
        "expected the name of a system (\(names)), got nothing")
    }
    guard let name = value.text, let system = systems.first(where: { $0.name == name }) else {
      throw unknown(
        value.text, source: document.source, line: value.line ?? key.line, came: value.described)
    }
    var settings = system.defaults
    try settings.apply(document)
    try settings.checkEffects()
    settings.forgetGiven()
    return settings
  }

  /// What the command line says: a system's name or a file, changed, then `key.path=value` one
  /// after the other; checked.
  ///
  /// Anything with a slash or ending in `.yaml` or `.yml` is a file.
  ///
  /// - Parameter change: what options say, before the assignments.
  public static func settings(
    _ argument: String, setting assignments: [String] = [],
    _ change: (inout RunSettings) throws(SettingsError) -> Void = { _ in }
  ) throws(SettingsError) -> RunSettings {
    let isFile = argument.contains("/") || [".yaml", ".yml"].contains(where: argument.lowercased().hasSuffix)
    var settings =
      isFile
      ? try self.settings(SettingsDocument(file: argument)) : try system(named: argument).defaults
    try change(&settings)
    for assignment in assignments { try settings.set(assignment) }
    try settings.validate()
    return settings
  }

  private static var names: String { systems.map(\.name).joined(separator: ", ") }

  private static func unknown(
    _ name: String?, source: String?, line: Int?, came: String? = nil
  ) -> SettingsError {
    let hint =
      name.flatMap { nearest(to: $0, among: systems.map(\.name)) }.map { "; did you mean '\($0)'?" }
      ?? ""
    return SettingsError(
      source: source, line: line, path: "model",
      "expected one of \(names), got \(came ?? "\"\(shortened(name ?? ""))\"")\(hint)")
  }
}
