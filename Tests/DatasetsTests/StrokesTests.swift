import Testing

@testable import Datasets

@Suite("Strokes")
struct StrokesTests {
  @Test("the same seed gives the same bytes, whatever the count; another seed gives others")
  func seeds() throws {
    let examples = try Strokes.examples(count: 600, seed: 1)
    #expect(try Strokes.examples(count: 600, seed: 1) == examples)
    #expect(try Strokes.examples(count: 30, seed: 1) == examples.prefix(30))
    #expect(try Strokes.examples(count: 30, seed: 2) != examples.prefix(30))
  }

  @Test("classes take turns, and every factor fills its range")
  func factors() throws {
    let examples = try Strokes.examples(count: 500, seed: 1)
    #expect(examples.shape == [1, 28, 28])
    #expect(examples.labelCounts == Array(repeating: 50, count: 10))
    #expect(Set(examples.factors!.keys) == Set(Strokes.factors.map(\.name) + ["style"]))
    for factor in Strokes.factors {
      let values = examples.factors![factor.name]!
      let width = factor.range.upperBound - factor.range.lowerBound
      #expect(values.allSatisfy(factor.range.contains))
      // 500 even draws miss a twentieth of the range at one end once in 10^11.
      #expect(values.min()! < factor.range.lowerBound + width / 20)
      #expect(values.max()! > factor.range.upperBound - width / 20)
    }
    #expect(Set(examples.factors!["style"]!) == [0, 1])
  }

  @Test("the ink's centre follows x and y, and its amount the thickness")
  func ink() throws {
    let examples = try Strokes.examples(count: 1000, seed: 4)
    let pixels = examples.storage.bytes
    var (centresX, centresY, amounts): ([Float], [Float], [Float]) = ([], [], [])
    for image in 0..<examples.count {
      var (sum, x, y): (Float, Float, Float) = (0, 0, 0)
      for row in 0..<28 {
        for column in 0..<28 {
          let ink = Float(pixels[image * 784 + row * 28 + column])
          sum += ink
          x += ink * Float(column)
          y += ink * Float(row)
        }
      }
      centresX.append(x / sum)
      centresY.append(y / sum)
      amounts.append(sum)
    }
    // The shape of a digit moves the centre as well, so these are not 1.
    #expect(correlation(centresX, examples.factors!["x"]!) > 0.75)
    #expect(correlation(centresY, examples.factors!["y"]!) > 0.75)
    #expect(correlation(amounts, examples.factors!["thickness"]!) > 0.6)
  }

  @Test("a straight stroke without a pose has the thickness it was given")
  func thickness() {
    var canvas = StrokeCanvas(size: 28)
    let ends: [Float] = [4, 10, 17, 24]
    canvas.draw(ends.map { PlanePoint(x: 14, y: $0) }, reach: 3 / 2 + StrokeCanvas.softness)
    var pixels = [UInt8](repeating: 9, count: 784)
    pixels.withUnsafeMutableBufferPointer { canvas.write(to: $0.baseAddress!, thickness: 3) }
    let row = (0..<28).map { Int(pixels[14 * 28 + $0]) }
    #expect(row[14] == 255)
    #expect(row[13] == row[15] && row[12] == row[16])
    #expect(row[11] == 0 && row[17] == 0)
    // The ink across a stroke is its width in full pixels, to the grid's error.
    #expect(abs(Float(row.reduce(0, +)) / 255 - 3) < 0.1)
  }

  private func correlation(_ a: [Float], _ b: [Float]) -> Float {
    let (meanA, meanB) = (a.reduce(0, +) / Float(a.count), b.reduce(0, +) / Float(b.count))
    var (ab, aa, bb): (Float, Float, Float) = (0, 0, 0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    return ab / (aa * bb).squareRoot()
  }
}
