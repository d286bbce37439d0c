import Datasets

extension RunSettings {
  /// Refuses settings that contradict each other.
  public func validate() throws(SettingsError) {
    if bound == .importanceWeighted, regularizer.divergence != .monteCarloKL {
      throw SettingsError(
        path: "bound",
        "importance-weighted needs regularizer.divergence monte-carlo-kl, got \(regularizer.divergence.rawValue)"
      )
    }
    if regularizer.divergence == .info, regularizer.alpha + regularizer.lambda < 1 {
      throw SettingsError(
        path: "regularizer.lambda",
        "expected alpha + lambda of at least 1, got \(regularizer.alpha) + \(regularizer.lambda)")
    }
    if [.step, .cosine].contains(training.schedule.kind),
      training.schedule.floor > training.learningRate
    {
      throw SettingsError(
        path: "training.schedule.floor",
        "expected at most the learning rate, \(training.learningRate), got \(training.schedule.floor)"
      )
    }
  }

  /// Numbers in one example; beyond it the first layer alone would have billions of weights.
  private static let largestExample = 16_777_216.0

  /// Weights of one network, 4 GiB of them: a mistyped width is told before memory is taken for it.
  private static let largestNetwork = 1_073_741_824.0

  /// Refuses networks and likelihoods that examples of this shape cannot have.
  ///
  /// - Parameter exampleShape: `[channels, height, width]` of images, `[d]` of points.
  public func validate(exampleShape: [Int]) throws(SettingsError) {
    try validate()
    let isImage = exampleShape.count == 3
    guard isImage || exampleShape.count == 1, exampleShape.allSatisfy({ $0 > 0 }) else {
      throw SettingsError(
        path: "data.shape", "expected [d] or [channels, height, width], got \(exampleShape)")
    }
    let size = exampleShape.reduce(1.0) { $0 * Double($1) }
    guard size <= Self.largestExample else {
      throw SettingsError(
        path: "data.shape",
        "expected at most \(Int(Self.largestExample)) values in an example, got \(exampleShape)")
    }
    try validatePixels(exampleShape: exampleShape)
    try validateAuxiliary()
    for (name, network) in [("encoder", encoder), ("decoder", decoder)] {
      if network.network != .mlp, !isImage {
        throw SettingsError(
          path: "\(name).network",
          "\(network.network.rawValue) needs images [channels, height, width], got examples of shape \(exampleShape)")
      }
      // A decoder gives several numbers for each of x where its family needs them.
      let outputs = name == "decoder" ? likelihood.networkFamily?.outputsPerDimension ?? 1 : 1
      let weights = network.weightCount(
        of: [exampleShape[0] * outputs] + exampleShape.dropFirst(), code: latent.dimensions,
        isDecoder: name == "decoder")
      guard weights <= Self.largestNetwork else {
        throw SettingsError(
          path: name,
          "expected a network of at most \(Int(Self.largestNetwork)) weights, got \(Int(weights))")
      }
    }
    for (name, network) in [("encoder", encoder), ("decoder", decoder)]
    where network.network == .conv || (network.network == .dcgan && name == "decoder") {
      let factor = 1 << network.channels.count
      guard exampleShape.dropFirst().allSatisfy({ $0.isMultiple(of: factor) }) else {
        throw SettingsError(
          path: "\(name).channels",
          "\(network.channels.count) stages need sides divisible by \(factor), got examples of shape \(exampleShape)"
        )
      }
    }
    if likelihood.family == .discretizedLogistic, !isImage {
      throw SettingsError(
        path: "likelihood.family",
        "discretized-logistic needs images [channels, height, width], got examples of shape \(exampleShape)"
      )
    }
  }

  /// Refuses a likelihood or a binarization that these examples cannot have.
  public func validate(_ examples: Examples) throws(SettingsError) {
    try validate(exampleShape: examples.shape)
    if case .rows = examples.storage, data.binarization == .fixed {
      throw SettingsError(
        path: "data.binarization", "fixed needs examples in memory, got data.stream true")
    }
    if data.dequantize, binarization(of: examples) != .none {
      throw SettingsError(
        path: "data.dequantize",
        "noise is for pixels that are not binarized, got data.binarization \(binarization(of: examples).rawValue)")
    }
    if data.scaling != .unit {
      guard likelihood.family == .gaussian, binarization(of: examples) == .none else {
        throw SettingsError(
          path: "data.scaling",
          "\(data.scaling.rawValue) needs a gaussian likelihood of pixels that are not binarized, got \(likelihood.family.rawValue)"
        )
      }
    }
    guard case .floats(let values) = examples.storage, let low = values.min(),
      let high = values.max(),
      low < 0 || high > 1
    else { return }
    let came = "got numbers from \(low) to \(high) in \(examples.name)"
    if likelihood.family != .gaussian {
      throw SettingsError(
        path: "likelihood.family", "\(likelihood.family.rawValue) needs values from 0 to 1, \(came)"
      )
    }
    if binarization(of: examples) != .none {
      throw SettingsError(
        path: "data.binarization", "\(data.binarization.rawValue) needs values from 0 to 1, \(came)"
      )
    }
  }
}
