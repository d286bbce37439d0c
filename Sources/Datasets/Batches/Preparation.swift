import Torch

/// What is done to the pixels of a batch before a model sees them.
public struct Preparation: Sendable, Equatable {
  /// How pixels become 0 or 1.
  public var binarization: Binarization
  /// Random changes that keep an image what it is; for training alone.
  public var augmentation: Augmentation
  /// The noise of one level that is added to bytes that are not binarized, of which [0, 1] is then a 256th, not a
  /// 255th; nil adds none.
  public var dequantization: Dequantization?
  /// The numbers that bytes become which are not binarized.
  public var scaling: PixelScaling
  /// Whether the model wants values in [0, 1]; numbers read from disk are then checked as they come.
  public var needsUnitInterval: Bool

  /// By default pixels are scaled to [0, 1] and no more.
  public init(
    binarization: Binarization = .none, augmentation: Augmentation = Augmentation(),
    dequantization: Dequantization? = nil, scaling: PixelScaling = .unit, needsUnitInterval: Bool = false
  ) {
    self.binarization = binarization
    self.augmentation = augmentation
    self.dequantization = dequantization
    self.scaling = scaling
    self.needsUnitInterval = needsUnitInterval
  }

  /// Refuses numbers that the model cannot take.
  ///
  /// - Parameter rows: where each example stands in its file.
  func check(_ storage: Examples.Storage, _ rows: [Int]) throws(DatasetError) {
    guard needsUnitInterval, case .floats(let values) = storage,
      let bad = values.firstIndex(where: { !(0...1).contains($0) })
    else { return }
    let row = rows[bad / (values.count / rows.count)]
    throw .invalid(
      subject: "row \(row), counted from 0", expected: "values from 0 to 1", got: "\(values[bad])")
  }
}

/// The noise that makes bytes draws from a density: uniform on [0, 1) of a level. Theis et al. 2016, section 3.1.
public enum Dequantization: String, Sendable, CaseIterable {
  /// Fresh every time a batch is read.
  case dynamic
  /// Of the example, always the same.
  case fixed
  /// Its mean, half a level: no noise.
  case middle
}

/// Random changes of images that keep what they show.
public struct Augmentation: Sendable, Equatable {
  /// Mirrors an image left to right, with probability 1/2.
  public var flips: Bool
  /// The most pixels by which an image moves along each axis; what comes in is 0.
  public var shift: Int

  /// By default images stay as they are; `shift` is in pixels and not negative.
  public init(flips: Bool = false, shift: Int = 0) {
    precondition(shift >= 0, "Augmentation: expected a shift of 0 or more, got \(shift)")
    self.flips = flips
    self.shift = shift
  }

  /// The images `[n, channels, height, width]`, each changed by draws of its own.
  func applied(to x: Tensor, using rng: RandomSource) -> Tensor {
    guard x.rank == 4, x.size(0) > 0, flips || shift > 0 else { return x }
    let (count, height, width) = (x.size(0), x.size(2), x.size(3))
    // One gather does it all: where in the framed image each pixel of the result comes from.
    var rows = Tensor.range(height, dtype: .float64, device: x.device).unsqueezed(0)
    var columns = Tensor.range(width, dtype: .float64, device: x.device).unsqueezed(0)
    if flips {
      let isTurned = (rng.uniform([count, 1]) .< 0.5).to(.float64)
      columns = columns + isTurned * (Double(width - 1) - columns * 2)
    }
    if shift > 0 {
      let offsets = (rng.uniform([2, count, 1]) * Double(2 * shift + 1)).floor().to(.float64)
      rows = rows + offsets.at(0)
      columns = columns + offsets.at(1)
    }
    let starts = rows * Double(width + 2 * shift)
    let places = starts.to(.int64).unsqueezed(2) + columns.to(.int64).unsqueezed(1)
    let framed = shift > 0 ? x.padded([(shift, shift), (shift, shift)]) : x
    let sources = places.expanded([count, height, width]).reshaped([count, 1, height * width])
      .expanded([count, x.size(1), height * width])
    return framed.reshaped([count, x.size(1), -1]).taken(sources, along: 2).reshaped(x.shape)
  }
}
