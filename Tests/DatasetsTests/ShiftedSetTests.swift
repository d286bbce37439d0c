import Foundation
import Testing

@testable import Datasets

@Suite("Digits on textures") struct ShiftedSetTests {
  private func strokes(_ count: Int) throws -> Examples { try Strokes.examples(count: count, seed: 7) }

  private func shifted(_ grey: Examples, seed: UInt64 = 3) throws -> Examples {
    try ShiftedSet.examples(of: grey, name: "shifted", seed: seed)
  }

  @Test("a pixel is |texture - digit|: where the digit is black it is the texture, where white its inverse")
  func construction() throws {
    let area = 28 * 28
    func plain(_ value: UInt8) throws -> Examples {
      try Examples(name: "plain", storage: .bytes([UInt8](repeating: value, count: 2 * area)), shape: [1, 28, 28])
    }
    let grounds = try shifted(plain(0)).storage.bytes
    #expect(try shifted(plain(255)).storage.bytes == grounds.map { 255 - $0 })
    let ink = try strokes(2).storage.bytes
    let found = try shifted(strokes(2)).storage.bytes
    for index in 0..<2 {
      for channel in 0..<3 {
        for place in 0..<area {
          let (ground, ink) = (grounds[(index * 3 + channel) * area + place], ink[index * area + place])
          #expect(Int(found[(index * 3 + channel) * area + place]) == abs(Int(ground) - Int(ink)))
        }
      }
    }
  }

  @Test("an example is a function of its digit, its number and the seed; labels stay")
  func seeds() throws {
    let all = try shifted(strokes(300))
    #expect(all.shape == [3, 28, 28] && all.count == 300 && all.classCount == 10)
    #expect(all.labels == (try strokes(300)).labels)
    #expect(try shifted(strokes(20)).storage == all.prefix(20).storage)
    #expect(try shifted(strokes(20), seed: 4).storage != all.prefix(20).storage)
  }

  @Test("textures of every kind have colours and differ from place to place")
  func textures() {
    for (number, kind) in Texture.Kind.allCases.enumerated() {
      var rng = SplitMix64(seed: UInt64(number))
      let texture = Texture(kind, using: &rng)
      let area = Texture.size * Texture.size
      #expect(texture.pixels.count == 3 * area)
      for channel in 0..<3 {
        #expect(Set(texture.pixels[channel * area..<(channel + 1) * area]).count > 8, "\(kind)")
      }
      #expect(texture.pixels[0..<area] != texture.pixels[area..<2 * area])
      var again = SplitMix64(seed: UInt64(number))
      #expect(Texture(kind, using: &again).pixels == texture.pixels)
    }
  }

  @Test("grey becomes RGB where the other set is RGB of its size, and stays otherwise")
  func coloured() throws {
    let grey = try Examples(
      name: "g", storage: .bytes([1, 2, 3, 4]), shape: [1, 1, 2], labels: [1, 0], classCount: 2)
    let rgb = grey.coloured(like: [3, 1, 2])
    #expect(rgb.shape == [3, 1, 2] && rgb.labels == [1, 0])
    #expect(rgb.storage.bytes == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4])
    for shape in [[1, 1, 2], [3, 2, 2], [4, 1, 2], [2]] { #expect(grey.coloured(like: shape) == grey) }
    let floats = try Examples(name: "f", storage: .floats([0.5, 1]), shape: [1, 1, 1])
    #expect(floats.coloured(like: [3, 1, 1]).storage == .floats([0.5, 0.5, 0.5, 1, 1, 1]))
  }
}
