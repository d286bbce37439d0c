import CZlib
import Foundation

/// A PNG written chunk by chunk, so that it can be any PNG, and also none.
struct PNGFile {
  /// What the specification calls the colour type.
  enum Color: UInt8, CaseIterable {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    var samples: Int { [.grey: 1, .rgb: 3, .palette: 1, .greyAlpha: 2, .rgba: 4][self]! }

    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      default: [8, 16]
      }
    }
  }

  var width: Int
  var height: Int
  var color: Color
  var depth: Int
  var isInterlaced = false
  /// Chunks between the header and the pixels.
  var extra: [[UInt8]] = []
  /// One number for each sample, `[height, width, samples]`.
  var samples: [Int]

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(data.count) + body + bigEndian(Int(crc32(0, body, UInt32(body.count))))
  }

  var header: [UInt8] {
    Self.chunk(
      "IHDR",
      bigEndian(width) + bigEndian(height)
        + [UInt8(depth), color.rawValue, 0, 0, isInterlaced ? 1 : 0])
  }

  var bytes: [UInt8] {
    Self.signature + header + extra.flatMap(\.self) + Self.chunk("IDAT", deflated(scanlines))
      + Self.chunk("IEND", [])
  }

  /// Rows of all passes, each behind filter 0.
  private var scanlines: [UInt8] {
    // Adam7: first column, first row, and the steps between columns and rows.
    let adam7 = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ]
    var result: [UInt8] = []
    for (left, top, across, down) in isInterlaced ? adam7 : [(0, 0, 1, 1)] {
      let columns = Array(stride(from: left, to: width, by: across))
      if columns.isEmpty { continue }
      for row in stride(from: top, to: height, by: down) {
        result.append(0)
        result += packed(
          columns.flatMap { column in
            (0..<color.samples).map { samples[(row * width + column) * color.samples + $0] }
          })
      }
    }
    return result
  }

  /// Samples of one row as bits, the first in the highest.
  private func packed(_ row: [Int]) -> [UInt8] {
    if depth == 16 { return row.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
    let each = 8 / depth
    return stride(from: 0, to: row.count, by: each).map { start in
      (0..<each).reduce(UInt8(0)) { byte, offset in
        let sample = start + offset < row.count ? row[start + offset] : 0
        return byte | UInt8(sample) << (8 - depth * (offset + 1))
      }
    }
  }
}

/// The bytes in zlib's format.
func deflated(_ bytes: [UInt8]) -> [UInt8] {
  var count = compressBound(UInt(bytes.count))
  var result = [UInt8](repeating: 0, count: Int(count))
  precondition(compress2(&result, &count, bytes, UInt(bytes.count), 9) == Z_OK)
  return Array(result.prefix(Int(count)))
}
