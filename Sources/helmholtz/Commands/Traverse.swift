import ArgumentParser
import Foundation
import Generative
import Probability
import Runs
import Torch

/// `helmholtz traverse RUN`
struct Traverse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode a code of which one dimension takes other values, a row for each dimension.",
    discussion: """
      Example:  helmholtz traverse runs/vae-mnist-1 --dimension 3 --range -3:3 --out walk.png

      The other dimensions are those of the prior's mean, or with --data of the code of its first examples, a row each.
      """)

  /// Where a walk begins and ends.
  struct Ends: ExpressibleByArgument {
    let first, last: Double

    /// Far beyond every code, and far from where networks overflow.
    private static let largest = 1e6

    init(_ first: Double, _ last: Double) { (self.first, self.last) = (first, last) }

    /// Three deviations of N(0, I), or all of a uniform prior.
    init(of prior: any CodePrior) {
      if let prior = prior as? UniformPrior { self.init(prior.low, prior.high) } else { self.init(-3, 3) }
    }

    init?(argument: String) {
      let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
      guard parts.count == 2, let first = parts[0], let last = parts[1],
        max(abs(first), abs(last)) <= Self.largest
      else { return nil }
      self.init(first, last)
    }
  }

  @OptionGroup var target: RunChoice
  @Option(help: "Number of the dimension, counted from 0 (default: all of them, a row each).") var dimension: Int?
  @Option(help: "Its first and its last value (default: -3:3, or the ends of a uniform prior).") var range: Ends?
  @Option(help: "Number of values, both ends included.") var steps = 9
  @Option(help: "Number of codes: of examples with --data or --split, else draws of the prior (default: its mean).")
  var count: Int?
  @OptionGroup var source: ExampleSource
  @Option(help: "File for a picture (.png) or an array [rows, steps, ...] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(dimension, "--dimension", in: 0...Int.max)
    try check(steps, "--steps", in: 2...10_000)
    try check(count, "--count", in: 1...10_000)
    try checkOutput(out, ".png", ".npy")
    if source.data == nil, source.split == nil {
      try source.refuse(because: "codes are those of examples with --data or --split alone")
    }
  }

  func run() throws {
    let run = try target.open(source.place)
    let ends = try range ?? Ends(of: run.model(as: .decoder).prior)
    let rows = try run.traversal(
      of: codes(run), dimension.map { [$0] },
      values: (0..<steps).map { step in
        ends.first + (ends.last - ends.first) * Double(step) / Double(steps - 1)
      }, seed: seed.seed)
    try writeRows(rows, columns: steps, to: out)
  }

  /// The codes that the walks go through, `[n, latent]`.
  private func codes(_ run: Run) throws -> Tensor {
    if source.data != nil || source.split != nil {
      return try run.codes(of: source.tensor(run, limit: count ?? 1), seed: seed.seed)
    }
    if let count { return try run.priorCodes(count, seed: seed.seed) }
    let prior = try run.model(as: .decoder).prior
    return prior.mean.to(run.device).expanded([1, prior.dimension])
  }
}
