import CPNG
import Foundation
import Torch

extension PixelImage {
  /// The most pixels that `init(png:)` decodes unless told otherwise: 8192 x 8192.
  public static let defaultPixelLimit = 1 << 26

  /// The picture as the bytes of a PNG file, 8 bits a channel, sRGB.
  public func png() throws(PNGError) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = channels == 1 ? 0 : png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }

    // No deflated picture is longer than its bytes, a filter byte a row, and a little framing, but
    // the true bound is libpng's macro, which Swift cannot see; so libpng is asked twice.
    var count = png_alloc_size_t(0)
    guard png_image_write_to_memory(&image, nil, &count, 0, pixels, 0, nil) != 0 else {
      throw .unwritable(reason: image.text)
    }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    guard png_image_write_to_memory(&image, &bytes, &count, 0, pixels, 0, nil) != 0 else {
      throw .unwritable(reason: image.text)
    }
    return bytes
  }

  /// The picture in the bytes of a PNG file.
  ///
  /// Palettes, 16 bits a channel and interlacing are converted to 8 bits; transparency is laid on
  /// white. The declared size is checked against `pixelLimit` before memory is taken for it.
  ///
  /// - Parameters:
  ///   - bytes: a whole PNG file.
  ///   - name: what an error calls the picture, a file name say.
  ///   - pixelLimit: the most pixels to decode.
  public init(
    png bytes: [UInt8], name: String = "image", pixelLimit: Int = PixelImage.defaultPixelLimit
  ) throws(PNGError) {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }

    // libpng keeps the address between the two calls, so one buffer must live through both.
    let result = bytes.withUnsafeBytes { buffer -> Result<PixelImage, PNGError> in
      guard let address = buffer.baseAddress, !buffer.isEmpty else {
        return .failure(.unreadable(name: name, reason: "no bytes"))
      }
      guard png_image_begin_read_from_memory(&image, address, buffer.count) != 0 else {
        return .failure(.unreadable(name: name, reason: image.text))
      }
      let (width, height) = (Int(image.width), Int(image.height))
      guard width * height <= pixelLimit else {
        return .failure(.tooLarge(name: name, width: width, height: height, limit: pixelLimit))
      }
      let isColor = image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR) != 0
      let channels = isColor ? 3 : 1
      image.format = isColor ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0
      var pixels = [UInt8](repeating: 0, count: width * height * channels)
      var white = png_color(red: 255, green: 255, blue: 255)
      guard png_image_finish_read(&image, &white, &pixels, 0, nil) != 0 else {
        return .failure(.unreadable(name: name, reason: image.text))
      }
      return .success(
        PixelImage(width: width, height: height, channels: channels, pixels: pixels))
    }
    self = try result.get()
  }

  /// Writes the picture as a PNG file that is whole or absent, never half.
  ///
  /// Throws `PNGError` where the picture, and `FileError` where the file, is at fault.
  public func write(to file: URL) throws {
    try AtomicFile.write(png(), to: file.path)
  }
}

extension png_image {
  /// libpng's own words for what went wrong.
  fileprivate var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// What can be wrong with a PNG file.
public enum PNGError: Error, Equatable, CustomStringConvertible {
  /// The bytes are not a PNG, or a damaged one.
  case unreadable(name: String, reason: String)
  /// The header declares more pixels than are allowed.
  case tooLarge(name: String, width: Int, height: Int, limit: Int)
  /// libpng would not encode the picture.
  case unwritable(reason: String)

  /// What was expected, what came, and of which file.
  public var description: String {
    switch self {
    case .unreadable(let name, let reason):
      "PNG '\(name)': expected a whole PNG file, got one that libpng cannot read (\(reason))"
    case .tooLarge(let name, let width, let height, let limit):
      "PNG '\(name)': expected at most \(limit) pixels, got \(width) x \(height)"
    case .unwritable(let reason):
      "PNG: expected libpng to encode the image, got '\(reason)'"
    }
  }
}
