/// The width of text that is not yet set in any font.
enum TextWidth {
  /// An estimate in pixels, by the widths of Helvetica and a tenth more.
  ///
  /// The viewer chooses the font, so that no exact width exists when a chart is drawn.
  static func estimate(_ text: String, size: Double) -> Double {
    size * 1.1 * text.reduce(0) { $0 + ems($1) }
  }

  private static func ems(_ character: Character) -> Double {
    switch character {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!": 0.26
    case "f", "t", "r", " ", "(", ")", "[", "]", "/", "-", "\"": 0.33
    case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻": 0.38
    case "m", "w", "M", "W", "%", "@": 0.87
    case "c", "k", "s", "v", "x", "y", "z": 0.5
    case "0"..."9", "a"..."z": 0.56
    case "A"..."Z": 0.68
    case let other where other.isASCII || other.unicodeScalars.allSatisfy { $0.value < 0x2E80 }: 0.6
    // Scripts of the Far East and pictographs fill the square.
    default: 1
    }
  }
}
