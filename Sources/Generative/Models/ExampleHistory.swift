import Torch

/// The last generated examples, of which a critic sees one instead of a new one every other time, so that the game
/// circles less. Shrivastava et al. 2017, section 2.3, as Zhu et al. 2017 run it.
///
/// What it holds are buffers: they are part of a checkpoint, and a run that goes on hands out what the unbroken one would
/// have.
public final class ExampleHistory: Module {
  /// The examples, `[capacity] + shape`.
  private let examples: Buffer
  /// How many of them there are, `[1]` of type `int64`.
  private let filled: Buffer

  /// An empty history of examples of a shape.
  public init(capacity: Int, shape: [Int], device: Device = .cpu) {
    examples = Buffer(.zeros([capacity] + shape, device: device))
    filled = Buffer(.zeros([1], dtype: .int64, device: device))
  }

  /// The number of examples that it holds.
  public var count: Int { Int(filled.value.item()) }

  /// As many rows as came: while there is room a row is kept and handed out; then, with probability 1/2 each, it is
  /// handed out, or takes the place of one that is.
  ///
  /// - Parameter x: rows `[n] + shape`; nothing is differentiated.
  public func exchange(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let (kept, capacity) = (examples.value, examples.value.size(0))
    guard capacity > 0 else { return x.detached() }
    return withoutGradients {
      let rows = x.detached().inFloat()
      // Two draws for each row, whether it needs them or not: they are read at once.
      let draws = rng.uniform([x.size(0), 2]).array(Double.self)
      var count = self.count
      let handed = (0..<x.size(0)).map { row in
        let new = rows.narrowed(0, row..<row + 1)
        let isRoom = count < capacity
        guard isRoom || draws[2 * row] < 0.5 else { return new }
        let place = isRoom ? count : min(capacity - 1, Int(draws[2 * row + 1] * Double(capacity)))
        let slot = kept.narrowed(0, place..<place + 1)
        let old = isRoom ? new : slot.clone()
        slot.copyInPlace(new)
        if isRoom { count += 1 }
        return old
      }
      filled.value.copyInPlace(Tensor.full([1], Double(count), dtype: .int64, device: x.device))
      return .concatenated(handed)
    }
  }
}
