import Torch

/// Two stacks of gated residual blocks, up and down again with short cuts across. Salimans et al. 2017 (PixelCNN++).
///
/// As there: the convolutions shifted down, or down and to the right, the blocks with a concatenated ELU and a gate,
/// and the short cuts from every block on the way up to its mirror image on the way down. It is the paper's network
/// without its strides: every block works at full resolution, so what a pixel sees grows by 2 rows and columns a block.
/// Dropout and weight normalization are left out. A code shifts the maps between the two convolutions of every block.
public final class PixelCNNPlusPlus: AutoregressiveNetwork {
  private let entry: Entry
  private let rowBlocks: [Block]
  private let pixelBlocks: [Block]
  private let output: PointwiseConv
  public let conditioning: (any PixelConditioning)?
  public let imageShape: [Int]
  public let outputs: Int
  private let layers: Int

  /// The maps of both stacks, up and down.
  public static func conditionedMaps(layers: Int, maps: Int) -> Int { 4 * layers * maps }
  public var conditionedMaps: Int { Self.conditionedMaps(layers: layers, maps: entry.above.weight.value.size(0)) }

  /// - Parameters:
  ///   - imageShape: `[channels, h, w]`.
  ///   - outputs: numbers that make a pixel's distribution; see `PixelFamily.outputs(channels:)`.
  ///   - layers: blocks of each stack on the way up, and again on the way down.
  ///   - maps: of every block.
  ///   - conditioning: given the number of `conditionedMaps`, makes what a code adds to them.
  public init(
    _ imageShape: [Int], outputs: Int, layers: Int = 7, maps: Int = 32,
    conditioning: ((Int) -> any PixelConditioning)? = nil, using rng: RandomSource
  ) {
    precondition(layers >= 1 && maps >= 1, "PixelCNNPlusPlus: expected layers and maps, got \(layers) and \(maps)")
    entry = Entry(imageShape[0] + 1, maps, using: rng)
    rowBlocks = (0..<2 * layers).map { index in
      Block(maps, rows: 2, columns: 3, .centred, skips: index >= layers, links: false, using: rng)
    }
    pixelBlocks = (0..<2 * layers).map { index in
      Block(maps, rows: 2, columns: 2, .left, skips: index >= layers, links: true, using: rng)
    }
    output = PointwiseConv(maps, outputs, using: rng)
    self.conditioning = conditioning?(Self.conditionedMaps(layers: layers, maps: maps))
    self.imageShape = imageShape
    self.outputs = outputs
    self.layers = layers
  }

  public var summary: String {
    "PixelCNN++ without strides, \(layers) blocks of \(entry.above.weight.value.size(0)) maps up and down"
      + (conditioning.map { ", \($0.summary)" } ?? "")
  }

  /// Pixels in [-1, 1], and a channel of ones that tells the image from what lies outside.
  public func input(_ x: Tensor) -> Tensor {
    let one = Tensor.ones([x.size(0), 1] + x.shape.dropFirst(2), dtype: x.dtype, device: x.device)
    return .concatenated([x * 2 - 1, one], axis: 1)  // [n, channels + 1, ...]
  }

  public func rowStack(_ x: Tensor, shifts: Tensor?, run: any CausalRun) -> [Tensor] {
    let shifts = shifts?.split(4 * layers, axis: 1)  // each [n, maps, ...]
    var u = run(entry.above, x)
    var links = [run(entry.row, x)]
    var passed: [Tensor] = []
    for (index, block) in rowBlocks.enumerated() {
      if index < layers { passed.append(u) }
      // On the way down, what the mirror image was given comes back.
      let back = index < layers ? nil : block.skip!(concatELU(passed.removeLast()))
      u = block(u, [back, shifts?[2 * index]], run)
      let link = pixelBlocks[index].link!(concatELU(u))
      links.append(shifts.map { link + $0[2 * index + 1] } ?? link)
    }
    return links
  }

  public func pixelStack(_ x: Tensor, links: [Tensor], run: any CausalRun) -> Tensor {
    var ul = run(entry.pixel, x) + links[0]
    var passed: [Tensor] = []
    for (index, block) in pixelBlocks.enumerated() {
      if index < layers { passed.append(ul) }
      let back = index < layers ? nil : block.skip!(concatELU(passed.removeLast()))
      ul = block(ul, [links[index + 1], back], run)
    }
    return output(ul.elu())
  }

  /// What meets the image itself.
  private final class Entry: Module {
    let above: CausalConv2d
    let row: CausalConv2d
    let pixel: CausalConv2d

    init(_ inputs: Int, _ maps: Int, using rng: RandomSource) {
      above = CausalConv2d(inputs, maps, rows: 2, columns: 3, .centred, end: .rowAbove, using: rng)
      row = CausalConv2d(inputs, maps, rows: 1, columns: 3, .centred, end: .rowAbove, using: rng)
      pixel = CausalConv2d(inputs, maps, rows: 2, columns: 1, .left, end: .columnBefore, using: rng)
    }
  }

  /// A gated residual block.
  private final class Block: Module {
    let first: CausalConv2d
    let second: CausalConv2d
    /// For the short cut from the way up.
    let skip: PointwiseConv?
    /// For what the row stack tells the pixel stack.
    let link: PointwiseConv?

    init(
      _ maps: Int, rows: Int, columns: Int, _ reach: CausalConv2d.Reach, skips: Bool, links: Bool,
      using rng: RandomSource
    ) {
      first = CausalConv2d(2 * maps, maps, rows: rows, columns: columns, reach, using: rng)
      second = CausalConv2d(2 * maps, 2 * maps, rows: rows, columns: columns, reach, using: rng)
      // Their sum with the first convolution has its bias.
      skip = skips ? PointwiseConv(2 * maps, maps, bias: false, using: rng) : nil
      link = links ? PointwiseConv(2 * maps, maps, bias: false, using: rng) : nil
    }

    func callAsFunction(_ x: Tensor, _ additions: [Tensor?], _ run: any CausalRun) -> Tensor {
      let inner = run(first, concatELU(x))
      for addition in additions { if let addition { inner.addInPlace(addition) } }
      let halves = run(second, concatELU(inner)).split(2, axis: 1)  // each [n, maps, ...]
      return x.addingProduct(halves[0], halves[1].sigmoid())
    }
  }
}

/// ELU of x and of -x, one behind the other along the maps: a rectifier that loses nothing. Salimans et al. 2017.
private func concatELU(_ x: Tensor) -> Tensor {
  Tensor.concatenated([x, -x], axis: 1).elu()  // [n, 2 * maps, ...]
}
