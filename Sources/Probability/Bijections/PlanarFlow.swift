import Torch

/// Layers z + u tanh(w.z + b), one after the other. Rezende & Mohamed 2015, Eqs. 10 to 13.
///
/// A layer moves points along `u` by how far they lie across the plane w.z + b = 0. It is a bijection where w.u > -1;
/// `invertible` moves any `u` there.
public struct PlanarFlow: Bijection {
  /// u of every layer, `[layers] + batch + [d]`.
  public let u: Tensor
  /// w of every layer, `[layers] + batch + [d]`.
  public let w: Tensor
  /// b of every layer, `[layers] + batch + [1]`.
  public let b: Tensor

  /// Layers as they are: whether they are bijections is up to the caller.
  ///
  /// - Parameters:
  ///   - u: `[layers] + batch + [d]`.
  ///   - w: of the same shape.
  ///   - b: `[layers] + batch + [1]`.
  public init(u: Tensor, w: Tensor, b: Tensor) {
    precondition(
      u.shape == w.shape && b.shape == Array(u.shape.dropLast()) + [1],
      "PlanarFlow: expected u and w of one shape and b with a last axis of 1, got \(u.shape), \(w.shape) and \(b.shape)"
    )
    (self.u, self.w, self.b) = (u, w, b)
  }

  /// Layers whose `u` is moved along `w` until w.u = m(w.u) = -1 + log(1 + e^(w.u)), which is above -1. Ibid., appendix A.1.
  public static func invertible(u: Tensor, w: Tensor, b: Tensor) -> PlanarFlow {
    let slope = dot(w, u)
    let excess = slope.softplus() - 1 - slope
    let length = w.square().sum(-1, keepAxes: true).clamped(leastSquaredLength, .infinity)
    return PlanarFlow(u: u.addingProduct(excess / length, w), w: w, b: b)
  }

  /// Below it `w` points nowhere: a network without layers gives w = 0 to an x of zeros, and 0 / 0 would be the result.
  private static let leastSquaredLength = 1e-12

  private static func dot(_ x: Tensor, _ y: Tensor) -> Tensor { (x * y).sum(-1, keepAxes: true) }

  public func callAsFunction(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    let isSingle = z.rank < u.rank
    var value = isSingle ? z.unsqueezed(0) : z  // count + batch + [d], where a layer is [1] + batch + [d]
    var bends: [Tensor] = []
    for (u, w, b) in layers {
      let bend = (Self.dot(value, w) + b).tanh()  // count + batch + [1]
      value = value.addingProduct(u, bend)
      bends.append(bend)
    }
    let slope = (u.rank..<value.rank + 1).reduce(Self.dot(w, u)) { slope, _ in slope.unsqueezed(1) }
    let steepness = 1 - Tensor.stacked(bends).square()  // [layers] + count + batch + [1]
    let logDeterminant = (1 + steepness * slope).abs().log().sum(0).squeezed(-1)  // count + batch
    return isSingle ? (value.squeezed(0), logDeterminant.squeezed(0)) : (value, logDeterminant)
  }

  /// u, w and b of each layer, `[1] + batch + [...]`.
  private var layers: [(Tensor, Tensor, Tensor)] {
    let count = u.size(0)
    let (u, w, b) = (u.split(count, axis: 0), w.split(count, axis: 0), b.split(count, axis: 0))
    return (0..<count).map { (u[$0], w[$0], b[$0]) }
  }

  /// Halvings of an interval of length 2 |w.u|: more than a float64 has digits.
  private static let bisections = 64

  /// By bisection on w.z, which w.y = w.z + w.u tanh(w.z + b) is an increasing function of.
  public func inverse(_ value: Tensor) -> Tensor {
    let isSingle = value.rank < u.rank
    var z = isSingle ? value.unsqueezed(0) : value
    for (u, w, b) in layers.reversed() {
      let (goal, slope) = (Self.dot(z, w), Self.dot(w, u))
      var (low, high) = (goal - slope.abs(), goal + slope.abs())
      for _ in 0..<Self.bisections {
        let middle = (low + high) * 0.5
        let isBelow = (middle + slope * (middle + b).tanh()) .< goal
        (low, high) = (isBelow.select(middle, low), isBelow.select(high, middle))
      }
      z = z - u * ((low + high) * 0.5 + b).tanh()
    }
    return isSingle ? z.squeezed(0) : z
  }
}
