/// MATLAB's format of variables, level 5, which `save` writes unless told otherwise.
///
/// Full real arrays of numbers and truth values are read, compressed or not, in both byte orders. Everything
/// else is named in messages. A variable without a name is MATLAB's own and left out.
///
/// - Source: MathWorks, "MAT-File Format", version 5; SciPy's `scipy.io.matlab` where that is silent.
enum MATLAB5 {
  /// Decodes one array in row-major order.
  ///
  /// - Parameters:
  ///   - key: the variable's name; nil takes the only array of numbers there is.
  ///   - file: the name used in messages.
  static func decode(
    _ content: [UInt8], key: String?, file: String
  ) throws(DatasetError) -> DataArray {
    let array = try decodeReversed(content, key: key, file: file)
    let shape = Array(array.shape.reversed())
    return DataArray(
      source: array.source, element: array.element, shape: shape,
      bytes: rowMajor(array.bytes, shape: shape, size: array.element.size))
  }

  /// Decodes one array as it lies in the file: the first axis runs fastest there, so it comes last here.
  ///
  /// Saves the turning of the axes to those who want them in this order, or nearly so.
  static func decodeReversed(
    _ content: [UInt8], key: String?, file: String
  ) throws(DatasetError) -> DataArray {
    let isBigEndian = try byteOrder(content, file)
    let variables = try variables(content, isBigEndian, file)
    let named = variables.filter { !$0.header.name.isEmpty }
    let key = try chosenArray(
      key, among: named.filter { $0.header.kind.element != nil }.map(\.header.name),
      others: named.filter { $0.header.kind.element == nil }.map(\.header.name), file: file)
    let variable = named.first { $0.header.name == key }!
    return try MATLABMatrix.array(
      try bytes(of: variable, content, file), isBigEndian, file: arraySource(key, file: file))
  }

  /// A variable: where its element lies, and what its beginning says.
  private struct Variable {
    let data: Range<Int>
    let isCompressed: Bool
    let header: MATLABMatrix.Header
  }

  /// Whether numbers are big-endian, once the file's header is that of level 5.
  private static func byteOrder(_ content: [UInt8], _ file: String) throws(DatasetError) -> Bool {
    func refused(_ got: String) -> DatasetError {
      .malformed(file: file, place: "header", expected: "a MAT-file of level 5", got: got)
    }
    guard content.count >= headerLength else { throw refused("\(content.count) bytes in all") }
    let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    // MATLAB's version 7.3 is HDF5 behind a header of 512 bytes.
    let isBehind = content.count >= 520 && content[512..<520].elementsEqual(hdf5)
    guard !content.starts(with: hdf5), !isBehind else {
      throw refused("an HDF5 file (version 7.3; save it with -v7)")
    }
    guard !content.prefix(4).contains(0) else { throw refused("level 4 (save it with -v7)") }
    let order = content[126..<128]
    guard order.elementsEqual("IM".utf8) || order.elementsEqual("MI".utf8) else {
      throw refused("the byte order \(order.map(hex).joined(separator: " "))")
    }
    let isBigEndian = order.elementsEqual("MI".utf8)
    let version = content.number(2, at: 124, isBigEndian: isBigEndian)
    guard version == 0x100 else { throw refused("version \(version)") }
    return isBigEndian
  }

  private static let headerLength = 128

  /// The most bytes of a variable that are looked at to find its name.
  private static let longestBeginning = 1 << 12

  private static func variables(
    _ content: [UInt8], _ isBigEndian: Bool, _ file: String
  ) throws(DatasetError) -> [Variable] {
    var variables: [Variable] = []
    var names: Set<String> = []
    var position = headerLength
    while position < content.count {
      let place = "byte \(position)"
      guard content.count - position >= 8 else {
        throw .malformed(
          file: file, place: place, expected: "a tag of 8 bytes",
          got: "\(content.count - position)")
      }
      let type = content.number(4, at: position, isBigEndian: isBigEndian)
      let size = content.number(4, at: position + 4, isBigEndian: isBigEndian)
      guard type == MATLABMatrix.type || type == MATLABMatrix.compressedType else {
        throw .malformed(
          file: file, place: place, expected: "a variable (type 14 or 15)", got: "type \(type)")
      }
      position += 8
      guard size <= content.count - position else {
        throw .malformed(
          file: file, place: place, expected: "at most \(content.count - position) bytes",
          got: "\(size)")
      }
      let data = position..<position + size
      let isCompressed = type == MATLABMatrix.compressedType
      let beginning =
        isCompressed
        ? content.withUnsafeBufferPointer {
          Deflate.prefix(
            UnsafeBufferPointer(rebasing: $0[data]), count: min(longestBeginning, 1032 * size + 1))
        } : Array(content[position - 8..<min(data.upperBound, position + longestBeginning)])
      let header = try MATLABMatrix.Header(beginning, isBigEndian, file: "\(file), \(place)")
      variables.append(Variable(data: data, isCompressed: isCompressed, header: header))
      guard header.name.isEmpty || names.insert(header.name).inserted else {
        throw .malformed(
          file: file, place: place, expected: "a new name", got: "'\(header.name)' again")
      }
      position += size
    }
    return variables
  }

  /// A variable's element, tag included.
  private static func bytes(
    of variable: Variable, _ content: [UInt8], _ file: String
  ) throws(DatasetError) -> [UInt8] {
    if !variable.isCompressed {
      return Array(content[variable.data.lowerBound - 8..<variable.data.upperBound])
    }
    let source = arraySource(variable.header.name, file: file)
    let size = variable.header.end
    let limit = min(Gzip.limit(compressed: content.count), 1032 * variable.data.count)
    guard size <= limit else {
      throw .malformed(
        file: source, place: "byte 4", expected: "at most \(limit) bytes when decompressed",
        got: "\(size)")
    }
    let bytes = try content.withUnsafeBufferPointer { (content) throws(DatasetError) -> [UInt8] in
      try Deflate.decompress(
        UnsafeBufferPointer(rebasing: content[variable.data]), .zlib, file: source, limit: size,
        expecting: size)
    }
    guard bytes.count == size else {
      throw .malformed(
        file: source, place: "byte 4", expected: "\(size) bytes when decompressed",
        got: "\(bytes.count)")
    }
    return bytes
  }
}
