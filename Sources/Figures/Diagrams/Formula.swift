/// A formula as people write it in plain text, such as `p_theta(x|z, y)`, set with Greek letters, indices and exponents.
///
/// An underscore lowers what follows it and a caret raises it: letters and digits, one sign, or what stands in brackets
/// directly behind. `theta`, `phi` and `eta` become Greek.
struct Formula {
  /// A piece of the line.
  struct Piece: Equatable {
    /// Where it stands.
    enum Level: Equatable { case line, lowered, raised }

    var text: String
    let level: Level
  }

  /// From left to right.
  let pieces: [Piece]

  private static let greek = ["theta": "θ", "phi": "φ", "eta": "η", "lambda": "λ", "psi": "ψ"]

  /// - Parameter text: in plain letters.
  init(_ text: String) {
    var pieces: [Piece] = []
    var rest = Substring(text)
    func add(_ text: String, _ level: Piece.Level) {
      if level == .line, pieces.last?.level == .line {
        pieces[pieces.count - 1].text += text
      } else {
        pieces.append(Piece(text: text, level: level))
      }
    }
    while let first = rest.first {
      rest.removeFirst()
      guard first == "_" || first == "^", let next = rest.first else {
        add(String(first), .line)
        continue
      }
      var word = ""
      if first == "^", next == "(" {
        word = String(rest.prefix { $0 != ")" }) + ")"
      } else {
        word = String(rest.prefix { $0.isLetter || $0.isNumber })
        if word.isEmpty { word = String(next) }
      }
      rest = rest.dropFirst(word.count)
      add(Self.greek[word] ?? word, first == "_" ? .lowered : .raised)
    }
    self.pieces = pieces
  }

  /// How much smaller an index is than the line.
  private static let small = 0.72
  private static let shift = 0.28

  /// An estimate of its width in pixels.
  func width(size: Double) -> Double {
    pieces.reduce(0) { $0 + TextWidth.estimate($1.text, size: size * ($1.level == .line ? 1 : Self.small)) }
  }

  /// Writes it, its baseline at the given place.
  func draw(
    into svg: inout SVG, x: Double, y: Double, anchor: SVG.Anchor = .middle, size: Double, color: String = Palette.ink
  ) {
    svg.element("text", ["x": x, "y": y, "font-size": size, "fill": color, "text-anchor": anchor.rawValue]) { svg in
      var level = 0.0
      for piece in pieces {
        let wanted = piece.level == .line ? 0 : (piece.level == .lowered ? 1 : -1) * Self.shift * size
        let move = wanted - level
        level = wanted
        // A viewer may drop an ordinary space at the edge of a piece.
        svg.span(
          piece.text.replacing(" ", with: "\u{A0}"), size: piece.level == .line ? nil : size * Self.small, lowered: move
        )
      }
    }
  }
}

extension SVG {
  /// A piece of a line of text, lowered beside the piece before it.
  mutating func span(_ string: String, size: Double?, lowered: Double) {
    element(
      "tspan", ["font-size": size.map { $0.svg } ?? "", "dy": lowered == 0 ? "" : lowered.svg], text: string)
  }
}
