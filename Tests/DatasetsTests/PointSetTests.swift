import Foundation
import Testing

@testable import Datasets

@Suite("Point sets")
struct PointSetTests {
  /// The distance of a point to the set's centre lines or sheets; 0 in a field of the board.
  static func distance(_ name: String, _ point: [Double]) -> Double {
    let (x, y) = (point[0], point[1])
    let radius = (x * x + y * y).squareRoot()
    func nearest(_ curve: (Double) -> (Double, Double), _ range: ClosedRange<Double>) -> Double {
      (0...4000).map { step in
        let t = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 4000
        let (a, b) = curve(t)
        return ((x - a) * (x - a) + (y - b) * (y - b)).squareRoot()
      }.min()!
    }
    switch name {
    case "two-moons":
      return min(
        nearest({ (2 * cos($0) - 1, 2 * sin($0) - 0.2) }, 0...Double.pi),
        nearest({ (1 - 2 * cos($0), 0.8 - 2 * sin($0)) }, 0...Double.pi))
    case "swiss-roll":
      return nearest({ ($0 * cos($0) / 5, $0 * sin($0) / 5) }, 1.5 * Double.pi...4.5 * Double.pi)
    case "swiss-roll-3d":
      let roll = distance("swiss-roll", [x, point[2]])
      return hypot(roll, max(0, abs(y) - 2))
    case "s-curve-3d":
      // Two circles of radius 1, about (0, -1) and (0, 1), three quarters of each.
      func arc(_ a: Double, _ b: Double) -> Double {
        a < 0 && b > 0 ? min(hypot(a, b - 1), hypot(a + 1, b)) : abs(hypot(a, b) - 1)
      }
      return hypot(min(arc(x, point[2] + 1), arc(-x, 1 - point[2])), max(0, abs(y) - 1))
    case "rings", "rings-thin": return [0.75, 1.5, 2.25, 3].map { abs(radius - $0) }.min()!
    case "eight-gaussians":
      return (0..<8).map {
        let angle = Double($0) * Double.pi / 4
        return hypot(x - 4 / 1.414 * cos(angle), y - 4 / 1.414 * sin(angle))
      }.min()!
    case "pinwheel":
      // Undo the bend: the angle left over is a multiple of a fifth of a turn.
      let turn = (atan2(-y, x) - 0.25 * exp(radius / 2)) / (2 * Double.pi / 5)
      return abs(turn - turn.rounded()) * radius
    default:
      let (column, row) = (Int((x + 4) / 2), Int((y + 4) / 2))
      return abs(x) <= 4 && abs(y) <= 4 && column % 2 == row % 2 ? 0 : 1
    }
  }

  @Test("without noise every point lies on its centre line", arguments: PointSet.all.map(\.name))
  func manifold(name: String) throws {
    let set = PointSet.all.first { $0.name == name }!
    let examples = try set.examples(count: 200, noise: 0, seed: 1)
    #expect(examples.shape == [set.dimension] && examples.storage.floats.count == 200 * set.dimension)
    for start in stride(from: 0, to: 200 * set.dimension, by: set.dimension) {
      let point = examples.storage.floats[start..<start + set.dimension].map(Double.init)
      // Curves are searched at 4000 places, 20 units long at the most.
      #expect(Self.distance(name, point) < 0.005, "\(name) at \(point)")
    }
  }

  @Test("sets in space are as large as they say, fill their sheets, and know the factors that they were made of")
  func space() throws {
    for (set, reach) in [(PointSet.swissRoll3D, [2.53, 2, 2.83]), (.sCurve3D, [1, 1, 2])] {
      #expect(try DataCatalog.info(set.name).shape == [3])
      let examples = try set.examples(count: 4000, noise: 0, seed: 6)
      let values = examples.storage.floats.map(Double.init)
      for axis in 0..<3 {
        let column = stride(from: axis, to: values.count, by: 3).map { values[$0] }
        #expect(column.max()! <= reach[axis] && column.max()! > 0.97 * reach[axis], "\(set.name) \(axis)")
        #expect(column.min()! >= -reach[axis], "\(set.name) \(axis)")
      }
      let (angles, heights) = (try #require(examples.factors?["angle"]), try #require(examples.factors?["height"]))
      for index in 0..<100 {
        let t = Double(angles[index])
        let (x, z) =
          set.name == "s-curve-3d" ? (sin(t), (t < 0 ? -1 : 1) * (cos(t) - 1)) : (t * cos(t) / 5, t * sin(t) / 5)
        #expect(abs(values[3 * index] - x) < 1e-5 && abs(values[3 * index + 2] - z) < 1e-5)
        #expect(values[3 * index + 1] == Double(heights[index]))
      }
      // With its noise, the mean squared distance from the sheet is that of one coordinate.
      let noisy = try set.examples(count: 2000, seed: 7).storage.floats.map(Double.init)
      let squares = stride(from: 0, to: noisy.count, by: 3).map {
        pow(Self.distance(set.name, Array(noisy[$0..<$0 + 3])), 2)
      }
      let mean = squares.reduce(0, +) / 2000
      #expect(abs(mean / (set.noise * set.noise) - 1) < 0.25, "\(set.name): \(mean)")
    }
  }

  @Test("thin rings are the rings with another noise")
  func thin() throws {
    let thin = PointSet.ringsThin
    #expect(thin.noise == 0.01 && thin.classCount == 4 && PointSet.rings.noise == 0.08)
    #expect(
      try thin.examples(count: 50, noise: 0.08, seed: 3).storage.floats
        == PointSet.rings.examples(count: 50, seed: 3).storage.floats)
  }

