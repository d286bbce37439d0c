import Generative
import Probability
import Torch

/// Something that a model may be able to do: a protocol that it may conform to, and words for people.
public struct Capability<Model>: Sendable {
  /// What a model with it has, such as `a likelihood and an encoder`.
  public let words: String
  /// The model as what it can do.
  public let of: @Sendable (any Module) throws(Lack) -> Model

  private init(_ words: String, of: @escaping @Sendable (any Module) throws(Lack) -> Model) {
    self.words = words
    self.of = { (model) throws(Lack) in try of(model.inUse) }
  }

  /// A capability of all models that `find` finds.
  ///
  /// - Parameters:
  ///   - lack: what is said of a model without it, such as `has no likelihood`.
  ///   - find: the model as what it can do, or nil.
  public init(_ words: String, lack: String, find: @escaping @Sendable (any Module) -> Model?) {
    self.init(words) { (model) throws(Lack) in
      guard let found = find(model) else { throw Lack(lack) }
      return found
    }
  }

  /// A capability that takes this one and more.
  ///
  /// - Parameters:
  ///   - lack: what is said of a model that has this one and no more.
  ///   - find: the model as what it can do, or nil.
  public func refined<Finer>(
    _ words: String, lack: String, find: @escaping @Sendable (Model) -> Finer?
  ) -> Capability<Finer> {
    Capability<Finer>(words) { (model) throws(Lack) in
      guard let found = find(try of(model)) else { throw Lack(lack) }
      return found
    }
  }
}

// MARK: Densities

extension Capability where Model == any LatentVariableModel {
  /// p(x|z), p(z), and codes of examples.
  public static var likelihood: Self {
    Self("a likelihood and an encoder") { (model) throws(Lack) in
      guard let found = model as? any LatentVariableModel else {
        throw Lack(model is any Density ? "has no codes" : "has no likelihood")
      }
      return found
    }
  }
}

extension Capability where Model == any LatentVariableModel {
  /// p(x|z) of codes that are few enough to integrate over.
  public static var fewCodeDimensions: Self {
    Self("a likelihood of codes with at most 2 dimensions") { (model) throws(Lack) in
      let found = try likelihood.of(model)
      guard found.prior.dimension <= 2 else {
        throw Lack("has codes of \(found.prior.dimension) dimensions, and quadrature takes at most 2")
      }
      guard EvidenceQuadrature.side(found.prior) != nil else {
        throw Lack("has the prior \(found.prior.summary), and quadrature takes N(0, I) or a uniform one")
      }
      return found
    }
  }
}

extension Capability where Model == any LatentVariableModel {
  /// p(x|z) of codes of zeros and ones that are few enough to sum over.
  public static var countableCodes: Self {
    let most = EvidenceEnumeration.mostBits
    return Self("a likelihood of codes of at most \(most) zeros and ones") { (model) throws(Lack) in
      let found = try likelihood.of(model)
      guard found.prior.isBinary else {
        throw Lack("has the prior \(found.prior.summary), and enumeration takes codes of zeros and ones")
      }
      guard found.prior.dimension <= most else {
        throw Lack("has 2^\(found.prior.dimension) codes, and enumeration takes at most 2^\(most)")
      }
      return found
    }
  }

  /// p(x|z) of codes that a gradient can be taken in.
  public static var continuousCodes: Self {
    likelihood.refined("a likelihood of continuous codes", lack: "has codes of zeros and ones, which have no gradient")
    {
      $0.prior.isBinary ? nil : $0
    }
  }
}

extension Capability where Model == any LatentVariableModel {
  /// A bound of log p(x), or an estimate of one.
  public static var bound: Self {
    likelihood.refined("a bound of its evidence", lack: "has no density of q(z|x)") {
      $0 is any ImportanceSampled || $0 is any ApproximatelyBounded ? $0 : nil
    }
  }

  /// p(x|z) at draws of q(z|x).
  public static var reconstruction: Self {
    Self("a likelihood of its posterior's draws") { (model) throws(Lack) in
      let found = try likelihood.of(model)
      if found is any ApproximatelyBounded { return found }
      return try Capability<any ExplicitPosterior>.density.of(model)
    }
  }
}

