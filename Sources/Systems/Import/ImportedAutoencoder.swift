import Generative
import Probability
import Torch

/// A decoder that was trained elsewhere, of flat examples and codes.
public final class ImportedDecoder: LatentVariableModel {
  fileprivate let standard: StandardNormal
  public let exampleShape: [Int]
  private let decoder: DenseStack
  private let architecture: Architecture
  private let logScale: Tensor?

  fileprivate init(_ architecture: Architecture, _ tensors: [String: Tensor], dtype: DType, _ path: String)
    throws(FileError)
  {
    self.architecture = architecture
    decoder = try DenseStack("decoder", architecture.decoder, tensors, dtype: dtype, path)
    standard = StandardNormal(decoder.inputs, dtype: dtype)
    exampleShape = [decoder.outputs]
    switch architecture.scale {
    case .number(let scale)?: logScale = Tensor(scale, dtype: dtype).log()
    case .logScaleTensor(let name)?:
      guard let tensor = tensors[name] else { throw FileError(path, "scale: no tensor '\(name)'") }
      guard tensor.count == 1 || tensor.shape == exampleShape else {
        throw FileError(
          path, "scale: expected '\(name)' of one number or \(exampleShape[0]), got shape \(tensor.shape)")
      }
      logScale = tensor.to(dtype).reshaped(tensor.count == 1 ? [] : exampleShape)
    case nil: logScale = nil
    }
  }

  public var prior: any CodePrior {
    architecture.prior == .bernoulli ? BernoulliPrior(standard.dimension, dtype: standard.dtype) : standard
  }

  public func likelihood(_ z: Tensor) -> any Distribution {
    let heads = decoder(z)
    let mean = (heads[nil] ?? heads[.mean])!
    guard architecture.likelihood == .gaussian else { return Bernoulli(logits: mean) }
    return DiagonalGaussian(mean: mean, logScale: logScale ?? heads.logScale)
  }

  /// Codes are not known without an encoder: the prior's mean.
  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor {
    Tensor.zeros([x.size(0), prior.dimension], dtype: prior.dtype)
  }
}

extension Architecture {
  /// The model with the weights of a safetensors file: an `ExplicitPosterior` where there is an encoder.
  ///
  /// It computes in `float64` if any of the tensors is of that type, else in `float32`.
  public func model(weights path: String) throws(FileError) -> any LatentVariableModel {
    let tensors = try Safetensors(contentsOf: path).tensors
    let dtype: DType = tensors.values.contains { $0.dtype == .float64 } ? .float64 : .float32
    let decoder = try ImportedDecoder(self, tensors, dtype: dtype, path)
    guard let encoder else { return decoder }
    return try ImportedAutoencoder(decoder, encoder: encoder, tensors, path)
  }
}

/// A decoder that was trained elsewhere with its Gaussian encoder.
public final class ImportedAutoencoder: ExplicitPosterior {
  private let decoder: ImportedDecoder
  private let encoder: DenseStack

  fileprivate init(
    _ decoder: ImportedDecoder, encoder layers: [Architecture.Layer], _ tensors: [String: Tensor], _ path: String
  ) throws(FileError) {
    self.decoder = decoder
    encoder = try DenseStack("encoder", layers, tensors, dtype: decoder.prior.dtype, path)
    guard encoder.inputs == exampleShape[0] else {
      throw FileError(
        path, "encoder: expected inputs of the \(exampleShape[0]) outputs of the decoder, got \(encoder.inputs)")
    }
    let wanted = encoder.isPlain ? 2 * prior.dimension : prior.dimension
    guard encoder.outputs == wanted else {
      throw FileError(
        path, "encoder: expected \(wanted) outputs for codes of \(prior.dimension), got \(encoder.outputs)")
    }
  }

  public var prior: any CodePrior { decoder.prior }
  public var exampleShape: [Int] { decoder.exampleShape }
  public func likelihood(_ z: Tensor) -> any Distribution { decoder.likelihood(z) }

  public func posterior(_ x: Tensor) -> any ScoredSampler { gaussian(x) }

  public func closedFormKL(_ x: Tensor) -> Tensor? { kl(gaussian(x), decoder.standard) }

  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { gaussian(x).mean }

  private func gaussian(_ x: Tensor) -> DiagonalGaussian {
    let heads = encoder(x)
    if let both = heads[nil] {
      let halves = both.split(2, axis: -1)
      return DiagonalGaussian(mean: halves[0], logScale: halves[1] * 0.5)
    }
    return DiagonalGaussian(mean: heads[.mean]!, logScale: heads.logScale)
  }
}

extension [Architecture.Output?: Tensor] {
  /// The head of the scale, as log deviations.
  fileprivate var logScale: Tensor { self[.logScale] ?? self[.logVariance]! * 0.5 }
}
