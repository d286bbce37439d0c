import CTorch

extension Tensor {
  /// Means over square windows of images: `[batch, channels, height, width]`.
  ///
  /// - Parameter countsFrame: whether the zeros of the padding count; without them a window at the border has the mean
  ///   of fewer pixels.
  public func averagePooled(kernel: Int, stride: Int, padding: Int = 0, countsFrame: Bool) -> Tensor {
    Tensor(torch_avg_pool2d(handle, Int64(kernel), Int64(stride), Int64(padding), countsFrame), #function)
  }

  /// The largest values of square windows of images: `[batch, channels, height, width]`; padding never is the largest.
  public func maxPooled(kernel: Int, stride: Int, padding: Int = 0) -> Tensor {
    Tensor(torch_max_pool2d(handle, Int64(kernel), Int64(stride), Int64(padding)), #function)
  }

  /// Images `[batch, channels, h, w]` in another size by bilinear interpolation between pixel centres, no antialiasing.
  public func resizedBilinear(height: Int, width: Int) -> Tensor {
    Tensor(torch_resize_bilinear(handle, Int64(height), Int64(width)), #function)
  }
}
