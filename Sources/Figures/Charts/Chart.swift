import Foundation
import Torch

/// A figure that can draw itself as SVG.
///
/// To conform, implement `svg()`: a whole `<svg>` element that needs no style sheet, script, font
/// or other file, and uses no identifiers. The simplest conformer to read is `BoxPlot`.
public protocol Chart: Sendable {
  /// The figure as one self-contained `<svg>` element.
  func svg() -> String
}

extension Chart {
  /// Writes the figure as an SVG file that is whole or absent, never half.
  public func write(to file: URL) throws(FileError) {
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    try AtomicFile.write(Array((declaration + svg()).utf8), to: file.path)
  }
}

/// The size of a chart, in CSS pixels; a chart scales to any other without loss.
public struct ChartSize: Hashable, Sendable {
  /// From left to right.
  public var width: Double
  /// From top to bottom.
  public var height: Double

  /// A size.
  ///
  /// - Parameters:
  ///   - width: at least 200 pixels.
  ///   - height: at least 150 pixels.
  public init(width: Double, height: Double) {
    precondition(
      width >= 200 && height >= 150 && width <= 1e5 && height <= 1e5,
      "ChartSize: expected at least 200 x 150, got \(width) x \(height)")
    self.width = width
    self.height = height
  }

  /// 600 x 375 pixels: two side by side in a report.
  public static let standard = ChartSize(width: 600, height: 375)
  /// 500 x 460 pixels, for two directions that weigh the same.
  public static let square = ChartSize(width: 500, height: 460)
}
