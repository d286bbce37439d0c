extension Report {
  /// The whole page; every text in it is escaped.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title.escaped)</title>
    <style>
    \(Report.style)
    </style>
    </head>
    <body>
    <main>
    <header>
    <h1>\(title.escaped)</h1>
    \(subtitle.map { "<p>\($0.escaped)</p>" }.joined(separator: "\n"))
    </header>
    \(summaryTable)
    \(sections.map(html(of:)).joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private var summaryTable: String {
    guard !summary.isEmpty else { return "" }
    let rows = summary.map { headline in
      """
      <tr><th scope="row">\(headline.name.escaped)</th>\
      <td class="value">\(headline.value.escaped)</td>\
      <td class="note">\((headline.note ?? "").escaped)</td></tr>
      """
    }
    return "<table class=\"summary\">\n\(rows.joined(separator: "\n"))\n</table>"
  }

  private func html(of section: Section) -> String {
    """
    <section>
    <h2>\(section.title.escaped)</h2>
    \(section.blocks.map(html(of:)).joined(separator: "\n"))
    </section>
    """
  }

  private func html(of block: Block) -> String {
    switch block {
    case .paragraph(let text):
      return "<p>\(text.escaped)</p>"
    case .figures(let figures):
      let items = figures.map(html(of:)).joined(separator: "\n")
      let style = figures.count > 1 ? "figures many" : "figures"
      return "<div class=\"\(style)\">\n\(items)\n</div>"
    case .facts(let facts):
      let rows = facts.map {
        "<tr><th scope=\"row\">\($0.name.escaped)</th><td>\($0.value.escaped)</td></tr>"
      }
      return "<table class=\"facts\">\n\(rows.joined(separator: "\n"))\n</table>"
    case .table(let table):
      return html(of: table)
    case .preformatted(let text):
      return "<pre>\(text.escaped)</pre>"
    }
  }

  private func html(of figure: Figure) -> String {
    let body =
      switch figure.content {
      case .image(let image):
        "<img src=\"\(image.dataURI)\" width=\"\(image.width)\" height=\"\(image.height)\" "
          + "alt=\"\(figure.caption.escaped)\">"
      case .chart(let chart): chart.svg()
      }
    return """
      <figure>
      \(body)
      <figcaption>\(figure.caption.escaped)</figcaption>
      </figure>
      """
  }

  private func html(of table: DataTable) -> String {
    func cells(_ row: [String], _ element: String) -> String {
      row.enumerated().map { column, text in
        let style = table.isNumeric(column: column) ? " class=\"number\"" : ""
        return "<\(element)\(style)>\(text.escaped)</\(element)>"
      }.joined()
    }
    let caption = table.caption.map { "<caption>\($0.escaped)</caption>\n" } ?? ""
    let rows = table.rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
    return """
      <div class="scroll"><table class="data">
      \(caption)<thead><tr>\(cells(table.header, "th"))</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table></div>
      """
  }
}
