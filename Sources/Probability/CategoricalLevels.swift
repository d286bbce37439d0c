import Torch

/// Numbers 0, 1/(levels - 1), ..., 1, each with a probability of its own: pixels of which nothing is assumed.
public struct CategoricalLevels: Distribution {
  /// Those of an event `[c, ...]`, shape `batch + [c, levels, ...]`; they need not be normalized.
  public let logits: Tensor
  /// How many trailing axes are one example.
  public let eventRank: Int

  /// - Parameters:
  ///   - logits: shape `batch + [c, levels, ...]`; they need not be normalized.
  ///   - eventRank: how many trailing axes of a value are one example.
  public init(logits: Tensor, eventRank: Int = 1) {
    precondition(
      eventRank >= 1 && logits.rank > eventRank,
      "CategoricalLevels: expected logits of a rank above the event's, of 1 at least, got \(logits.shape) for \(eventRank)"
    )
    self.logits = logits
    self.eventRank = eventRank
  }

  /// How many values a number can take.
  public var levels: Int { logits.size(-eventRank) }

  /// The expectation, shape `batch + event`.
  public var mean: Tensor {
    let values = Tensor.range(levels, dtype: logits.dtype, device: logits.device) / Double(levels - 1)
    return (logits.softmax(-eventRank) * values.reshaped([levels] + event.dropFirst().map { _ in 1 })).sum(-eventRank)
  }

  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients { draw(rng.uniform(count + batch + event, dtype: logits.dtype, rows: -1 - eventRank)) }
  }

  /// The number below which a uniform number `noise`, of shape `count + batch + event`, falls.
  public func draw(_ noise: Tensor) -> Tensor {
    let cumulative = logits.softmax(-eventRank).cumulativeSum(-eventRank)
    let level = (cumulative .< noise.unsqueezed(-eventRank)).sum(-eventRank).to(logits.dtype)
    // The last sum may round to less than 1.
    return level.clamped(0, Double(levels - 1)) / Double(levels - 1)
  }

  /// - Parameter value: numbers from 0 to 1; each stands for the level nearest to it.
  public func logProb(_ value: Tensor) -> Tensor {
    let nearest = (value * Double(levels - 1)).round().clamped(0, Double(levels - 1)).to(.int64)
    let ofOneLevel = batch + [event[0], 1] + event.dropFirst()
    let index = nearest.unsqueezed(-eventRank) + Tensor.zeros(ofOneLevel, dtype: .int64, device: value.device)
    var shape = index.shape
    shape[shape.count - eventRank] = levels
    return logits.logSoftmax(-eventRank).expanded(shape).taken(index, along: -eventRank).sumLast(eventRank + 1)
  }

  private var batch: [Int] { Array(logits.shape.dropLast(eventRank + 1)) }
  private var event: [Int] {
    let shape = logits.shape.suffix(eventRank + 1)
    return [shape.first!] + shape.dropFirst(2)
  }
}
