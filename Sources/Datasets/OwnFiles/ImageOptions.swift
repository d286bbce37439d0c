/// How pictures of any size become examples of one shape.
///
/// The steps come in this order; each that is nil is left out.
///
/// 1. Values of 16 bits become bytes: value / 257, rounded to the nearest, so that 0 and 65535 are 0 and 255.
/// 2. ``channels``.
/// 3. ``crop``.
/// 4. ``size``.
public struct ImageOptions: Sendable, Equatable {
  /// The side of the square cut from the centre; a picture smaller than it is refused.
  ///
  /// An odd row or column left over stays below or to the right: 178 columns cut to 128 begin at column 25.
  public var crop: Int?
  /// The side of the final square: the shorter side is resized to it, and a square is cut from the centre.
  ///
  /// The longer side becomes `size` x longer / shorter, rounded down, and the cut goes as for ``crop``. The filter is a
  /// triangle as wide as two steps of the coarser grid: bilinear interpolation when enlarging, an average without
  /// aliasing when shrinking. It is Pillow's `BILINEAR`, to the last bit.
  public var size: Int?
  /// 1, 3 or 4; nil for 1 of grey and 3 of coloured pictures, without their alpha.
  ///
  /// - 1: luma (299 R + 587 G + 114 B) / 1000 of ITU-R BT.601, rounded as Pillow's `convert("L")` does.
  /// - 3: grey is repeated.
  /// - 4: alpha is kept, and 255 where a picture has none; it is resized like a colour, without weighing colours by it.
  public var channels: Int?
  /// Whether a picture that cannot be read is left out with a line in the log, instead of ending the loading.
  public var skipBad: Bool

  /// Options that leave pictures as they are unless told otherwise.
  public init(
    crop: Int? = nil, size: Int? = nil, channels: Int? = nil, skipBad: Bool = false
  ) {
    self.crop = crop
    self.size = size
    self.channels = channels
    self.skipBad = skipBad
  }

  /// An error if a number makes no sense.
  func check() throws(DatasetError) {
    for (name, side) in [("image crop", crop), ("image size", size)] {
      if let side, !(1...ImageFile.largestSide).contains(side) {
        throw .invalid(subject: name, expected: "1...\(ImageFile.largestSide)", got: "\(side)")
      }
    }
    if let channels, ![1, 3, 4].contains(channels) {
      throw .invalid(subject: "image channels", expected: "1, 3 or 4", got: "\(channels)")
    }
  }
}
