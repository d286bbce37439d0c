/// A picture of bytes: grey or RGB, rows from top to bottom, channels last.
///
/// The plainest form a picture can have between a tensor and a file. It knows nothing of tensors,
/// so that figures can be drawn, and tested, without a single floating-point network.
public struct PixelImage: Hashable, Sendable {
  /// The number of columns, at least 1.
  public let width: Int
  /// The number of rows, at least 1.
  public let height: Int
  /// The number of bytes of a pixel: 1 for grey, 3 for RGB.
  public let channels: Int
  /// The bytes, shape `[height, width, channels]`, row-major; 0 is black.
  public private(set) var pixels: [UInt8]

  /// A picture of the given bytes.
  ///
  /// - Parameters:
  ///   - width: the number of columns, at least 1.
  ///   - height: the number of rows, at least 1.
  ///   - channels: 1 for grey, 3 for RGB.
  ///   - pixels: the bytes, shape `[height, width, channels]`.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0,
      "PixelImage: expected a width and a height of at least 1, got \(width) x \(height)")
    precondition(
      channels == 1 || channels == 3, "PixelImage: expected 1 or 3 channels, got \(channels)")
    precondition(
      pixels.count == width * height * channels,
      "PixelImage: expected \(width) x \(height) x \(channels) bytes, got \(pixels.count)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// A picture of one colour.
  ///
  /// - Parameters:
  ///   - width: the number of columns, at least 1.
  ///   - height: the number of rows, at least 1.
  ///   - channels: 1 for grey, 3 for RGB.
  ///   - value: the byte of every channel of every pixel.
  public init(width: Int, height: Int, channels: Int, filledWith value: UInt8) {
    self.init(
      width: width, height: height, channels: channels,
      pixels: Array(repeating: value, count: width * height * channels))
  }

  /// A picture of intensities, as a decoder gives them.
  ///
  /// Values outside `[0, 1]` are clamped: a Gaussian likelihood's mean may leave the range by a
  /// little. A value that is not finite throws, because a black pixel would hide a model that has
  /// diverged.
  ///
  /// - Parameters:
  ///   - intensities: shape `[channels, height, width]`, 0 black and 1 full.
  ///   - width: the number of columns, at least 1.
  ///   - height: the number of rows, at least 1.
  ///   - channels: 1 for grey, 3 for RGB.
  public init(
    intensities: some Collection<Float>, width: Int, height: Int, channels: Int = 1
  ) throws(PixelImageError) {
    let plane = width * height
    precondition(
      intensities.count == plane * channels,
      "PixelImage: expected \(channels) x \(height) x \(width) intensities, "
        + "got \(intensities.count)")
    var pixels = [UInt8](repeating: 0, count: plane * channels)
    for (index, intensity) in intensities.enumerated() {
      let (channel, place) = index.quotientAndRemainder(dividingBy: plane)
      guard intensity.isFinite else {
        throw .notFinite(
          value: intensity, channel: channel, row: place / width, column: place % width)
      }
      let clamped = min(max(intensity, 0), 1)
      pixels[place * channels + channel] = UInt8((clamped * 255).rounded())
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// One byte of one pixel.
  ///
  /// - Parameters:
  ///   - row: counted from the top, from 0.
  ///   - column: counted from the left, from 0.
  ///   - channel: 0 for grey; 0, 1, 2 for red, green, blue.
  public subscript(row: Int, column: Int, channel: Int = 0) -> UInt8 {
    get { pixels[(row * width + column) * channels + channel] }
    set { pixels[(row * width + column) * channels + channel] = newValue }
  }

  /// The same picture in three channels.
  public var rgb: PixelImage {
    guard channels == 1 else { return self }
    return PixelImage(
      width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
  }
}

/// What can be wrong with the numbers of a picture.
public enum PixelImageError: Error, Equatable, CustomStringConvertible {
  /// An intensity is NaN or infinite.
  case notFinite(value: Float, channel: Int, row: Int, column: Int)

  /// What was expected, what came, and of which pixel.
  public var description: String {
    switch self {
    case .notFinite(let value, let channel, let row, let column):
      "image: expected finite intensities, "
        + "got \(value) (channel \(channel), row \(row), column \(column))"
    }
  }
}
