/// The binary files of CIFAR-10: records of a label and a colour image, one channel after the other.
///
/// - Source: Krizhevsky 2009, the set's web page, "Binary version".
enum CIFAR10 {
  /// Height and width of an image.
  static let size = 32
  /// Red, green and blue.
  static let channels = 3
  /// What the labels stand for.
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  /// How many classes the labels tell apart.
  static let classCount = classNames.count

  private static let area = size * size
  private static let recordSize = 1 + channels * area

  /// The images, `[n, height, width, channels]`, or their labels, `[n]`.
  ///
  /// - Parameter file: the name used in messages.
  static func decode(
    _ bytes: [UInt8], field: ArrayFormat.Field, file: String
  ) throws(DatasetError) -> DataArray {
    let (planes, labels) = try records(bytes, file: file)
    if field == .labels {
      return DataArray(source: file, element: .uint8, shape: [labels.count], bytes: labels)
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: planes.count) { target, written in
      planes.withUnsafeBufferPointer { source in
        for image in stride(from: 0, to: source.count, by: channels * area) {
          for channel in 0..<channels {
            for pixel in 0..<area {
              target[image + pixel * channels + channel] = source[image + channel * area + pixel]
            }
          }
        }
      }
      written = planes.count
    }
    return DataArray(
      source: file, element: .uint8, shape: [labels.count, size, size, channels], bytes: pixels)
  }

  /// The images as the file has them, `[n, channels, height, width]`, and their labels.
  static func records(
    _ bytes: [UInt8], file: String
  ) throws(DatasetError) -> (planes: [UInt8], labels: [UInt8]) {
    let count = bytes.count / recordSize
    guard count > 0, bytes.count == count * recordSize else {
      throw .malformed(
        file: file, place: "size", expected: "records of \(recordSize) bytes, one or more",
        got: "\(bytes.count) bytes")
    }
    let labels = (0..<count).map { bytes[$0 * recordSize] }
    if let index = labels.firstIndex(where: { $0 >= classCount }) {
      throw .malformed(
        file: file, place: "record \(index), byte \(index * recordSize)",
        expected: "a label in 0...\(classCount - 1)", got: "\(labels[index])")
    }
    let planes = [UInt8](unsafeUninitializedCapacity: count * (recordSize - 1)) { target, written in
      bytes.withUnsafeBufferPointer { source in
        for index in 0..<count {
          (target.baseAddress! + written).initialize(
            from: source.baseAddress! + index * recordSize + 1, count: recordSize - 1)
          written += recordSize - 1
        }
      }
    }
    return (planes, labels)
  }
}
