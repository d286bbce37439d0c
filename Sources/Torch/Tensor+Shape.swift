import CTorch

extension Tensor {
  /// The same elements in another shape; one axis may be -1 and is worked out.
  public func reshaped(_ shape: [Int]) -> Tensor {
    Tensor(torch_reshape(handle, shape.asInt64, Int32(shape.count)), #function)
  }

  /// The axes from `first` to `last` merged into one.
  public func flattened(from first: Int = 0, to last: Int = -1) -> Tensor {
    let shape = self.shape
    let end = last < 0 ? last + shape.count : last
    return reshaped(
      Array(shape[..<first]) + [shape[first...end].reduce(1, *)] + Array(shape[(end + 1)...]))
  }

  /// Repeats axes of length 1 without copying; -1 keeps an axis.
  public func expanded(_ shape: [Int]) -> Tensor {
    Tensor(torch_expand(handle, shape.asInt64, Int32(shape.count)), #function)
  }

  /// The axes in another order.
  public func permuted(_ axes: Int...) -> Tensor {
    Tensor(torch_permute(handle, axes.asInt64, Int32(axes.count)), #function)
  }

  /// The last two axes exchanged.
  public var transposed: Tensor {
    var axes = Array(0..<rank)
    axes.swapAt(axes.count - 1, axes.count - 2)
    return Tensor(torch_permute(handle, axes.asInt64, Int32(axes.count)), "transposed")
  }

  /// A new axis of length 1 at `axis`.
  public func unsqueezed(_ axis: Int) -> Tensor { Tensor(torch_unsqueeze(handle, Int64(axis)), #function) }

  /// Without `axis`, which must have length 1.
  public func squeezed(_ axis: Int) -> Tensor {
    precondition(size(axis) == 1, "squeezed: axis \(axis) of \(shape) is not of length 1")
    return Tensor(torch_squeeze(handle, Int64(axis)), #function)
  }

  /// The part `range` of `axis`, without copying.
  public func narrowed(_ axis: Int, _ range: Range<Int>) -> Tensor {
    Tensor(torch_narrow(handle, Int64(axis), Int64(range.lowerBound), Int64(range.count)), #function)
  }

  /// One index of `axis`, which disappears.
  public func at(_ index: Int, axis: Int = 0) -> Tensor { narrowed(axis, index..<index + 1).squeezed(axis) }

  /// `axis` cut into `count` equal parts, without copying.
  public func split(_ count: Int, axis: Int = -1) -> [Tensor] {
    precondition(
      size(axis) > 0 && size(axis) % count == 0,
      "split: axis \(axis) of \(shape) is no multiple of \(count)")
    var parts = [torch_tensor?](repeating: nil, count: count)
    check(torch_split(handle, Int32(count), Int64(axis), &parts))
    return parts.map { Tensor($0, #function) }
  }

  /// The entries of `axis` at `indices`, shape `[n]` of type `int64`.
  public func gathered(_ indices: Tensor, axis: Int = 0) -> Tensor {
    Tensor(torch_index_select(handle, Int64(axis), indices.handle), #function)
  }

  /// Along `axis`, the element each entry of `indices` names; `indices` has this tensor's rank.
  public func taken(_ indices: Tensor, along axis: Int) -> Tensor {
    Tensor(torch_gather(handle, Int64(axis), indices.handle), #function)
  }

  /// Leading axes indexed together by `int64` tensors of one shape, as NumPy does; nil keeps an axis whole.
  ///
  /// Where a kept axis lies between indexed ones, the axes of the indices come first in the result.
  public func indexed(_ indices: [Tensor?]) -> Tensor {
    withExtendedLifetime(indices) {
      Tensor(torch_index(handle, indices.map { $0?.handle }, Int32(indices.count)), #function)
    }
  }

  /// All windows of `size` entries along `axis`, which then counts them; the entries become the last axis. No copy.
  public func windows(_ axis: Int, size: Int, step: Int = 1) -> Tensor {
    Tensor(torch_unfold(handle, Int64(axis), Int64(size), Int64(step)), #function)
  }

  /// A frame around the last axes: `(before, after)` for each, the last axis first.
  public func padded(_ margins: [(Int, Int)], with value: Double = 0) -> Tensor {
    let flat = margins.flatMap { [Int64($0.0), Int64($0.1)] }
    return Tensor(torch_pad(handle, flat, Int32(flat.count), value), #function)
  }

  /// A frame of `margin` pixels around images `[batch, channels, h, w]` in which they are mirrored at their edges.
  ///
  /// - Parameter margin: less than height and width.
  public func mirrored(_ margin: Int) -> Tensor {
    Tensor(torch_reflection_pad2d(handle, Int64(margin)), #function)
  }

  /// The order along `axis` reversed.
  public func flipped(_ axis: Int) -> Tensor { Tensor(torch_flip(handle, Int64(axis)), #function) }

  /// One-hot rows of integer classes: `[...]` to `[..., classes]`, type `int64`.
  public func oneHot(_ classes: Int) -> Tensor { Tensor(torch_one_hot(handle, Int64(classes)), #function) }

  /// Tensors joined along an existing axis.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    withHandles(tensors) { Tensor(torch_cat($0, $1, Int64(axis)), "concatenated") }
  }

  /// Tensors of one shape joined along a new axis.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    withHandles(tensors) { Tensor(torch_stack($0, $1, Int64(axis)), "stacked") }
  }
}

/// Lends the handles of `tensors` to a C call.
func withHandles<Result>(
  _ tensors: [Tensor], _ body: (UnsafePointer<torch_tensor?>, Int32) -> Result
) -> Result {
  withExtendedLifetime(tensors) {
    let handles: [torch_tensor?] = tensors.map(\.handle)
    return handles.withUnsafeBufferPointer { buffer in
      // An empty array has no address; no call reads from it then.
      withUnsafePointer(to: nil as torch_tensor?) { none in
        body(buffer.baseAddress ?? none, Int32(tensors.count))
      }
    }
  }
}
