import Torch

/// Two stacks of gated residual blocks, up and down again with short cuts across. Salimans et al. 2017 (PixelCNN++).
///
/// As there: the convolutions shifted down, or down and to the right, the blocks with a concatenated ELU and a gate,
/// and the short cuts from every block on the way up to its mirror image on the way down. It is the paper's network
/// without its strides: every block works at full resolution, so what a pixel sees grows by 2 rows and columns a block.
/// Layers are weight-normalized, the second convolution of a block starts at a tenth, dropout stands in front of it, and
/// a code shifts its result, values and gates. Not as there: the first lengths of weights are not set from a batch.
public final class PixelCNNPlusPlus: AutoregressiveNetwork {
  private let entry: Entry
  private let rowBlocks: [Block]
  private let pixelBlocks: [Block]
  private let output: PointwiseConv
  public let conditioning: (any PixelConditioning)?
  public let imageShape: [Int]
  public let outputs: Int
  private let layers: Int

  /// The values and gates of both stacks, up and down.
  public static func conditionedMaps(layers: Int, maps: Int) -> Int { 8 * layers * maps }
  /// Rows above a pixel that it depends on.
  public static func rowsSeen(layers: Int) -> Int { 4 * layers + 3 }
  public var conditionedMaps: Int { Self.conditionedMaps(layers: layers, maps: entry.above.weight.value.size(0)) }

  /// - Parameters:
  ///   - imageShape: `[channels, h, w]`.
  ///   - outputs: numbers that make a pixel's distribution; see `PixelFamily.outputs(channels:)`.
  ///   - layers: blocks of each stack on the way up, and again on the way down.
  ///   - maps: of every block.
  ///   - dropout: the share of numbers in every block that a step of training leaves out.
  ///   - conditioning: given the number of `conditionedMaps`, makes what a code adds to them.
  public init(
    _ imageShape: [Int], outputs: Int, layers: Int = 7, maps: Int = 32, dropout: Double = 0.5,
    conditioning: ((Int) -> any PixelConditioning)? = nil, using rng: RandomSource
  ) {
    precondition(layers >= 1 && maps >= 1, "PixelCNNPlusPlus: expected layers and maps, got \(layers) and \(maps)")
    entry = Entry(imageShape[0] + 1, maps, using: rng)
    rowBlocks = (0..<2 * layers).map { index in
      Block(maps, rows: 2, columns: 3, .centred, skips: index >= layers, links: false, dropout: dropout, using: rng)
    }
    pixelBlocks = (0..<2 * layers).map { index in
      Block(maps, rows: 2, columns: 2, .left, skips: index >= layers, links: true, dropout: dropout, using: rng)
    }
    output = PointwiseConv(maps, outputs, gain: 1, using: rng)
    self.conditioning = conditioning?(Self.conditionedMaps(layers: layers, maps: maps))
    self.imageShape = imageShape
    self.outputs = outputs
    self.layers = layers
  }

  public var summary: String {
    "PixelCNN++ without strides, \(layers) blocks of \(entry.above.weight.value.size(0)) maps up and down, "
      + "sees \(Self.rowsSeen(layers: layers)) rows above"
      + (conditioning.map { ", \($0.summary)" } ?? "")
  }

  /// Pixels in [-1, 1], and a channel of ones that tells the image from what lies outside.
  public func input(_ x: Tensor) -> Tensor {
    let one = Tensor.ones([x.size(0), 1] + x.shape.dropFirst(2), dtype: x.dtype, device: x.device)
    return .concatenated([x * 2 - 1, one], axis: 1)  // [n, channels + 1, ...]
  }

