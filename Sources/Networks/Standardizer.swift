import Torch

/// Mean and deviation of each dimension of rows that come in batches, in float64.
public struct Moments {
  /// The first row: sums of differences from it keep their digits where a mean is large beside a deviation.
  private var origin: Tensor?
  private var sum = Tensor(0, dtype: .float64)
  private var squares = Tensor(0, dtype: .float64)
  /// Rows so far.
  public private(set) var count = 0

  public init() {}

  /// Takes note of rows `[n, d]`, n at least 1.
  public mutating func add(_ rows: Tensor) {
    withoutGradients {
      let rows = rows.to(.float64)
      let first = origin ?? rows.at(0).clone()
      origin = first
      let differences = rows - first
      sum = sum.to(rows.device) + differences.sum(0)
      squares = squares.to(rows.device) + differences.square().sum(0)
      count += rows.size(0)
    }
  }

  /// The mean, `[d]`.
  public var mean: Tensor { origin! + sum / Double(count) }

  /// The standard deviation with the divisor n, `[d]`; exactly 0 where all rows have one number.
  public var deviation: Tensor {
    (squares / Double(count) - (sum / Double(count)).square()).clamped(0, .infinity).sqrt()
  }
}

/// x to (x - mean) / deviation, dimension by dimension: what a model of densities sees, so that data of any unit are learned alike.
///
/// It is the identity until it has taken moments, and is not trained.
public final class Standardizer: Module {
  private let location: Buffer
  private let scale: Buffer

  /// - Parameter dimension: the length of a row, d.
  public init(_ dimension: Int, dtype: DType = .float32, device: Device = .cpu) {
    location = Buffer(.zeros([dimension], dtype: dtype, device: device))
    scale = Buffer(.ones([dimension], dtype: dtype, device: device))
  }

  /// The length of a row.
  public var dimension: Int { scale.value.size(0) }
  /// The type that it computes in.
  public var dtype: DType { scale.value.dtype }

  /// Standardizes by these moments from here on; all deviations are above 0.
  public func take(_ moments: Moments) {
    withoutGradients {
      location.value.copyInPlace(moments.mean)
      scale.value.copyInPlace(moments.deviation)
    }
  }

  /// Rows `[..., d]` in units of deviations, in its own type.
  public func callAsFunction(_ x: Tensor) -> Tensor { (x.to(dtype) - location.value) / scale.value }

  /// The rows `[..., d]` that standardize to these.
  public func inverse(_ z: Tensor) -> Tensor { location.value.addingProduct(scale.value, z) }

  /// log|det J| of the map, a scalar: minus the logarithms of all deviations.
  public var logDeterminant: Tensor { -scale.value.log().sum() }
}
