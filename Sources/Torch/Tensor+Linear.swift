import CTorch

extension Tensor {
  /// The matrix product over the last two axes; leading axes broadcast.
  public func matmul(_ other: Tensor) -> Tensor { binary(torch_matmul, other) }

  /// x W^T + b over the last axis: `[..., in]` with `weight` `[out, in]` to `[..., out]`.
  public func linear(weight: Tensor, bias: Tensor?) -> Tensor {
    Tensor(torch_linear(handle, weight.handle, bias?.handle), #function)
  }

  /// Cross-correlation: `[batch, in, height, width]` with `weight` `[out, in, k, k]`.
  public func conv2d(weight: Tensor, bias: Tensor?, stride: Int, padding: Int) -> Tensor {
    Tensor(
      torch_conv2d(handle, weight.handle, bias?.handle, Int64(stride), Int64(padding)), #function)
  }

  /// The transpose of `conv2d`: `[batch, in, height, width]` with `weight` `[in, out, k, k]`.
  public func convTranspose2d(
    weight: Tensor, bias: Tensor?, stride: Int, padding: Int, outputPadding: Int
  ) -> Tensor {
    Tensor(
      torch_conv_transpose2d(
        handle, weight.handle, bias?.handle, Int64(stride), Int64(padding), Int64(outputPadding)),
      #function)
  }

  /// Standardizes axis 1 by the batch's moments (`training`) or the running ones, then scales and shifts.
  public func batchNorm(
    weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, training: Bool, momentum: Double,
    epsilon: Double
  ) -> Tensor {
    Tensor(
      torch_batch_norm(
        handle, weight.handle, bias.handle, mean.handle, variance.handle, training, momentum, epsilon),
      #function)
  }

  /// Standardizes every map of every example by its own moments, then scales and shifts where there are numbers for it.
  public func instanceNorm(weight: Tensor?, bias: Tensor?, epsilon: Double) -> Tensor {
    Tensor(torch_instance_norm(handle, weight?.handle, bias?.handle, epsilon), #function)
  }

  /// Standardizes each row of the last axis by its own moments, then scales and shifts by numbers as many as it has.
  func layerNorm(weight: Tensor, bias: Tensor, epsilon: Double) -> Tensor {
    Tensor(torch_layer_norm(handle, weight.handle, bias.handle, epsilon), #function)
  }

  /// Euclidean distances of the rows of two matrices, exactly 0 for equal rows: `[n, d]`, `[m, d]` to `[n, m]`.
  public func distances(to other: Tensor) -> Tensor { binary(torch_distances, other) }

  /// The singular values of a matrix, largest first.
  public func singularValues() -> Tensor { unary(torch_svdvals) }

  /// The eigenvalues of a symmetric matrix, smallest first, and its eigenvectors as columns.
  public func symmetricEigen() -> (values: Tensor, vectors: Tensor) {
    var (values, vectors): (torch_tensor?, torch_tensor?)
    check(torch_eigh(handle, &values, &vectors))
    return (Tensor(values, #function), Tensor(vectors, #function))
  }

  /// Rows of this matrix at integer `indices`: `[...]` to `[..., columns]`.
  public func rows(_ indices: Tensor) -> Tensor { binary(torch_embedding, indices) }
}
