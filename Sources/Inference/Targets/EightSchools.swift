import Foundation
import Torch

/// The effects of coaching in eight schools: a hierarchical model whose posterior has two modes.
///
///     y_j ~ N(mu + tau eta_j, sigma_j),  mu, tau, eta_j ~ N(0, 1),  j = 1 ... 8.
///
/// tau has no sign: (tau, eta) and (-tau, -eta) explain the data alike.
///
/// - Source: Rubin 1981; Mescheder, Nowozin & Geiger 2017, section 6.2, with the data of the authors' code.
public enum EightSchools: String, Sendable, CaseIterable {
  /// The data as the authors coded them.
  case authors
  /// The authors' y, and deviations of a tenth of the published ones.
  case div10
  /// The published data.
  case textbook

  /// The effects.
  public var y: [Double] {
    self == .textbook ? [28, 8, -3, 7, -1, 1, 18, 12] : [2.8, 0.8, -0.3, 0.7, -0.1, 0.1, 1.8, 1.2]
  }

  /// Their standard errors.
  public var sigma: [Double] {
    switch self {
    case .authors: [0.8, 0.5, 0.8, 0.6, 0.5, 0.6, 0.5, 0.4]
    case .div10: [1.5, 1.0, 1.6, 1.1, 0.9, 1.1, 1.0, 1.8]
    case .textbook: [15, 10, 16, 11, 9, 11, 10, 18]
    }
  }

  /// The posterior of mu, tau and eta_1 ... eta_8, with the evidence of the data as its integral.
  ///
  /// Given tau all else is Gaussian, so that log Z is an integral over a line and exact draws can be made.
  public var target: Target {
    let columns = ["mu", "tau"] + (1...8).map { "eta\($0)" }
    return Target(
      "eight-schools", columns: columns, logNormalizer: logEvidence(), reference: { draws($0, using: $1) },
      modes: Target.Mode.signs(of: "tau", 1),
      derived: [Target.Derived("|tau|") { $0.at(1, axis: -1).abs() }]
        + (0..<8).map { school in
          Target.Derived("theta\(school + 1)") {
            $0.at(0, axis: -1) + $0.at(1, axis: -1) * $0.at(school + 2, axis: -1)
          }
        },
      logDensity: { z in
        let (mu, tau, eta) = (z.narrowed(-1, 0..<1), z.narrowed(-1, 1..<2), z.narrowed(-1, 2..<10))
        let (y, sigma) = data(like: z)
        let residuals = (y - mu - tau * eta) / sigma
        let constant = -sigma.log().sum() - Double(8 + 10) * halfLogTwoPi
        return (residuals.square().sum(-1) + z.square().sum(-1)) * -0.5 + constant
      })
  }

  /// 1/2 log 2 pi.
  private var halfLogTwoPi: Double { 0.5 * log(2 * .pi) }

  /// y and sigma, `[8]` each, where and as `z` is.
  private func data(like z: Tensor) -> (y: Tensor, sigma: Tensor) {
    (Tensor(y).to(z.dtype).to(z.device), Tensor(sigma).to(z.dtype).to(z.device))
  }

  /// The line that tau lies on; its prior has 1e-32 beyond.
  private var line: Quadrature { Quadrature(-12...12, count: 9601) }

  /// Variances of y_j given mu and tau, and the precision and mean of mu given tau and y; `[n, 8]` and `[n]`.
  private func moments(_ tau: Tensor) -> (variances: Tensor, precision: Tensor, mean: Tensor) {
    let (y, sigma) = data(like: tau)
    let variances = sigma.square() + tau.unsqueezed(-1).square()  // [n, 8]
    let precision = variances.pow(-1).sum(-1) + 1  // [n]
    return (variances, precision, (y / variances).sum(-1) / precision)
  }

  /// log p(tau, y) at points of the line.
  private func logJoint(_ tau: Tensor) -> Tensor {
    let (y, _) = data(like: tau)
    let (variances, precision, mean) = moments(tau)
    // y ~ N(0, D + 1 1^T): its determinant and inverse by one rank more than the diagonal D.
    let logDeterminant = variances.log().sum(-1) + precision.log()
    let square = (y.square() / variances).sum(-1) - precision * mean.square()
    return (logDeterminant + square + tau.square()) * -0.5 - Double(8 + 1) * halfLogTwoPi
  }

  private func logEvidence() -> Double {
    let line = line
    return withoutGradients { line.logIntegral(logJoint(line.nodes)) }
  }

  /// Exact draws `[count, 10]`: tau from its line, then mu, then each eta.
  private func draws(_ count: Int, using rng: RandomSource) -> Tensor {
    withoutGradients {
      let line = line
      let (y, sigma) = data(like: line.nodes)
      let tau = line.draws(count, logJoint(line.nodes), using: rng)  // [count]
      let (_, precision, mean) = moments(tau)
      let mu = mean + rng.normal([count], dtype: .float64) / precision.sqrt()
      let own = tau.unsqueezed(-1).square() / sigma.square() + 1  // [count, 8]
      let centre = tau.unsqueezed(-1) * (y - mu.unsqueezed(-1)) / sigma.square() / own
      let eta = centre + rng.normal([count, 8], dtype: .float64) / own.sqrt()
      return .concatenated([mu.unsqueezed(-1), tau.unsqueezed(-1), eta], axis: -1)
    }
  }
}