  public func rowStack(_ x: Tensor, shifts: Tensor?, run: any CausalRun) -> [Tensor] {
    let shifts = shifts?.split(4 * layers, axis: 1)  // each [n, 2 * maps, ...]
    var u = run(entry.above, x)
    var links = [run(entry.row, x)]
    var passed: [Tensor] = []
    for (index, block) in rowBlocks.enumerated() {
      if index < layers { passed.append(u) }
      // On the way down, what the mirror image was given comes back.
      let back = index < layers ? nil : run(block.skip!, concatELU(passed.removeLast()))
      u = block(u, [back], shift: shifts?[2 * index], run)
      links.append(run(pixelBlocks[index].link!, concatELU(u)))
    }
    // Behind the links what the code adds in the other stack, at every pixel, as a stream cuts links into pixels.
    guard let shifts else { return links }
    return links
      + rowBlocks.indices.map { index in
        shifts[2 * index + 1].expanded([u.size(0), 2 * u.size(1)] + u.shape[2...])  // [n, 2 * maps, ...]
      }
  }

  public func pixelStack(_ x: Tensor, links: [Tensor], run: any CausalRun) -> Tensor {
    var ul = run(entry.pixel, x) + links[0]
    var passed: [Tensor] = []
    for (index, block) in pixelBlocks.enumerated() {
      if index < layers { passed.append(ul) }
      let back = index < layers ? nil : run(block.skip!, concatELU(passed.removeLast()))
      let shift = conditioning == nil ? nil : links[pixelBlocks.count + 1 + index]
      ul = block(ul, [links[index + 1], back], shift: shift, run)
    }
    return run(output, ul.elu())
  }

  /// What meets the image itself.
  private final class Entry: Module {
    let above: CausalConv2d
    let row: CausalConv2d
    let pixel: CausalConv2d

    init(_ inputs: Int, _ maps: Int, using rng: RandomSource) {
      above = CausalConv2d(inputs, maps, rows: 2, columns: 3, .centred, end: .rowAbove, gain: 1, using: rng)
      row = CausalConv2d(inputs, maps, rows: 1, columns: 3, .centred, end: .rowAbove, gain: 1, using: rng)
      pixel = CausalConv2d(inputs, maps, rows: 2, columns: 1, .left, end: .columnBefore, gain: 1, using: rng)
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
    private let dropout: Double

    /// The factor on the second convolution's initial weight: a block starts near the identity.
    private static let smallGain = 0.1

    init(
      _ maps: Int, rows: Int, columns: Int, _ reach: CausalConv2d.Reach, skips: Bool, links: Bool, dropout: Double,
      using rng: RandomSource
    ) {
      first = CausalConv2d(2 * maps, maps, rows: rows, columns: columns, reach, gain: 1, using: rng)
      second = CausalConv2d(
        2 * maps, 2 * maps, rows: rows, columns: columns, reach, gain: Self.smallGain, using: rng)
      // Their sum with the first convolution has its bias.
      skip = skips ? PointwiseConv(2 * maps, maps, bias: false, gain: 1, using: rng) : nil
      link = links ? PointwiseConv(2 * maps, maps, bias: false, gain: 1, using: rng) : nil
      self.dropout = dropout
    }

    /// - Parameters:
    ///   - additions: to the result of the first convolution.
    ///   - shift: to that of the second, what a code adds.
    func callAsFunction(_ x: Tensor, _ additions: [Tensor?], shift: Tensor?, _ run: any CausalRun) -> Tensor {
      let inner = run(first, concatELU(x))
      for addition in additions { if let addition { inner.addInPlace(addition) } }
      let outer = run(second, concatELU(inner).droppedOut(dropout))  // [n, 2 * maps, ...]
      if let shift { outer.addInPlace(shift) }
      let halves = outer.split(2, axis: 1)  // each [n, maps, ...]
      return x.addingProduct(halves[0], halves[1].sigmoid())
    }
  }
}

/// ELU of x and of -x, one behind the other along the maps: a rectifier that loses nothing. Salimans et al. 2017.
private func concatELU(_ x: Tensor) -> Tensor {
  Tensor.concatenated([x, -x], axis: 1).elu()  // [n, 2 * maps, ...]
}
