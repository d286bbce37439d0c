import CTorch

extension Tensor {
  /// The `count` largest or smallest along `axis`, in order, and their indices of type `int64`.
  public func top(_ count: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    var (values, indices): (torch_tensor?, torch_tensor?)
    check(torch_topk(handle, Int64(count), Int64(axis), largest, &values, &indices))
    return (Tensor(values, #function), Tensor(indices, #function))
  }

  private func reduce(
    _ op: (torch_tensor?, UnsafePointer<Int64>?, Int32, Bool) -> torch_tensor?,
    _ axes: [Int], _ keepAxes: Bool, _ name: StaticString
  ) -> Tensor { Tensor(op(handle, axes.asInt64, Int32(axes.count), keepAxes), name) }

  /// The sum over `axes`, or over all of them. Integers and booleans are summed as `int64`.
  public func sum(_ axes: Int..., keepAxes: Bool = false) -> Tensor {
    reduce(torch_sum, axes, keepAxes, #function)
  }

  /// The sum over the last `count` axes; itself for none. A density sums its event axes this way.
  public func sumLast(_ count: Int) -> Tensor {
    count == 0 ? self : reduce(torch_sum, Array(-count..<0), false, #function)
  }

  /// The mean over `axes`, or over all of them.
  public func mean(_ axes: Int..., keepAxes: Bool = false) -> Tensor {
    reduce(torch_mean, axes, keepAxes, #function)
  }

  /// The variance over `axes`, divided by n - `correction` (1: unbiased; 0: of the population).
  public func variance(_ axes: Int..., correction: Double = 1, keepAxes: Bool = false) -> Tensor {
    Tensor(
      torch_variance(handle, axes.asInt64, Int32(axes.count), correction, keepAxes), #function)
  }

  /// log sum e^x over `axes`, or over all of them, without overflow.
  public func logSumExp(_ axes: Int..., keepAxes: Bool = false) -> Tensor {
    reduce(torch_logsumexp, axes, keepAxes, #function)
  }

  /// The largest element over `axes`, or over all of them.
  public func max(_ axes: Int..., keepAxes: Bool = false) -> Tensor {
    reduce(torch_amax, axes, keepAxes, #function)
  }

  /// The smallest element over `axes`, or over all of them.
  public func min(_ axes: Int..., keepAxes: Bool = false) -> Tensor {
    reduce(torch_amin, axes, keepAxes, #function)
  }

  /// The index of the largest element along `axis`; type `int64`.
  public func argmax(_ axis: Int) -> Tensor { Tensor(torch_argmax(handle, Int64(axis)), #function) }

  /// Running sums along `axis`.
  public func cumulativeSum(_ axis: Int) -> Tensor {
    Tensor(torch_cumsum(handle, Int64(axis)), #function)
  }

  /// Whether all elements are true; a boolean scalar.
  public func all() -> Tensor { unary(torch_all) }

  /// x - log sum e^x along `axis`: normalized log probabilities.
  public func logSoftmax(_ axis: Int) -> Tensor {
    Tensor(torch_log_softmax(handle, Int64(axis)), #function)
  }

  /// e^x / sum e^x along `axis`.
  public func softmax(_ axis: Int) -> Tensor { Tensor(torch_softmax(handle, Int64(axis)), #function) }
}
