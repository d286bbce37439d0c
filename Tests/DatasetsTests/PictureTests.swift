import Testing

@testable import Datasets

@Suite("Pictures")
struct PictureTests {
  func grey(_ rows: [[UInt8]]) -> Picture {
    Picture(height: rows.count, width: rows[0].count, channels: 1, pixels: rows.flatMap(\.self))
  }

  @Test("16 bits become 8 by value / 257, rounded")
  func deep() {
    let values: [UInt16] = [0, 128, 129, 257, 385, 386, 65406, 65407, 65535]
    let array = DataArray(source: "x", element: .uint16, shape: [1, 9, 1], bytes: littleEndian(values))
    #expect(Picture(array).pixels == [0, 0, 1, 1, 1, 2, 254, 255, 255])
  }

  @Test("channels are repeated, dropped, filled and weighed as documented")
  func channels() {
    let ga = Picture(height: 1, width: 2, channels: 2, pixels: [10, 20, 30, 40])
    #expect(ga.converted(channels: 1).pixels == [10, 30])
    #expect(ga.converted(channels: 3).pixels == [10, 10, 10, 30, 30, 30])
    #expect(ga.converted(channels: 4).pixels == [10, 10, 10, 20, 30, 30, 30, 40])
    let rgba = Picture(height: 1, width: 1, channels: 4, pixels: [1, 2, 3, 4])
    #expect(rgba.converted(channels: 3).pixels == [1, 2, 3])
    #expect(rgba.converted(channels: 4) == rgba)
    let rgb = Picture(height: 1, width: 4, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])
    #expect(rgb.converted(channels: 1).pixels == [76, 150, 29, 255])  // 0.299, 0.587, 0.114, 1
    #expect(rgb.converted(channels: 4).pixels.suffix(5) == [255, 255, 255, 255, 255])
    #expect(grey([[7]]).converted(channels: 3).pixels == [7, 7, 7])
  }

  @Test("luma is Pillow's")
  func luma() throws {
    let color = Picture(try Pictures.array("color-png"))
    #expect(color.converted(channels: 1).pixels == (try Pictures.array("luma").bytes))
  }

  @Test("resizing by hand: shrinking averages under a triangle, enlarging interpolates")
  func byHand() {
    // Halving: output 0 lies at 0.5, its triangle of reach 2 gives inputs 0, 1, 2 the weights 3, 3, 1 (of 7).
    let line = Resampling(from: 4, to: 2, only: 0..<2)
    #expect(line.apply([0, 70, 140, 210], outer: 1, inner: 1) == [50, 160])
    // Doubling: outputs lie at -1/4, 1/4, 3/4, 5/4; beyond the border there is nothing to weigh.
    let double = Resampling(from: 2, to: 4, only: 0..<4)
    #expect(double.apply([0, 100], outer: 1, inner: 1) == [0, 25, 75, 100])
    // To a third: output 1 lies at 4, its triangle of reach 3 gives inputs 2 to 5 the weights 1, 2, 3, 2 (of 8).
    let third = Resampling(from: 6, to: 2, only: 1..<2)
    #expect(third.apply([0, 0, 80, 0, 0, 0], outer: 1, inner: 1) == [10])
    // One row of three channels each.
    #expect(line.apply([0, 1, 2, 70, 1, 2, 140, 1, 2, 210, 1, 2], outer: 1, inner: 3) == [50, 1, 2, 160, 1, 2])
  }

  @Test(
    "resizing is Pillow's to the last bit",
    arguments: [
      ("smaller", 9, 7), ("larger", 40, 33), ("wider", 46, 19), ("flat", 23, 5),
    ])
  func pillow(name: String, width: Int, height: Int) throws {
    let color = Picture(try Pictures.array("color-png"))
    let resized = color.resized(
      rows: Resampling(from: 19, to: height, only: 0..<height),
      columns: Resampling(from: 23, to: width, only: 0..<width))
    #expect(resized.pixels == (try Pictures.array("resized-" + name).bytes))
  }

  @Test("the shorter side becomes the size, and the square is cut from the centre")
  func square() throws {
    // 2 x 5 at size 2: no change, columns 1 and 2 of 0...4.
    #expect(grey([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]).resized(to: 2).pixels == [1, 2, 6, 7])
    // 4 x 2 at size 1: 2 x 1, of which row 0: columns average, then rows weigh 3, 3, 1.
    #expect(grey([[0, 0], [70, 70], [140, 140], [210, 210]]).resized(to: 1).pixels == [50])
    // 19 x 23 at size 7: 7 x 8 (23 * 7 / 19 = 8.47), of which columns 0...6.
    let color = Picture(try Pictures.array("color-png"))
    let whole = color.resized(
      rows: Resampling(from: 19, to: 7, only: 0..<7),
      columns: Resampling(from: 23, to: 8, only: 0..<8))
    let expected = (0..<7).flatMap { whole.pixels[$0 * 24..<$0 * 24 + 21] }
    #expect(color.resized(to: 7).pixels == expected)
    // A strip costs no more than its square.
    let strip = Picture(height: 1, width: 60_000, channels: 1, pixels: Array(repeating: 9, count: 60_000))
    #expect(strip.resized(to: 64).pixels == Array(repeating: 9, count: 64 * 64))
  }

  @Test("a crop is centred, comes before the size, and needs enough pixels")
  func crop() throws {
    let picture = grey([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14]])
    #expect(picture.cropped(to: 2).pixels == [1, 2, 6, 7])
    #expect(picture.cropped(to: 3).pixels == [1, 2, 3, 6, 7, 8, 11, 12, 13])
    let both = try picture.prepared(ImageOptions(crop: 2, size: 1), file: "x")
    #expect(both.pixels == [5])  // columns 1.5 and 6.5 round to 2 and 7, rows 4.5 to 5
    #expect(
      message { _ = try picture.prepared(ImageOptions(crop: 4), file: "x") }
        == "'x', header, size: expected at least 4 x 4 pixels to crop, got 5 x 3")
  }

  @Test("values come out one plane after the other")
  func planes() {
    let picture = Picture(height: 1, width: 2, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
    #expect(picture.planes() == [1, 4, 2, 5, 3, 6])
  }

  @Test("names are in the order people count")
  func order() {
    let names = ["img10", "img2", "b", "a", "img1b", "img01", "img1", "img002", "img2/10", "img2/9", "img"]
    func sorted(_ names: [String]) -> [String] {
      names.map { FilePath(bytes: Array($0.utf8)) }.naturallySorted().map(\.shown)
    }
    #expect(
      sorted(names) == [
        "a", "b", "img", "img01", "img1", "img1b", "img002", "img2", "img2/9", "img2/10", "img10",
      ])
    #expect(sorted(["99999999999999999999999", "100000000000000000000000"]).first == "99999999999999999999999")
  }
}