  @Test("with noise the mean square distance to the centre is that of the noise")
  func noise() throws {
    let set = PointSet.eightGaussians
    let examples = try set.examples(count: 4000, seed: 2)
    var squares = 0.0
    for (index, label) in examples.labels!.enumerated() {
      let angle = Double(label) * Double.pi / 4
      let x = Double(examples.storage.floats[2 * index]) - 4 / 1.414 * cos(angle)
      let y = Double(examples.storage.floats[2 * index + 1]) - 4 / 1.414 * sin(angle)
      squares += x * x + y * y
    }
    // A sum of 8000 squares of normal numbers: standard deviation 1.6 %; 5 of them is one run in 10^6.
    #expect(abs(squares / (8000 * set.noise * set.noise) - 1) < 0.08)
  }

  @Test("the same seed gives the same points, another seed others; classes take turns")
  func seeds() throws {
    for set in PointSet.all {
      let examples = try set.examples(count: 80, seed: 3)
      #expect(try set.examples(count: 80, seed: 3) == examples)
      #expect(try set.examples(count: 80, seed: 4) != examples)
      #expect(try set.examples(count: 40, seed: 3) == examples.prefix(40))
      if set.classCount > 1 {
        #expect(
          examples.labelCounts == Array(repeating: 80 / set.classCount, count: set.classCount))
      }
      #expect(Set(examples.factors?.keys.sorted() ?? []) == Set(set.factors))
    }
    #expect(
      message { _ = try PointSet.rings.examples(count: 0, seed: 1) }
        == "rings, count: expected a positive number, got 0")
  }

  @Test("eight Gaussians have the entropy of 2.831880 nats that their modes say (within 4 standard errors)")
  func entropy() throws {
    let modes = try #require(try DataCatalog.info("eight-gaussians").modes)
    #expect(modes.centres.count == 8 && modes.deviation == 0.5 / 1.414)
    let examples = try PointSet.eightGaussians.examples(count: 40_000, seed: 3)
    guard case .floats(let values) = examples.storage else { return }
    let (variance, mass) = (modes.deviation * modes.deviation, 1 / 8.0)
    let surprises = stride(from: 0, to: values.count, by: 2).map { start in
      let (x, y) = (Double(values[start]), Double(values[start + 1]))
      let density = modes.centres.reduce(0) { sum, centre in
        let square = (x - centre[0]) * (x - centre[0]) + (y - centre[1]) * (y - centre[1])
        return sum + mass * exp(-square / (2 * variance)) / (2 * .pi * variance)
      }
      return -log(density)
    }
    let mean = surprises.reduce(0, +) / 40_000
    let error = (surprises.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }).squareRoot() / 40_000
    #expect(abs(mean - 2.831880) < 4 * error, "\(mean)")
    let known = DataCatalog.entries.map(\.info).filter { $0.modes != nil }.map(\.name)
    #expect(known == ["eight-gaussians", "four-points"])
  }

  @Test("half-moons have the noise they say around unit half circles, and labels for six training points alone")
  func halfMoons() throws {
    for (name, noise) in [("half-moons", 0.2), ("half-moons-clear", 0.1)] {
      let dataset = try Dataset.named(name, DatasetOptions(cacheDirectory: "/nonexistent", allowsNetwork: false))
      let train = try dataset.train
      #expect(train.labels?.prefix(7) == [0, 0, 0, 1, 1, 1, Examples.unlabelled])
      #expect(train.labelCounts == [3, 3] && train.classCount == 2 && train.count == 10_000)
      #expect(Array(train.storage.floats.prefix(4)) == [0.7, 1.7, 1.6, 2.6])
      let test = try dataset.examples(.test)
      #expect(test.labelCounts == [5000, 5000])
      // The radial distance to the own half circle; its ends are left out, where distances go around them.
      var squares: [Double] = []
      for index in 0..<test.count {
        let isTop = test.labels![index] == 0
        let x = Double(test.storage.floats[2 * index]) - (isTop ? 1.7 : 2.7)
        let y = (Double(test.storage.floats[2 * index + 1]) - (isTop ? 1.7 : 2.2)) * (isTop ? 1 : -1)
        if y > 0.5 { squares.append(pow(hypot(x, y) - 1, 2)) }
      }
      let found = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
      // About 6500 normal numbers: the deviation of their deviation is 0.9 %.
      #expect(abs(found / noise - 1) < 0.06, "\(name): \(found)")
    }
  }
}
