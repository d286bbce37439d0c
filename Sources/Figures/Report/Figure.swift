/// A picture or a chart with its caption.
public struct Figure: Sendable {
  /// What is shown.
  enum Content: Sendable {
    case image(PixelImage)
    case chart(any Chart)
  }

  let content: Content
  /// What there is to see, below the figure.
  public let caption: String

  /// A picture, drawn with sharp pixels.
  public init(_ image: PixelImage, caption: String) {
    content = .image(image)
    self.caption = caption
  }

  /// A grid of pictures.
  public init(_ grid: ImageGrid, caption: String) {
    self.init(grid.render(), caption: caption)
  }

  /// A chart.
  public init(_ chart: some Chart, caption: String) {
    content = .chart(chart)
    self.caption = caption
  }
}

/// A name and a value.
public struct Fact: Hashable, Sendable {
  /// What it is.
  public var name: String
  /// What it is worth, with its unit.
  public var value: String

  /// A name and a value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Rows under column headings.
public struct DataTable: Hashable, Sendable {
  /// The column headings.
  public var header: [String]
  /// The rows, each as long as the header.
  public var rows: [[String]]
  /// What the table tells, above it, or nil.
  public var caption: String?

  /// Rows under column headings.
  ///
  /// Columns whose every cell begins as a number does are set to the right, digits under digits.
  ///
  /// - Parameters:
  ///   - header: the column headings.
  ///   - rows: each as long as the header.
  ///   - caption: what the table tells, or nil.
  public init(header: [String], rows: [[String]], caption: String? = nil) {
    for (index, row) in rows.enumerated() {
      precondition(
        row.count == header.count,
        "DataTable: expected rows of \(header.count) cells, got \(row.count) (row \(index))")
    }
    self.header = header
    self.rows = rows
    self.caption = caption
  }

  /// Whether a column holds numbers.
  func isNumeric(column: Int) -> Bool {
    !rows.isEmpty
      && rows.allSatisfy { row in
        let digits = row[column].drop { "+-−±<>≈~ ".contains($0) }
        return row[column] == "–" || digits.first?.isNumber == true
      }
  }
}
