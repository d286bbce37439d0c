import Foundation

extension Examples {
  /// The user's own array as examples.
  ///
  /// | shape | read as |
  /// | --- | --- |
  /// | `[n, d]` | points or flat vectors |
  /// | `[n, h, w]` | grey images |
  /// | `[n, h, w, c]` with c = 1 or 3; c = 4 if h is none of 1, 3, 4 | images, channels last; moved to the front |
  /// | `[n, c, h, w]` otherwise | images |
  ///
  /// bool becomes binary bytes, and so does uint8 of 0 and 1 alone; other uint8 stays bytes 0...255, and other numbers
  /// become floats.
  ///
  /// - Parameter labels: whole numbers `[n]` from 0, or -1 where the class is not known.
  public init(_ array: DataArray, labels: DataArray? = nil) throws(DatasetError) {
    let (shape, _) = try exampleShape(array.shape, array.source)
    let storage = try Self.storage(of: array)
    let isBinary =
      switch (array.element, storage) {
      case (.bool, _): true
      case (.uint8, .bytes(let bytes)): areBits(bytes)
      default: false
      }
    let classes = try labels?.labels(count: array.shape[0])
    try self.init(
      name: array.source, storage: storage, shape: shape, labels: classes,
      classCount: classes.map { Int($0.max() ?? 0) + 1 }, isBinary: isBinary)
  }

  /// The values of an array, channels first.
  ///
  /// - Parameter firstRow: where the array begins in its file, for messages.
  static func storage(of array: DataArray, firstRow: Int = 0) throws(DatasetError) -> Storage {
    let (shape, isChannelsLast) = try exampleShape(array.shape, array.source)
    switch array.element {
    case .uint8, .bool:
      return .bytes(isChannelsLast ? channelsFirst(array.bytes, shape) : array.bytes)
    default:
      let values = try array.floats(firstRow: firstRow)
      return .floats(isChannelsLast ? channelsFirst(values, shape) : values)
    }
  }
}

/// The shape of one example of an array, and whether its channels come last.
func exampleShape(
  _ shape: [Int], _ file: String
) throws(DatasetError) -> (shape: [Int], isChannelsLast: Bool) {
  guard (1...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
    throw .malformed(
      file: file, place: "shape",
      expected: "[n], [n, d], [n, h, w], [n, h, w, c] or [n, c, h, w] with positive sizes", got: "\(shape)")
  }
  let one = shape.count == 1 ? [1] : Array(shape.dropFirst())
  if one.count == 2 { return ([1] + one, false) }
  // Four are red, green, blue and alpha, unless the first axis is one of channels as well.
  let isLast = one.count == 3 && ([1, 3].contains(one[2]) || one[2] == 4 && ![1, 3, 4].contains(one[0]))
  if isLast { return ([one[2], one[0], one[1]], true) }
  return (one, false)
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

extension DataArray {
  /// The values as single-precision numbers, all of them finite.
  ///
  /// - Parameter firstRow: where the array begins in its file, for messages.
  func floats(firstRow: Int = 0) throws(DatasetError) -> [Float] {
    let values =
      element == .float32
      ? integers(UInt32.self).map(Float.init(bitPattern:)) : doubles().map(Float.init)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        file: source, place: place(index, firstRow: firstRow), expected: "a finite single-precision number",
        got: "\(values[index])")
    }
    return values
  }

  /// Where a value stands, counted from 0: "row 7, column 3" of a table, "value [7, 0, 3, 1]" of more axes.
  private func place(_ index: Int, firstRow: Int) -> String {
    var rest = index
    var indices = shape.reversed().map { size in
      defer { rest /= max(size, 1) }
      return rest % max(size, 1)
    }
    indices.reverse()
    indices[0] += firstRow
    return indices.count == 2 ? "row \(indices[0]), column \(indices[1]), counted from 0" : "value \(indices)"
  }

  /// The values as classes from 0.
  func labels(count: Int) throws(DatasetError) -> [Int32] {
    guard shape == [count] else {
      throw .malformed(
        file: source, place: "shape", expected: "[\(count)], one label per example",
        got: "\(shape)"
      )
    }
    guard element.isInteger, element != .bool else {
      throw .malformed(
        file: source, place: "type", expected: "labels that are whole numbers", got: element.rawValue)
    }
    let values = doubles()
    let most = 1_000_000.0  // more classes than any table of classes should be built for
    if let index = values.firstIndex(where: { $0 < -1 || $0 >= most }) {
      throw .malformed(
        file: source, place: "label \(index)", expected: "a class in 0..<\(Int(most)), or -1 for none",
        got: String(format: "%.0f", values[index]))
    }
    guard values.contains(where: { $0 >= 0 }) else {
      throw .malformed(file: source, place: "labels", expected: "a class for some examples", got: "-1 for all")
    }
    return values.map { Int32($0) }
  }
}
