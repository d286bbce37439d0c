import Foundation
import Testing

@testable import Figures

@Suite("Reports")
struct ReportTests {
  @Test("a report needs no script, no network and no other file")
  func selfContained() {
    let html = Examples.report.html
    let bare = html.replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for forbidden in ["http:", "https:", "<script", "<link", "@import", "url(", "file:", " id="] {
      #expect(!bare.contains(forbidden), "\(forbidden)")
    }
    // Two grids of images; the field of a density and the bars of its colours and of an energy's.
    for (attribute, count) in [("src", 2), ("href", 3)] {
      let parts = bare.components(separatedBy: "\(attribute)=\"").dropFirst()
      #expect(
        parts.count == count && parts.allSatisfy { $0.hasPrefix("data:image/png;base64,") },
        "\(attribute): \(parts.count)")
    }
  }

  @Test("every text of a report is escaped")
  func escaping() {
    let evil = "<b>&\"'</b>"
    let report = Report(
      title: evil, subtitle: [evil], summary: [.init(evil, evil, note: evil)],
      sections: [
        .init(
          evil,
          [
            .paragraph(evil), .facts([Fact(evil, evil)]), .preformatted(evil),
            .table(DataTable(header: [evil], rows: [[evil]], caption: evil)),
            .figures([
              Figure(Examples.digit(0), caption: evil),
              Figure(
                LineChart(title: evil, x: Axis(evil, unit: evil), y: Axis(evil), series: []),
                caption: evil),
            ]),
          ])
      ])
    #expect(!report.html.contains("<b>"))
    #expect(!report.html.contains("&\"'"))
    #expect(report.html.components(separatedBy: "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;").count >= 19)
  }

  @Test("every element of a report that is opened is closed")
  func balanced() {
    let html = Examples.report.html
    for name in [
      "html", "head", "body", "main", "header", "section", "table", "tr", "td", "th", "figure",
      "figcaption", "div", "pre", "p", "h1", "h2", "svg", "text", "thead", "tbody", "caption",
    ] {
      let opened =
        html.components(separatedBy: "<\(name)>").count
        + html.components(separatedBy: "<\(name) ").count - 2
      #expect(opened == html.components(separatedBy: "</\(name)>").count - 1, "\(name)")
    }
  }

  @Test("an image in a report decodes to the image that was put in")
  func image() throws {
    let image = Examples.digit(4, channels: 3)
    let report = Report(title: "", sections: [.init("", [.figures([Figure(image, caption: "")])])])
    let base64 = try #require(
      report.html.components(separatedBy: "data:image/png;base64,").last?.prefix { $0 != "\"" })
    let data = try #require(Data(base64Encoded: String(base64)))
    #expect(try PixelImage(png: Array(data)) == image)
  }

  @Test("columns of numbers are set to the right, and those of names are not")
  func numericColumns() {
    let table = DataTable(
      header: ["model", "bound"], rows: [["2-stage VAE", "−94.87"], ["M2", "± 0.1"], ["x", "–"]])
    #expect(!table.isNumeric(column: 0))
    #expect(table.isNumeric(column: 1))
    #expect(!DataTable(header: ["a"], rows: []).isNumeric(column: 0))
  }

  @Test("a report in a file is the report")
  func file() throws {
    try withDirectory { directory in
      let file = directory.appendingPathComponent("report.html")
      let report = Report(title: "µ")
      try report.write(to: file)
      #expect(try Data(contentsOf: file) == Data(report.html.utf8))
    }
  }
}
