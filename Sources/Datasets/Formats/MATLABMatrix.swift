/// One variable of a MAT-file: a tag, flags, sizes, a name and, for an array of numbers, the values.
enum MATLABMatrix {
  /// The element types of a variable and of a compressed one.
  static let type = 14
  static let compressedType = 15

  /// What a variable is.
  enum Kind: Equatable {
    case numbers(DataArray.Element)
    case other(String)

    var element: DataArray.Element? {
      if case .numbers(let element) = self { element } else { nil }
    }
  }

  private static let classes: [Int: Kind] = [
    1: .other("a cell array"), 2: .other("a struct"), 3: .other("an object"),
    4: .other("text"), 5: .other("a sparse matrix"), 6: .numbers(.float64), 7: .numbers(.float32),
    8: .numbers(.int8), 9: .numbers(.uint8), 10: .numbers(.int16), 11: .numbers(.uint16),
    12: .numbers(.int32), 13: .numbers(.uint32), 14: .numbers(.int64), 15: .numbers(.uint64),
    16: .other("a function"), 17: .other("an object"),
  ]

  /// The class of MATLAB's newer objects, which have no sizes.
  private static let opaqueClass = 17

  /// The types values are stored in, often narrower than the array's class.
  private static let storage: [Int: DataArray.Element] = [
    1: .int8, 2: .uint8, 3: .int16, 4: .uint16, 5: .int32, 6: .uint32, 7: .float32, 9: .float64,
    12: .int64, 13: .uint64,
  ]

  /// A piece of a variable: its type and where its bytes lie.
  private struct Piece {
    let type: Int
    let data: Range<Int>
    /// Where the next one begins, at a multiple of 8 bytes.
    let end: Int
  }

  /// What stands in front of the values.
  struct Header: Equatable {
    let kind: Kind
    let isComplex: Bool
    let shape: [Int]
    let name: String
    /// Where the values begin.
    let start: Int
    /// Where the variable ends.
    let end: Int

    /// Reads the beginning of a variable, tag included.
    ///
    /// - Parameter file: the name used in messages, whose places count from the tag.
    init(_ bytes: [UInt8], _ isBigEndian: Bool, file: String) throws(DatasetError) {
      func bad(_ position: Int, _ expected: String, _ got: String) -> DatasetError {
        .malformed(
          file: file, place: "byte \(position) of the variable", expected: expected, got: got)
      }
      func number(_ position: Int) -> Int {
        bytes.number(4, at: position, isBigEndian: isBigEndian)
      }
      guard bytes.count >= 8, number(0) == MATLABMatrix.type else {
        throw bad(
          0, "the tag of a variable", bytes.count < 8 ? "\(bytes.count) bytes" : "type \(number(0))"
        )
      }
      let end = 8 + number(4)
      self.end = end
      var position = 8
      func piece(_ types: Set<Int>, _ what: String) throws(DatasetError) -> Piece {
        let room = min(end, bytes.count)
        guard let piece = MATLABMatrix.piece(bytes, position, room, isBigEndian) else {
          throw bad(position, what, "an element that does not fit")
        }
        guard types.contains(piece.type) else { throw bad(position, what, "type \(piece.type)") }
        position = piece.end
        return piece
      }
      let flags = try piece([6], "flags")
      guard flags.data.count == 8 else { throw bad(8, "flags of 8 bytes", "\(flags.data.count)") }
      let word = number(flags.data.lowerBound)
      guard let kind = classes[word & 0xFF] else {
        throw bad(flags.data.lowerBound, "a class of 1...17", "\(word & 0xFF)")
      }
      let isLogical = word & 0x200 != 0
      self.kind = isLogical && kind.element != nil ? .numbers(.bool) : kind
      isComplex = word & 0x800 != 0
      if word & 0xFF == opaqueClass {
        shape = []
      } else {
        let sizes = try piece([5], "sizes")
        guard sizes.data.count >= 8, sizes.data.count % 4 == 0 else {
          throw bad(
            sizes.data.lowerBound, "two sizes of 4 bytes or more", "\(sizes.data.count) bytes")
        }
        shape = stride(from: sizes.data.lowerBound, to: sizes.data.upperBound, by: 4)
          .map { Int(Int32(truncatingIfNeeded: number($0))) }
      }
      name = String(decoding: bytes[try piece([1, 2, 16], "a name").data], as: UTF8.self)
      start = position
    }
  }

