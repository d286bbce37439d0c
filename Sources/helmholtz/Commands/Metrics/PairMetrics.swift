import ArgumentParser
import Evaluation
import Foundation
import Probability
import Torch

extension PairEstimator: ExpressibleByArgument {}

/// A length that is a number or the median distance.
enum LengthOption: ExpressibleByArgument {
  case median
  case number(Double)

  init?(argument: String) {
    if argument == "median" {
      self = .median
    } else if let number = Double(argument) {
      self = .number(number)
    } else {
      return nil
    }
  }
}

extension MedianDistance {
  /// How the median was taken.
  var conventions: MetricResult.Conventions {
    [
      ("median_distance", .number(value)), ("median_points", .count(points)),
      ("median_pairs", .text("i < j, at most \(Self.mostPoints) points, taken evenly")),
    ]
  }
}

extension MetricCommand {
  /// `helmholtz metric mmd2 --x samples.npy --y data.npy`
  struct MMD2: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "mmd2", abstract: "Squared maximum mean discrepancy.",
      discussion: "Example:  helmholtz metric mmd2 --x samples.npy --y data.npy --sigma median")

    enum KernelName: String, ExpressibleByArgument, CaseIterable {
      case gaussian, imq, infovae
      case imqWAE = "imq-wae"
    }

    @Option(help: "Rows of the first set.") var x: String
    @Option(help: "Rows of the second set.") var y: String
    @Option(help: "Kernel that compares two rows.") var kernel: KernelName = .gaussian
    @Option(help: "Width of the gaussian kernel: a number or 'median'.") var sigma: LengthOption?
    @Option(help: "Constant c of imq (default: 1) and of imq-wae (default: 2d).") var c: Double?
    @Option(help: "Exponent of imq (default: 0.5).") var beta: Double?
    @Option(help: "Estimator; unbiased leaves out pairs of a row with itself.") var estimator: PairEstimator = .unbiased
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func validate() throws {
      let used: Set<String> =
        switch kernel {
        case .gaussian: ["sigma"]
        case .imq: ["c", "beta"]
        case .imqWAE: ["c"]
        case .infovae: []
        }
      for (name, isGiven) in [("sigma", sigma != nil), ("c", c != nil), ("beta", beta != nil)]
      where isGiven && !used.contains(name) {
        throw ValidationError("--\(name) does not belong to the kernel \(kernel.rawValue)")
      }
      if kernel == .gaussian, sigma == nil {
        throw ValidationError("the kernel gaussian needs --sigma, a number or 'median'")
      }
    }

    func result() throws -> MetricResult {
      let input = try arrays.input([x, y])
      let (x, y) = (try input.matrix(x), try input.matrix(y))
      guard x.size(1) == y.size(1) else {
        throw MetricError("mmd2: expected rows of one length, got x of shape \(x.shape) and y of shape \(y.shape)")
      }
      var conventions: MetricResult.Conventions = [("kernel", .text(kernel.rawValue))]
      let chosen: RadialKernel
      switch kernel {
      case .gaussian:
        var width = 0.0
        switch sigma {
        case .number(let number)?: width = number
        case .median?, nil:
          let median = try MedianDistance(Tensor.concatenated([x, y]))
          width = median.value
          conventions += median.conventions
        }
        chosen = .gaussian(sigma: width)
        conventions += [("formula", .text("exp(-r2 / (2 sigma^2))")), ("sigma", .number(width))]
      case .imq:
        chosen = .inverseMultiquadric(c: c ?? 1, beta: beta ?? 0.5)
        conventions += [
          ("formula", .text("(c^2 + r2)^-beta")), ("c", .number(c ?? 1)), ("beta", .number(beta ?? 0.5)),
        ]
      case .imqWAE:
        let scale = c ?? Double(2 * x.size(1))
        chosen = .inverseQuadratic(scale: scale)
        conventions += [("formula", .text("c / (c + r2)")), ("c", .number(scale))]
      case .infovae:
        chosen = .infoVAE(dimension: x.size(1))
        conventions += [("formula", .text("exp(-r2 / d^2)"))]
      }
      conventions += [
        ("estimator", .text(estimator.rawValue)), ("n", .count(x.size(0))), ("m", .count(y.size(0))),
        ("dimension", .count(x.size(1))),
      ]
      let value = try squaredMMD(x, y, kernel: chosen, estimator: estimator)
      return MetricResult(metric: "mmd2", value: value, conventions: conventions)
    }
  }

  /// `helmholtz metric ksd --x codes.npy`
  struct KSD: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "ksd", abstract: "Squared kernelized Stein discrepancy to N(0, I).",
      discussion: "Example:  helmholtz metric ksd --x codes.npy --beta 0.5")

    enum KernelName: String, ExpressibleByArgument, CaseIterable { case imq }

    @Option(help: "Rows to measure.") var x: String
    @Option(help: "Base kernel; imq is (1 + r2)^-beta.") var kernel: KernelName = .imq
    @Option(help: "Exponent of the kernel.") var beta = 0.5
    @Option(help: "Estimator; unbiased leaves out pairs of a row with itself.") var estimator: PairEstimator = .unbiased
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x])
      let rows = try input.matrix(x)
      return try MetricResult(
        metric: "ksd", value: squaredKSD(rows, beta: beta, estimator: estimator),
        conventions: [
          ("quantity", .text("KSD squared")), ("target", .text("N(0, I)")), ("kernel", .text(kernel.rawValue)),
          ("formula", .text("(1 + r2)^-beta")), ("beta", .number(beta)), ("estimator", .text(estimator.rawValue)),
          ("n", .count(rows.size(0))), ("dimension", .count(rows.size(1))),
        ])
    }
  }

  /// `helmholtz metric svgd --x codes.npy --out phi.npy`
  struct SVGD: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "svgd", abstract: "Stein variational directions towards N(0, I).",
      discussion: "Example:  helmholtz metric svgd --x codes.npy --bandwidth median --out phi.npy")

    enum KernelName: String, ExpressibleByArgument, CaseIterable { case rbf }

    @Option(help: "Particles, one per row.") var x: String
    @Option(help: "Kernel; rbf is exp(-r2 / bandwidth).") var kernel: KernelName = .rbf
    @Option(help: "Bandwidth: a number, or 'median' for median distance^2 / log n.") var bandwidth: LengthOption =
      .median
    @Option(help: "File for the directions, one per row (.npy).") var out: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func validate() throws { try checkOutput(out, ".npy") }

    func result() throws -> MetricResult {
      let input = try arrays.input([x])
      let rows = try input.matrix(x)
      var conventions: MetricResult.Conventions = []
      let width: Double
      switch bandwidth {
      case .number(let number): width = number
      case .median:
        let (chosen, median) = try medianBandwidth(rows)
        width = chosen
        conventions += [("bandwidth_rule", .text("median^2 / log n"))] + median.conventions
      }
      let directions = try steinDirections(rows, bandwidth: width)
      try directions.writeNPY(to: out)
      return MetricResult(
        metric: "svgd", value: directions.mean().item(),
        conventions: [
          ("kernel", .text(kernel.rawValue)), ("formula", .text("exp(-r2 / bandwidth)")), ("bandwidth", .number(width)),
          ("target", .text("N(0, I)")), ("n", .count(rows.size(0))), ("dimension", .count(rows.size(1))),
        ] + conventions)
    }
  }
}
