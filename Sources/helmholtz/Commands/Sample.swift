import ArgumentParser
import Foundation
import Generative
import Runs
import Torch

/// `helmholtz sample RUN`
struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw examples from a model.",
    discussion: """
      Example:  helmholtz sample runs/vae-mnist-1 --count 64 --out samples.png

      An autoencoder without a prior on its codes is sampled by its Markov chain, x to z to x and so on:

        helmholtz sample runs/ae-mnist-1 --markov-chain 5 --burn-in 20 --out chain.png

      A model with classes draws one of them, or shows the style of examples in all of them:

        helmholtz sample runs/adgm-mnist-1 --class 3 --out threes.png
        helmholtz sample runs/adgm-mnist-1 --analogies --count 10 --out analogies.png

      A model with named parts of its code, such as infogan, draws with values of them, or along one of them, a row each:

        helmholtz sample runs/infogan-mnist-1 --code c1=3 --code c2=-0.5 --out threes.png
        helmholtz sample runs/infogan-mnist-1 --traverse c1 --count 10 --out classes.png

      Sample i is a function of the seed and i, however many are drawn. 'helmholtz traverse' walks along dimensions of \
      the code, and 'helmholtz decode RUN --codes z.npy' decodes codes of your own.
      """)

  /// Where Markov chains begin.
  enum Beginning: String, ExpressibleByArgument, CaseIterable { case noise, data }

  /// `NAME=VALUE`.
  struct CodeValue: ExpressibleByArgument {
    let name: String
    let value: Double

    init?(argument: String) {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, let value = Double(parts[1]), value.isFinite else { return nil }
      (name, self.value) = (parts[0], value)
    }
  }

  @OptionGroup var target: RunChoice
  @Option(help: "Number of samples, chains or analogies.") var count = 64
  @Option(help: "File for a picture (.png) or an array (.npy).") var out: String
  @Flag(help: "Draw x from p(x|z) instead of showing its mean; a pixelcnn always does.") var noise = false
  @Option(
    help: ArgumentHelp(
      "Show N successive states of Markov chains, a row each; 1 makes a grid.", valueName: "states"))
  var markovChain: Int?
  @Option(help: "Steps of the chains before the first state shown.") var burnIn = 0
  @Option(help: "Begin chains or analogies at noise or at test data (default: noise for chains, data for analogies).")
  var from: Beginning?
  @Option(name: .customLong("class"), help: "Draw examples of this class only, a name or a number.") var wanted: String?
  @Option(
    name: .customLong("code"),
    help: ArgumentHelp("Draw with this value of a named part of the code; may be repeated.", valueName: "name=value"))
  var codes: [CodeValue] = []
  @Option(
    help: ArgumentHelp(
      "Show each sample at the values of a named part of its code, a row each: all classes, or --steps numbers.",
      valueName: "name"))
  var traverse: String?
  @Option(help: "Number of values of a part that is a number, for --traverse (default: 10).") var steps: Int?
  @Flag(help: "Show each code in every class, a row each: codes of test data, or with --from noise of the prior.")
  var analogies = false
  @OptionGroup var source: ExampleSource
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(count, "--count")
    try checkOutput(out, ".png", ".npy")
    try check(markovChain, "--markov-chain", in: 1...100_000)
    try check(burnIn, "--burn-in", in: 0...1_000_000)
    if markovChain == nil, burnIn > 0 || (from != nil && !analogies) {
      throw ValidationError("--burn-in and --from belong to --markov-chain")
    }
    let usesCodes = !codes.isEmpty || traverse != nil
    if [markovChain != nil, wanted != nil || usesCodes, analogies].count(where: \.self) > 1 {
      throw ValidationError("expected one of --markov-chain, --analogies, and --class, --code or --traverse")
    }
    let names = (wanted == nil ? [] : ["class"]) + codes.map(\.name) + [traverse].compactMap(\.self)
    if usesCodes, Set(names).count < names.count {
      throw ValidationError(
        "expected each part of the code once in --class, --code and --traverse, got \(names.joined(separator: ", "))")
    }
    try check(steps, "--steps", in: 2...1000)
    if steps != nil, traverse == nil { throw ValidationError("--steps belongs to --traverse") }
    let readsData = markovChain != nil ? from == .data : analogies && from != .noise
    if !readsData { try source.refuse(because: "samples are drawn from the model, not from examples") }
  }

  func run() throws {
    let run = try target.open(source.place)
    let shown: Shown = noise ? .draws : .means
    if let markovChain {
      let meter = Meter("chains")
      let x = try from == .data ? source.tensor(run, limit: count, atLeast: count) : nil
      let all = try run.chains(
        count, states: markovChain, burnIn: burnIn, from: x, as: shown, seed: seed.seed, progress: meter.show)
      meter.finish()
      return try writeRows(all, columns: markovChain > 1 ? markovChain : nil, to: out)
    }
    if analogies {
      let x = try from == .noise ? nil : source.tensor(run, limit: count)
      let all = try run.analogies(count, of: x, seed: seed.seed)
      return try writeRows(all, columns: all.size(1), to: out)
    }
    // The class is a part of the code like others.
    let ofClass = try wanted.map { ("class", Double(try run.classNumber($0))) }
    let codes = codes.map { ($0.name, $0.value) } + [ofClass].compactMap(\.self)
    if let traverse {
      if steps != nil, case .categorical = try run.namedCode(traverse).kind {
        throw ValidationError("--steps has no effect: \(traverse) is a class, and all classes are shown")
      }
      let all = try run.samples(
        count, codes: codes, along: traverse, steps: steps ?? 10, as: shown,
        seed: seed.seed)
      return try writeRows(all, columns: all.size(1), to: out)
    }
    if !self.codes.isEmpty {
      return try writeExamples(run.samples(count, codes: codes, as: shown, seed: seed.seed), to: out)
    }
    try writeExamples(run.samples(count, ofClass: wanted.map(run.classNumber), as: shown, seed: seed.seed), to: out)
  }
}
