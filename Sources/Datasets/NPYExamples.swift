extension Examples {
  /// The user's own array as examples.
  ///
  /// | shape | read as |
  /// | --- | --- |
  /// | `[n, d]` | points or flat vectors |
  /// | `[n, h, w]` | grey images |
  /// | `[n, h, w, c]` with c = 1 or 3 | images, channels last; moved to the front |
  /// | `[n, c, h, w]` otherwise | images |
  ///
  /// uint8 stays bytes 0...255, bool becomes binary bytes, float32 and float64 become floats.
  ///
  /// - Parameter labels: whole numbers `[n]` from 0, as uint8, int32 or int64.
  public init(npy: NPY, labels: NPY? = nil) throws(DatasetError) {
    guard (2...4).contains(npy.shape.count), npy.shape.allSatisfy({ $0 > 0 }) else {
      throw .malformed(
        file: npy.file, place: "header, shape",
        expected: "[n, d], [n, h, w], [n, h, w, c] or [n, c, h, w] with positive sizes",
        got: "\(npy.shape)")
    }
    var shape = Array(npy.shape.dropFirst())
    if shape.count == 2 { shape.insert(1, at: 0) }
    let isChannelsLast = npy.shape.count == 4 && [1, 3].contains(npy.shape[3])
    if isChannelsLast { shape = [shape[2], shape[0], shape[1]] }
    let storage: Storage
    switch npy.element {
    case .uint8, .bool:
      storage = .bytes(isChannelsLast ? channelsFirst(npy.bytes, shape) : npy.bytes)
    case .float32, .float64:
      let values = try npy.floats()
      storage = .floats(isChannelsLast ? channelsFirst(values, shape) : values)
    case .int32, .int64:
      throw .malformed(
        file: npy.file, place: "header, descr",
        expected: "examples of uint8, bool, float32 or float64",
        got: npy.element.rawValue)
    }
    let classes = try labels?.labels(count: npy.shape[0])
    try self.init(
      name: npy.file, storage: storage, shape: shape, labels: classes,
      classCount: classes.map { Int($0.max() ?? 0) + 1 }, isBinary: npy.element == .bool)
  }
}

/// Moves the channels of images `[n, h, w, c]` to the front.
///
/// - Parameter shape: the shape of one image afterwards, `[c, h, w]`.
private func channelsFirst<T>(_ values: [T], _ shape: [Int]) -> [T] {
  let (channels, pixels) = (shape[0], shape[1] * shape[2])
  if channels == 1 { return values }
  return values.withUnsafeBufferPointer { source in
    Array(unsafeUninitializedCapacity: values.count) { target, written in
      while written < values.count {
        for channel in 0..<channels {
          for pixel in 0..<pixels {
            target.initializeElement(
              at: written + channel * pixels + pixel,
              to: source[written + pixel * channels + channel])
          }
        }
        written += channels * pixels
      }
    }
  }
}

extension NPY {
  /// The values as single-precision numbers, all of them finite.
  func floats() throws(DatasetError) -> [Float] {
    let values =
      element == .float32
      ? load(UInt32.self).map(Float.init(bitPattern:))
      : load(UInt64.self).map { Float(Double(bitPattern: $0)) }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        file: file, place: "value \(index)", expected: "a finite single-precision number",
        got: "\(values[index])")
    }
    return values
  }

  /// The values as classes from 0.
  func labels(count: Int) throws(DatasetError) -> [Int32] {
    guard shape == [count] else {
      throw .malformed(
        file: file, place: "header, shape", expected: "[\(count)], one label per example",
        got: "\(shape)"
      )
    }
    let values: [Int64]
    switch element {
    case .uint8: values = bytes.map(Int64.init)
    case .int32: values = load(UInt32.self).map { Int64(Int32(bitPattern: $0)) }
    case .int64: values = load(UInt64.self).map { Int64(bitPattern: $0) }
    case .bool, .float32, .float64:
      throw .malformed(
        file: file, place: "header, descr", expected: "labels of uint8, int32 or int64",
        got: element.rawValue)
    }
    let most: Int64 = 1_000_000  // more classes than any table of classes should be built for
    if let index = values.firstIndex(where: { $0 < 0 || $0 >= most }) {
      throw .malformed(
        file: file, place: "label \(index)", expected: "a class in 0..<\(most)",
        got: "\(values[index])")
    }
    return values.map(Int32.init)
  }

  private func load<T: FixedWidthInteger>(_ type: T.Type) -> [T] {
    let size = MemoryLayout<T>.size
    return bytes.withUnsafeBytes { source in
      (0..<bytes.count / size).map {
        T(littleEndian: source.loadUnaligned(fromByteOffset: $0 * size, as: T.self))
      }
    }
  }
}
