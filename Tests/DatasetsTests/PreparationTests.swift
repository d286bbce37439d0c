import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

@Suite("Augmentation and noise")
struct PreparationTests {
  /// Images of numbered pixels, none of them 0.
  private func images(_ count: Int, _ shape: [Int] = [2, 3, 4]) -> Tensor {
    let size = shape.reduce(1, *)
    return Tensor((0..<count * size).map { Float($0 % 200 + 1) }, shape: [count] + shape)
  }

  @Test("an augmentation that does nothing gives the images back, and points as they are")
  func nothing() {
    let x = images(3)
    let rng = RandomSource(seed: 1)
    #expect(Augmentation().applied(to: x, using: rng).isEqual(to: x))
    let points = Tensor([Float(1), 2], shape: [1, 2])
    #expect(Augmentation(flips: true, shift: 2).applied(to: points, using: rng).isEqual(to: points))
  }

  @Test("a flip turns every channel of about every second image around, and no other")
  func flips() {
    let count = 400
    let x = images(count)
    let y = Augmentation(flips: true).applied(to: x, using: RandomSource(seed: 2))
    var turned = 0
    for index in 0..<count {
      let (before, after) = (x.at(index), y.at(index))
      if after.isEqual(to: before.flipped(2)) { turned += 1 } else { #expect(after.isEqual(to: before)) }
    }
    // Five standard deviations of a fair coin.
    #expect(abs(turned - count / 2) <= 50)
  }

  @Test("a shift of N moves an image as a whole by up to N pixels; what comes in is 0")
  func shifts() {
    let (count, shift) = (600, 2)
    let x = images(count, [1, 3, 4])
    let y = Augmentation(shift: shift).applied(to: x, using: RandomSource(seed: 3))
    #expect(y.shape == x.shape)
    var seen: [[Int]: Int] = [:]
    for index in 0..<count {
      let (before, after) = (x.at(index).array(Float.self), y.at(index).array(Float.self))
      let moves = (-shift...shift).flatMap { down in (-shift...shift).map { [down, $0] } }
      let found = moves.filter { move in
        (0..<12).allSatisfy { place in
          let (row, column) = (place / 4 - move[0], place % 4 - move[1])
          let isInside = (0..<3).contains(row) && (0..<4).contains(column)
          return after[place] == (isInside ? before[row * 4 + column] : 0)
        }
      }
      #expect(found.count == 1)
      if let move = found.first { seen[move, default: 0] += 1 }
    }
    // 25 equally likely moves of 24 expected draws each.
    #expect(seen.count == 25)
    #expect(seen.values.allSatisfy { abs($0 - 24) < 25 })
  }

  @Test("dequantized pixels are uniform over their level")
  func dequantization() throws {
    let pixels: [UInt8] = [0, 7, 128, 255]
    let count = 20_000
    let examples = DeviceExamples(
      try Examples(
        name: "x", storage: .bytes((0..<count).flatMap { _ in pixels }), shape: [1, 2, 2]),
      Preparation(dequantization: .dynamic))
    let x = try examples.batch(0..<count, using: RandomSource(seed: 4)).x
    for (index, pixel) in pixels.enumerated() {
      let u = x.reshaped([count, 4]).narrowed(1, index..<index + 1) * 256 - Double(pixel)
      let values = u.array(Double.self)
      #expect(values.allSatisfy { 0 <= $0 && $0 < 1 })
      let mean = values.reduce(0, +) / Double(count)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(count)
      // Standard errors: sqrt(1/12/n) and sqrt(4/45/n).
      expectClose(mean, 0.5, absolute: 5 * (1 / 12.0 / Double(count)).squareRoot())
      expectClose(square, 1 / 3.0, absolute: 5 * (4 / 45.0 / Double(count)).squareRoot())
    }
    #expect(x.array(Float.self).allSatisfy { $0 < 1 })
  }
}

@Suite("Scaling of pixels")
struct PixelScalingTests {
  /// Two examples of two channels of two pixels.
  private let bytes: [UInt8] = [0, 4, 10, 10, 8, 4, 30, 50]

