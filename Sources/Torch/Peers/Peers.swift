import CTorch

/// Several processes that train one model together, each on its rows of every batch, so that they end where one process
/// with the whole batches would.
///
/// Within `share` every process holds the rows `rank * n ..< (rank + 1) * n` of each batch of `count * n` examples, and a
/// loss is the mean over processes of what each takes the mean of. For that to be the loss of the whole batch,
///
/// * noise is drawn for the whole batch by everybody, from equal streams, and each keeps its rows: draws of a
///   `RandomSource` say which axis is that of examples;
/// * what looks at a batch as a whole asks for all of it: `gathered` and `mean` reach across the processes, and so do
///   their gradients.
///
/// Outside the scope, or alone, both do nothing. Sums go through libtorch's c10d, over Gloo. All processes have to call
/// the same operations in the same order.
public final class Peers: @unchecked Sendable {
  /// Which process this is, from 0; 0 alone writes files.
  public let rank: Int
  /// How many there are.
  public let count: Int
  /// Whether batch normalization takes the moments of the whole batch, not those of a process's rows.
  public let sharesNorms: Bool
  private let group: torch_group
  /// Where they met; what each tells the others of its state.
  let store: PeerStore

  /// Joins the others, and returns when all are there.
  ///
  /// - Parameters:
  ///   - name: of the group; processes that meet at one store more than once need a new one each time.
  ///   - address: this machine's, as the others see it.
  /// - Throws: `PeersError` if somebody does not come.
  public init(
    _ store: PeerStore, rank: Int, count: Int, name: String = "peers", address: String = "127.0.0.1",
    sharesNorms: Bool = true
  ) throws(PeersError) {
    precondition(
      count >= 1 && (0..<count).contains(rank), "Peers: expected a rank below \(count), got \(rank)")
    (self.rank, self.count, self.sharesNorms, self.store) = (rank, count, sharesNorms, store)
    group = try store.group(name, address: address, rank: rank, count: count)
  }

  deinit { torch_group_free(group) }

  /// Whether this process writes files and speaks.
  public var isFirst: Bool { rank == 0 }

  // MARK: Sharing a batch

  /// Those who share the batch of this scope; nil alone.
  @TaskLocal private static var sharing: Peers?
  /// Axes between that of examples and those of an event.
  @TaskLocal private static var axesBehindRows = 0

  /// Those who share the batch of this scope; nil where this process has all of it.
  public static var current: Peers? { sharing }

  /// Runs `body` as one of several processes that share each batch.
  public func share<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$sharing.withValue(self, operation: body)
  }

  /// Runs `body` as outside: everybody draws the same and looks at what it has.
  public static func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $sharing.withValue(nil, operation: body)
  }

  /// Runs `body`, whose draws have `axes` axes between the examples' and the event's, as those of enumerated classes.
  public static func behindRows<Result>(_ axes: Int, _ body: () throws -> Result) rethrows -> Result {
    try $axesBehindRows.withValue(axes, operation: body)
  }

  /// The rows of the whole batch that this process holds, where each has `rows`.
  public func range(_ rows: Int) -> Range<Int> { rank * rows..<(rank + 1) * rows }

  /// The rows of all processes, one after the other; x itself alone. Its gradient goes back to each process's rows.
  ///
  /// - Parameters:
  ///   - x: as many rows in each process.
  ///   - axis: that of rows; negative axes count from the end.
  public static func gathered(_ x: Tensor, axis: Int = 0) -> Tensor {
    guard let peers = sharing else { return x }
    return peers.sum(peers.amongZeros(x, axis: axis < 0 ? x.rank + axis : axis))
  }

  /// The rows of this process of what all have together: the reverse of `gathered`.
  public static func ownRows(_ x: Tensor, axis: Int = 0) -> Tensor {
    guard let peers = sharing else { return x }
    return x.narrowed(axis, peers.range(x.size(axis) / peers.count))
  }

  /// The mean over processes, element by element, differentiable; x itself alone.
  public static func mean(_ x: Tensor) -> Tensor {
    guard let peers = sharing else { return x }
    return peers.sum(x) / Double(peers.count)
  }

  /// The draw of a shape whose `axis` is that of examples: as many rows of what one process would draw for the whole
  /// batch. Negative axes count from the end, before those of `behindRows`; a shape without that axis has no rows.
  static func rows(of shape: [Int], _ axis: Int?, draw: ([Int]) -> Tensor) -> Tensor {
    guard let peers = sharing, let index = rowAxis(axis, rank: shape.count) else { return draw(shape) }
    var whole = shape
    whole[index] *= peers.count
    return draw(whole).narrowed(index, peers.range(shape[index]))
  }

  /// The same of a draw whose probabilities are a tensor.
  static func rows(of p: Tensor, _ axis: Int?, draw: (Tensor) -> Tensor) -> Tensor {
    guard let peers = sharing, let index = rowAxis(axis, rank: p.rank) else { return draw(p) }
    return draw(peers.amongZeros(p, axis: index)).narrowed(index, peers.range(p.size(index)))
  }

  private static func rowAxis(_ axis: Int?, rank: Int) -> Int? {
    guard let axis else { return nil }
    let index = axis < 0 ? rank + axis - axesBehindRows : axis
    return (0..<rank).contains(index) ? index : nil
  }

  /// x where this process's rows are, and 0 in the others'.
  private func amongZeros(_ x: Tensor, axis: Int) -> Tensor {
    let parts = (0..<count).map { $0 == rank ? x : .zeros(x.shape, dtype: x.dtype, device: x.device) }
    return .concatenated(parts, axis: axis)
  }

  private func sum(_ x: Tensor) -> Tensor { x.sum(over: group) }

  // MARK: Keeping together

  /// Writes the mean over processes into each tensor, such as a gradient. Not differentiable.
  public func average(_ tensors: [Tensor]) throws(PeersError) {
    guard count > 1 else { return }
    let done = withHandles(tensors) { torch_group_average_(group, $0, $1) }
    if !done { throw lost() }
  }

  /// The means over processes of some numbers.
  public func averages(_ values: [Double]) throws(PeersError) -> [Double] {
    guard count > 1, !values.isEmpty else { return values }
    let all = Tensor(values)
    try average([all])
    return all.array(Double.self)
  }

  /// The number that process 0 has.
  public func first(_ value: Double) throws(PeersError) -> Double {
    let number = Tensor([value])
    try copyFirst([number])
    return number.array(Double.self)[0]
  }

  /// Whether anybody says so.
  public func any(_ isSo: Bool) throws(PeersError) -> Bool { try averages([isSo ? 1 : 0])[0] > 0 }

  /// Writes the values of process 0 into tensors.
  public func copyFirst(_ tensors: [Tensor]) throws(PeersError) {
    guard count > 1 else { return }
    for tensor in tensors where !tensor.copyFirst(of: group) { throw lost() }
  }

  private func lost() -> PeersError { .lost(String(cString: torch_error())) }
}

extension Tensor {
  fileprivate func sum(over group: torch_group) -> Tensor { Tensor(torch_group_sum(group, handle), #function) }
  fileprivate func copyFirst(of group: torch_group) -> Bool { torch_group_copy_first_(group, handle) }
}
