import Foundation
import Torch

/// An unnormalized density over the plane, f(z) = exp(-U(z)), for seeing which shapes an inference model can take.
///
/// Rezende & Mohamed 2015, Table 1. With the ridge w1 and its bends w2 and w3,
///
///     w1(z) = sin(2 pi z1 / 4),  w2(z) = 3 exp(-((z1 - 1) / 0.6)^2 / 2),  w3(z) = 3 sigmoid((z1 - 1) / 0.3),
///
/// the energies are
///
///     U1(z) = ((|z| - 2) / 0.4)^2 / 2 - log(exp(-((z1 - 2) / 0.6)^2 / 2) + exp(-((z1 + 2) / 0.6)^2 / 2))
///     U2(z) = ((z2 - w1) / 0.4)^2 / 2
///     U3(z) = -log(exp(-((z2 - w1) / 0.35)^2 / 2) + exp(-((z2 - w1 + w2) / 0.35)^2 / 2))
///     U4(z) = -log(exp(-((z2 - w1) / 0.4)^2 / 2) + exp(-((z2 - w1 + w3) / 0.35)^2 / 2))
///
/// U2, U3 and U4 go on along z1 for ever, so that no Z exists. Here they gain a wall, ((|z1| - 4) / 0.4)^2 / 2 where
/// |z1| > 4: nothing changes where the paper shows them, and Z is the area of the ridges.
public struct Potential: Sendable {
  /// A short name, such as `u1`.
  public let name: String
  private let formula: @Sendable (Tensor) -> Tensor

  /// - Parameter energy: U at points `[..., 2]`: nats, `[...]`, for any floating-point type. exp(-U) must have a finite
  ///   integral.
  public init(name: String, energy: @escaping @Sendable (Tensor) -> Tensor) {
    self.name = name
    formula = energy
  }

  /// U(z) at points `[..., 2]`: nats, `[...]`; lower where there is more mass.
  public func energy(_ z: Tensor) -> Tensor { formula(z) }

  /// log f(z) = -U(z) at points `[..., 2]`: nats, `[...]`, without log Z.
  public func logDensity(_ z: Tensor) -> Tensor { -formula(z) }

  /// All four of the paper, in its order.
  public static let all = [u1, u2, u3, u4]

  /// Two arcs of a ring that face each other.
  public static let u1 = Potential(name: "u1") { z in
    let radius = z.square().sum(-1).sqrt()
    let z1 = z.at(0, axis: -1)
    return half((radius - 2) / 0.4) - logSum(-half((z1 - 2) / 0.6), -half((z1 + 2) / 0.6))
  }

  /// One ridge along a sine.
  public static let u2 = Potential(name: "u2") { z in
    let (z1, aboveRidge) = coordinates(z)
    return half(aboveRidge / 0.4) + wall(z1)
  }

  /// Two ridges that part and meet again.
  public static let u3 = Potential(name: "u3") { z in
    let (z1, aboveRidge) = coordinates(z)
    let bend = (-half((z1 - 1) / 0.6)).exp() * 3
    return wall(z1) - logSum(-half(aboveRidge / 0.35), -half((aboveRidge + bend) / 0.35))
  }

  /// Two ridges that part for good.
  public static let u4 = Potential(name: "u4") { z in
    let (z1, aboveRidge) = coordinates(z)
    let step = ((z1 - 1) / 0.3).sigmoid() * 3
    return wall(z1) - logSum(-half(aboveRidge / 0.4), -half((aboveRidge + step) / 0.35))
  }

  private static func half(_ x: Tensor) -> Tensor { x.square() * 0.5 }

  /// log(exp x + exp y): far from both ridges either underflows.
  private static func logSum(_ x: Tensor, _ y: Tensor) -> Tensor { Tensor.stacked([x, y]).logSumExp(0) }

  /// z1 and z2 - w1(z).
  private static func coordinates(_ z: Tensor) -> (z1: Tensor, aboveRidge: Tensor) {
    let z1 = z.at(0, axis: -1)
    return (z1, z.at(1, axis: -1) - (z1 * (.pi / 2)).sin())
  }

  /// 0 for |z1| <= 4, then a parabola.
  private static func wall(_ z1: Tensor) -> Tensor { half((z1.abs() - 4).relu() / 0.4) }
}

extension Potential {
  /// log of the integral of f over the square [-`half`, `half`]^2: nats, by midpoints in double precision.
  ///
  /// The square of the defaults holds all of the four densities but 1e-20, and their value is exact to 1e-7.
  ///
  /// - Parameters:
  ///   - half: half the side of the square.
  ///   - spacing: the side of a cell; `2 * half` is divided into the nearest whole number of them.
  public func logNormalizer(half: Double = 8, spacing: Double = 0.02) -> Double {
    precondition(
      half > 0 && spacing > 0 && spacing <= half, "Potential: expected 0 < spacing <= half, got \(spacing) and \(half)")
    let count = Int((2 * half / spacing).rounded())
    let step = 2 * half / Double(count)
    return withoutGradients {
      let axis = (Tensor.range(count, dtype: .float64) + 0.5) * step - half
      // A row of cells after the other: a fine grid does not fit a cache.
      let rows = axis.array(Double.self).map { z2 in
        logDensity(.stacked([axis, .full([count], z2, dtype: .float64)], axis: -1)).logSumExp()
      }
      return Tensor.stacked(rows).logSumExp().item() + 2 * log(step)
    }
  }
}