  private func examples() throws -> Examples {
    try Examples(name: "x", storage: .bytes(bytes), shape: [2, 1, 2])
  }

  private func batch(_ scaling: PixelScaling) throws -> Tensor {
    try DeviceExamples(examples(), Preparation(scaling: scaling))
      .batch(0..<2, using: RandomSource(seed: 0)).x
  }

  @Test("pixels are divided by the deviation of their channel")
  func deviations() throws {
    // Channel 0 has 0, 4, 8, 4: mean 4, variance 8. Channel 1 has 10, 10, 30, 50: mean 25, variance 275.
    let scaling = try PixelScaling(.deviations, of: examples())
    let (a, b) = (8.0.squareRoot(), 275.0.squareRoot())
    let expected = [0, 4 / a, 10 / b, 10 / b, 8 / a, 4 / a, 30 / b, 50 / b]
    expectClose(try batch(scaling), expected, absolute: 1e-6)
  }

  @Test("pixels become 256ths around the mean at their place")
  func centred() throws {
    let scaling = try PixelScaling(.centred, of: examples())
    let expected = [-4, 0, -10, -20, 4, 0, 10, 20].map { $0 / 256.0 }
    expectClose(try batch(scaling), expected, absolute: 1e-7)
  }

  @Test(
    "intensities are the pixels' 256ths again, and what is kept gives the same scaling",
    arguments: PixelScaling.Kind.allCases)
  func back(kind: PixelScaling.Kind) throws {
    let scaling = try PixelScaling(kind, of: examples())
    let isPlain = kind == .unit || kind == .symmetric
    let levels = isPlain ? 255.0 : 256
    expectClose(scaling.intensities(try batch(scaling)), bytes.map { Double($0) / levels }, absolute: 1e-6)
    #expect(PixelScaling(kind, tensors: scaling.tensors, exampleShape: [2, 1, 2]) == scaling)
    if !isPlain {
      #expect(PixelScaling(kind, tensors: scaling.tensors, exampleShape: [3, 1, 2]) == nil)
      #expect(PixelScaling(kind, tensors: [:], exampleShape: [2, 1, 2]) == nil)
    }
  }

  @Test("what has no statistics of pixels says so")
  func refused() throws {
    let floats = try Examples(name: "f", storage: .floats([1, 2]), shape: [2])
    #expect(
      message { _ = try PixelScaling(.centred, of: floats) }
        == "f, scaling: expected pixels of 0 to 255, got floats")
    let flat = try Examples(name: "c", storage: .bytes([7, 7]), shape: [1, 1, 2])
    #expect(
      message { _ = try PixelScaling(.deviations, of: flat) }
        == "c, channel 0: expected pixels that differ, got one value")
  }
}

@Suite("Examples on disk")
struct StreamTests {
  private func files() throws -> [(name: String, bytes: [UInt8])] {
    var generator = SplitMix64(seed: 1)
    let bytes = (0..<7 * 4 * 5 * 3).map { _ in UInt8(generator.below(256)) }
    let doubles = (0..<7 * 6).map { _ in Double(generator.below(1000)) / 1000 }
    return [
      ("grey.npy", npyFile(npyHeader("|u1", "(7, 4, 5)"), Array(bytes.prefix(140)))),
      ("last.npy", npyFile(npyHeader("|u1", "(7, 4, 5, 3)"), bytes)),
      ("first.npy", npyFile(npyHeader("|u1", "(7, 3, 4, 5)"), bytes)),
      ("bits.npy", npyFile(npyHeader("|b1", "(7, 4, 5)"), bytes.prefix(140).map { $0 & 1 })),
      ("points.npy", npyFile(npyHeader("<f8", "(7, 6)"), littleEndian(doubles.map(\.bitPattern)))),
      (
        "big.npy",
        npyFile(
          npyHeader(">f8", "(7, 6)"),
          doubles.map(\.bitPattern).flatMap { value in withUnsafeBytes(of: value.bigEndian) { Array($0) } })
      ),
      ("images-ubyte", idxFile([7, 4, 5], Array(bytes.prefix(140)))),
    ]
  }

