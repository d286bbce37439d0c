import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric linear-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy`
  struct LinearProbe: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "linear-probe", abstract: "Error rate of multinomial logistic regression.",
      discussion: """
        Example:  helmholtz metric linear-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy

        Minimizes the mean cross entropy plus l2/2 |W|^2 over standardized features; the bias has no penalty.
        """)

    @OptionGroup var arrays: ProbeOptions
    @Option(help: "Weight of the penalty, which is scikit-learn's 1 / (n C).") var l2 = Evaluation.LinearProbe.defaultL2
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let (train, test) = try arrays.rows(name: "linear-probe")
      try train.checkFeatures(of: test, name: "linear-probe")
      let probe = try Evaluation.LinearProbe(train: train, l2: l2)
      return try MetricResult.probe(
        "linear-probe", probe.errorRate(test), train, test,
        [
          ("l2", .number(l2)), ("objective", .text("mean cross entropy + l2/2 |W|^2, bias free")),
          ("standardized", .text("by the training rows")), ("gradient_norm", .number(probe.gradientNorm)),
          ("newton_steps", .count(probe.steps)),
        ])
    }
  }
}
