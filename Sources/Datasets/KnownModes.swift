/// Where the modes of a data set are, of one whose distribution is known.
public struct KnownModes: Sendable, Equatable {
  /// The numbers of an example at the centre of each, in the order of the classes.
  public let centres: [[Double]]
  /// The standard deviation along every axis, the same for all; 0 for a set of points.
  public let deviation: Double

  /// Modes of equal mass.
  public init(_ centres: [[Double]], deviation: Double) {
    self.centres = centres
    self.deviation = deviation
  }
}
