/// A mean over examples with its standard error.
public struct Estimate: Equatable, Sendable {
  /// One number per example.
  public let values: [Double]
  /// The mean over the examples.
  public let mean: Double
  /// The standard deviation over the examples divided by the root of their number; NaN for one example.
  public let standardError: Double

  /// How many examples.
  public var count: Int { values.count }

  /// The mean and standard error of one number per example.
  public init(_ values: [Double]) {
    self.values = values
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / (count - 1) / count).squareRoot()
  }
}
