import Torch

/// A convolution that looks up and to the left only, by the extent of its kernel and not by a mask.
///
/// Its output at row r and column c is a function of the rows r - `rows` + 1 to r, or of those one higher if
/// it skips the row itself. Salimans et al. 2017, Section 2.3; van den Oord et al. 2016b, Section 2.2, mask
/// whole kernels instead.
public final class CausalConv2d: Module {
  /// The columns that a kernel sees.
  public enum Reach: Sendable {
    /// As many to the right as to the left: for stacks that see complete rows.
    case centred
    /// The column itself and those to the left.
    case left
  }

  /// Where a kernel ends.
  public enum End: Sendable {
    /// At the pixel itself.
    case pixel
    /// A row above it: a shift of the whole picture down.
    case rowAbove
    /// A column before it: a shift of the whole picture to the right.
    case columnBefore
  }

  /// Shape `[outputs, inputs, rows, columns]`.
  public let weight: Parameter
  /// Shape `[outputs]`.
  public let bias: Parameter?
  private let norm: WeightNorm?
  let end: End
  /// The sides of the kernel.
  let rows: Int
  let columns: Int
  /// Columns of zeros to the left and to the right, before the shift.
  let margins: (left: Int, right: Int)

  /// - Parameters:
  ///   - inputs: the maps of what it is given.
  ///   - outputs: the maps of the result.
  ///   - rows: the height of the kernel.
  ///   - columns: its width; odd if it is centred.
  ///   - gain: with weight normalization, the factor on the initial weight; nil for none.
  public init(
    _ inputs: Int, _ outputs: Int, rows: Int, columns: Int, _ reach: Reach, end: End = .pixel, bias: Bool = true,
    initialization: Initialization = .uniformFanIn, gain: Double? = nil, using rng: RandomSource
  ) {
    precondition(
      reach == .left || columns % 2 == 1, "CausalConv2d: a centred kernel has an odd width, got \(columns)")
    let area = rows * columns
    weight = Parameter(
      initialization.weight(
        [outputs, inputs, rows, columns], fanIn: inputs * area, fanOut: outputs * area, using: rng))
    self.bias = bias ? Parameter(initialization.bias(outputs, fanIn: inputs * area, using: rng)) : nil
    norm = gain.map { [weight] in WeightNorm(of: weight.value, gain: $0) }
    self.end = end
    self.rows = rows
    self.columns = columns
    margins = reach == .centred ? (columns / 2, columns / 2) : (columns - 1, 0)
  }

  /// The weight in use.
  var kernel: Tensor { norm?(weight.value) ?? weight.value }

  /// `[n, inputs, h, w]` to `[n, outputs, h, w]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let (down, right) = (end == .rowAbove ? 1 : 0, end == .columnBefore ? 1 : 0)
    let framed = x.padded([(margins.left + right, margins.right - right), (rows - 1 + down, -down)])
    return framed.conv2d(weight: kernel, bias: bias?.value, stride: 1, padding: 0)
  }
}

/// An affine map of the maps of every pixel: a convolution of kernel 1.
public final class PointwiseConv: Module {
  /// Shape `[outputs, inputs, 1, 1]`.
  public let weight: Parameter
  /// Shape `[outputs]`.
  public let bias: Parameter?
  private let norm: WeightNorm?

  /// - Parameters:
  ///   - inputs: the maps of what it is given.
  ///   - outputs: the maps of the result.
  ///   - gain: with weight normalization, the factor on the initial weight; nil for none.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, initialization: Initialization = .uniformFanIn,
    gain: Double? = nil, using rng: RandomSource
  ) {
    weight = Parameter(
      initialization.weight([outputs, inputs, 1, 1], fanIn: inputs, fanOut: outputs, using: rng))
    self.bias = bias ? Parameter(initialization.bias(outputs, fanIn: inputs, using: rng)) : nil
    norm = gain.map { [weight] in WeightNorm(of: weight.value, gain: $0) }
  }

  /// The weight in use, `[outputs, inputs]`.
  var matrix: Tensor { (norm?(weight.value) ?? weight.value).flattened(from: 1) }

  /// `[n, inputs, h, w]` to `[n, outputs, h, w]`, or `[n, inputs]` of one pixel to `[n, outputs]`.
  ///
  /// One matrix product an image, which takes images as they lie in memory; a convolution would first put them, and
  /// their gradients, in an order of its own.
  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, by: matrix) }

  /// The same by a `matrix` that is known already.
  func callAsFunction(_ x: Tensor, by matrix: Tensor) -> Tensor {
    guard x.rank == 4 else { return x.linear(weight: matrix, bias: bias?.value) }
    let y = matrix.expanded([x.size(0)] + matrix.shape).matmul(x.flattened(from: 2))  // [n, outputs, h * w]
    if let bias { y.addInPlace(bias.value.unsqueezed(-1)) }
    return y.reshaped([x.size(0), -1] + x.shape[2...])  // [n, outputs, h, w]
  }
}
