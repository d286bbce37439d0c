import Generative
import Probability

extension Metric {
  /// The squared MMD between codes and as many draws of the prior by `CodeKernel.infoVAE`, unbiased; 0 is best.
  public static let priorMMD = priorMMD(kernel: .infoVAE)

  /// What compares two codes `[d]` at the distance r.
  public enum CodeKernel: String, CaseIterable, Sendable {
    /// exp(-r^2 / d^2): in the code of Zhao et al. 2019.
    case infoVAE = "infovae"
    /// exp(-r^2 / 2d): in the code behind the figures of Zhao et al. 2017.
    case rbf2d = "rbf-2d"

    fileprivate func kernel(_ dimension: Int) -> RadialKernel {
      switch self {
      case .infoVAE: .infoVAE(dimension: dimension)
      case .rbf2d: .gaussian(sigma: Double(dimension).squareRoot())
      }
    }

    fileprivate var formula: String { self == .infoVAE ? "exp(-r2 / d^2)" : "exp(-r2 / 2d)" }
  }

  /// The squared MMD between codes and as many draws of the prior; 0 is best. Zhao et al. 2019, section 4.2.1.
  public static func priorMMD(kernel: CodeKernel, estimator: PairEstimator = .unbiased) -> Metric {
    let name = ["mmd-prior"] + (kernel == .infoVAE ? [] : [kernel.rawValue]) + (estimator == .biased ? ["biased"] : [])
    return Metric(name.joined(separator: ":"), unit: "1", needs: .codesAndPrior) { model, subject, rng in
      let codes = try Codes(model, subject.examples(), using: rng)
      let prior = model.withoutClass(model.prior.sample([codes.count], using: rng)).to(.cpu).to(.float64)
      return [
        Finding(
          try squaredMMD(codes.draws, prior, kernel: kernel.kernel(codes.dimension), estimator: estimator),
          count: codes.count,
          [
            ("kernel", .text(kernel.formula)), ("estimator", .text(estimator.rawValue)),
            ("codes", .text("draws of q(z|x)")), ("dimension", .count(codes.dimension)),
            ("prior_draws", .count(codes.count)),
          ])
      ]
    }
  }
}

extension MetricForm {
  static let priorMMD = MetricForm(
    "mmd-prior[:rbf-2d][:biased]", "squared MMD between codes and draws of the prior", example: .priorMMD
  ) { (parameters) throws(MetricError) in
    var rest = parameters[...]
    let kernel = rest.first == Metric.CodeKernel.rbf2d.rawValue ? Metric.CodeKernel.rbf2d : .infoVAE
    if kernel == .rbf2d { rest = rest.dropFirst() }
    guard rest.isEmpty || rest == [PairEstimator.biased.rawValue] else {
      let text = (["mmd-prior"] + parameters).joined(separator: ":")
      throw MetricError("metric '\(text)': expected mmd-prior, mmd-prior:rbf-2d, or either with :biased behind it")
    }
    return .priorMMD(kernel: kernel, estimator: rest.isEmpty ? .unbiased : .biased)
  }
}
