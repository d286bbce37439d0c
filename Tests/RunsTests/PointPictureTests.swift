import Datasets
import Figures
import Foundation
import Systems
import TestSupport
import Testing
import Torch
import Training

@testable import Runs

@Suite("Pictures of points") struct PointPictureTests {
  @Test("the report of a run on points shows its samples beside the data, in the plane or in space")
  func report() throws {
    for (data, axes) in [("rings-thin", ["x1", "x2"]), ("s-curve-3d", ["x1", "x2", "x3"])] {
      try withTemporaryDirectory { directory in
        let place = DatasetOptions(
          cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 66, testCount: 20)
        let settings = try Catalog.settings(
          "vae",
          setting: [
            "data.name=\(data)", "data.validation=6", "likelihood.family=gaussian", "encoder.hidden=[8]",
            "decoder.hidden=[8]", "latent.dimensions=2", "training.steps=2",
          ])
        let run = try Run.begin(settings, in: RunDirectory(directory + "/run"), place: place)
        _ = try run.train(observer: SilentObserver())
        try run.finish()
        let svg = try String(contentsOfFile: directory + "/run/figures/samples.svg", encoding: .utf8)
        for name in axes + ["data", "model"] { #expect(svg.contains(">\(name)</text>"), "\(data): \(name)") }
        #expect(svg.contains(">x3</text>") == (axes.count == 3))
        let report = try String(contentsOfFile: directory + "/run/report.html", encoding: .utf8)
        #expect(report.contains("Draws from p(x) beside examples of the test split."))
      }
    }
  }

  @Test("points of two and of three numbers are plotted, others are not")
  func shapes() {
    #expect(Pictures.canPlot([2]) && Pictures.canPlot([3]))
    for shape in [[1], [4], [1, 2, 3], []] { #expect(!Pictures.canPlot(shape)) }
    let x = Tensor([Float(1), 2, 3, 4, 5, 6])
    #expect(Pictures.plot([("a", x.reshaped([3, 2]))], title: "t") is ScatterPlot)
    #expect(Pictures.plot([("a", x.reshaped([2, 3]))], title: "t") is ScatterPlot3D)
  }
}
