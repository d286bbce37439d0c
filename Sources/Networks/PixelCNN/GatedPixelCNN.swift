import Torch

/// Two stacks of gated causal convolutions: rows above, and pixels to the left. van den Oord et al. 2016b
/// (Conditional Image Generation with PixelCNN Decoders), Figure 2 and Eq. 4.
///
/// Together they see every pixel before the one they predict, without the blind spot of masked square kernels. The
/// first layer does not see the pixel itself; later ones may, as theirs is made of earlier pixels. Channels of one
/// pixel do not see each other.
public final class GatedPixelCNN: AutoregressiveNetwork {
  private let layers: [Layer]
  private let hidden: PointwiseConv
  private let output: PointwiseConv
  public let conditioning: (any PixelConditioning)?
  public let imageShape: [Int]
  public let outputs: Int
  private let maps: Int
  private let kernel: Int

  /// Maps of both stacks, each twice for its gate.
  public static func conditionedMaps(layers: Int, maps: Int) -> Int { layers * 4 * maps }
  public var conditionedMaps: Int { Self.conditionedMaps(layers: layers.count, maps: maps) }
  /// Rows above a pixel that it depends on: half of the first kernel, and one a layer more.
  public static func rowsSeen(layers: Int, kernel: Int) -> Int { kernel / 2 + layers - 1 }

  /// - Parameters:
  ///   - imageShape: `[channels, h, w]`.
  ///   - outputs: numbers that make a pixel's distribution; see `PixelFamily.outputs(channels:)`.
  ///   - layers: how many; those after the first have a kernel of 3.
  ///   - kernel: the side of the first layer's kernel, odd. Every later layer sees one pixel more each way.
  ///   - maps: of every layer, in both stacks.
  ///   - conditioning: given the number of `conditionedMaps`, makes what a code adds to them.
  public init(
    _ imageShape: [Int], outputs: Int, layers: Int = 7, kernel: Int = 7, maps: Int = 32,
    conditioning: ((Int) -> any PixelConditioning)? = nil, using rng: RandomSource
  ) {
    precondition(layers >= 1 && maps >= 1, "GatedPixelCNN: expected layers and maps, got \(layers) and \(maps)")
    precondition(kernel >= 3 && kernel % 2 == 1, "GatedPixelCNN: expected an odd kernel of at least 3, got \(kernel)")
    self.layers = (0..<layers).map {
      $0 == 0
        ? Layer(imageShape[0], maps, kernel: kernel, isFirst: true, using: rng)
        : Layer(maps, maps, kernel: 3, isFirst: false, using: rng)
    }
    hidden = PointwiseConv(maps, maps, using: rng)
    output = PointwiseConv(maps, outputs, using: rng)
    self.conditioning = conditioning?(Self.conditionedMaps(layers: layers, maps: maps))
    self.imageShape = imageShape
    self.outputs = outputs
    self.maps = maps
    self.kernel = kernel
  }

  public var summary: String {
    "gated PixelCNN, \(layers.count) layers of \(maps) maps, kernel \(kernel), "
      + "sees \(Self.rowsSeen(layers: layers.count, kernel: kernel)) rows above"
      + (conditioning.map { ", \($0.summary)" } ?? "")
  }

  public func rowStack(_ x: Tensor, shifts: Tensor?, run: any CausalRun) -> [Tensor] {
    let shifts = shifts?.split(2 * layers.count, axis: 1)  // each [n, 2 * maps, ...]
    var v = x
    return layers.enumerated().map { index, layer in
      let own = run(layer.rows, v)
      if let shifts { own.addInPlace(shifts[2 * index]) }
      let link = layer.link(own)
      if let shifts { link.addInPlace(shifts[2 * index + 1]) }
      if index < layers.count - 1 { v = gated(own) }
      return link
    }
  }

  public func pixelStack(_ x: Tensor, links: [Tensor], run: any CausalRun) -> Tensor {
    var h = x
    for (index, layer) in layers.enumerated() {
      let own = run(layer.pixels, h)
      own.addInPlace(links[index])
      let new = layer.residual(gated(own))
      // The picture itself is not a map to add to.
      if index > 0 { new.addInPlace(h) }
      h = new
    }
    return output(hidden(h.relu()).relu())
  }

  /// tanh of the first half of the maps times the sigmoid of the second.
  private func gated(_ x: Tensor) -> Tensor {
    let halves = x.split(2, axis: 1)  // each [n, maps, ...]
    return halves[0].tanh() * halves[1].sigmoid()
  }

  /// The convolutions of one layer.
  private final class Layer: Module {
    let rows: CausalConv2d
    let link: PointwiseConv
    let pixels: CausalConv2d
    let residual: PointwiseConv

    /// - Parameter kernel: the side of the masked kernel that these stand for.
    init(_ inputs: Int, _ maps: Int, kernel: Int, isFirst: Bool, using rng: RandomSource) {
      let half = kernel / 2
      rows = CausalConv2d(
        inputs, 2 * maps, rows: isFirst ? half : half + 1, columns: kernel, .centred,
        end: isFirst ? .rowAbove : .pixel, using: rng)
      // The horizontal convolution has the bias of their sum.
      link = PointwiseConv(2 * maps, 2 * maps, bias: false, using: rng)
      pixels = CausalConv2d(
        inputs, 2 * maps, rows: 1, columns: isFirst ? half : half + 1, .left,
        end: isFirst ? .columnBefore : .pixel, using: rng)
      residual = PointwiseConv(maps, maps, using: rng)
    }
  }
}
