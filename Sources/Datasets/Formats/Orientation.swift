/// How a picture is turned to be seen as it was taken: EXIF's number of the stored row and column that come on top and
/// left.
///
/// A camera stores what its sensor saw, and a number that says how it was held; every viewer turns by it.
///
/// - Source: CIPA DC-008, Exif 2.32, section 4.6.4, tag 274; PNG Specification, third edition, chunk eXIf.
enum Orientation: Int, CaseIterable {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, right, transversed, left

  /// What the file says; upright where it says nothing, or nothing that makes sense.
  init(of content: [UInt8]) {
    let tag = content.starts(with: [0xFF, 0xD8]) ? Self.jpegBlock(content) : Self.pngBlock(content)
    self = tag.flatMap { Self.number(content, $0) }.flatMap(Self.init) ?? .upright
  }

  /// The values of a stored picture as they are seen.
  ///
  /// - Parameters:
  ///   - shape: of the stored picture, `[height, width, channels]`.
  ///   - size: bytes of a pixel, all its channels.
  func applied(to pixels: [UInt8], _ shape: [Int], size: Int) -> (pixels: [UInt8], shape: [Int]) {
    if self == .upright { return (pixels, shape) }
    let (height, width) = (shape[0], shape[1])
    let isTurned = rawValue >= Self.transposed.rawValue
    let (rows, columns) = isTurned ? (width, height) : (height, width)
    let turned = pixels.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: source.count) { target, written in
        for row in 0..<rows {
          for column in 0..<columns {
            let (y, x) = stored(row, column, height, width)
            let from = (y * width + x) * size
            for byte in 0..<size { target[written + byte] = source[from + byte] }
            written += size
          }
        }
      }
    }
    return (turned, [rows, columns, shape[2]])
  }

  /// Where a pixel that is seen at a row and a column is stored.
  private func stored(_ row: Int, _ column: Int, _ height: Int, _ width: Int) -> (row: Int, column: Int) {
    switch self {
    case .upright: (row, column)
    case .mirrored: (row, width - 1 - column)
    case .upsideDown: (height - 1 - row, width - 1 - column)
    case .flipped: (height - 1 - row, column)
    case .transposed: (column, row)
    case .right: (height - 1 - column, row)
    case .transversed: (height - 1 - column, width - 1 - row)
    case .left: (column, width - 1 - row)
    }
  }

  // MARK: Finding

  /// The first EXIF block of a JPEG, which stands in a segment in front of the first scan.
  private static func jpegBlock(_ content: [UInt8]) -> Range<Int>? {
    var position = 2
    while position + 4 <= content.count {
      guard content[position] == 0xFF else {
        position += 1  // stray bytes
        continue
      }
      let marker = content[position + 1]
      switch marker {
      case 0xFF: position += 1  // padding
      case 0x00, 0x01, 0xD0...0xD8: position += 2  // no segment follows
      case 0xD9, 0xDA: return nil
      default:
        let length = content.number(2, at: position + 2, isBigEndian: true)
        let (start, end) = (position + 4, position + 2 + length)
        guard length >= 2, end <= content.count else { return nil }
        let name = Array("Exif\0\0".utf8)
        if marker == 0xE1, content[start..<end].starts(with: name) { return start + name.count..<end }
        position = end
      }
    }
    return nil
  }

  /// The EXIF block of a PNG, which may stand behind the pixels.
  private static func pngBlock(_ content: [UInt8]) -> Range<Int>? {
    var position = 8
    while position + 12 <= content.count {
      let length = content.number(4, at: position, isBigEndian: true)
      let start = position + 8
      guard length <= content.count - start - 4 else { return nil }
      if content[position + 4..<start].elementsEqual("eXIf".utf8) { return start..<start + length }
      position = start + length + 4
    }
    return nil
  }

  /// The number of an EXIF block, which is a TIFF file without a picture.
  private static func number(_ content: [UInt8], _ block: Range<Int>) -> Int? {
    let tag = 274
    let widths = [3: 2, 4: 4]  // by TIFF's types: short, and long, which some writers take
    guard block.count >= 8 else { return nil }
    let isBigEndian: Bool
    switch content[block.lowerBound] {
    case UInt8(ascii: "M"): isBigEndian = true
    case UInt8(ascii: "I"): isBigEndian = false
    default: return nil
    }
    func number(_ width: Int, _ offset: Int) -> Int {
      content.number(width, at: block.lowerBound + offset, isBigEndian: isBigEndian)
    }
    let directory = number(4, 4)
    guard number(2, 2) == 42, directory + 2 <= block.count else { return nil }
    for entry in 0..<number(2, directory) {
      let place = directory + 2 + 12 * entry
      guard place + 12 <= block.count else { return nil }
      if number(2, place) == tag { return widths[number(2, place + 2)].map { number($0, place + 8) } }
    }
    return nil
  }
}
