import Foundation
import Torch

/// A decoder that was trained elsewhere, and its encoder if there is one, as `arch.json` describes them.
///
///     {
///       "likelihood": "bernoulli",
///       "decoder": [{"weight": "dec.0.weight", "bias": "dec.0.bias", "activation": "relu"},
///                   {"weight": "dec.2.weight", "bias": "dec.2.bias"}],
///       "encoder": [{"weight": "enc.0.weight", "bias": "enc.0.bias", "activation": "relu"},
///                   {"weight": "mu.weight", "bias": "mu.bias", "output": "mean"},
///                   {"weight": "lv.weight", "bias": "lv.bias", "output": "log_variance"}]
///     }
///
/// A network is a list of dense layers, first to last. It may end in several heads, each named by its `output`, that
/// all read the layer in front of the first of them. An encoder that ends in no head puts its means first and its log
/// variances behind them. Unknown keys are refused.
public struct Architecture: Decodable, Equatable, Sendable {
  /// The family of p(x|z).
  public enum Likelihood: String, Decodable, CaseIterable, Sendable { case bernoulli, gaussian }

  /// What a head gives.
  public enum Output: String, Decodable, CaseIterable, Sendable {
    case mean
    case logVariance = "log_variance"
    case logScale = "log_scale"
  }

  /// activation(x W^T + b).
  public struct Layer: Decodable, Equatable, Sendable {
    /// The name of a tensor `[outputs, inputs]`.
    public let weight: String
    /// The name of a tensor `[outputs]`, or nil.
    public let bias: String?
    /// The name of its nonlinearity, such as `relu`; nil for none.
    public let activation: String?
    /// Whether the weight is stored as `[inputs, outputs]`.
    public let transposed: Bool?
    /// What a head gives; nil for a layer that is not a head.
    public let output: Output?
  }

  /// The standard deviation of a Gaussian likelihood: a number, or the name of a tensor of log deviations.
  public enum Scale: Decodable, Equatable, Sendable {
    case number(Double)
    case logScaleTensor(String)

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .logScaleTensor(try container.decode(String.self))
      }
    }
  }

  /// The prior of codes.
  public enum Prior: String, Decodable, CaseIterable, Sendable {
    /// N(0, I).
    case normal
    /// Fair bits.
    case bernoulli
  }

  public let likelihood: Likelihood
  /// Where codes come from; nil is N(0, I).
  public let prior: Prior?
  /// The scale of a Gaussian likelihood; nil where a head of the decoder gives it.
  public let scale: Scale?
  /// The layers of p(x|z), first to last.
  public let decoder: [Layer]
  /// The layers of q(z|x), first to last; nil without an encoder.
  public let encoder: [Layer]?

  /// Names of activations and what they are.
  static let activations: [String: Activation] = [
    "identity": .identity, "relu": .relu, "leaky_relu": .leakyReLU(slope: 0.01), "elu": .elu, "tanh": .tanh,
    "sigmoid": .sigmoid, "softplus": .softplus,
  ]

  /// Reads the description, refusing what the format does not know.
  public init(contentsOf path: String) throws(FileError) {
    try AtomicFile.checkReadable(path)
    let object: Any
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      object = try JSONSerialization.jsonObject(with: data)
      try Self.checkKeys(object, path)
      self = try JSONDecoder().decode(Architecture.self, from: data)
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw FileError(path, Self.explanation(error))
    } catch {
      throw FileError(path, "expected JSON that describes a decoder, got something else")
    }
    try check(path)
  }

  private static func checkKeys(_ object: Any, _ path: String) throws(FileError) {
    func check(_ found: [String: Any], _ known: [String], _ place: String) throws(FileError) {
      if let strange = found.keys.sorted().first(where: { !known.contains($0) }) {
        throw FileError(path, "\(place)unknown key '\(strange)'; there are \(known.joined(separator: ", "))")
      }
    }
    guard let whole = object as? [String: Any] else { throw FileError(path, "expected a JSON object") }
    try check(whole, ["likelihood", "prior", "scale", "decoder", "encoder"], "")
    for network in ["decoder", "encoder"] {
      for (index, layer) in (whole[network] as? [[String: Any]] ?? []).enumerated() {
        try check(layer, ["weight", "bias", "activation", "transposed", "output"], "\(network)[\(index)]: ")
      }
    }
  }

  private static func explanation(_ error: DecodingError) -> String {
    func place(_ keys: [any CodingKey]) -> String {
      let text = keys.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined().drop { $0 == "." }
      return text.isEmpty ? "" : "\(text): "
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(place(context.codingPath))expected '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context.codingPath))expected another type of value"
    case .dataCorrupted(let context): "\(place(context.codingPath))\(context.debugDescription)"
    @unknown default: "expected JSON that describes a decoder"
    }
  }

  private func check(_ path: String) throws(FileError) {
    for (name, layers) in [("decoder", decoder), ("encoder", encoder ?? decoder)] {
      guard !layers.isEmpty else {
        throw FileError(path, "\(name): expected at least one layer, got none")
      }
      for (index, layer) in layers.enumerated() {
        if let activation = layer.activation, Self.activations[activation] == nil {
          let names = Self.activations.keys.sorted().joined(separator: ", ")
          throw FileError(path, "\(name)[\(index)]: expected an activation of \(names), got '\(activation)'")
        }
      }
      let heads = layers.compactMap(\.output)
      guard layers.suffix(heads.count).allSatisfy({ $0.output != nil }), Set(heads).count == heads.count else {
        throw FileError(path, "\(name): expected heads at the end, each of another output")
      }
      guard heads.isEmpty || heads.contains(.mean) else {
        throw FileError(path, "\(name): expected a head of output mean")
      }
    }
    if likelihood == .bernoulli, scale != nil || decoder.contains(where: { ![nil, .mean].contains($0.output) }) {
      throw FileError(path, "expected no scale of a bernoulli likelihood")
    }
    if likelihood == .gaussian, (scale == nil) == (decoder.compactMap(\.output).count < 2) {
      throw FileError(path, "expected either 'scale' or a head of its own for the scale of a gaussian likelihood")
    }
    if prior == .bernoulli, encoder != nil {
      throw FileError(path, "encoder: expected none with a prior of zeros and ones, as an encoder gives Gaussians")
    }
    if case .number(let number)? = scale, !(number > 0 && number.isFinite) {
      throw FileError(path, "scale: expected a number above 0, got \(number)")
    }
    if let encoder, case let heads = encoder.compactMap(\.output), heads == [.mean] {
      throw FileError(path, "encoder: expected a head of output log_variance or log_scale beside the mean")
    }
  }
}
