/// Colours that people with any colour vision tell apart, on white paper and in grey print.
///
/// - Source: Paul Tol, "Colour Schemes", SRON/EPS/TN/09-002, 2021: `bright` for lines, `muted` for
///   classes.
enum Palette {
  /// The colours of curves, in order.
  static let lines = [
    "#4477AA", "#EE6677", "#228833", "#AA3377", "#66CCEE", "#CCBB44", "#555555",
  ]

  /// The colours of classes, in order: enough for ten digits.
  static let classes = [
    "#332288", "#CC6677", "#44AA99", "#DDCC77", "#882255", "#88CCEE", "#117733", "#AA4499",
    "#999933", "#777777",
  ]

  /// The colour of the line with this index; beyond the last they come round again.
  static func line(_ index: Int) -> String { lines[index % lines.count] }

  /// The colour of the class with this index; beyond the last they come round again.
  static func category(_ index: Int) -> String { classes[index % classes.count] }

  /// Titles.
  static let ink = "#1F2328"
  /// Axis titles and legends.
  static let text = "#3D444D"
  /// Tick labels.
  static let faintText = "#59636E"
  /// Axis lines.
  static let axis = "#8C959F"
  /// Grid lines.
  static let grid = "#E6E9ED"
  /// The ground.
  static let paper = "#FFFFFF"
}
