import ArgumentParser
import Evaluation
import Foundation
import Torch

extension MetricCommand {
  /// `helmholtz metric mi-bound --x x.npy --u u.npy --entropy H`
  struct BoundOfInformation: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "mi-bound", abstract: "A lower bound of the mutual information of x and u, in nats.",
      discussion: """
        Examples:

          helmholtz metric mi-bound --x x.npy --u u.npy --entropy 2.837877
          helmholtz metric mi-bound --x images.npy --u codes.npy --hidden 256,256 --steps 4000

        A Gaussian with mean g(u) and a variance for each number of x learns from half of the rows; its mean log density of \
        the other half, plus the entropy H(X), is a bound of I(X; U). Without --entropy it is the bound less H(X), which \
        compares codes of the same x.
        """)

    /// Widths with commas between them.
    struct Widths: ExpressibleByArgument {
      let widths: [Int]

      init(_ widths: [Int]) { self.widths = widths }

      init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard parts.count <= 16, parts.allSatisfy((1...65_536).contains) else { return nil }
        widths = parts
      }

      var defaultValueDescription: String { widths.map(String.init).joined(separator: ",") }
    }

    @Option(help: "Examples, one per row.") var x: String
    @Option(help: "Their codes, a row for each.") var u: String
    @Option(help: "The entropy H(X) in nats, where it is known.") var entropy: Double?
    @Option(help: ArgumentHelp("Widths of the network of g.", valueName: "n,..."))
    var hidden = Widths(InformationBound.Design().hidden)
    @Option(help: "Steps of its training.") var steps = InformationBound.Design().steps
    @Option(help: "Seed for halves of the rows, first weights and batches.") var seed: UInt64 = 1
    @Option(help: "Number of CPU threads; 0 uses all cores.") var threads = 0
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func validate() throws {
      try check(steps, "--steps")
      try check(threads, "--threads", in: 0...4096)
      if let entropy, !entropy.isFinite {
        throw ValidationError("--entropy: expected a finite number, got \(entropy)")
      }
    }

    func result() throws -> MetricResult {
      if threads > 0 { Runtime.threads = threads }
      let input = try arrays.input([x, u])
      let (rows, codes) = (try input.matrix(x), try input.matrix(u))
      var design = InformationBound.Design()
      (design.hidden, design.steps) = (hidden.widths, steps)
      let meter = Meter("mi-bound")
      defer { meter.finish() }
      let found = try InformationBound(
        "mi-bound", x: rows, u: codes, design, using: RandomSource(seed: seed), progress: meter.show)
      meter.finish()
      let widths = [codes.size(1)] + design.hidden + [rows.size(1)]
      return MetricResult(
        metric: "mi-bound", value: found.value + (entropy ?? 0),
        conventions: [
          ("standard_error", Convention(found.estimate.standardError)), ("unit", .text("nats")),
          ("bound", .text(entropy == nil ? "I(X; U) >= H(X) + value" : "I(X; U) >= value")),
          ("entropy", Convention(entropy)), ("n", .count(rows.size(0))), ("held_out", .count(found.estimate.count)),
          ("dimension", .count(rows.size(1))), ("code_dimension", .count(codes.size(1))),
          ("mean", .text("line + MLP \(widths.map(String.init).joined(separator: "-"))")),
          ("variance", .text("one for each number of x")),
          ("mean_log_variance", .number(found.variances.reduce(0) { $0 + log($1) } / Double(found.variances.count))),
          ("steps", .count(design.steps)), ("chosen_step", .count(found.chosenStep)),
          ("batch_size", .count(design.batchSize)), ("seed", .text("\(seed)")),
        ])
    }
  }
}
