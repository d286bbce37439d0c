import Networks
import Torch

/// The kind of an encoder's or decoder's network.
public enum NetworkKind: String, Sendable, CaseIterable {
  case mlp, dcgan, conv, pixelcnn, pixelcnnpp

  /// Whether it sees the pixels before each pixel, as decoders alone can.
  public var isAutoregressive: Bool { self == .pixelcnn || self == .pixelcnnpp }
}

/// The nonlinearities a file can name.
public enum ActivationKind: String, Sendable, CaseIterable {
  case relu
  case leakyReLU = "leaky-relu"
  case elu, tanh, softplus

  /// The function.
  public var activation: Activation {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU(slope: 0.2)
    case .elu: .elu
    case .tanh: .tanh
    case .softplus: .softplus
    }
  }
}

/// The network of an encoder or a decoder.
public struct NetworkSettings: Settings {
  /// Its kind; the fields below each say which kinds they are of.
  public var network = NetworkKind.mlp
  /// Widths of an MLP's layers, or of the dense layers of `conv`.
  public var hidden = [500, 500]
  /// Maps of `dcgan` or `conv` by stage, each of stride 2.
  public var channels: [Int]
  /// Of `mlp` and `conv`.
  public var activation = ActivationKind.relu
  /// Of a `pixelcnn`; of a `pixelcnnpp` up, and again down.
  public var layers = 7
  /// The side of a `pixelcnn`'s first kernel, in pixels, odd.
  public var kernel = 7
  /// Of each layer of a `pixelcnn` or `pixelcnnpp`.
  public var maps = 32

  /// - Parameter channels: maps of every stage of a convolutional network, in its own order.
  public init(hidden: [Int] = [500, 500], channels: [Int]) {
    self.hidden = hidden
    self.channels = channels
  }

  /// About how many weights the network has between examples of a shape and codes, either way.
  ///
  /// - Parameter code: the length of a code.
  func weightCount(of shape: [Int], code: Int, isDecoder: Bool) -> Double {
    func sum(_ widths: [Int]) -> Double {
      zip(widths, widths.dropFirst()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let size = shape.reduce(1, *)
    switch network {
    case .mlp: return sum(isDecoder ? [code] + hidden + [size] : [size] + hidden + [code])
    case .dcgan, .conv:
      let kernel = network == .dcgan ? 25.0 : 16.0
      let features = isDecoder ? channels.first! : channels.last!
      let factor = 1 << channels.count
      let area = shape.dropFirst().reduce(1.0) { $0 * Double(($1 + factor - 1) / factor) }
      let ends = network == .conv ? hidden : []
      let dense = isDecoder ? [code] + ends : ends.reversed() + [code]
      return kernel * sum(channels) + sum(dense) + Double(dense[isDecoder ? dense.count - 1 : 0]) * Double(features)
        * area
    case .pixelcnn, .pixelcnnpp:
      let (depth, width) = (Double(layers), Double(maps))
      // A layer's two stacks have 21 squares of maps in kernels; a block's two have 60, up and down again.
      let squares = network == .pixelcnn ? 21.0 : 120.0
      let first = network == .pixelcnn ? Double(shape[0] * kernel * kernel) * width : 0
      return first + depth * (squares * width * width + 4 * width * Double(code))
    }
  }

  private static let widest = 65_536
  private static let deepest = 16
  private static let deepestPixelCNN = 256

  public static var fields: [Field<Self>] {
    [
      Field("network", "its kind", \.network, .choice),
      Field(
        "hidden", "an mlp's layers, or the dense layers of conv", \.hidden,
        .list(
          of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: 1...deepest)
      ),
      Field(
        "channels", "maps of dcgan or conv by stage, each of stride 2", \.channels,
        .list(
          of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: 1...deepest)
      ),
      Field("activation", "of mlp and conv; leaky-relu leaks 0.2 in an mlp, 0.1 in conv", \.activation, .choice),
      Field("layers", "of a pixelcnn; of a pixelcnnpp up, and again down", \.layers, .integer(1...deepestPixelCNN)),
      Field("kernel", "side of a pixelcnn's first kernel; later ones have 3", \.kernel, .odd(3...255)),
      Field("maps", "of each layer of a pixelcnn or pixelcnnpp", \.maps, .integer(1...widest)),
    ]
  }
}

/// The codes.
public struct LatentSettings: Settings {
  public var dimensions = 50
  public var initialScale = 1.0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("dimensions", "their length", \.dimensions, .integer(1...65_536)),
      Field(
        "initialScale", "the deviation of q(z|x) that training starts near", \.initialScale, .number(.above(0))),
    ]
  }
}

/// The family of p(x|z).
public enum FamilyKind: String, Sendable, CaseIterable {
  case bernoulli, gaussian
  case discretizedLogistic = "discretized-logistic"
  case categorical
  case logisticMixture = "logistic-mixture"
}

/// Where the scale of a continuous likelihood comes from.
public enum ScaleKind: String, Sendable, CaseIterable {
  case fixed, shared
  case perDimension = "per-dimension"
  case predicted
}

/// What the decoder's outputs mean.
public struct LikelihoodSettings: Settings {
  public var family = FamilyKind.bernoulli
  public var scale = ScaleKind.shared
  public var fixedScale = 0.1
  public var levels = 256
  public var mixtures = 10

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("family", "its family", \.family, .choice),
      Field(
        "scale",
        "given, learned (one or one per dimension) or an output of the decoder; for gaussian and discretized-logistic",
        \.scale, .choice),
      Field("fixedScale", "the scale if it is fixed", \.fixedScale, .number(.above(0))),
      Field("levels", "values of a pixel for discretized-logistic and categorical", \.levels, .integer(2...65_536)),
      Field("mixtures", "components for logistic-mixture", \.mixtures, .integer(1...1024)),
    ]
  }

  /// The family with its scale, of networks that do not see pixels; nil for one of those that do.
  public var networkFamily: LikelihoodFamily? {
    switch family {
    case .bernoulli: .bernoulli
    case .gaussian: .gaussian(networkScale)
    case .discretizedLogistic: .discretizedLogistic(networkScale, levels: levels)
    case .categorical: .categorical(levels: levels)
    case .logisticMixture: nil
    }
  }

  /// The family of a pixel given those before it; nil for one that is not made of pixels.
  public var pixelFamily: PixelFamily? {
    switch family {
    case .bernoulli: .bernoulli
    case .categorical: .categorical(levels: levels)
    case .logisticMixture: .logisticMixture(mixtures: mixtures)
    case .gaussian, .discretizedLogistic: nil
    }
  }

  private var networkScale: LikelihoodScale {
    switch scale {
    case .fixed: .fixed(fixedScale)
    case .shared: .shared
    case .perDimension: .perDimension
    case .predicted: .predicted
    }
  }
}

/// How several codes of one example make one bound.
public enum BoundKind: String, Sendable, CaseIterable {
  case mean
  case importanceWeighted = "importance-weighted"
}
