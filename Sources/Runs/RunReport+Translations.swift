import Figures
import Foundation
import Generative
import Torch

extension RunReport {
  /// Examples of each domain beside what they become in the other; nil where there is nothing to show.
  func translations(
    by model: any Translator, _ domains: [Domain: Tensor], _ split: String, _ rng: RandomSource
  ) throws -> Report.Section? {
    var figures: [Figure] = []
    for domain in model.destinations {
      guard let x = domains[domain.other], let real = domains[domain] else { continue }
      let shape = Array(x.shape.dropFirst())
      let (from, to) = (domain.other.rawValue, domain.rawValue)
      if Pictures.canShow(shape) {
        let grid = try Pictures.translations(
          of: x.narrowed(0, 0..<min(Self.shown / 2, x.size(0))), to: domain, by: model, images, using: rng)
        figures.append(
          Figure(
            try save(grid, "\(from)-to-\(to).png"),
            caption: "Examples of \(from), \(split) split, each beside its translation to \(to)."))
      } else if Pictures.canPlot(shape) {
        let translated = withoutGradients { model.translate(x, to: domain, using: rng) }
        let sets = [(from, x), ("\(from) to \(to)", translated), (to, real)]
        figures.append(
          try save(
            Pictures.plot(sets, title: "From \(from) to \(to)"), "\(from)-to-\(to).svg",
            caption: "Examples of \(from), \(split) split, their translations, and examples of \(to)."))
      }
    }
    return figures.isEmpty ? nil : .init("Translations", [.figures(figures)])
  }
}

extension Pictures {
  /// Images beside their translations.
  ///
  /// - Parameter images: from what the model sees to pictures.
  static func translations(
    of x: Tensor, to domain: Domain, by model: any Translator, _ images: (Tensor) throws -> [PixelImage],
    using rng: RandomSource
  ) throws -> ImageGrid {
    let translated = try withTensorErrors { withoutGradients { model.translate(x, to: domain, using: rng) } }
    return ImageGrid(originals: try images(x), reconstructions: try images(translated))
  }
}
