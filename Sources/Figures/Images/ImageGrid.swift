/// Pictures of one size laid out in rows and columns as a single picture.
///
///     let sheet = ImageGrid(samples).render()                                // columns as fit
///     let pairs = ImageGrid(originals: x, reconstructions: y).render()       // x y  x y  x y
///
/// Lengths of gaps are pixels of the result; an upscaled cell is `scale` times its picture.
public struct ImageGrid: Sendable {
  /// The pictures, left to right and top to bottom.
  public let images: [PixelImage]
  /// The number of cells in a row.
  public let columns: Int
  /// Cells in a row that belong together: 2 for pairs, else 1.
  public let group: Int
  /// The gap between neighbours of a group and between rows, and around the grid, in pixels.
  public let padding: Int
  /// The gap between groups, in pixels.
  public let groupGap: Int
  /// How many pixels wide and high each pixel of a picture is drawn.
  public let scale: Int
  /// The byte between the pictures; 255 is the white of paper.
  public let background: UInt8

  /// A grid of pictures.
  ///
  /// - Parameters:
  ///   - images: at least one; all of one size. If any is RGB, the grid is.
  ///   - columns: cells in a row; by default the number that makes the grid roughly square and
  ///     leaves the fewest cells empty.
  ///   - padding: the gap between cells and around the grid, in pixels.
  ///   - scale: whole-number upscaling; by default the least that makes cells 56 pixels long.
  ///   - background: the byte between the pictures.
  public init(
    _ images: [PixelImage], columns: Int? = nil, padding: Int = 2, scale: Int? = nil,
    background: UInt8 = 255
  ) {
    self.init(
      images: images, columns: columns ?? ImageGrid.columns(for: images), group: 1,
      padding: padding, groupGap: padding, scale: scale, background: background)
  }

  /// A grid of pairs: each original with its reconstruction at its right.
  ///
  /// - Parameters:
  ///   - originals: at least one picture.
  ///   - reconstructions: as many, in the same order and of the same size.
  ///   - pairs: pairs in a row; by default as for a grid of half as many pictures.
  ///   - padding: the gap inside a pair; pairs are four times as far apart, in pixels.
  ///   - scale: whole-number upscaling; by default the least that makes cells 56 pixels long.
  ///   - background: the byte between the pictures.
  public init(
    originals: [PixelImage], reconstructions: [PixelImage], pairs: Int? = nil, padding: Int = 2,
    scale: Int? = nil, background: UInt8 = 255
  ) {
    precondition(
      originals.count == reconstructions.count,
      "ImageGrid: expected as many reconstructions as originals, "
        + "got \(reconstructions.count) and \(originals.count)")
    let images = zip(originals, reconstructions).flatMap { [$0, $1] }
    // A pair is twice as wide as a picture, so a square grid has fewer of them in a row.
    let fitted = ImageGrid.columns(for: originals, cellAspect: 2)
    self.init(
      images: images, columns: 2 * (pairs ?? fitted), group: 2, padding: padding,
      groupGap: 4 * padding, scale: scale, background: background)
  }

  private init(
    images: [PixelImage], columns: Int, group: Int, padding: Int, groupGap: Int, scale: Int?,
    background: UInt8
  ) {
    precondition(!images.isEmpty, "ImageGrid: expected at least one image, got none")
    precondition(columns > 0, "ImageGrid: expected at least one column, got \(columns)")
    precondition(padding >= 0, "ImageGrid: expected a padding of 0 or more, got \(padding)")
    let (width, height) = (images[0].width, images[0].height)
    for (index, image) in images.enumerated() {
      precondition(
        image.width == width && image.height == height,
        "ImageGrid: expected images of \(width) x \(height), "
          + "got \(image.width) x \(image.height) (image \(index))")
    }
    self.images = images
    self.columns = min(columns, images.count)
    self.group = group
    self.padding = padding
    self.groupGap = groupGap
    let legible = 56
    self.scale = scale ?? max(1, (legible + max(width, height) - 1) / max(width, height))
    precondition(self.scale > 0, "ImageGrid: expected a scale of 1 or more, got \(self.scale)")
    self.background = background
  }

  /// The number of rows.
  public var rows: Int { (images.count + columns - 1) / columns }

  /// Where the top left pixel of a cell lies in the result, in pixels.
  public func origin(row: Int, column: Int) -> (x: Int, y: Int) {
    let groupsBefore = column / group
    let gapsInside = column - groupsBefore
    let x =
      padding + column * images[0].width * scale + groupsBefore * groupGap + gapsInside * padding
    let y = padding + row * (images[0].height * scale + padding)
    return (x, y)
  }

  /// The grid as one picture.
  public func render() -> PixelImage {
    let channels = images.contains { $0.channels == 3 } ? 3 : 1
    let (cellWidth, cellHeight) = (images[0].width * scale, images[0].height * scale)
    let last = origin(row: rows - 1, column: columns - 1)
    let width = last.x + cellWidth + padding
    let height = last.y + cellHeight + padding
    var pixels = [UInt8](repeating: background, count: width * height * channels)
    for (index, image) in images.enumerated() {
      let source = channels == 3 ? image.rgb.pixels : image.pixels
      let corner = origin(row: index / columns, column: index % columns)
      for y in 0..<cellHeight {
        var target = ((corner.y + y) * width + corner.x) * channels
        let row = y / scale * image.width
        for x in 0..<cellWidth {
          let pixel = (row + x / scale) * channels
          for channel in 0..<channels {
            pixels[target] = source[pixel + channel]
            target += 1
          }
        }
      }
    }
    return PixelImage(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// The number of columns that makes a grid nearly square with the fewest cells empty.
  private static func columns(for images: [PixelImage], cellAspect: Double = 1) -> Int {
    guard let first = images.first else { return 1 }
    let aspect = cellAspect * Double(first.width) / Double(first.height)
    let ideal = (Double(images.count) / aspect).squareRoot()
    // Wider than high rather than higher than wide, as screens and pages of figures are.
    let lowest = min(images.count, max(1, Int((ideal - 0.01).rounded(.up))))
    let highest = max(lowest, min(images.count, Int((ideal * 1.6).rounded())))
    func empty(_ columns: Int) -> Int {
      (images.count + columns - 1) / columns * columns - images.count
    }
    return (lowest...highest).min {
      (empty($0), abs(Double($0) - ideal)) < (empty($1), abs(Double($1) - ideal))
    } ?? 1
  }
}
