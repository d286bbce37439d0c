import Foundation
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts")
struct ChartTests {
  @Test("every chart is well-formed XML that needs no other file", arguments: Examples.charts.indices)
  func wellFormed(index: Int) throws {
    try expectSelfContained(Examples.charts[index].svg())
  }

  @Test("charts of nothing, of one point and of gaps alone are well-formed")
  func degenerate() throws {
    let one = LineChart(x: "x", y: "y", series: [.init("a", x: [1], y: [2])])
    #expect(one.svg().contains("h0"), "one point is drawn as a dot")
    for chart: any Chart in [
      one,
      LineChart(x: "x", y: "y", series: []),
      LineChart(x: "x", y: "y", series: [.init("a", x: [0, 1], y: [.nan, .infinity])]),
      LineChart(
        x: "x", y: Axis("y", scale: .logarithmic), series: [.init("a", x: [0, 1], y: [-1, 0])]),
      ScatterPlot(x: "x", y: "y", groups: []),
      ScatterPlot(x: "x", y: "y", groups: [.init("a", x: [.nan], y: [1])]),
      ScatterPlot3D(x: "x", y: "y", z: "z", groups: []),
      ScatterPlot3D(x: "x", y: "y", z: "z", groups: [.init("a", points: [(.nan, 1, 1), (1, .infinity, 2)])]),
      ScatterPlot3D(x: "x", y: "y", z: "z", groups: [.init("a", points: [(1, 2, 3)])]),
      ScatterPlot3D(x: "x", y: "y", z: "z", points: [(1, 2, 3), (2, 2, 2)], factor: [.nan, 3], "f"),
      ScatterPlot3D(
        x: "x", y: "y", z: "z", points: [(1e300, -1e300, 0), (0, 0, 1e-300)], factor: [1e300, -1e300], "f",
        size: ChartSize(width: 200, height: 150)),
      BoxPlot(axis: "x", groups: []),
      BoxPlot(axis: "x", groups: [.init("a", values: [.nan])]),
      ContourPlot(x: "x", y: "y", field: ScalarField(x: 0...1, y: 0...1) { _, _ in .nan }, value: "f"),
      ContourPlot(x: "x", y: "y", field: ScalarField(x: 0...1, y: 0...1) { _, _ in 3 }, value: "f"),
      CornerPlot(names: ["x"], draws: .init("", [[]])), CornerPlot(names: ["x"], draws: .init("", [[2]])),
      CornerPlot(names: ["x", "y"], draws: .init("", [[1, 1, 1], [0, 0, 5]])),
      CornerPlot(names: ["x", "y"], draws: .init("", [[0, 1e-250, 2e-250], [0, 3e-250, 1e250]])),
    ] {
      try expectSelfContained(chart.svg())
    }
  }

  @Test("a density by kernels integrates to 1, has the modes of its draws, and its levels enclose their shares")
  func kernelDensity() {
    var noise = Examples.Noise()
    let x: [Double] = (0..<4000).map { ($0.isMultiple(of: 2) ? 2.0 : -2.0) + noise.normal() * 0.5 }
    let range: ClosedRange<Double> = -6...6
    let line = KernelDensity.line(x, over: range, nodes: 241)
    let mass: Double = line.reduce(0, +) / 20
    #expect(abs(mass - 1) < 1e-3)
    // Half of N(2, 0.25) at its mode, and next to nothing between the two.
    let mode: Double = line[160] / 0.399
    #expect(abs(mode - 1) < 0.1 && line[120] < 0.01)
    let field = KernelDensity.plane(x: x, y: x.map { _ in noise.normal() }, over: range, range, nodes: 121)
    let sum: Double = field.values.reduce(0, +) / 100
    #expect(abs(sum - 1) < 1e-3)
    let level = field.level(enclosing: 0.5)
    let above: Double = field.values.filter { $0 >= level }.reduce(0, +) / 100
    #expect(abs(above - 0.5) < 0.01)
    #expect(KernelDensity.range(of: [3, 3]).contains(3) && KernelDensity.range(of: []) == 0...1)
    // One draw of a thousand does not stretch the axis.
    #expect(KernelDensity.range(of: (0..<1000).map(Double.init) + [1e9]).upperBound < 1500)
  }

