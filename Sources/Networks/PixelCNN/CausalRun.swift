import Torch

/// A way to run causal convolutions: over whole images, or over one row or one pixel after the other.
///
/// A network written over runs says once what it computes; the streamed runs remember what they have seen, so that a
/// new row or pixel costs one kernel in every layer and not an image. In a stream, a convolution that ends a row above
/// or a column before gets that earlier input; the caller shifts.
public protocol CausalRun: AnyObject {
  /// The convolution of `x`, which is `[n, maps, h, w]` of images, `[n, maps, 1, w]` of a row, `[n, maps]` of a pixel.
  func callAsFunction(_ convolution: CausalConv2d, _ x: Tensor) -> Tensor
  /// The affine map of every pixel of `x`; a stream may remember the map.
  func callAsFunction(_ map: PointwiseConv, _ x: Tensor) -> Tensor
}

extension CausalRun {
  public func callAsFunction(_ map: PointwiseConv, _ x: Tensor) -> Tensor { map(x) }
}

/// Whole images at once.
final class WholeImages: CausalRun {
  func callAsFunction(_ convolution: CausalConv2d, _ x: Tensor) -> Tensor { convolution(x) }
}

/// Row after row, from the top. Only for convolutions that see complete rows.
final class RowStream: CausalRun {
  /// The last inputs of every convolution, one row fewer than its kernel has.
  private var seen: [ObjectIdentifier: [Tensor]] = [:]
  private var kernels: [ObjectIdentifier: Tensor] = [:]

  private func kernel(_ convolution: CausalConv2d) -> Tensor {
    let kernel = kernels[ObjectIdentifier(convolution)] ?? convolution.kernel
    kernels[ObjectIdentifier(convolution)] = kernel
    return kernel
  }

  func callAsFunction(_ convolution: CausalConv2d, _ x: Tensor) -> Tensor {
    var slab = x
    if convolution.rows > 1 {
      let above =
        seen[ObjectIdentifier(convolution)]
        ?? Array(repeating: .zeros(x.shape, dtype: x.dtype, device: x.device), count: convolution.rows - 1)
      seen[ObjectIdentifier(convolution)] = above.dropFirst() + [x]
      slab = .concatenated(above + [x], axis: 2)  // [n, maps, rows, w]
    }
    return slab.padded([convolution.margins])
      .conv2d(weight: kernel(convolution), bias: convolution.bias?.value, stride: 1, padding: 0)
  }
}

/// Pixel after pixel, from left to right and row after row. Only for convolutions that see no column to the right.
final class PixelStream: CausalRun {
  /// What one convolution has seen.
  private struct Memory {
    /// The weight as a matrix `[outputs, rows x columns x inputs]`.
    let weight: Tensor
    let bias: Tensor?
    /// What lies outside the image.
    let zero: Tensor
    /// Complete rows above, and last the pixels of this row.
    var rows: [[Tensor]]
  }

  private var memories: [ObjectIdentifier: Memory] = [:]
  private var matrices: [ObjectIdentifier: Tensor] = [:]

  func callAsFunction(_ map: PointwiseConv, _ x: Tensor) -> Tensor {
    let matrix = matrices[ObjectIdentifier(map)] ?? map.matrix
    matrices[ObjectIdentifier(map)] = matrix
    return map(x, by: matrix)
  }

  func callAsFunction(_ convolution: CausalConv2d, _ x: Tensor) -> Tensor {
    let key = ObjectIdentifier(convolution)
    var memory = memories.removeValue(forKey: key) ?? Self.start(convolution, x)
    memory.rows[memory.rows.count - 1].append(x)
    let column = memory.rows[memory.rows.count - 1].count - 1
    let window = memory.rows.flatMap { row in
      (column - convolution.columns + 1...column).map { row.indices.contains($0) ? row[$0] : memory.zero }
    }
    memories[key] = memory
    let seen = window.count == 1 ? x : .concatenated(window, axis: 1)  // [n, rows * columns * inputs]
    return seen.linear(weight: memory.weight, bias: memory.bias)  // [n, outputs]
  }

  private static func start(_ convolution: CausalConv2d, _ x: Tensor) -> Memory {
    let weight = convolution.kernel
    return Memory(
      weight: weight.permuted(0, 2, 3, 1).reshaped([weight.size(0), -1]), bias: convolution.bias?.value,
      zero: .zeros(x.shape, dtype: x.dtype, device: x.device),
      rows: Array(repeating: [], count: convolution.rows))
  }

  /// Tells that the next pixel is the first of a new row.
  func nextRow() {
    for key in memories.keys {
      memories[key]!.rows.removeFirst()
      memories[key]!.rows.append([])
    }
  }
}
