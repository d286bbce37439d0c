import Torch

/// A network whose outputs at a pixel depend on the pixels before it alone, in the order of reading.
///
/// To conform, write two stacks over a `CausalRun`: `rowStack` sees complete rows above a pixel, `pixelStack` the
/// pixels to its left. Whole images, and drawing pixel by pixel with cached activations, come for free. The simplest
/// conformer is `GatedPixelCNN`.
public protocol AutoregressiveNetwork: Module, Summarized {
  /// `[channels, h, w]`.
  var imageShape: [Int] { get }
  /// Maps of the result: what a pixel's distribution is made of.
  var outputs: Int { get }
  /// What makes it a conditional network; nil without a code.
  var conditioning: (any PixelConditioning)? { get }
  /// How many maps of the stacks a code shifts.
  var conditionedMaps: Int { get }

  /// What the first layers get of pixels in [0, 1]; the channels are axis 1.
  func input(_ x: Tensor) -> Tensor
  /// The part that sees rows above. In a stream, `x` is the row above.
  ///
  /// - Parameter shifts: what the conditioning gave, for all pixels or for this row.
  /// - Returns: maps for the layers of the other stack.
  func rowStack(_ x: Tensor, shifts: Tensor?, run: any CausalRun) -> [Tensor]
  /// The part that sees pixels to the left. In a stream, `x` is the pixel before.
  ///
  /// - Parameter links: what the row stack gave, at the same pixels.
  /// - Returns: `outputs` maps.
  func pixelStack(_ x: Tensor, links: [Tensor], run: any CausalRun) -> Tensor
}

extension AutoregressiveNetwork {
  public func input(_ x: Tensor) -> Tensor { x }

  /// The length of its codes; 0 without.
  public var latentDimension: Int { conditioning?.dimension ?? 0 }

  /// What codes add to the maps; checks that there are codes where there must be.
  func shifts(_ z: Tensor?) -> Tensor? {
    precondition(
      (z?.size(-1) ?? 0) == latentDimension,
      "\(Self.self): expected codes of \(latentDimension) dimensions, got \(z?.size(-1) ?? 0)")
    return z.flatMap { conditioning?($0) }
  }

  /// All pixels at once: images `[n, channels, h, w]` and codes `[n, latent]` to `[n, outputs, h, w]`.
  public func callAsFunction(_ x: Tensor, given z: Tensor? = nil) -> Tensor {
    let run = WholeImages()
    let x = input(x)
    return pixelStack(x, links: rowStack(x, shifts: shifts(z), run: run), run: run).inFloat()
  }
}
