import ArgumentParser
import Experiments
import Foundation
import Generative
import Torch

/// `helmholtz sample RUN`
struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw examples from a model.",
    discussion: """
      Example:  helmholtz sample runs/vae-mnist-1 --count 64 --out samples.png

      An autoencoder without a prior on its codes is sampled by its Markov chain, x to z to x and on:

        helmholtz sample runs/ae-mnist-1 --markov-chain 5 --burn-in 20 --out chain.png

      A model with classes draws one of them, or shows the style of examples in all of them:

        helmholtz sample runs/adgm-mnist-1 --class 3 --out threes.png
        helmholtz sample runs/adgm-mnist-1 --analogies --count 10 --out analogies.png
      """)

  /// Where Markov chains begin.
  enum Beginning: String, ExpressibleByArgument, CaseIterable { case noise, data }

  @OptionGroup var target: RunChoice
  @Option(help: "How many.") var count = 64
  @Option(help: "A picture (.png) or an array (.npy).") var out: String
  @Flag(help: "Draw x from p(x|z) too, in place of its mean; a pixelcnn always does.") var noise = false
  @Option(
    help: ArgumentHelp(
      "Show so many successive states of Markov chains, a row each; 1 makes a grid.", valueName: "states"))
  var markovChain: Int?
  @Option(help: "Steps of the chains before them.") var burnIn = 0
  @Option(help: "Where chains (noise) or analogies (data) begin, if not there: noise, or test data.")
  var from: Beginning?
  @Option(name: .customLong("class"), help: "Draw examples of this class only.") var wanted: Int?
  @Flag(help: "Show each code in every class, a row each: codes of test data, or with --from noise of the prior.")
  var analogies = false
  @OptionGroup var source: ExampleSource
  @OptionGroup var seed: SeedOption

  /// Codes that are decoded at once.
  private static let blockSize = 1000

  func validate() throws {
    try check(count, "--count")
    try checkEnding(out, ".png", ".npy")
    try check(markovChain, "--markov-chain", in: 1...100_000)
    try check(burnIn, "--burn-in", in: 0...1_000_000)
    if markovChain == nil, burnIn > 0 || (from != nil && !analogies) {
      throw ValidationError("--burn-in and --from belong to --markov-chain")
    }
    if [markovChain != nil, wanted != nil, analogies].count(where: \.self) > 1 {
      throw ValidationError("expected one of --markov-chain, --class and --analogies")
    }
  }

  func run() throws {
    let session = try Session.opened(target.reference)
    let rng = session.random(seed.seed)
    if let markovChain { return try run(chains: markovChain, session, rng) }
    if analogies { return try runAnalogies(session, rng) }
    let classes = try wanted.map { try Self.classes(Int32($0), in: session.classConditional()) }
    // In blocks, so that a million draws take the memory of their result alone.
    let blocks = withoutGradients {
      stride(from: 0, to: count, by: Self.blockSize).map { start in
        var z = session.model.prior.sample([min(Self.blockSize, count - start)], using: rng)
        if let classes { z = classes(z) }
        let p = session.model.likelihood(z)
        return noise ? p.sample([], using: rng) : p.portrait(using: rng)
      }
    }
    try writeExamples(session.scaling.intensities(.concatenated(blocks)), to: out)
  }

  /// Puts codes into a class.
  private static func classes(_ wanted: Int32, in model: any ClassConditional) throws -> (Tensor) -> Tensor {
    guard (0..<model.classCount).contains(Int(wanted)) else {
      throw ValidationError("--class: expected 0 to \(model.classCount - 1), got \(wanted)")
    }
    return { z in
      model.code(z, ofClass: Tensor([Int32](repeating: wanted, count: z.size(0))).to(.int64).to(z.device))
    }
  }

  /// A row for each code: the example it is of, if it is of one, and the code in every class.
  private func runAnalogies(_ session: Session, _ rng: RandomSource) throws {
    let model = try session.classConditional()
    let x = from == .noise ? nil : try source.batch(session, limit: count, using: rng).x
    let codes = withoutGradients {
      x.map { session.model.encode($0, using: rng) } ?? model.prior.sample([count], using: rng)
    }
    let all = session.scaling.intensities(Pictures.inEveryClass(codes, by: model, beside: x, using: rng))
    try writeExamples(out.hasSuffix(".npy") ? all : all.flattened(from: 0, to: 1), columns: all.size(1), to: out)
  }

  /// `count` chains of `states` successive states: a picture of rows, or an array `[count, states] + shape`.
  private func run(chains states: Int, _ session: Session, _ rng: RandomSource) throws {
    let chain = MarkovChain(session.model)
    var x = from != .data ? chain.noise(count, using: rng) : try source.batch(session, limit: count, using: rng).x
    var shown: [Tensor] = []
    let meter = Meter("chains")
    for index in 0..<burnIn + states {
      let (next, portrait) = chain.step(x, using: rng)
      x = next
      if index >= burnIn { shown.append(noise ? next : portrait) }
      meter.show(index + 1, burnIn + states)
    }
    meter.finish()
    let all = session.scaling.intensities(Tensor.stacked(shown, axis: 1))  // [chains, states] + shape
    try writeExamples(
      out.hasSuffix(".npy") ? all : all.flattened(from: 0, to: 1), columns: states > 1 ? states : nil, to: out)
  }
}