  @Test("a point in space is seen along parallel lines, from the left of its front and from above")
  func projection() throws {
    func box(_ range: ClosedRange<Double> = -1...1) -> BoxView {
      let scale = AxisScale(Axis("", range: range), covering: [])
      return BoxView(x: scale, y: scale, z: scale, left: 0, right: 500, top: 0, bottom: 460)
    }
    let origin = try #require(box().place((0, 0, 0)))
    func seen(_ point: (x: Double, y: Double, z: Double)) throws -> (x: Double, y: Double, depth: Double) {
      let place = try #require(box().place(point))
      return (place.x - origin.x, place.y - origin.y, place.depth - origin.depth)
    }
    let (x, y, z) = (try seen((1, 0, 0)), try seen((0, 1, 0)), try seen((0, 0, 1)))
    // Pixels grow downwards. The columns of a rotation, of which two rows are seen and the third is the depth.
    let unit = hypot(hypot(x.x, y.x), z.x)
    let root = sqrt(3.0)
    for (found, expected) in [
      ([x.x, y.x, z.x], [root / 2, 0.5, 0]), ([-x.y, -y.y, -z.y], [-0.25, root / 4, root / 2]),
    ] {
      for (a, b) in zip(found, expected) { #expect(abs(a / unit - b) < 1e-12, "\(found)") }
    }
    for (a, b) in zip([x.depth, y.depth, z.depth], [root / 4, -0.75, 0.5]) { #expect(abs(a - b) < 1e-12) }
    // Parallel lines stay parallel, and lengths add: all corners lie on the page.
    for corner in 0..<8 {
      let p = (x: corner & 1 == 0 ? -1.0 : 1, y: corner & 2 == 0 ? -1.0 : 1, z: corner & 4 == 0 ? -1.0 : 1)
      let (found, place) = (try seen(p), try #require(box().place(p)))
      #expect(abs(found.x - (p.x * x.x + p.y * y.x + p.z * z.x)) < 1e-9)
      #expect(abs(found.y - (p.x * x.y + p.y * y.y + p.z * z.y)) < 1e-9)
      #expect((0...500).contains(place.x) && (0...460).contains(place.y))
    }
    #expect(box().place((.nan, 0, 0)) == nil && box(0...2).place((1, 1, 1))! == box().place((0, 0, 0))!)
  }

  @Test("nearer points are drawn over those that are farther, whatever their class")
  func depth() throws {
    // Along the line of sight, from the back to the front: towards the viewer is (sqrt 3 / 4, -3 / 4, 1 / 2).
    let towards = (x: sqrt(3.0) / 4, y: -0.75, z: 0.5)
    let order = [3, 0, 5, 1, 4, 2]
    var groups = [ScatterPlot3D.Group("odd", points: []), .init("even", points: [])]
    for step in order {
      let t = Double(step) - 2.5
      groups[step % 2].points.append((t * towards.x, t * towards.y, t * towards.z))
    }
    let axis = Axis("", range: -3...3)
    let svg = ScatterPlot3D(x: axis, y: axis, z: axis, groups: groups).svg()
    let drawn = svg.split(separator: "<g ").last.map(String.init) ?? ""
    let colors = drawn.split(separator: "stroke=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    #expect(colors == (0..<6).map { Palette.category($0 % 2) }, "\(colors)")
    #expect(svg.contains(">odd</text>") && svg.contains(">even</text>"))
  }

  @Test("colours follow the factor from the map's first to its last, with a key, and points without one are grey")
  func factors() {
    let points = (0..<4).map { (x: Double($0), y: Double($0), z: Double($0)) }
    let svg = ScatterPlot3D(x: "x", y: "y", z: "z", points: points, factor: [2, 4, 3, .nan], Axis("height")).svg()
    for color in ["#440154", "#FDE725", "#DDDDDD"] { #expect(svg.contains("stroke=\"\(color)\""), "\(color)") }
    #expect(svg.contains(">height</text>") && svg.contains("<image"))
  }

  @Test("a gap breaks the curve, and the point between two gaps is a dot")
  func gaps() throws {
    let chart = LineChart(
      x: Axis("x", range: 0...6), y: Axis("y", range: 0...1),
      series: [.init("", x: [0, 1, 2, 3, 4, 5, 6], y: [0, 1, .nan, 0.5, .nan, 1, 0])])
    let paths = try paths(of: chart)
    try #require(paths.count == 2)
    #expect(paths[0].count { $0 == "M" } == 2)
    #expect(paths[0].count { $0 == "L" } == 2)
    #expect(paths[1].count { $0 == "M" } == 1)
  }

  @Test("a long curve is thinned and keeps its only spike")
  func downsampling() throws {
    var heights = [Double](repeating: 0, count: 100_000)
    heights[54_321] = 1
    let kept = Downsampling.indices(count: heights.count, limit: 400) { heights[$0] }
    #expect(kept.count <= 400)
    #expect(kept.contains(54_321))
    #expect(kept.first == 0 && kept.last == 99_999)
    #expect(kept.compactMap(\.self) == kept.compactMap(\.self).sorted())
  }

  @Test("a long stretch without numbers stays a gap when a curve is thinned")
  func downsampledGap() {
    let kept = Downsampling.indices(count: 10_000, limit: 40) {
      (3000..<6000).contains($0) ? nil : 1
    }
    #expect(kept.filter { $0 == nil }.count == 3)
    #expect(kept.compactMap(\.self).allSatisfy { !(3000..<6000).contains($0) })
  }

  @Test("a band lies about its curve by its deviation")
  func band() throws {
    let chart = LineChart(
      x: Axis("x", range: 0...1), y: Axis("y", range: 0...4),
      series: [.init("", x: [0, 1], y: [2, 2], deviation: [1, 1])])
    let paths = try paths(of: chart)
    let numbers = paths[0].split { "MLZ ".contains($0) }.compactMap { Double($0) }
    try #require(numbers.count == 8)
    let (upper, lower) = (numbers[1], numbers[5])
    let middle = try #require(Double(paths[1].split { "ML ".contains($0) }[1]))
    #expect(abs((upper + lower) / 2 - middle) < 0.011)
    #expect(abs(lower / upper - 3) < 0.01)
  }

  @Test("names are escaped")
  func escaping() {
    let svg = LineChart(
      title: "<script>&\u{0}\u{1B}", x: "x", y: "y", series: [.init("a\"b'", x: [0], y: [0])]
    ).svg()
    #expect(svg.contains("&lt;script&gt;&amp;\u{FFFD}\u{FFFD}"))
    #expect(svg.contains("a&quot;b&#39;"))
  }

  @Test("the box plot's numbers are Tukey's")
  func boxes() throws {
    let box = try #require(BoxSummary([1, 2, 3, 4, 5, 6, 7, 8, 100, .nan]))
    #expect(box.lowerQuartile == 3 && box.median == 5 && box.upperQuartile == 7)
    #expect(box.lowerWhisker == 1 && box.upperWhisker == 8)
    #expect(box.outliers == [100])
    #expect(BoxSummary([.nan]) == nil)
  }

  @Test("points of all isolines of a cone are at their distance from the tip")
  func isolines() {
    let field = ScalarField(x: -2...2, y: -2...2, columns: 201, rows: 201) { x, y in
      (x * x + y * y).squareRoot()
    }
    for level in [0.5, 1, 1.5] {
      let lines = Isoline.lines(of: field, level: level)
      #expect(lines.count == 1)
      let line = lines[0].map { (x: 4 * $0.x - 2, y: 4 * $0.y - 2) }
      #expect(line.allSatisfy { abs(hypot($0.x, $0.y) - level) < 1e-3 })
      #expect(line[0] == line[line.count - 1], "the line is closed")
      let length = zip(line, line.dropFirst()).reduce(0) {
        $0 + hypot($1.0.x - $1.1.x, $1.0.y - $1.1.y)
      }
      #expect(abs(length - 2 * .pi * level) < 0.01 * level)
    }
  }

  @Test("an isoline that leaves the rectangle is one open line from edge to edge")
  func openIsoline() {
    let field = ScalarField(x: 0...1, y: 0...1, columns: 11, rows: 11) { x, y in x + 0.01 * y }
    let lines = Isoline.lines(of: field, level: 0.333)
    #expect(lines.map(\.count) == [11])
    #expect(Set([lines[0][0].y, lines[0][10].y]) == [0, 1])
  }

  @Test("a saddle is cut so that the centre stays on its own side", arguments: [-1.0, 1])
  func saddle(sign: Double) {
    // Corners 1, 0, 1, 0: the mean is 0.5, so a level above it cuts off the high corners.
    let field = ScalarField(values: [1, 0, 0, 1], columns: 2, rows: 2, x: 0...1, y: 0...1)
    let level = 0.5 + sign * 0.2
    let lines = Isoline.lines(of: field, level: level)
    #expect(lines.map(\.count) == [2, 2])
    for line in lines {
      let middle = (x: (line[0].x + line[1].x) / 2, y: (line[0].y + line[1].y) / 2)
      let isNearHighCorner = (middle.x - 0.5) * (middle.y - 0.5) > 0
      #expect(isNearHighCorner == (sign > 0))
    }
  }

  @Test("a field is its nodes at its nodes, the bottom row first")
  func field() {
    let field = ScalarField(x: 0...2, y: 10...11, columns: 3, rows: 2) { x, y in x + 100 * y }
    #expect(field.values == [1000, 1001, 1002, 1100, 1101, 1102])
    #expect(field.value(across: 1, up: 0) == 1002)
    #expect(field.value(across: 0.25, up: 0.5) == 1050.5)
  }

  @Test("a colour map goes from its first colour to its last")
  func colors() {
    let map = Colormap(anchors: [0x000000, 0xFF8040])
    #expect(map.color(at: -1) == [0, 0, 0])
    #expect(map.color(at: 0.5) == [128, 64, 32])
    #expect(map.color(at: 1) == [255, 128, 64])
    #expect(map.color(at: .nan) == [221, 221, 221])
  }

  @Test(
    "coordinates are written with at most two decimals",
    arguments: [
      (1, "1"), (0.5, "0.5"), (0.05, "0.05"), (-0.004, "0"), (-3.14159, "-3.14"),
      (1e30, "10000000"),
    ])
  func coordinates(value: Double, text: String) {
    #expect(value.svg == text)
  }

  /// The `d` attributes of the plot of a chart.
  private func paths(of chart: some Chart) throws -> [String] {
    chart.svg().split(separator: "<path d=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }
}

/// Expects well-formed XML that points to nothing outside itself.
func expectSelfContained(
  _ svg: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let parser = XMLParser(data: Data(svg.utf8))
  #expect(
    parser.parse(), "\(String(describing: parser.parserError)) in \(svg.prefix(2000))",
    sourceLocation: sourceLocation)
  let bare = svg.replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
  #expect(!bare.contains("http:") && !bare.contains("https:"), sourceLocation: sourceLocation)
  #expect(!bare.contains(" id=") && !bare.contains("<script"), sourceLocation: sourceLocation)
  #expect(!bare.contains("\"nan") && !bare.contains(" nan"), sourceLocation: sourceLocation)
}
