/// A picture of bytes on its way from a file to an example: each step of ``ImageOptions`` is one function.
struct Picture: Equatable {
  var height: Int
  var width: Int
  var channels: Int
  /// The values, `[height, width, channels]`.
  var pixels: [UInt8]

  /// The picture of a decoded file, in bytes.
  init(_ array: DataArray) {
    (height, width, channels) = (array.shape[0], array.shape[1], array.shape[2])
    pixels =
      array.element == .uint16
      ? array.integers(UInt16.self).map { UInt8((UInt32($0) + 128) / 257) } : array.bytes
  }

  init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == height * width * channels,
      "Picture: expected \(height) x \(width) x \(channels) values, got \(pixels.count)")
    (self.height, self.width, self.channels, self.pixels) = (height, width, channels, pixels)
  }

  /// The picture after all steps.
  ///
  /// - Parameter file: the name used in messages.
  func prepared(_ options: ImageOptions, file: String) throws(DatasetError) -> Picture {
    var picture = converted(channels: options.channels ?? (channels < 3 ? 1 : 3))
    if let crop = options.crop {
      guard crop <= min(height, width) else {
        throw .malformed(
          file: file, place: "header, size", expected: "at least \(crop) x \(crop) pixels to crop",
          got: "\(width) x \(height)")
      }
      picture = picture.cropped(to: crop)
    }
    if let size = options.size { picture = picture.resized(to: size) }
    return picture
  }

  /// The picture in grey, RGB or RGBA, as ``ImageOptions/channels`` says.
  func converted(channels target: Int) -> Picture {
    if target == channels { return self }
    let isGrey = channels < 3
    let count = height * width
    let converted = pixels.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: count * target) { result, written in
        for pixel in 0..<count {
          let (from, to) = (pixel * channels, pixel * target)
          if target == 1 {
            result[to] =
              isGrey ? source[from] : luma(source[from], source[from + 1], source[from + 2])
          } else {
            for color in 0..<3 { result[to + color] = source[isGrey ? from : from + color] }
            if target == 4 { result[to + 3] = isGrey && channels == 2 ? source[from + 1] : 255 }
          }
        }
        written = count * target
      }
    }
    return Picture(height: height, width: width, channels: target, pixels: converted)
  }

  /// The square in the centre.
  func cropped(to side: Int) -> Picture {
    let (top, left) = ((height - side) / 2, (width - side) / 2)
    var result: [UInt8] = []
    result.reserveCapacity(side * side * channels)
    for row in top..<top + side {
      let start = (row * width + left) * channels
      result += pixels[start..<start + side * channels]
    }
    return Picture(height: side, width: side, channels: channels, pixels: result)
  }

  /// The square in the centre once the shorter side has the given length.
  ///
  /// Only the rows and columns of the square are computed, so that a long strip costs no more than a square.
  func resized(to side: Int) -> Picture {
    let shorter = min(height, width)
    let (tall, wide) = (side * height / shorter, side * width / shorter)
    let (top, left) = ((tall - side) / 2, (wide - side) / 2)
    return resized(
      rows: Resampling(from: height, to: tall, only: top..<top + side),
      columns: Resampling(from: width, to: wide, only: left..<left + side))
  }

  /// The picture along other rows and columns, columns first; bytes are rounded after each.
  func resized(rows: Resampling, columns: Resampling) -> Picture {
    var picture = self
    if !columns.isIdentity {
      let pixels = columns.apply(picture.pixels, outer: height, inner: channels)
      picture = Picture(
        height: height, width: columns.count, channels: channels, pixels: pixels)
    }
    if !rows.isIdentity {
      let pixels = rows.apply(picture.pixels, outer: 1, inner: picture.width * channels)
      picture = Picture(
        height: rows.count, width: picture.width, channels: channels, pixels: pixels)
    }
    return picture
  }

  /// The values as `[channels, height, width]`.
  func planes() -> [UInt8] {
    if channels == 1 { return pixels }
    let count = height * width
    return pixels.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count) { target, written in
        for channel in 0..<channels {
          for pixel in 0..<count { target[channel * count + pixel] = source[pixel * channels + channel] }
        }
        written = source.count
      }
    }
  }
}

/// The brightness of a colour.
///
/// - Source: ITU-R BT.601; the weights in 1/65536 are Pillow's, so that the bytes are too.
private func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  let half = 0x8000
  let sum: Int = 19595 * Int(red) + 38470 * Int(green) + 7471 * Int(blue) + half
  return UInt8(sum >> 16)
}
