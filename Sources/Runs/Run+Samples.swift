import Datasets
import Generative
import Torch

// What a run draws is a function of a seed and the row: the first 5 of 64 are the 5 of another call.
extension Run {
  /// Rows that are made together, always as many: a block has a stream of its own, and a larger one would not be faster.
  private static let rowsAtOnce = 64

  /// `count` rows made in blocks, of which those too many are thrown away.
  ///
  /// - Parameters:
  ///   - x: a row for each; the last is repeated to fill the block.
  ///   - make: as many rows as it is asked for, of those examples.
  private func rows(
    _ count: Int, of x: Tensor? = nil, seed: UInt64, _ make: (_ count: Int, _ x: Tensor?, RandomSource) throws -> Tensor
  ) throws -> Tensor {
    let size = Self.rowsAtOnce
    let blocks = try stride(from: 0, to: count, by: size).enumerated().map { block, start in
      let left = min(size, count - start)
      let indices = Tensor((0..<size).map { Int64(start + min($0, left - 1)) }).to(device)
      let rng = RandomSource.derived(seed: seed, UInt64(block), device: device)
      return try withTensorErrors {
        try withoutGradients { try make(size, x?.gathered(indices), rng).narrowed(0, 0..<left) }
      }
    }
    return .concatenated(blocks)
  }

  /// What the model draws, `[count] + shape`, as values of the data.
  ///
  /// - Parameter wanted: the class of all of them, of a model that draws examples of a class.
  public func samples(
    _ count: Int, ofClass wanted: Int? = nil, as shown: Shown = .means, seed: UInt64
  ) throws -> Tensor {
    guard let wanted else {
      let model = try model(as: .samples)
      return try scaling.intensities(
        rows(count, seed: seed) { count, _, rng in
          model.examples(count, as: shown, using: rng)
        })
    }
    let model = try model(as: .classSamples)
    guard (0..<model.classCount).contains(wanted) else {
      throw RunError.noClass("\(wanted)", facts.classNames ?? [], classes: model.classCount)
    }
    return try scaling.intensities(
      rows(count, seed: seed) { count, _, rng in
        let z = model.prior.sample([count], using: rng)
        let classes = Tensor([Int32](repeating: Int32(wanted), count: count)).to(.int64).to(z.device)
        return model.decode(model.code(z, ofClass: classes), as: shown, using: rng)
      })
  }

  /// The parts of a code that have a name: those that are recovered from examples, and the class.
  public func namedCodes() throws -> [NamedCode] {
    let model = try model(as: .decoder)
    let parts = (model as? any CodeRecovering)?.namedCodes ?? []
    guard let classes = (model as? any ClassConditional)?.classCount, classes > 0 else { return parts }
    let length = model.prior.dimension
    return parts + [NamedCode("class", .categorical(classes), at: length - classes..<length)]
  }

  /// The part of a code of this name.
  public func namedCode(_ name: String) throws -> NamedCode {
    let parts = try namedCodes()
    guard let part = parts.first(where: { $0.name == name }) else { throw RunError.noCode(name, parts.map(\.name)) }
    return part
  }

  /// Samples of which some parts of the code have given values, `[count] + shape`, as values of the data.
  ///
  /// - Parameters:
  ///   - values: of parts by name, each one that the part takes.
  ///   - walked: a part that takes all its values, of which there are `steps` where it is a number; then each sample is a
  ///     row, and the result has the shape `[count, values] + shape`.
  public func samples(
    _ count: Int, codes values: [(name: String, value: Double)], along walked: String? = nil, steps: Int = 10,
    as shown: Shown = .means, seed: UInt64
  ) throws -> Tensor {
    let model = try model(as: .decoder)
    let fixed = try values.map { name, value in
      let part = try namedCode(name)
      guard part.takes(value) else { throw RunError.codeValue(name, expected: part.values, found: value.plain) }
      return (part, value)
    }
    let path = try walked.map { try namedCode($0) }
    let columns = path?.walk(steps: steps).count ?? 1
    let x = try scaling.intensities(
      rows(count, seed: seed) { count, _, rng in
        let z = fixed.reduce(model.prior.sample([count], using: rng)) { $1.0.set($1.1, in: $0) }
        guard let path else { return model.decode(z, as: shown, using: rng) }
        return .stacked(
          path.walk(steps: steps).map { model.decode(path.set($0, in: z), as: shown, using: rng) }, axis: 1)
      })
    return path == nil ? x : x.reshaped([count, columns] + facts.shape)
  }

