import Datasets
import Generative
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Modes that samples find")
struct SampleModesTests {
  /// Draws examples by a closure.
  private final class Draws: Generator {
    let exampleShape: [Int]
    let portrayal = "draws"
    private let draw: (Int, RandomSource) -> Tensor

    init(_ shape: [Int], _ draw: @escaping (Int, RandomSource) -> Tensor) { (exampleShape, self.draw) = (shape, draw) }

    func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor { draw(count, rng) }
  }

  private func measured(_ data: String, _ model: Draws) throws -> [MetricValue] {
    func unread() throws -> Never { throw MetricError("was read") }
    return try Subject(
      "gan", model, on: .test, dataName: data, MeasuringOptions(place: DatasetOptions(cacheDirectory: "none")),
      examples: { try unread() }, trainingExamples: { _ in try unread() }, images: { try unread() },
      trainingImages: { try unread() }
    ).measure([.modes])
  }

  @Test("the set itself finds all modes, with 98.9 % of the samples within 3 deviations (false alarms: 1 in 10^6)")
  func itself() throws {
    let set = try PointSet.eightGaussians.examples(count: 2500, seed: 5)
    guard case .floats(let values) = set.storage else { return }
    var next = 0
    let model = Draws([2]) { count, _ in
      defer { next += count }
      return Tensor(Array(values[2 * next..<2 * (next + count)]), shape: [count, 2])
    }
    let found = try measured("eight-gaussians", model)
    #expect(found.map(\.metric) == ["modes:found", "modes:near"] && found.map(\.count) == [2500, 2500])
    #expect(found[0].value == 1)
    let error = (0.98889 * 0.01111 / 2500).squareRoot()
    expectClose(found[1].value, 0.98889, absolute: 5 * error, relative: 0)
    expectClose(found[1].standardError ?? 0, error, absolute: 5e-4)
  }

  @Test("samples at one mode find an eighth of them, and samples between modes none")
  func collapsed() throws {
    let modes = try #require(try DataCatalog.info("eight-gaussians").modes)
    let (centre, reach) = (modes.centres[3], 3 * modes.deviation)
    let at = { (distance: Double) in
      Draws([2]) { count, _ in Tensor([centre[0] + distance, centre[1]], shape: [1, 2]).expanded([count, 2]) }
    }
    #expect(try measured("eight-gaussians", at(reach - 1e-6)).map(\.value) == [0.125, 1])
    #expect(try measured("eight-gaussians", at(reach + 1e-6)).map(\.value) == [0, 0])
    let half = Draws([2]) { count, _ in
      .concatenated([
        Tensor(centre, shape: [1, 2]).expanded([count / 2, 2]), .zeros([count - count / 2, 2], dtype: .float64),
      ])
    }
    #expect(try measured("eight-gaussians", half).map(\.value) == [0.125, 0.5])
  }

  @Test("binary points are near where they are equal once rounded")
  func points() throws {
    let lit = Draws([1, 2, 2]) { count, _ in
      Tensor([0.9, 0.1, 0, 0.2], shape: [1, 1, 2, 2]).expanded([count, 1, 2, 2])
    }
    #expect(try measured("four-points", lit).map(\.value) == [0.25, 1])
    let two = Draws([1, 2, 2]) { count, _ in Tensor([1.0, 1, 0, 0], shape: [1, 1, 2, 2]).expanded([count, 1, 2, 2]) }
    #expect(try measured("four-points", two).map(\.value) == [0, 0])
  }

  @Test("data without known modes are refused with those that have some, and models without samples")
  func refusals() {
    let model = Draws([2]) { count, _ in .zeros([count, 2]) }
    for data in ["mnist", "points.npy"] {
      #expect(
        throws: MetricError("modes: expected data whose modes are known (eight-gaussians, four-points), got \(data)")
      ) { try measured(data, model) }
    }
  }
}