/// `helmholtz reconstruct RUN`
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Encode examples and decode them again.",
    discussion: "Example:  helmholtz reconstruct runs/vae-mnist-1 --data mnist --out r.png")

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "How many.") var count = 32
  @Option(help: "A picture of pairs (.png) or an array of reconstructions (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(count, "--count")
    try checkEnding(out, ".png", ".npy")
  }

  func run() throws {
    let session = try Session.opened(target.reference)
    let rng = session.random(seed.seed)
    let x = try source.batch(session, limit: count, using: rng).x
    let again = Pictures.reconstructions(of: x, by: session.model, using: rng)
    try writeExamples(
      session.scaling.intensities(again), besides: session.scaling.intensities(x), to: out)
  }
}

/// `helmholtz interpolate RUN`
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode the path between the codes of examples, or between draws from the prior.",
    discussion: "Example:  helmholtz interpolate runs/vae-mnist-1 --path spherical --out walk.png")

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Flag(help: "Between draws from the prior, in place of codes of examples.") var prior = false
  @Option(help: "Pairs of ends, a row each.") var pairs = 8
  @Option(help: "Points on each path, both ends included.") var steps = 10
  @Option(help: "linear or spherical.") var path = InterpolationPath.linear
  @Option(help: "A picture (.png) or an array [pairs, steps, ...] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(pairs, "--pairs", in: 1...10_000)
    try check(steps, "--steps", in: 2...10_000)
    try checkEnding(out, ".png", ".npy")
  }

  func run() throws {
    let session = try Session.opened(target.reference)
    let rng = session.random(seed.seed)
    let ends = try withoutGradients { try codes(session, rng) }
    let z = path.points(
      ends.narrowed(0, 0..<pairs), ends.narrowed(0, pairs..<2 * pairs), steps: steps)
    let x = withoutGradients { session.model.likelihood(z.flattened(from: 0, to: 1)).portrait(using: rng) }
    let shown = session.scaling.intensities(x)
    let isArray = out.hasSuffix(".npy")
    try writeExamples(
      isArray ? shown.reshaped([pairs, steps] + session.model.exampleShape) : shown, columns: steps,
      to: out)
  }

  private func codes(_ session: Session, _ rng: RandomSource) throws -> Tensor {
    if prior { return session.model.prior.sample([2 * pairs], using: rng) }
    let selection = try source.selection(session)
    let examples = try selection.examples(session, limit: 2 * pairs)
    guard examples.count == 2 * pairs else {
      throw SessionError.tooFew(
        "data '\(selection.dataset.info.name)'", expected: 2 * pairs, found: examples.count)
    }
    return session.model.encode(try examples.batch(0..<2 * pairs, using: rng).x, using: rng)
  }
}

extension InterpolationPath: ExpressibleByArgument {}

/// `helmholtz encode RUN`
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the codes of examples.",
    discussion: "Example:  helmholtz encode runs/vae-mnist-1 --data mnist --out z.npy")

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Encode the first so many.") var limit: Int?
  @Option(help: "An array [n, latent] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  /// Examples that are encoded at once.
  private static let batchSize = 500

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try checkEnding(out, ".npy")
  }

  func run() throws {
    let session = try Session.opened(target.reference)
    let rng = session.random(seed.seed)
    let examples = try source.selection(session).examples(session, limit: limit)
    let codes = try withoutGradients {
      try stride(from: 0, to: examples.count, by: Self.batchSize).map { start in
        let range = start..<min(examples.count, start + Self.batchSize)
        return session.model.encode(try examples.batch(range, using: rng).x, using: rng)
      }
    }
    try Tensor.concatenated(codes).writeNPY(to: out)
    print("\(out): codes of \(examples.count) examples, \(session.model.prior.dimension) dimensions")
  }
}