  /// Successive states of Markov chains, a row each: `[chains, states] + shape`.
  ///
  /// - Parameters:
  ///   - x: where they begin, one example a chain; nil is noise, of zeros and ones where the model sees those.
  ///   - burnIn: steps before the first state that is shown.
  ///   - progress: called with steps done and steps in all.
  public func chains(
    _ count: Int, states: Int, burnIn: Int, from x: Tensor?, as shown: Shown = .means, seed: UInt64,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Tensor {
    let chain = MarkovChain(try model(as: .likelihood))
    let blocks = (count + Self.rowsAtOnce - 1) / Self.rowsAtOnce
    let isBinary = settings.hasBinaryValues(facts)
    var done = 0
    return try scaling.intensities(
      rows(count, of: x, seed: seed) { count, x, rng in
        var x = x ?? chain.noise(count, isBinary: isBinary, using: rng)
        var found: [Tensor] = []
        for index in 0..<burnIn + states {
          let (next, portrait) = chain.step(x, using: rng)
          x = next
          if index >= burnIn { found.append(shown == .draws ? next : portrait) }
          done += 1
          progress(done, blocks * (burnIn + states))
        }
        return .stacked(found, axis: 1)
      })
  }

  /// Codes in every class, a row each, behind the examples they are of: `[count, columns] + shape`.
  ///
  /// - Parameter x: the examples; nil takes codes of the prior.
  public func analogies(_ count: Int, of x: Tensor?, seed: UInt64) throws -> Tensor {
    let model = try model(as: .classSamples)
    let encoder = try x.map { _ in try self.model(as: .codes) }
    return try scaling.intensities(
      rows(x?.size(0) ?? count, of: x, seed: seed) { count, x, rng in
        let codes = x.map { encoder!.encode($0, using: rng) } ?? model.prior.sample([count], using: rng)
        return Pictures.inEveryClass(codes, by: model, beside: x, using: rng)
      })
  }

  /// What the model makes of examples, same shape, as values of the data.
  public func reconstructions(of x: Tensor, seed: UInt64) throws -> Tensor {
    let model = try model(as: .codesAndPrior)
    return try scaling.intensities(
      rows(x.size(0), of: x, seed: seed) { _, x, rng in
        Pictures.reconstructions(of: x!, by: model, using: rng)
      })
  }

  /// What the decoder makes of codes `[n, latent]`: `[n] + shape`, as values of the data.
  public func decoded(_ z: Tensor, as shown: Shown = .means, seed: UInt64) throws -> Tensor {
    let model = try model(as: .decoder)
    return try scaling.intensities(
      rows(z.size(0), of: z, seed: seed) { _, z, rng in
        model.decode(z!, as: shown, using: rng)
      })
  }

  /// The decoded paths between pairs of codes, a row each: `[pairs, steps] + shape`.
  ///
  /// - Parameter x: twice as many examples as pairs, whose codes are the ends, those of a pair one after the other; nil
  ///   takes draws of the prior.
  public func interpolation(
    _ pairs: Int, steps: Int, path: InterpolationPath, of x: Tensor?, seed: UInt64
  ) throws -> Tensor {
    let model = try model(as: .decoder)
    let ends = try (x.map { try codes(of: $0, seed: seed) } ?? priorCodes(2 * pairs, of: model, seed: seed))
      .reshaped([pairs, 2, -1])
    let z = path.points(
      ends.narrowed(1, 0..<1).squeezed(1), ends.narrowed(1, 1..<2).squeezed(1), steps: steps)
    return try decoded(z.flattened(from: 0, to: 1), seed: seed).reshaped([pairs, steps] + facts.shape)
  }

  /// Codes of which one dimension takes other values, decoded, a row for each code and dimension:
  /// `[codes * dimensions, values] + shape`.
  ///
  /// - Parameters:
  ///   - codes: `[n, latent]`.
  ///   - dimensions: which ones, counted from 0; nil is all of them.
  public func traversal(of codes: Tensor, _ dimensions: [Int]?, values: [Double], seed: UInt64) throws -> Tensor {
    let length = codes.size(1)
    if let wrong = dimensions?.first(where: { !(0..<length).contains($0) }) {
      throw RunError.noDimension(wrong, of: length)
    }
    let dimensions = dimensions ?? Array(0..<length)
    let steps = Tensor(values).to(codes.dtype).to(codes.device)
    let rows = (0..<codes.size(0)).flatMap { index in
      dimensions.map { dimension in
        let code = codes.narrowed(0, index..<index + 1)  // [1, latent]
        let isTurned = Tensor((0..<length).map { $0 == dimension ? 1.0 : 0 }).to(codes.dtype).to(codes.device)
        return code * (1 - isTurned) + steps.unsqueezed(1) * isTurned  // [values, latent]
      }
    }
    return try decoded(.concatenated(rows), seed: seed).reshaped([rows.count, values.count] + facts.shape)
  }

  /// Draws of the prior, `[count, latent]`.
  public func priorCodes(_ count: Int, seed: UInt64) throws -> Tensor {
    try priorCodes(count, of: model(as: .decoder), seed: seed)
  }

  private func priorCodes(_ count: Int, of model: any Decoder, seed: UInt64) throws -> Tensor {
    try rows(count, seed: seed) { count, _, rng in model.prior.sample([count], using: rng) }
  }

  /// The codes of examples `[n] + shape`: `[n, latent]`.
  public func codes(of x: Tensor, seed: UInt64) throws -> Tensor {
    let model = try model(as: .codes)
    return try rows(x.size(0), of: x, seed: seed) { _, x, rng in model.encode(x!, using: rng) }
  }

  /// Examples that are read at once.
  private static let examplesAtOnce = 512

  /// The codes of examples, `[n, latent]`.
  public func codes(of examples: DeviceExamples, seed: UInt64) throws -> Tensor {
    try .concatenated(
      stride(from: 0, to: examples.count, by: Self.examplesAtOnce).map { start in
        let range = start..<min(examples.count, start + Self.examplesAtOnce)
        return try codes(of: examples.batch(range, using: random(seed)).x, seed: seed)
      })
  }
}
