import Foundation
import Torch

/// One self-contained page about a run: headline numbers, figures, tables and its configuration.
///
///     let report = Report(
///       title: "VAE on binary digits", subtitle: ["seed 1, 100 epochs"],
///       summary: [.init("test ELBO", "−98.2 nats", note: "higher is better")],
///       sections: [
///         .init("Training", [.figures([.init(curve, caption: "The bound over steps.")])])
///       ])
///     try report.write(to: file)
///
/// Styles, drawings and pictures are inside the page; it runs no script and asks no network.
public struct Report: Sendable {
  /// A number that a reader wants first.
  public struct Headline: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// The number with its unit, as it is to be read.
    public var value: String
    /// A few words more, or nil.
    public var note: String?

    /// A headline number.
    ///
    /// - Parameters:
    ///   - name: what it is.
    ///   - value: the number with its unit.
    ///   - note: a few words more, or nil.
    public init(_ name: String, _ value: String, note: String? = nil) {
      self.name = name
      self.value = value
      self.note = note
    }
  }

  /// A part of the page under a heading of its own.
  public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// What stands under it, in order.
    public var blocks: [Block]

    /// A part of the page.
    ///
    /// - Parameters:
    ///   - title: the heading.
    ///   - blocks: what stands under it, in order.
    public init(_ title: String, _ blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  /// One thing in a section.
  public enum Block: Sendable {
    /// Plain text.
    case paragraph(String)
    /// Figures, side by side where the page is wide enough.
    case figures([Figure])
    /// Names and values.
    case facts([Fact])
    /// Rows under column headings.
    case table(DataTable)
    /// Text kept as it is, line by line: a configuration.
    case preformatted(String)
  }

  /// The title of the page.
  public var title: String
  /// Lines under the title: when, where, with what.
  public var subtitle: [String]
  /// The numbers a reader wants first.
  public var summary: [Headline]
  /// The parts of the page.
  public var sections: [Section]

  /// A page.
  ///
  /// - Parameters:
  ///   - title: of the page.
  ///   - subtitle: lines under the title.
  ///   - summary: the numbers a reader wants first.
  ///   - sections: the parts of the page.
  public init(
    title: String, subtitle: [String] = [], summary: [Headline] = [], sections: [Section] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.summary = summary
    self.sections = sections
  }

  /// Writes the page as an HTML file that is whole or absent, never half.
  public func write(to file: URL) throws(FileError) {
    try AtomicFile.write(Array(html.utf8), to: file.path)
  }
}