  /// The array of a variable with its axes reversed, as the values lie.
  ///
  /// - Parameters:
  ///   - bytes: the variable, tag included.
  ///   - file: the name used in messages, whose places count from the tag.
  static func array(
    _ bytes: [UInt8], _ isBigEndian: Bool, file: String
  ) throws(DatasetError) -> DataArray {
    let header = try Header(bytes, isBigEndian, file: file)
    guard case .numbers(let element) = header.kind else {
      guard case .other(let what) = header.kind else { preconditionFailure("a kind of variable") }
      throw .malformed(file: file, place: "class", expected: "a full array of numbers", got: what)
    }
    guard !header.isComplex else {
      throw .malformed(file: file, place: "class", expected: "real numbers", got: "complex ones")
    }
    guard let values = piece(bytes, header.start, bytes.count, isBigEndian),
      let stored = storage[values.type]
    else {
      throw .malformed(
        file: file, place: "byte \(header.start)", expected: "the values",
        got: "no element of numbers")
    }
    guard checkedProduct(header.shape + [element.size]) != nil,
      let size = checkedProduct(header.shape + [stored.size])
    else {
      throw .malformed(
        file: file, place: "sizes", expected: "sizes with a product below 2^63 bytes",
        got: "\(header.shape)")
    }
    guard values.data.count == size, values.end == bytes.count else {
      throw .malformed(
        file: file, place: "byte \(header.start)",
        expected: "\(size) bytes (\(header.shape) of \(stored.rawValue)) and the end",
        got: "\(values.data.count) of \(bytes.count - values.data.lowerBound)")
    }
    var content = Array(bytes[values.data])
    if isBigEndian { content = swapBytes(content, size: stored.size) }
    let array = DataArray(
      source: file, element: stored, shape: header.shape.reversed(), bytes: content)
    return try array.converted(to: element)
  }

  /// The element at `position` if it lies in front of `end`.
  private static func piece(
    _ bytes: [UInt8], _ position: Int, _ end: Int, _ isBigEndian: Bool
  ) -> Piece? {
    guard end - position >= 8 else { return nil }
    let tag = bytes.number(4, at: position, isBigEndian: isBigEndian)
    // A small element has its size in the upper half of the type, and its bytes behind it.
    if tag >> 16 != 0 {
      guard tag >> 16 <= 4 else { return nil }
      let data = position + 4..<position + 4 + tag >> 16
      return Piece(type: tag & 0xFFFF, data: data, end: position + 8)
    }
    let size = bytes.number(4, at: position + 4, isBigEndian: isBigEndian)
    let start = position + 8
    guard size <= end - start else { return nil }
    return Piece(type: tag, data: start..<start + size, end: min(end, start + (size + 7) / 8 * 8))
  }
}

extension DataArray {
  /// The same numbers as another type, which must hold each of them exactly.
  fileprivate func converted(to type: Element) throws(DatasetError) -> DataArray {
    if type == element { return self }
    let bytes =
      switch type {
      case .bool: try converted { [0, 1].contains($0) ? UInt8($0) : nil }
      case .uint8: try converted(UInt8.init(exactly:))
      case .uint16: try converted(UInt16.init(exactly:))
      case .uint32: try converted(UInt32.init(exactly:))
      case .uint64: try converted(UInt64.init(exactly:))
      case .int8: try converted(Int8.init(exactly:))
      case .int16: try converted(Int16.init(exactly:))
      case .int32: try converted(Int32.init(exactly:))
      case .int64: try converted(Int64.init(exactly:))
      case .float32:
        try converted { $0.isNaN || Double(Float($0)) == $0 ? Float($0).bitPattern : nil }
      default: try converted(\.bitPattern)
      }
    return DataArray(source: source, element: type, shape: shape, bytes: bytes)

    func converted<T: FixedWidthInteger>(
      _ convert: (Double) -> T?
    ) throws(DatasetError) -> [UInt8] {
      // Doubles hold all whole numbers up to this one, and 64-bit ones beyond it only by chance.
      let most = element == .int64 || element == .uint64 ? 0x1p53 : .infinity
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count * MemoryLayout<T>.size)
      for (index, value) in doubles().enumerated() {
        guard !(abs(value) > most), let number = convert(value) else {
          throw .malformed(
            file: source, place: "value \(index)", expected: "a number that \(type.rawValue) holds",
            got: "\(value)")
        }
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
      }
      return bytes
    }
  }
}
