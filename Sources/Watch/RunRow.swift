/// A run in the list of the page.
public struct RunRow: Codable, Equatable, Sendable {
  /// The path from the directory of runs, which is its address.
  public let run: String
  /// What people call it.
  public let name: String
  /// The system, such as `vae`, or what is inferred.
  public var model: String
  /// The data set.
  public var data: String
  /// How it stands.
  public var state: RunState
  /// More about that.
  public var reason: String?
  /// Complete rounds.
  public var step: Int?
  /// All rounds it is to have.
  public var steps: Int?
  /// Complete passes over the data, with fractions.
  public var epoch: Double?
  /// All passes it is to have.
  public var epochs: Int?
  /// The share of the run that is done.
  public var done: Double?
  /// The newest loss of the model, or the newest validation score.
  public var newest: Reading?
  /// The warning of the newest line of the log.
  public var warning: String?
  /// When it last wrote anything, in seconds since 1970.
  public var changed: Double

  /// A number with its name and unit.
  public struct Reading: Codable, Equatable, Sendable {
    /// What it is.
    public let name: String
    /// What it is worth.
    public let value: Double
    /// What it is counted in; empty where there is no unit.
    public let unit: String
  }
}
