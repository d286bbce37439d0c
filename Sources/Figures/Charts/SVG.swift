/// A drawing as it is being written: elements of SVG, every text escaped.
///
/// Only attributes are used, no style sheet, no script and no identifiers, so that many drawings
/// can stand in one page without touching each other.
struct SVG {
  /// The markup so far.
  private(set) var markup = ""

  /// One element without content.
  mutating func element(_ name: String, _ attributes: KeyValuePairs<String, any SVGAttribute>) {
    open(name, attributes, closed: true)
  }

  /// One element around the elements that `content` draws.
  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, any SVGAttribute>,
    _ content: (inout SVG) -> Void
  ) {
    open(name, attributes, closed: false)
    content(&self)
    markup += "</\(name)>\n"
  }

  /// One element around text, without white space about it.
  mutating func element(_ name: String, _ attributes: KeyValuePairs<String, any SVGAttribute>, text: String) {
    open(name, attributes, closed: false, lineBreak: false)
    markup += text.escaped + "</\(name)>"
  }

  /// A straight line.
  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), color: String,
    width: Double = 1
  ) {
    element(
      "line",
      [
        "x1": start.x, "y1": start.y, "x2": end.x, "y2": end.y, "stroke": color,
        "stroke-width": width,
      ])
  }

  /// A line of text; `x` and `y` are where its baseline starts, is centred or ends.
  mutating func text(
    _ string: String, x: Double, y: Double, anchor: Anchor = .start, size: Double = 12,
    color: String = Palette.text, bold: Bool = false, rotation: Double? = nil
  ) {
    open(
      "text",
      [
        "x": x, "y": y, "font-size": size, "fill": color, "text-anchor": anchor.rawValue,
        "font-weight": bold ? "600" : "400",
        "transform": rotation.map { "rotate(\($0.svg) \(x.svg) \(y.svg))" } ?? "",
      ], closed: false, lineBreak: false)
    markup += string.escaped + "</text>\n"
  }

  /// Which point of a text its `x` is.
  enum Anchor: String {
    case start, middle, end
  }

  private mutating func open(
    _ name: String, _ attributes: KeyValuePairs<String, any SVGAttribute>, closed: Bool,
    lineBreak: Bool = true
  ) {
    markup += "<\(name)"
    for (key, value) in attributes {
      let text = value.svg
      if !text.isEmpty { markup += " \(key)=\"\(text.escaped)\"" }
    }
    markup += (closed ? "/>" : ">") + (lineBreak ? "\n" : "")
  }
}

/// What can stand in an attribute of SVG.
protocol SVGAttribute {
  /// The value as text, not yet escaped; empty for an attribute that is not there.
  var svg: String { get }
}

extension String: SVGAttribute {
  var svg: String { self }
}

extension Double: SVGAttribute {
  /// The number with at most two decimals: finer than paper, and the same in every locale.
  var svg: String {
    precondition(isFinite, "SVG: expected a finite coordinate, got \(self)")
    let hundredths = Int((min(max(self, -1e7), 1e7) * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0
      ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
