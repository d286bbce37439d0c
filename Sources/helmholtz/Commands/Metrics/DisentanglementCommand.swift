import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric disentanglement --x codes.npy --y factors.npy`
  struct DisentanglementCommand: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "disentanglement",
      abstract: "Disentanglement of codes: MIG, SAP and DCI.",
      discussion: "Example:  helmholtz metric disentanglement --x codes.npy --y factors.npy --json")

    @Option(help: "Codes, [n, d].") var x: String
    @Option(help: "Factors of variation of the same examples, [n, k].") var y: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x, y])
      let (codes, factors) = (try input.matrix(x, atLeast: 2), try input.matrix(y, atLeast: 2))
      let found = try Disentanglement(codes: codes, factors: factors)
      return MetricResult(
        metric: "disentanglement", value: found.mig,
        conventions: [
          ("unit", .text("mutual information gap, 0 to 1")), ("sap", .number(found.sap)),
          ("dci_disentanglement", .number(found.disentanglement)), ("dci_completeness", .number(found.completeness)),
          ("dci_informativeness", .number(found.informativeness)), ("n", .count(codes.size(0))),
          ("codes", .count(codes.size(1))), ("factors", .count(factors.size(1))),
          ("bins", .count(Disentanglement.bins)), ("sap_score", .text("R^2 of a line through one code")),
          ("dci_importance", .text("sizes of lasso weights, all standardized")),
          ("lasso_alpha", .number(Disentanglement.defaultAlpha)),
          ("dci_informativeness_unit", .text("R^2 on the same rows")),
        ])
    }
  }
}
