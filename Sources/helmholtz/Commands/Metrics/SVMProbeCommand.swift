import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric svm-probe --train-x a.npy ... --kernel rbf --C 1`
  struct SVMProbe: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "svm-probe", abstract: "Error rate of a support vector machine (libsvm).",
      discussion: """
        Example:  helmholtz metric svm-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy \
        --kernel rbf --C 10
        """)

    enum Kernel: String, ExpressibleByArgument, CaseIterable { case linear, rbf }

    @OptionGroup var arrays: ProbeOptions
    @Option(help: "Kernel of the support vector machine.") var kernel: Kernel
    @Option(name: .customLong("C"), help: "Penalty of a violated margin.") var cost: Double
    @Option(help: "Gamma of the rbf kernel exp(-gamma |a - b|^2) (default: 1 / (d var(x))).") var gamma: Double?
    @Flag(help: "Scale features to mean 0 and variance 1 first.") var standardize = false
    @OptionGroup var output: MetricOutput

    func validate() throws {
      if kernel == .linear, gamma != nil { throw ValidationError("--gamma belongs to --kernel rbf.") }
    }

    func result() throws -> MetricResult {
      let (train, test) = try arrays.rows(name: "svm-probe")
      let probe = try Evaluation.SVMProbe(
        kernel: kernel == .linear ? .linear : .rbf(gamma: gamma), cost: cost, standardizes: standardize)
      return try MetricResult.probe(
        "svm-probe", probe.errorRate(train: train, test: test), train, test,
        [
          ("kernel", .text(kernel.rawValue)), ("C", .number(cost)),
        ] + (probe.gamma(for: train.x).map { [("gamma", .number($0))] } ?? []) + [
          ("standardized", .text(standardize ? "yes" : "no")), ("solver", .text("libsvm C-SVC, one against one")),
          ("tolerance", .number(Evaluation.SVMProbe.tolerance)),
        ])
    }
  }
}