  @Test(
    "batches are those of examples in memory, bit for bit",
    arguments: [
      Preparation(), Preparation(binarization: .threshold), Preparation(binarization: .dynamic),
      Preparation(binarization: .fixed), Preparation(dequantization: .fixed),
      Preparation(dequantization: .middle),
      Preparation(augmentation: Augmentation(flips: true, shift: 1), dequantization: .dynamic),
    ])
  func sameBatches(preparation: Preparation) throws {
    let directory = try TemporaryDirectory()
    var options = DatasetOptions(cacheDirectory: directory.path, allowsNetwork: false)
    options.validation = .count(2)
    for file in try files() {
      try directory.write(file.bytes, to: file.name)
      let batches = try [false, true].map { streams in
        options.streams = streams
        let set = try Dataset.named(directory.path + "/" + file.name, options)
        let parts = [try set.train, try #require(try set.validation)]
        #expect(parts.map(\.count) == [5, 2])
        if streams { #expect(parts.allSatisfy { if case .rows = $0.storage { true } else { false } }) }
        return try parts.flatMap { part in
          let examples = DeviceExamples(part, preparation)
          let rng = RandomSource(seed: 2)
          return [
            try examples.batch(0..<part.count, using: rng).x,
            try examples.batch(Tensor([1, 0, 1]), using: rng).x,
          ]
        }
      }
      for (held, streamed) in zip(batches[0], batches[1]) {
        #expect(held.isEqual(to: streamed), "\(file.name)")
      }
    }
  }

  @Test("a file that shrinks or does not fit ends the reading with its name and place")
  func broken() throws {
    let directory = try TemporaryDirectory()
    var options = DatasetOptions(cacheDirectory: directory.path, allowsNetwork: false)
    options.streams = true
    let path = directory.path + "/x.npy"
    try directory.write(npyFile(npyHeader("<f4", "(3, 2)"), [UInt8](repeating: 0, count: 24)), to: "x.npy")
    let set = try Dataset.named(path, options)
    try directory.write(npyFile(npyHeader("<f4", "(3, 2)"), [UInt8](repeating: 0, count: 12)), to: "y.npy")
    #expect(
      message { _ = try Dataset.named(directory.path + "/y.npy", options) }
        == "'\(directory.path)/y.npy', byte 70: expected 24 bytes (shape [3, 2] of float32), got 12")
    let examples = DeviceExamples(try set.train, Preparation())
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 80)
    #expect(
      message { _ = try examples.batch(0..<3, using: RandomSource(seed: 0)) }
        == "'\(path)', byte 80: expected 6 more bytes, got the end of the file")
    try directory.write(
      npyFile(npyHeader("<f4", "(1, 1)", fortran: true), [0, 0, 0, 0]), to: "f.npy")
    #expect(
      message { _ = try Dataset.named(directory.path + "/f.npy", options) }
        == "'\(directory.path)/f.npy', header, fortran_order: expected False, to read examples one by one, got True")
  }

  @Test("numbers out of range are noticed as they are read")
  func range() throws {
    let directory = try TemporaryDirectory()
    var options = DatasetOptions(cacheDirectory: directory.path, allowsNetwork: false)
    options.streams = true
    try directory.write(
      npyFile(npyHeader("<f4", "(2, 2)"), littleEndian([0, 1, 0.5, 1.5].map { Float($0).bitPattern })),
      to: "x.npy")
    let set = try Dataset.named(directory.path + "/x.npy", options)
    let examples = DeviceExamples(
      try set.train, Preparation(needsUnitInterval: true))
    let rng = RandomSource(seed: 0)
    #expect(try examples.batch(0..<1, using: rng).count == 1)
    #expect(
      message { _ = try examples.batch(Tensor([0, 1]), using: rng) }
        == "row 1, counted from 0: expected values from 0 to 1, got 1.5")
  }
}
