import Dispatch

/// Grey images on coloured textures: |texture - image| in RGB, the construction of MNIST-M.
///
/// - Source: Ganin et al. 2016, section 5.2.4. Their backgrounds are crops of photographs; these are crops of textures
///   that are drawn from the seed. Example `i` depends on the image, the seed and `i` alone.
enum ShiftedSet {
  /// Textures that the crops of a split come from.
  static let textures = 200

  /// Crops of textures behind grey examples `[1, height, width]`; labels stay.
  static func examples(
    of grey: Examples, name: String, seed: UInt64
  ) throws(DatasetError) -> Examples {
    let (height, width) = (grey.shape[1], grey.shape[2])
    guard case .bytes(let digits) = grey.storage, grey.shape[0] == 1, max(height, width) <= Texture.size else {
      throw .invalid(
        subject: name, expected: "grey images of at most \(Texture.size) pixels a side", got: "shape \(grey.shape)")
    }
    // Behind the streams of the textures.
    @Sendable func stream(_ index: Int) -> SplitMix64 { SplitMix64(seed: seed, stream: UInt64(textures + index)) }
    // Few examples need few textures.
    let wanted = Set(
      (0..<grey.count).map { index in
        var rng = stream(index)
        return rng.below(textures)
      })
    let bank = (0..<textures).map { number -> [UInt8] in
      var rng = SplitMix64(seed: seed, stream: UInt64(number))
      return wanted.contains(number) ? Texture(using: &rng).pixels : []
    }
    let area = height * width
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * grey.elementCount * grey.count) { pixels, written in
      // Each image writes its own part, so the threads share nothing.
      nonisolated(unsafe) let target = pixels.baseAddress!
      let chunk = 256
      DispatchQueue.concurrentPerform(iterations: (grey.count + chunk - 1) / chunk) { part in
        for index in part * chunk..<min((part + 1) * chunk, grey.count) {
          var rng = stream(index)
          let texture = bank[rng.below(textures)]
          let (top, left) = (rng.below(Texture.size - height + 1), rng.below(Texture.size - width + 1))
          for channel in 0..<3 {
            for row in 0..<height {
              let from = (channel * Texture.size + top + row) * Texture.size + left
              let to = (index * 3 + channel) * area + row * width
              for column in 0..<width {
                let (ground, ink) = (texture[from + column], digits[index * area + row * width + column])
                target[to + column] = max(ground, ink) - min(ground, ink)
              }
            }
          }
        }
      }
      written = 3 * area * grey.count
    }
    return try Examples(
      name: name, storage: .bytes(pixels), shape: [3, height, width], labels: grey.labels, classCount: grey.classCount,
      classNames: grey.classNames, factors: grey.factors)
  }
}

extension DataCatalog.Entry {
  /// MNIST's digits on textures.
  static let shiftedMNIST = shifted(.mnist, "mnist-shifted", "MNIST's digits on coloured textures, as in MNIST-M")
  /// The drawn digits on textures.
  static let shiftedStrokes = shifted(.strokes, "strokes-shifted", "the digits of strokes on coloured textures")

  private static func shifted(_ base: DataCatalog.Entry, _ name: String, _ summary: String) -> DataCatalog.Entry {
    let info = DatasetInfo(
      name: name, summary: summary, shape: [3] + base.info.shape.dropFirst(), classCount: base.info.classCount,
      classNames: base.info.classNames, counts: base.info.counts, licence: base.info.licence, origin: base.info.origin,
      notes: ["|texture - digit| in RGB; textures are drawn from data.seed, and those of the test split are others"])
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      try ShiftedSet.examples(
        of: base.load(split, options), name: "\(name) \(split.rawValue)", seed: streamSeed(options.seed, split))
    }
  }
}

extension Examples {
  /// Grey images in RGB, every channel the same, where `shape` is that of an RGB image of their size; else themselves.
  ///
  /// Images that stay on disk stay as they are.
  public func coloured(like shape: [Int]) -> Examples {
    guard self.shape.count == 3, self.shape[0] == 1, shape == [3] + self.shape.dropFirst() else { return self }
    func repeated<Value>(_ values: [Value]) -> [Value] {
      var all: [Value] = []
      all.reserveCapacity(3 * values.count)
      for start in stride(from: 0, to: values.count, by: elementCount) {
        for _ in 0..<3 { all += values[start..<start + elementCount] }
      }
      return all
    }
    let coloured: Storage
    switch storage {
    case .bytes(let bytes): coloured = .bytes(repeated(bytes))
    case .floats(let numbers): coloured = .floats(repeated(numbers))
    case .rows: return self
    }
    return Examples(
      unchecked: name, storage: coloured, shape: shape, count: count, labels: labels, classCount: classCount,
      classNames: classNames, exampleNames: exampleNames, factors: factors, isBinary: isBinary)
  }
}
