import Testing

@testable import Figures

@Suite("Image grids")
struct ImageGridTests {
  private func cell(_ value: UInt8, channels: Int = 1) -> PixelImage {
    PixelImage(width: 2, height: 1, channels: channels, filledWith: value)
  }

  @Test("three images in two columns lie where they should, to the pixel")
  func pixels() {
    let grid = ImageGrid([cell(1), cell(2), cell(3)], columns: 2, padding: 1, scale: 2)
    let image = grid.render()
    #expect((image.width, image.height) == (11, 7))
    let ground: UInt8 = 255
    let empty = [UInt8](repeating: ground, count: 11)
    let upper: [UInt8] = [ground, 1, 1, 1, 1, ground, 2, 2, 2, 2, ground]
    let lower: [UInt8] =
      [ground, 3, 3, 3, 3, ground] + [UInt8](repeating: ground, count: 5)
    #expect(image.pixels == empty + upper + upper + empty + lower + lower + empty)
  }

  @Test("a pair stands close together and four gaps from the next")
  func pairs() {
    let grid = ImageGrid(
      originals: [cell(1), cell(2)], reconstructions: [cell(3), cell(4)], pairs: 2, padding: 1,
      scale: 1, background: 0)
    #expect(grid.render().pixels[16..<32] == [0, 1, 1, 0, 3, 3, 0, 0, 0, 0, 2, 2, 0, 4, 4, 0])
    #expect(grid.render().width == 16)
    #expect(grid.origin(row: 0, column: 2).x == 10)
  }

  @Test("one RGB image makes the whole grid RGB")
  func mixed() {
    let image = ImageGrid([cell(7), cell(9, channels: 3)], columns: 2, padding: 0, scale: 1)
      .render()
    #expect(image.channels == 3)
    #expect(image.pixels == [7, 7, 7, 7, 7, 7, 9, 9, 9, 9, 9, 9])
  }

  @Test(
    "columns make square images a square with few cells empty",
    arguments: [(1, 1), (2, 2), (4, 2), (10, 5), (16, 4), (24, 6), (64, 8), (100, 10)])
  func columns(count: Int, columns: Int) {
    let images = (0..<count).map { _ in PixelImage(width: 5, height: 5, channels: 1, filledWith: 0)
    }
    #expect(ImageGrid(images).columns == columns)
  }

  @Test("small images are enlarged until they can be seen", arguments: [(8, 7), (28, 2), (64, 1)])
  func scale(side: Int, scale: Int) {
    let image = PixelImage(width: side, height: side, channels: 1, filledWith: 0)
    #expect(ImageGrid([image]).scale == scale)
  }
}
