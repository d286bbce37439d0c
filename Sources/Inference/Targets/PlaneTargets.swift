import Foundation
import Torch

extension Target {
  /// A ring in the plane, exp(-(|z|^2 - 2)^2).
  ///
  /// log Z = log(pi^(3/2) erfc(-2) / 2) = 1.714753 and E |z|^2 = 2.005179. From the notebook of Mescheder et al. 2017.
  public static let torus = Target(
    "torus", columns: ["z1", "z2"], logNormalizer: log(pow(Double.pi, 1.5) * erfc(-2) / 2),
    reference: { count, rng in
      // |z|^2 is normal with mean 2 and variance 1/2, cut off at 0.
      let square = Quadrature(1e-6...8, count: 8001)
      let radius = square.draws(count, -(square.nodes - 2).square(), using: rng).clamped(0, .infinity).sqrt()
      let angle = rng.uniform([count], dtype: .float64) * (2 * .pi)
      return .stacked([radius * angle.cos(), radius * angle.sin()], axis: -1)
    },
    logDensity: { z in -(z.square().sum(-1) - 2).square() })

  /// Two bent valleys, exp(-(z1 - 1)^2 - (z2^2 - z1)^2). From the notebook of Mescheder et al. 2017.
  ///
  /// z1 is Gaussian given z2, so that log Z is an integral over a line.
  public static let rosenbrock = Target(
    "rosenbrock", columns: ["z1", "z2"],
    logNormalizer: 0.5 * log(.pi / 2) + rosenbrockLine.logIntegral(rosenbrockMarginal),
    reference: { count, rng in
      let z2 = rosenbrockLine.draws(count, rosenbrockMarginal, using: rng)
      let z1 = (z2.square() + 1) * 0.5 + rng.normal([count], dtype: .float64) * 0.5
      return .stacked([z1, z2], axis: -1)
    },
    modes: Mode.signs(of: "z2", 1),
    logDensity: { z in
      let (z1, z2) = (z.at(0, axis: -1), z.at(1, axis: -1))
      return -(z1 - 1).square() - (z2.square() - z1).square()
    })

  private static var rosenbrockLine: Quadrature { Quadrature(-6...6, count: 24_001) }
  /// log of the marginal of z2, without its constant.
  private static var rosenbrockMarginal: Tensor { (1 - rosenbrockLine.nodes.square()).square() * -0.5 }

  /// Neal's funnel of ten dimensions: v ~ N(0, 3^2), x_i ~ N(0, exp(v)) with variance exp(v). Neal 2003, section 8.
  public static let funnel = Target(
    "funnel", columns: ["v"] + (1...9).map { "x\($0)" }, logNormalizer: 0,
    reference: { count, rng in
      let v = rng.normal([count, 1], dtype: .float64) * 3
      return .concatenated([v, rng.normal([count, 9], dtype: .float64) * (v * 0.5).exp()], axis: -1)
    },
    logDensity: { z in
      let (v, x) = (z.at(0, axis: -1), z.narrowed(-1, 1..<10))
      let constant = -5 * log(2 * Double.pi) - log(3.0)
      return v.square() / -18 - v * 4.5 - x.square().sum(-1) * (-v).exp() * 0.5 + constant
    })
}