extension Capability where Model == any ImportanceSampled {
  /// Weights whose mean is p(x).
  public static var importanceWeights: Self {
    Self("importance weights") { (model) throws(Lack) in
      let found = try Capability<any LatentVariableModel>.likelihood.of(model)
      if let weighted = found as? any ImportanceSampled { return weighted }
      throw Lack(found is any ApproximatelyBounded ? "has a posterior without a density" : "has no density of q(z|x)")
    }
  }
}

/// What tells log p(x) of a model.
public enum LogDensity {
  /// It is known.
  case exact(any DensityModel)
  /// Importance weights bound it from below.
  case bounded(any ImportanceSampled)
}

extension Capability where Model == LogDensity {
  /// log p(x), exact or a bound.
  public static var logDensity: Self {
    Self("a density of examples, or importance weights") { (model) throws(Lack) in
      if let exact = model as? any DensityModel { return .exact(exact) }
      return .bounded(try Capability<any ImportanceSampled>.importanceWeights.of(model))
    }
  }
}

extension Capability where Model == any DensityModel {
  /// log p(x), exact.
  public static var exactDensity: Self {
    Self("an exact density of examples") { (model) throws(Lack) in
      if let found = model as? any DensityModel { return found }
      throw Lack(
        model is any LatentVariableModel ? "has latent variables, which leave no exact density" : "has no likelihood")
    }
  }
}

extension Capability where Model == any ExplicitPosterior {
  /// q(z|x) whose draws have a density.
  public static var density: Self {
    Capability<any ImportanceSampled>.importanceWeights.refined(
      "a posterior with a density", lack: "has no density of its posterior"
    ) { $0 as? any ExplicitPosterior }
  }

  /// q(z|x) whose density is known at any code, not only at its own draws.
  public static var densityAnywhere: Self {
    density.refined(
      "a posterior whose density is known at any code", lack: "has no density of its posterior but at its own draws"
    ) { model in
      let x = Tensor.zeros([1] + model.exampleShape, dtype: model.prior.dtype, device: model.device)
      return withoutGradients { model.posterior(x) is any Density } ? model : nil
    }
  }

  /// q(z|x) that is a diagonal Gaussian.
  public static var gaussianPosterior: Self {
    density.refined(
      "a posterior that is a diagonal Gaussian", lack: "has no diagonal Gaussian as its posterior"
    ) { model in
      // Only a posterior itself tells its family.
      let x = Tensor.zeros([1] + model.exampleShape, dtype: model.prior.dtype, device: model.device)
      return withoutGradients { model.posterior(x) is DiagonalGaussian } ? model : nil
    }
  }
}

// MARK: Codes, samples and classes

extension Capability where Model == any Encoder {
  /// Codes of examples.
  public static var codes: Self {
    Self("an encoder", lack: "has no encoder") { $0 as? any Encoder }
  }
}

extension Capability where Model == any Encoder & Decoder {
  /// Codes of examples, and a prior that they are compared with.
  public static var codesAndPrior: Self {
    Capability<any Encoder>.codes.refined("an encoder and a prior of codes", lack: "has no prior of codes") {
      $0 as? any Encoder & Decoder
    }
  }
}

extension Capability where Model == any Generator {
  /// Samples.
  public static var samples: Self {
    Self("samples", lack: "draws no samples") { $0 as? any Generator }
  }

  /// Samples that are images.
  public static var images: Self {
    samples.refined("samples of images", lack: "draws no images") { $0.exampleShape.count == 3 ? $0 : nil }
  }
}

extension Capability where Model == any Decoder {
  /// Examples of codes, and a prior that codes come from.
  public static var decoder: Self {
    Self("a decoder", lack: "decodes no codes") { $0 as? any Decoder }
  }
}

extension Capability where Model == any ClassConditional {
  /// Samples of a class.
  public static var classSamples: Self {
    Self("samples of a class", lack: "draws no samples of a class") { model in
      (model as? any ClassConditional).flatMap { $0.classCount > 0 ? $0 : nil }
    }
  }
}

extension Capability where Model == any ClassPredictor {
  /// Probabilities of classes.
  public static var classes: Self {
    Self("predicted classes", lack: "predicts no classes") { model in
      (model as? any ClassPredictor).flatMap { $0.classCount > 0 ? $0 : nil }
    }
  }
}
