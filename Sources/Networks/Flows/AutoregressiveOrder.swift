import Torch

/// Which units of a network see which, so that each dimension depends on those before it alone: the masks of MADE, Germain et al.
/// 2015.
///
/// Hidden units have degrees from 0 to d - 1. One of degree k sees the first k dimensions, and units of the layer before it with at
/// most its degree; it is seen by the dimensions behind those k. A mask is 1 where a weight `[outputs, inputs]` counts and 0 elsewhere.
struct AutoregressiveOrder {
  /// The place of each dimension, `[d]`.
  private let places: Tensor
  private let dimension: Int

  /// - Parameters:
  ///   - dimension: how many there are, d.
  ///   - isReversed: whether the last is the first in order.
  init(_ dimension: Int, isReversed: Bool, device: Device) {
    self.dimension = dimension
    places = Tensor((0..<dimension).map { Float(isReversed ? dimension - 1 - $0 : $0) }).to(device)
  }

  private func degrees(_ units: Int) -> Tensor {
    Tensor((0..<units).map { Float($0 * dimension / units) }).to(places.device)
  }

  /// From the dimensions to a hidden layer, `[units, d]`.
  func input(to units: Int) -> Tensor { (places .< degrees(units).unsqueezed(1)).to(.float32) }

  /// From a hidden layer to the next, `[units, before]`.
  func between(_ before: Int, _ units: Int) -> Tensor {
    (degrees(before) .< degrees(units).unsqueezed(1) + 1).to(.float32)
  }

  /// From a hidden layer to numbers of the dimensions, `[d, units]`.
  func output(from units: Int) -> Tensor { (degrees(units) .< places.unsqueezed(1) + 1).to(.float32) }
}
