import Datasets
import Generative
import Torch

extension Run {
  /// Codes that are decoded at once: a million draws take the memory of their result alone.
  private static let codesAtOnce = 1000

  /// What the model draws, `[count] + shape`, as values of the data.
  ///
  /// - Parameter wanted: the class of all of them, of a model that draws examples of a class.
  public func samples(
    _ count: Int, ofClass wanted: Int? = nil, as shown: Shown = .means, using rng: RandomSource
  ) throws -> Tensor {
    let draw: (Int) -> Tensor
    if let wanted {
      let model = try model(as: .classSamples)
      guard (0..<model.classCount).contains(wanted) else { throw RunError.noClass(wanted, classes: model.classCount) }
      draw = { count in
        let z = model.prior.sample([count], using: rng)
        let classes = Tensor([Int32](repeating: Int32(wanted), count: count)).to(.int64).to(z.device)
        return model.decode(model.code(z, ofClass: classes), as: shown, using: rng)
      }
    } else {
      let model = try model(as: .samples)
      draw = { model.examples($0, as: shown, using: rng) }
    }
    let blocks = withoutGradients {
      stride(from: 0, to: count, by: Self.codesAtOnce).map { draw(min(Self.codesAtOnce, count - $0)) }
    }
    return scaling.intensities(.concatenated(blocks))
  }

  /// Successive states of Markov chains, a row each: `[chains, states] + shape`.
  ///
  /// - Parameters:
  ///   - x: where they begin, one example a chain; nil is noise, of zeros and ones where the model sees those.
  ///   - burnIn: steps before the first state that is shown.
  ///   - progress: called with steps done and steps in all.
  public func chains(
    _ count: Int, states: Int, burnIn: Int, from x: Tensor?, as shown: Shown = .means, using rng: RandomSource,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Tensor {
    let chain = MarkovChain(try model(as: .likelihood))
    var x = x ?? chain.noise(count, isBinary: settings.hasBinaryPixels(facts.shape), using: rng)
    var found: [Tensor] = []
    for index in 0..<burnIn + states {
      let (next, portrait) = chain.step(x, using: rng)
      x = next
      if index >= burnIn { found.append(shown == .draws ? next : portrait) }
      progress(index + 1, burnIn + states)
    }
    return scaling.intensities(.stacked(found, axis: 1))
  }

  /// Codes in every class, a row each, behind the examples they are of: `[count, columns] + shape`.
  ///
  /// - Parameter x: the examples; nil takes codes of the prior.
  public func analogies(_ count: Int, of x: Tensor?, using rng: RandomSource) throws -> Tensor {
    let model = try model(as: .classSamples)
    let encoder = try x.map { _ in try self.model(as: .codes) }
    let codes = withoutGradients {
      x.map { encoder!.encode($0, using: rng) } ?? model.prior.sample([count], using: rng)
    }
    return scaling.intensities(Pictures.inEveryClass(codes, by: model, beside: x, using: rng))
  }

  /// What the model makes of examples, same shape, as values of the data.
  public func reconstructions(of x: Tensor, using rng: RandomSource) throws -> Tensor {
    let model = try model(as: .codesAndPrior)
    return scaling.intensities(Pictures.reconstructions(of: x, by: model, using: rng))
  }

  /// The decoded paths between pairs of codes, a row each: `[pairs, steps] + shape`.
  ///
  /// - Parameter x: twice as many examples as pairs, whose codes are the ends; nil takes draws of the prior.
  public func interpolation(
    _ pairs: Int, steps: Int, path: InterpolationPath, of x: Tensor?, using rng: RandomSource
  ) throws -> Tensor {
    let model = try model(as: .decoder)
    let encoder = try x.map { _ in try self.model(as: .codes) }
    return withoutGradients {
      let ends = x.map { encoder!.encode($0, using: rng) } ?? model.prior.sample([2 * pairs], using: rng)
      let z = path.points(ends.narrowed(0, 0..<pairs), ends.narrowed(0, pairs..<2 * pairs), steps: steps)
      let decoded = model.decode(z.flattened(from: 0, to: 1), as: .means, using: rng)  // [pairs * steps] + shape
      return scaling.intensities(decoded).reshaped([pairs, steps] + facts.shape)
    }
  }

  /// Examples that are encoded at once.
  private static let examplesAtOnce = 500

  /// The codes of examples, `[n, latent]`.
  public func codes(of examples: DeviceExamples, using rng: RandomSource) throws -> Tensor {
    let model = try model(as: .codes)
    return try withoutGradients {
      try .concatenated(
        stride(from: 0, to: examples.count, by: Self.examplesAtOnce).map { start in
          let range = start..<min(examples.count, start + Self.examplesAtOnce)
          return model.encode(try examples.batch(range, using: rng).x, using: rng)
        })
    }
  }
}
